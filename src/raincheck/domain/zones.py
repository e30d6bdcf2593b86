"""Zones: IANA names from the tzdata package, and what wall times mean when a clock change skips or repeats them."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.domain.spans import Span

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH = EPOCH.replace(tzinfo=None)
SECOND = timedelta(seconds=1)
DAY = 24 * 60 * 60  # seconds of a day without a clock change
LOOK = 3 * DAY  # see `clock_runs`


class UnknownZone(Refusal):
    kind = Kind.BAD_INPUT
    code = "unknown_zone"
    sentence = _(
        "“{name}” is not a time zone we know. Nothing was changed; please choose one like America/New_York."
    )
    field = "zone"


class Reading(NamedTuple):
    """The two offsets a zone gives for one wall time, before and after a change; equal on every ordinary day."""

    first: timedelta
    last: timedelta


class Run(NamedTuple):
    """A stretch [start, end) of seconds since 1970 with one offset, in which no wall time is shown again."""

    start: int
    end: int
    offset: int


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A time as an appointment keeps it, so that it can keep its wall time when the rules of its zone change.

    `instant` is in UTC, `wall` is naive, `offset` is what the clock was ahead of UTC, `zone` is an IANA name.
    """

    instant: datetime
    wall: datetime
    offset: timedelta
    zone: str


@cache  # Python reads the list from a file each time it is asked
def zone_names() -> frozenset[str]:
    """Return every zone a person may have. `Factory` is the database's word for "not set"."""
    return frozenset(available_timezones() - {"Factory"})


def zone_named(name: object) -> ZoneInfo:
    """Return the zone of an IANA name. Raises UnknownZone for anything else.

    The name is looked up before it is opened: a zone is a file, and a path or a link is not a name.
    """
    if not isinstance(name, str) or name not in zone_names():
        raise UnknownZone(name=str(name)[:60])
    return ZoneInfo(name)


def wall(instant: datetime, *, zone: ZoneInfo) -> datetime:
    """Return what the clock shows at an instant; `fold` is 1 where it shows a repeated time again."""
    return instant.astimezone(zone)


def local_time(instant: datetime, *, zone: ZoneInfo) -> LocalTime:
    """Return the four facts of an appointment's time that are stored together."""
    shown = wall(instant, zone=zone)
    return LocalTime(
        instant.astimezone(UTC), shown.replace(tzinfo=None, fold=0), _offset(shown.utcoffset()), zone.key
    )


def is_skipped(shown: datetime, *, zone: ZoneInfo) -> bool:
    """Return whether the clock never shows this naive wall time, because a change jumps over it."""
    reading = _reading(shown, zone)
    return reading.first < reading.last


def start_at(shown: datetime, *, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which something begins that begins at this naive wall time.

    That is the first of a repeated time, and the instant after the jump for a skipped one.
    """
    reading = _reading(shown, zone)
    if reading.first < reading.last:
        return _after_the_jump(shown, reading, zone=zone)
    return EPOCH + (shown - NAIVE_EPOCH) - reading.first


def end_at(shown: datetime, *, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which something ends that ends at this naive wall time.

    That is the last of a repeated time, and the instant after the jump for a skipped one.
    """
    reading = _reading(shown, zone)
    if reading.first < reading.last:
        return _after_the_jump(shown, reading, zone=zone)
    return EPOCH + (shown - NAIVE_EPOCH) - reading.last


def whole_days(first: date, last: date, *, zone: ZoneInfo) -> Span:
    """Return the time from the first local midnight of `first` to the end of `last`.

    Raises ValueError when `last` is before `first` (or when the zone skipped that only day).
    """
    midnight_after = datetime.combine(last + timedelta(days=1), time.min)
    return Span(start_at(datetime.combine(first, time.min), zone=zone), start_at(midnight_after, zone=zone))


def clock_runs(start: int, end: int, *, zone: ZoneInfo) -> list[Run]:
    """Return [start, end), seconds since 1970, as runs of the zone's clock without the second pass of repeated times.

    One look every three days is enough: in the whole database no two changes of a zone are closer than six. The looks
    are always at the same times, so that their answers are remembered.
    """
    runs = []
    before = opened = start - DAY  # a second pass that has begun before `start` lasts a day at most
    offset = _offset_at(before, zone)
    for until in (*range(start - start % LOOK, end, LOOK)[1:], end):
        ahead = _offset_at(until, zone)
        if ahead != offset:
            change = _change(before, until, zone)
            runs.append(Run(opened, change, offset))
            opened, offset = change + max(0, offset - ahead), ahead
        before = until
    runs.append(Run(opened, end, offset))
    clipped = (Run(max(run.start, start), min(run.end, end), run.offset) for run in runs)
    return [run for run in clipped if run.start < run.end]


def seconds_before(instant: datetime) -> int:
    """Return the last whole second since 1970 that is not after an instant."""
    return (instant - EPOCH) // SECOND


def seconds_after(instant: datetime) -> int:
    """Return the first whole second since 1970 that is not before an instant."""
    return -((EPOCH - instant) // SECOND)


def instant_of(seconds: int) -> datetime:
    """Return the instant (UTC) of a count of seconds since 1970."""
    return EPOCH + SECOND * seconds


def _offset(offset: timedelta | None) -> timedelta:
    assert offset is not None, "a zone has an offset at every time"
    return offset


@lru_cache(
    maxsize=10_000
)  # looks come at the same instants again and again: the edges of weeks, every third day
def _offset_at(seconds: int, zone: ZoneInfo) -> int:
    return _offset(instant_of(seconds).astimezone(zone).utcoffset()) // SECOND


@lru_cache(maxsize=10_000)  # working hours have the same edges every time they are looked at
def _reading(shown: datetime, zone: ZoneInfo) -> Reading:
    # PEP 495: in a skipped stretch fold 0 is read with the offset before the jump, in a repeated one likewise.
    return Reading(_offset(zone.utcoffset(shown)), _offset(zone.utcoffset(shown.replace(fold=1))))


def _after_the_jump(shown: datetime, reading: Reading, *, zone: ZoneInfo) -> datetime:
    as_if_utc = (shown - NAIVE_EPOCH) // SECOND
    return instant_of(_change(as_if_utc - reading.last // SECOND, as_if_utc - reading.first // SECOND, zone))


def _change(before: int, after: int, zone: ZoneInfo) -> int:
    """Return the first second with the offset of `after`, given that the clock changes once since `before`."""
    # By bisection: the database gives no list of changes, only the offset at an instant.
    new = _offset_at(after, zone)
    return before + bisect_left(range(before, after), True, key=lambda at: _offset_at(at, zone) == new)

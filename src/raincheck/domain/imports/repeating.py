"""Repeating appointments of a file: the pattern of a row, and its times from now on, as a series here can have them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TypedDict

from raincheck.domain.appointments.series import MOST, Pattern, made_until, occurrences
from raincheck.domain.sentences import _
from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at, wall, zone_named


class Singly(StrEnum):
    """Why the times of an event that repeats come in one by one, and not as a series."""

    RULE = "rule"
    LONG = "long"
    LATER = "later"
    HERE = "here"


SINGLY = {
    Singly.RULE: _("“{title}” repeats in a way that a series here can’t, so each of its times in the coming 26 weeks comes in as an appointment by itself."),
    Singly.LONG: _("“{title}” has more than {most} times ahead, which is more than a series here has. So each of its times in the coming 26 weeks comes in as an appointment by itself."),
    Singly.LATER: _("“{title}” has dates that change more than a year ahead. So each of its times in the coming 26 weeks comes in as an appointment by itself."),
    Singly.HERE: _("Times of “{title}” are here already, so those that are new come in as appointments by themselves."),
}  # fmt: skip


class NoSeries(Exception):
    """An event repeats in a way that a series here can't. Never leaves the rooms that read files."""

    def __init__(self, why: Singly) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class SeriesTime:
    """One time of a series: the wall time by which it is known, and when it is (UTC); no end where the file says none."""

    recurrence_id: datetime
    start: datetime
    end: datetime | None = None

    @property
    def span(self) -> Span:
        assert self.end is not None, "a row that was read knows how long its times are"
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Repeats:
    """How a row repeats from its first time ahead on, and its times up to the day `made_until`.

    The pattern's end is a day, never a count. What it names and `times` has not is left out.
    """

    pattern: Pattern
    made_until: date
    times: tuple[SeriesTime, ...] = field(repr=False)

    @property
    def last_day(self) -> date:
        """The day by which its last time so far is known."""
        return self.times[-1].recurrence_id.date()

    @property
    def moved(self) -> int:
        """How many times are not when the pattern says."""
        zone = self.pattern.zone
        return sum(one.start != start_at(one.recurrence_id, zone=zone) for one in self.times)

    @property
    def left_out(self) -> int:
        """How many times the pattern names up to where it is made, and nobody has."""
        return sum(1 for _known in self.pattern.walls(until=self.made_until)) - len(self.times)

    @property
    def length(self) -> timedelta:
        """How long most of its times last."""
        lengths = Counter(one.span.length for one in self.times)
        return lengths.most_common(1)[0][0]

    def lasting(self, length: timedelta) -> "Repeats":
        """Return the same with an end for each time that the file gives none."""
        return self.with_times(
            replace(one, end=one.start + length) if one.end is None else one for one in self.times
        )

    def made_ahead(self, *, today: date) -> "Repeats":
        """Return the same with what has come within reach since it was read, where it has no end."""
        until = made_until(self.pattern, today=today)
        if not self.pattern.is_open_ended or until <= self.made_until:
            return self
        more = occurrences(self.pattern, until=until, after=self.made_until)
        times = (*self.times, *(SeriesTime(one.recurrence_id, one.start) for one in more))
        return replace(self, made_until=until).with_times(times)

    def after(self, now: datetime) -> "Repeats":
        return self.with_times(one for one in self.times if one.start > now)

    def without(self, days: Collection[date]) -> "Repeats":
        """Return the same without the times that are known by some days."""
        return self.with_times(one for one in self.times if one.recurrence_id.date() not in days)

    def with_times(self, times: Iterable[SeriesTime]) -> "Repeats":
        """Return what is left of it with these times: it begins with the first of them."""
        kept = tuple(times)
        if not kept:
            return replace(self, times=())
        pattern = self.pattern.beginning(kept[0].recurrence_id.date())
        return replace(self, pattern=pattern or self.pattern, times=kept)

    def meeting_itself(self) -> set[date]:
        """Return the days of times that begin before another of the series is over."""
        by_time = sorted(self.times, key=lambda one: (one.start, one.recurrence_id))
        return {
            later.recurrence_id.date()
            for former, later in pairwise(by_time)
            if former.end is not None and later.start < former.end
        }


def repeating(
    pattern: Pattern,
    *,
    now: datetime,
    length: timedelta | None,
    left_out: Collection[datetime] = frozenset(),
    moved: Mapping[datetime, tuple[datetime, datetime | None]] | None = None,
) -> Repeats:
    """Return a pattern with its times after `now`: all of them where it has an end, else those of a year and some weeks.

    `left_out` are wall times that the pattern names and nobody has, `moved` the start and end that others have. Raises
    NoSeries for more times than a series has here, and for exceptions further ahead than an endless one is made.
    """
    moved = moved or {}
    today = wall(now, zone=pattern.zone).date()
    until = made_until(pattern, today=today)
    if any(one.date() > until for one in (*left_out, *moved)):
        raise NoSeries(Singly.LATER)
    since = min([today, *(known.date() for known, (start, _end) in moved.items() if start > now)])
    ahead = pattern.beginning(since)
    found: list[SeriesTime] = []
    last = pattern.first
    for known in ahead.walls(until=until) if ahead else ():
        last = known
        own = start_at(known, zone=pattern.zone)
        start, end = moved.get(known, (own, own + length if length else None))
        if known not in left_out and start > now:
            found.append(SeriesTime(known, start, end))
        if len(found) > MOST:
            raise NoSeries(Singly.LONG)
    ends_on = None if pattern.is_open_ended else last.date()
    whole = replace(ahead or pattern, count=None, ends_on=ends_on)
    return Repeats(whole, ends_on or until, ()).with_times(found)


class Kept(TypedDict):
    """How a row repeats as plain data: its pattern, and of each time the wall time it is known by, its start and its end."""

    first: str
    every_weeks: int
    zone: str
    ends_on: str | None
    made_until: str
    known: list[str]
    starts: list[str]
    ends: list[str | None]


def as_kept(repeats: Repeats | None) -> Kept | None:
    """Return how a row repeats as plain data, to be kept or handed on; `repeats_from` reads it back."""
    if repeats is None:
        return None
    pattern = repeats.pattern
    return {
        "first": pattern.first.isoformat(),
        "every_weeks": pattern.every_weeks,
        "zone": pattern.zone.key,
        "ends_on": pattern.ends_on.isoformat() if pattern.ends_on else None,
        "made_until": repeats.made_until.isoformat(),
        "known": [one.recurrence_id.isoformat() for one in repeats.times],
        "starts": [one.start.isoformat() for one in repeats.times],
        "ends": [one.end.isoformat() if one.end else None for one in repeats.times],
    }


def repeats_from(kept: Kept | None) -> Repeats | None:
    """Return how a row repeats as it was kept."""
    if kept is None:
        return None
    ends_on = date.fromisoformat(kept["ends_on"]) if kept["ends_on"] else None
    pattern = Pattern(
        datetime.fromisoformat(kept["first"]), kept["every_weeks"], zone_named(kept["zone"]), ends_on=ends_on
    )
    times = (
        SeriesTime(
            datetime.fromisoformat(known),
            datetime.fromisoformat(start),
            datetime.fromisoformat(end) if end else None,
        )
        for known, start, end in zip(kept["known"], kept["starts"], kept["ends"], strict=True)
    )
    return Repeats(pattern, date.fromisoformat(kept["made_until"]), tuple(times))


def days_written(days: Iterable[date]) -> str:
    """Return days as a problem keeps them; `days_in` reads them back."""
    return ", ".join(day.isoformat() for day in sorted(days))


def days_in(text: str) -> list[date]:
    return [date.fromisoformat(day) for day in text.split(", ") if day]

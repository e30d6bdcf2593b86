"""Repeating appointments: the times that a pattern names, by the wall clock, and what may be made of them at once.

An occurrence is known by its first start, the wall time that the pattern gave it, however often it moves afterwards.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.domain.zones import start_at

MOST = 104
"""Appointments of a series that has an end: two years of weeks, made whole in one transaction."""
FEWEST = 2
WEEKS_APART = range(1, 53)
WEEK = timedelta(weeks=1)
MADE_AHEAD = 53 * WEEK
"""A series without an end is made at least so far ahead, a week more each time."""


class EveryWeeksOutOfRange(Refusal):
    kind = Kind.BAD_INPUT
    code = "every_weeks_out_of_range"
    sentence = _(
        "An appointment repeats every 1 to 52 weeks. Nothing was booked; please write a number of weeks."
    )
    field = "every_weeks"


class CountOutOfRange(Refusal):
    kind = Kind.BAD_INPUT
    code = "series_count_out_of_range"
    sentence = _("A series has 2 to {most} appointments. Nothing was booked; please write another number.")
    field = "count"


class SeriesTooLong(Refusal):
    kind = Kind.BAD_INPUT
    code = "series_too_long"
    sentence = _(
        "Until then there would be more than {most} appointments. Nothing was booked; please choose an earlier end, or no end at all."
    )
    field = "ends_on"


class SeriesTooShort(Refusal):
    kind = Kind.BAD_INPUT
    code = "series_too_short"
    sentence = _(
        "With this end there is only one appointment. Nothing was booked; please choose a later end, or book without repeating."
    )
    field = "ends_on"


class NothingLeft(Refusal):
    kind = Kind.BAD_INPUT
    code = "series_nothing_left"
    sentence = _("Every date is left out, so nothing was booked. Please keep at least one.")


class OccurrencesMeet(Refusal):
    kind = Kind.BAD_INPUT
    code = "occurrences_meet"
    sentence = _(
        "Two appointments of this series would overlap. Nothing was booked; please choose another time for one of them."
    )


class DatesTaken(Refusal):
    kind = Kind.CONFLICT
    code = "series_dates_taken"
    sentence = _(
        "Not all dates of the series are free any more, so nothing was booked. They are shown as they stand now; please look and send again."
    )


class OccurrencesTaken(Refusal):
    kind = Kind.CONFLICT
    code = "occurrences_taken"
    sentence = _(
        "Something else stands in the way on {dates}, so nothing was changed. Please choose another time, or change those appointments by themselves first."
    )
    field = "start"


class Scope(StrEnum):
    """Which occurrences of a series a change is about."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


class Clash(StrEnum):
    """What speaks against a date of a series."""

    APPOINTMENT = "appointment"
    HELD = "held"
    CLIENT_ELSEWHERE = "client_elsewhere"
    ROOM = "room"
    PAST = "past"
    OUT_OF_OFFICE = "out_of_office"
    BUSY = "busy"
    OUTSIDE_HOURS = "outside_hours"
    OTHER_PLACE = "other_place"
    STANDING_TIME = "standing_time"


IMPOSSIBLE = frozenset({Clash.APPOINTMENT, Clash.HELD, Clash.CLIENT_ELSEWHERE, Clash.ROOM, Clash.PAST})
"""Nobody may overrule these: the date is left out or moved. The others a practice may use all the same."""
LEFT_OUT = IMPOSSIBLE | {Clash.OUT_OF_OFFICE, Clash.BUSY}
"""A date with one of these is left out unless somebody says otherwise; a remark about hours changes nothing by itself."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Every `every_weeks` weeks at the wall time `first` (naive) of `zone`.

    It ends after `count` times, or after the day `ends_on`, whichever comes first; with neither it has no end.
    """

    first: datetime
    every_weeks: int
    zone: ZoneInfo
    count: int | None = None
    ends_on: date | None = None

    @property
    def is_open_ended(self) -> bool:
        return self.count is None and self.ends_on is None

    def walls(self, *, until: date) -> Iterator[datetime]:
        """Return the wall times up to and with the day `until`, soonest first."""
        last = until if self.ends_on is None else min(until, self.ends_on)
        number, wall = 0, self.first
        while wall.date() <= last and (self.count is None or number < self.count):
            yield wall
            number += 1
            wall = self.first + number * self.every_weeks * WEEK

    @property
    def last(self) -> datetime:
        """The last wall time of a pattern that has an end; the first of one that ended before it began."""
        assert not self.is_open_ended, "a pattern without an end has no last time"
        return max(self.walls(until=date.max), default=self.first)

    def beginning(self, on: date) -> "Pattern | None":
        """Return the same pattern from its first time of the day `on` or later; None where it has none by then."""
        step = self.every_weeks * WEEK
        passed = max(0, -((self.first.date() - on) // step))
        first = self.first + passed * step
        count = None if self.count is None else self.count - passed
        over = (count is not None and count < 1) or (self.ends_on is not None and first.date() > self.ends_on)
        return None if over else replace(self, first=first, count=count)

    def names(self, wall: datetime) -> bool:
        """Return whether a wall time is one of the pattern's."""
        apart = wall - self.first
        step = self.every_weeks * WEEK
        if apart % step or apart < timedelta(0) or (self.ends_on is not None and wall.date() > self.ends_on):
            return False
        return self.count is None or apart // step < self.count


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of a series: the wall time that it is known by, and when it begins (UTC)."""

    recurrence_id: datetime
    start: datetime


def sound_pattern(pattern: Pattern) -> Pattern:
    """Return a pattern that a person chose. Raises a refusal for one that is too long, too short or odd."""
    if pattern.every_weeks not in WEEKS_APART:
        raise EveryWeeksOutOfRange
    if pattern.count is not None and not FEWEST <= pattern.count <= MOST:
        raise CountOutOfRange(most=str(MOST))
    if pattern.ends_on is not None:
        # One more than fits is enough to know, however far away the end is.
        longest = replace(pattern, count=MOST + 1)
        many = sum(1 for _wall in longest.walls(until=pattern.ends_on))
        if many > MOST:
            raise SeriesTooLong(most=str(MOST))
        if many < FEWEST:
            raise SeriesTooShort
    return pattern


def occurrences(pattern: Pattern, *, until: date, after: date = date.min) -> list[Occurrence]:
    """Return the times of a pattern after the day `after` up to and with the day `until`.

    The wall time stays over clock changes. One that the clock skips begins with the jump, one that it shows twice is the
    first of the two, as everywhere.
    """
    return [
        Occurrence(wall, start_at(wall, zone=pattern.zone))
        for wall in pattern.walls(until=until)
        if wall.date() > after
    ]


def made_until(pattern: Pattern, *, today: date) -> date:
    """Return up to which day a series is made now: whole where it has an end, else a year and some weeks ahead."""
    return today + MADE_AHEAD + WEEK if pattern.is_open_ended else date.max


def decided(
    found: Sequence[Occurrence],
    *,
    skipped: Set[datetime],
    moved: Mapping[datetime, datetime],
    length: timedelta,
) -> list[Occurrence]:
    """Return what is to be booked of the dates that were found: without those left out, the moved at their new starts.

    Raises NothingLeft, and OccurrencesMeet for two sessions of `length` that would overlap.
    """
    kept = [
        replace(one, start=moved.get(one.recurrence_id, one.start))
        for one in found
        if one.recurrence_id not in skipped
    ]
    if not kept:
        raise NothingLeft
    if meeting(kept, length=length):
        raise OccurrencesMeet
    return kept


def meeting(found: Iterable[Occurrence], *, length: timedelta) -> list[tuple[Occurrence, Occurrence]]:
    """Return the pairs of neighbours of which the later begins before the other is over, by time."""
    by_time = sorted(found, key=lambda one: (one.start, one.recurrence_id))
    return [(former, later) for former, later in pairwise(by_time) if later.start < former.start + length]

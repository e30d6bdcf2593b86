"""Events of a calendar file as instants: their start and end, and the dates by which they repeat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from raincheck.domain.calendars.busy import QUOTED, TITLE_LENGTH, UID_LENGTH, Problem, ProblemKind, plain
from raincheck.integrations.ics.rules import (
    Rule,
    Unreadable,
    Value,
    midnight,
    rule_of,
    texts_of,
    value_of,
)
from raincheck.integrations.ics.text import Component, Line
from raincheck.integrations.ics.zones import Zones

DAY = timedelta(days=1)
FIRST_WALL = datetime(2, 1, 1)  # noqa: DTZ001  # a wall time
LAST_WALL = datetime(9998, 1, 1)  # noqa: DTZ001  # a wall time
ASSUMED_LENGTH = timedelta(hours=1)
"""Busy from the start of an event whose end cannot be believed: in doubt a person is busy."""


@dataclass(frozen=True, slots=True)
class EventTime:
    """A time as a file names it: a wall time of a zone, or a whole day of the provider's zone."""

    wall: datetime
    zone: tzinfo
    is_day: bool = False

    @property
    def instant(self) -> datetime:
        return self.wall.replace(tzinfo=self.zone).astimezone(UTC)

    def by_the_wall_of(self, zone: tzinfo) -> datetime:
        """The same instant on the wall of another zone."""
        return self.wall if zone is self.zone else self.instant.astimezone(zone).replace(tzinfo=None)

    def named_in(self, zone: tzinfo) -> datetime:
        """The wall time by which a series in this zone knows this moment; a day is its midnight in any zone."""
        return self.wall if self.is_day else self.by_the_wall_of(zone)


@dataclass(slots=True)
class Event:
    """A VEVENT whose start and end are known."""

    number: int
    start: EventTime
    end: EventTime
    free: bool
    title: str | None
    uid: str
    component: Component

    @property
    def zone(self) -> tzinfo:
        return self.start.zone

    @property
    def repeats(self) -> bool:
        return self.names_times or self.component.first("RRULE") is not None

    @property
    def names_times(self) -> bool:
        return self.component.first("RDATE") is not None


@dataclass(slots=True)
class EventReader:
    """Reads single events; what it cannot read becomes a problem."""

    zones: Zones
    problems: list[Problem] = field(default_factory=list)

    def read(self, component: Component, number: int) -> Event | None:
        """Return the event, or None when nobody can tell when it starts."""
        try:
            start = self.start_of(component, number)
            end = self.end_of(component, number, start)
        except OverflowError:
            self.problem(ProblemKind.OUTSIDE_TIME, number)
            return None
        if start is None or end is None:
            return None
        free, title, uid = keeps_free(component), title_of(component), uid_of(component)
        return Event(number, start, end, free, title, uid, component)

    def start_of(self, component: Component, number: int) -> EventTime | None:
        line = component.first("DTSTART")
        if line is None:
            self.problem(ProblemKind.NO_START, number)
            return None
        try:
            return self.moment(value_of(line.value), line)
        except Unreadable as fault:
            self.problem(ProblemKind.UNREADABLE_START, number, fault.text)
            return None

    def end_of(self, component: Component, number: int, start: EventTime | None) -> EventTime | None:
        if start is None:
            return None
        line = component.first("DTEND") or component.first("DURATION")
        if line is None:
            return later(start, DAY if start.is_day else timedelta(0))
        try:
            value = value_of(line.value)
            end = later(start, value) if isinstance(value, timedelta) else self.moment(value, line)
        except Unreadable as fault:
            self.problem(ProblemKind.UNREADABLE_END, number, fault.text)
            return assumed_end(start)
        if end.instant < start.instant:
            self.problem(ProblemKind.ENDS_BEFORE_IT_STARTS, number)
            return assumed_end(start)
        # Every calendar shows an all-day event that ends on its own day as that day.
        return later(start, DAY) if start.is_day and end.wall == start.wall else end

    def moment(self, value: Value, line: Line) -> EventTime:
        """Return the moment meant by a date or time. Raises Unreadable when it is neither."""
        if isinstance(value, datetime):
            if value.tzinfo is not None:
                return EventTime(countable(value.replace(tzinfo=None)), UTC)
            name = line.parameters.get("TZID")
            return EventTime(
                countable(value), self.zones.provider_zone if name is None else self.zones.find(name)
            )
        if isinstance(value, date):
            return EventTime(countable(midnight(value)), self.zones.provider_zone, is_day=True)
        raise Unreadable(line.value)

    def replaced_time(self, component: Component, number: int, zone: tzinfo) -> datetime | None:
        """Return the wall time that a RECURRENCE-ID names, in the zone of its series."""
        line = component.first("RECURRENCE-ID")
        return next((moment.named_in(zone) for moment in self.named([line], number)), None) if line else None

    def named(self, lines: list[Line], number: int) -> Iterator[EventTime]:
        """Yield each moment that the lines list. Raises RepeatsTooOften."""
        for text, line in texts_of(lines):
            try:
                yield self.moment(value_of(text), line)
            except (Unreadable, OverflowError):
                self.problem(ProblemKind.UNREADABLE_DATE, number, text)

    def exceptions(self, event: Event) -> tuple[set[datetime], set[date]]:
        """Return the times, by the event's wall, and the whole days on which it does not take place."""
        moments = list(self.named(event.component.every("EXDATE"), event.number))
        times = {moment.named_in(event.zone) for moment in moments if event.start.is_day or not moment.is_day}
        return times, {moment.wall.date() for moment in moments if moment.is_day}

    def rules(self, event: Event) -> list[Rule]:
        """Return the rules that can be followed; the rest are problems."""
        found = []
        for line in event.component.every("RRULE"):
            try:
                rule = rule_of(line.value, until_in=lambda value: self.until(value, event))
            except (Unreadable, OverflowError):
                self.problem(ProblemKind.UNREADABLE_RULE, event.number, line.value)
                continue
            until = rule.repetition.until
            if rule.repetition.never_happens:
                self.problem(ProblemKind.NEVER_HAPPENS, event.number, line.value)
            elif until is None or until >= event.start.wall:
                found.append(rule)
        return found

    def until(self, value: Value, event: Event) -> datetime:
        """Return the last wall time of a rule. A day lasts to its end; in doubt the later reading counts."""
        moment = self.moment(value, Line("UNTIL", str(value), {}))
        if moment.is_day:
            return moment.wall + DAY - timedelta(seconds=1)
        # Without a Z it is a time of the event's own wall.
        wall = (
            moment.wall
            if isinstance(value, datetime) and value.tzinfo is None
            else moment.by_the_wall_of(event.zone)
        )
        return max(wall, midnight(moment.wall)) if event.start.is_day else wall

    def more_times(self, event: Event) -> list[tuple[datetime, datetime]]:
        """Return the times that RDATE adds, as (start, end) by the event's wall."""
        length = event.end.by_the_wall_of(event.zone) - event.start.wall
        found = []
        for text, line in texts_of(event.component.every("RDATE")):
            try:
                found.append(self.added(text, line, event, length))
            except (Unreadable, OverflowError):
                self.problem(ProblemKind.UNREADABLE_DATE, event.number, text)
        return found

    def added(self, text: str, line: Line, event: Event, length: timedelta) -> tuple[datetime, datetime]:
        value = value_of(text)
        if isinstance(value, tuple):
            start, end = self.period(value, line)
            return start.by_the_wall_of(event.zone), end.by_the_wall_of(event.zone)
        moment = self.moment(value, line)
        if moment.is_day:  # on a timed event: that day at the event's own hour
            wall = datetime.combine(moment.wall, event.start.wall.time())
            return wall, wall + length
        wall = moment.by_the_wall_of(event.zone)
        return wall, wall + length

    def period(self, value: tuple[datetime, datetime | timedelta], line: Line) -> tuple[EventTime, EventTime]:
        """Return start and end of a period. Raises Unreadable when it ends before it starts."""
        start = self.moment(value[0], line)
        end = later(start, value[1]) if isinstance(value[1], timedelta) else self.moment(value[1], line)
        if end.instant < start.instant:
            raise Unreadable(line.value)
        return start, end

    def problem(self, kind: ProblemKind, number: int, text: str = "") -> None:
        self.problems.append(Problem(kind, number, plain(text, at_most=QUOTED)))


def keeps_free(component: Component) -> bool:
    """Whether the event keeps nobody busy, by its STATUS or TRANSP."""
    return (
        component.value("STATUS").upper() == "CANCELLED" or component.value("TRANSP").upper() == "TRANSPARENT"
    )


def uid_of(component: Component) -> str:
    return plain(component.value("UID"), at_most=UID_LENGTH)


def title_of(component: Component) -> str | None:
    return plain(component.text("SUMMARY"), at_most=TITLE_LENGTH) or None


def later(start: EventTime, length: timedelta) -> EventTime:
    """Return the moment so much later: days by the wall, the rest in real time (RFC 5545, 3.3.6).

    Raises OverflowError past the last year there is.
    """
    whole = EventTime(countable(start.wall + timedelta(days=length.days)), start.zone)
    if not length.seconds:
        return whole
    instant = whole.instant + timedelta(seconds=length.seconds)
    return EventTime(countable(instant.replace(tzinfo=None)), UTC)


def countable(wall: datetime) -> datetime:
    """Return the wall time, moved into the years in which it can still be counted on from it.

    Some programs end what never ends with the last second of the year 9999; no zone and no window reaches there.
    """
    return min(max(wall, FIRST_WALL), LAST_WALL)


def assumed_end(start: EventTime) -> EventTime:
    return later(start, DAY if start.is_day else ASSUMED_LENGTH)

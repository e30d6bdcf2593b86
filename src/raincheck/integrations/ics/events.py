"""Events of a calendar file as instants: their start and end, and the dates by which they repeat."""

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
# A year is left at each end of what Python counts, so that a zone's offset or a day more never overflows.
FIRST_WALL = datetime(2, 1, 1)  # noqa: DTZ001  # a wall time
LAST_WALL = datetime(9998, 1, 1)  # noqa: DTZ001  # a wall time
# Busy from the start of an event whose end cannot be believed: in doubt a person is busy.
ASSUMED_LENGTH = timedelta(hours=1)


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
        """The wall time by which a series in this zone knows this time; a day is its midnight in any zone."""
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
            return self.event_time(value_of(line.value), line)
        except Unreadable as fault:
            self.problem(ProblemKind.UNREADABLE_START, number, fault.text)
            return None

    def end_of(self, component: Component, number: int, start: EventTime | None) -> EventTime | None:
        if start is None:
            return None
        line = component.first("DTEND") or component.first("DURATION")
        if line is None:
            # RFC 5545, 3.6.1: a day lasts a day, any other start ends where it begins.
            return later(start, DAY if start.is_day else timedelta(0))
        try:
            value = value_of(line.value)
            end = later(start, value) if isinstance(value, timedelta) else self.event_time(value, line)
        except Unreadable as fault:
            self.problem(ProblemKind.UNREADABLE_END, number, fault.text)
            return assumed_end(start)
        if end.instant < start.instant:
            self.problem(ProblemKind.ENDS_BEFORE_IT_STARTS, number)
            return assumed_end(start)
        # Every calendar shows an all-day event that ends on its own day as that day.
        return later(start, DAY) if start.is_day and end.wall == start.wall else end

    def event_time(self, value: Value, line: Line) -> EventTime:
        """Return the time meant by a date or time. Raises Unreadable when it is neither."""
        if isinstance(value, datetime):
            if value.tzinfo is not None:
                return EventTime(countable(value.replace(tzinfo=None)), UTC)
            # Without a zone it is "floating" (RFC 5545, 3.3.5): the same wall time wherever one is.
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
        if line is None:
            return None
        return next((time.named_in(zone) for time in self.named([line], number)), None)

    def named(self, lines: list[Line], number: int) -> list[EventTime]:
        """Return each time that the lines list; what cannot be read is a problem. Raises RepeatsTooOften."""
        found = []
        for text, line in texts_of(lines):
            try:
                found.append(self.event_time(value_of(text), line))
            except (Unreadable, OverflowError):
                self.problem(ProblemKind.UNREADABLE_DATE, number, text)
        return found

    def exceptions(self, event: Event) -> tuple[set[datetime], set[date]]:
        """Return the times, by the event's wall, and the whole days on which it does not take place."""
        named = self.named(event.component.every("EXDATE"), event.number)
        # A date strikes out the whole day of a timed event: some programs write their exceptions so.
        times = {time.named_in(event.zone) for time in named if event.start.is_day or not time.is_day}
        return times, {time.wall.date() for time in named if time.is_day}

    def rules(self, event: Event) -> list[Rule]:
        """Return the rules that can be followed; the rest are problems."""
        found = []
        for line in event.component.every("RRULE"):
            try:
                rule = rule_of(line.value, until_in=lambda value: self.until(value, event))
            except (Unreadable, OverflowError):
                self.problem(ProblemKind.UNREADABLE_RULE, event.number, line.value)
                continue
            until = rule.recurrence.until
            if rule.recurrence.never_happens:
                self.problem(ProblemKind.NEVER_HAPPENS, event.number, line.value)
            # A rule that ends before it begins adds nothing to the event's own first time.
            elif until is None or until >= event.start.wall:
                found.append(rule)
        return found

    def until(self, value: Value, event: Event) -> datetime:
        """Return the last wall time of a rule. A day lasts to its end; in doubt the later reading counts."""
        until = self.event_time(value, Line("UNTIL", str(value), {}))
        if until.is_day:
            return until.wall + DAY - timedelta(seconds=1)
        # Without a Z it is a time of the event's own wall.
        floats = isinstance(value, datetime) and value.tzinfo is None
        wall = until.wall if floats else until.by_the_wall_of(event.zone)
        return max(wall, midnight(until.wall)) if event.start.is_day else wall

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
        added = self.event_time(value, line)
        if added.is_day:  # on a timed event: that day at the event's own hour
            wall = datetime.combine(added.wall, event.start.wall.time())
        else:
            wall = added.by_the_wall_of(event.zone)
        return wall, wall + length

    def period(self, value: tuple[datetime, datetime | timedelta], line: Line) -> tuple[EventTime, EventTime]:
        """Return start and end of a period. Raises Unreadable when it ends before it starts."""
        # RFC 5545, 3.3.9: its second part is an end or a length.
        start, second = self.event_time(value[0], line), value[1]
        end = later(start, second) if isinstance(second, timedelta) else self.event_time(second, line)
        if end.instant < start.instant:
            raise Unreadable(line.value)
        return start, end

    def problem(self, kind: ProblemKind, number: int, text: str = "") -> None:
        self.problems.append(Problem(kind, number, plain(text, at_most=QUOTED)))


def keeps_free(component: Component) -> bool:
    """Return whether the event keeps nobody busy, by its STATUS or TRANSP (RFC 5545, 3.8.1.11 and 3.8.2.7)."""
    return (
        component.value("STATUS").upper() == "CANCELLED" or component.value("TRANSP").upper() == "TRANSPARENT"
    )


def uid_of(component: Component) -> str:
    return plain(component.value("UID"), at_most=UID_LENGTH)


def title_of(component: Component) -> str | None:
    return plain(component.text("SUMMARY"), at_most=TITLE_LENGTH) or None


def later(start: EventTime, length: timedelta) -> EventTime:
    """Return the time so much later: days by the wall, the rest in real time (RFC 5545, 3.3.6).

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

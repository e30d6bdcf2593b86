"""Events of a calendar file as instants: their start and end, and the dates by which they repeat."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from raincheck.domain.calendars.busy import QUOTED, TITLE_LENGTH, UID_LENGTH, Problem, ProblemKind, plain
from raincheck.integrations.ics.rules import Rule, rule_of, texts_of
from raincheck.integrations.ics.text import Component, Line
from raincheck.integrations.ics.values import Unreadable, Value, midnight, value_of
from raincheck.integrations.ics.zones import Zones

DAY = timedelta(days=1)
# A year is left at each end of what Python counts, so that a zone's offset or a day more never overflows.
FIRST_WALL = datetime(2, 1, 1)  # noqa: DTZ001  # a wall time
LAST_WALL = datetime(9998, 1, 1)  # noqa: DTZ001  # a wall time
BUSY_IN_OUTLOOK = frozenset({"BUSY", "OOF", "TENTATIVE"})
# Busy from the start of an event whose end cannot be believed: in doubt a person is busy.
ASSUMED_LENGTH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class EventTime:
    """A time as a file names it: a wall time of a zone, or a whole day of the provider's zone."""

    wall: datetime
    zone: tzinfo
    is_day: bool = False
    # Written without any zone (RFC 5545, 3.3.5): the same wall time wherever one is.
    floats: bool = False

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
    zones: Zones

    @property
    def zone(self) -> tzinfo:
        return self.start.zone

    @property
    def repeats(self) -> bool:
        return self.names_times or self.component.first("RRULE") is not None

    @property
    def names_times(self) -> bool:
        return self.component.first("RDATE") is not None

    def meant_by(self, time: EventTime) -> tuple[datetime, datetime]:
        """Return the starts, by the event's wall, that a time may name: by its instant, and by its digits.

        The digits of a day are those of the event on that day, and an event of whole days knows days only.
        """
        if self.start.is_day:
            return time.named_in(self.zone), midnight(time.wall)
        if time.is_day:
            at_its_hour = datetime.combine(time.wall, self.start.wall.time())
            return at_its_hour, at_its_hour
        return time.by_the_wall_of(self.zone), time.wall


@dataclass(slots=True)
class EventReader:
    """Reads single events; what it cannot read becomes a problem. `zones` are those of each calendar of the file."""

    zones: dict[int, Zones]
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
        # Any other event that is free was passed over before.
        free = component.first("RECURRENCE-ID") is not None and keeps_free(component)
        title, uid = title_of(component), uid_of(component)
        return Event(number, start, end, free, title, uid, component, self.zones[component.calendar])

    def start_of(self, component: Component, number: int) -> EventTime | None:
        line = component.first("DTSTART")
        if line is None and keeps_free(component):
            # Some programs cancel one time of a series by its name alone.
            line = component.first("RECURRENCE-ID")
        if line is None:
            self.problem(ProblemKind.NO_START, number)
            return None
        try:
            start = event_time(line, self.zones[component.calendar])
        except Unreadable as fault:
            self.problem(ProblemKind.UNREADABLE_START, number, fault.text)
            return None
        return whole_day(start, self.zones[component.calendar]) if is_called_a_day(line) else start

    def end_of(self, component: Component, number: int, start: EventTime | None) -> EventTime | None:
        """Return the end; of several that are given, the standard allows one, the latest."""
        if start is None:
            return None
        lines = [*component.every("DTEND"), *component.every("DURATION")]
        if not lines:
            # RFC 5545, 3.6.1: a day lasts a day, any other start ends where it begins.
            return later(start, DAY if start.is_day else timedelta(0))
        ends, unreadable = [], []
        for line in lines:
            try:
                ends.append(self.end_by(line, component, start))
            except Unreadable as fault:
                unreadable.append(fault.text)
        if not ends:
            self.problem(ProblemKind.UNREADABLE_END, number, unreadable[0])
            return assumed_end(start)
        end = max(ends, key=lambda one: one.instant)
        if end.instant < start.instant:
            self.problem(ProblemKind.ENDS_BEFORE_IT_STARTS, number)
            return assumed_end(start)
        return whole_days(start, end) if start.is_day else end

    def end_by(self, line: Line, component: Component, start: EventTime) -> EventTime:
        """Return the end that a line gives. Raises Unreadable."""
        zones = self.zones[component.calendar]
        value = value_of(line.value)
        if isinstance(value, timedelta):
            by_the_wall = EventTime(countable(start.wall + value), start.zone)
            return by_the_wall if start.is_day else later(start, value)
        end = time_of(value, zones, line)
        if end.floats != start.floats and not (start.is_day or end.is_day):
            # In two forms: by its instant, or by its digits on the clock of the start, whichever is later.
            end = max(end, replace(end, zone=start.zone), key=lambda one: one.instant)
        if is_called_a_day(line) and end.wall != midnight(end.wall):
            return later(whole_day(end, zones), DAY)
        # A timed event that ends on the day of its start ends with that day.
        same_day = end.is_day and not start.is_day and end.wall.date() == start.wall.date()
        return later(end, DAY) if same_day else end

    def replaced_time(self, event: Event) -> EventTime | None:
        """Return the time that a RECURRENCE-ID names."""
        line = event.component.first("RECURRENCE-ID")
        return next(iter(self.named([line], event)), None) if line else None

    def named(self, lines: list[Line], event: Event) -> list[EventTime]:
        """Return each time that the lines list; what cannot be read is a problem. Raises RepeatsTooOften."""
        found = []
        for text, line in texts_of(lines):
            try:
                found.append(event_time(line, event.zones, text))
            except (Unreadable, OverflowError):
                self.problem(ProblemKind.UNREADABLE_DATE, event.number, text)
        return found

    def exceptions(self, event: Event) -> list[EventTime]:
        """Return the times and days on which the event does not take place."""
        # A doubtful line may be part of a text, and may not free any time.
        return self.named([line for line in event.component.every("EXDATE") if not line.doubtful], event)

    def rules_of_exception(self, event: Event) -> list[Rule]:
        """Return the rules by which times are left out (RFC 2445, 4.8.5.2); those that can't be read are problems."""
        found = []
        for line in event.component.every("EXRULE"):
            try:
                found.append(rule_of(line.value, until_in=lambda value: self.until(value, event)))
            except (Unreadable, OverflowError):
                self.problem(ProblemKind.UNREADABLE_EXCEPTION, event.number, line.value)
        return found

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
        """Return the last wall time of a rule. A day lasts to its end; where two readings are possible the later counts."""
        until = time_of(value, event.zones)
        if until.is_day:
            return until.wall + DAY - timedelta(seconds=1)
        by_instant, digits = until.by_the_wall_of(event.zone), until.wall
        if event.start.is_day:
            return max(by_instant, midnight(digits))
        # RFC 5545, 3.3.10: a floating event's is floating, any other's is in UTC. Some write the event's own hour with a Z.
        proper = until.floats == event.start.floats and digits.time() != event.start.wall.time()
        return by_instant if proper else max(by_instant, digits)

    def more_times(self, event: Event) -> list[tuple[datetime, datetime]]:
        """Return the times that RDATE adds, as (start, end) by the event's wall."""
        length = event.end.by_the_wall_of(event.zone) - event.start.wall
        found = []
        for text, line in texts_of(event.component.every("RDATE")):
            try:
                found += self.added(text, line, event, length)
            except (Unreadable, OverflowError):
                self.problem(ProblemKind.UNREADABLE_DATE, event.number, text)
        return found

    def added(
        self, text: str, line: Line, event: Event, length: timedelta
    ) -> list[tuple[datetime, datetime]]:
        """Return the time that RDATE adds; both where it can be read in two ways and neither is the event's own hour."""
        value = value_of(text)
        if isinstance(value, tuple):
            added, end = period(value, line, event.zones)
            length = end.by_the_wall_of(event.zone) - added.by_the_wall_of(event.zone)
            starts = [added.by_the_wall_of(event.zone), added.wall]
        else:
            added = time_of(value, event.zones, line)
            starts = list(event.meant_by(added))
        if added.floats == event.start.floats and not event.start.is_day:
            starts = starts[:1]
        usual = [start for start in starts if start.time() == event.start.wall.time()]
        return [(start, start + length) for start in dict.fromkeys(usual[:1] or starts)]

    def problem(self, kind: ProblemKind, number: int, text: str = "") -> None:
        self.problems.append(Problem(kind, number, plain(text, at_most=QUOTED)))


def time_of(value: Value, zones: Zones, line: Line | None = None) -> EventTime:
    """Return the time meant by a date or time of a line. Raises Unreadable when it is neither."""
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return EventTime(countable(value.astimezone(UTC).replace(tzinfo=None)), UTC)
        name = line.parameters.get("TZID") if line else None
        zone = zones.provider_zone if name is None else zones.find(name)
        return EventTime(countable(value), zone, floats=name is None)
    if isinstance(value, date):
        return EventTime(countable(midnight(value)), zones.provider_zone, is_day=True)
    raise Unreadable(line.value if line else str(value))


def event_time(line: Line, zones: Zones, text: str | None = None) -> EventTime:
    """Return the time that a line, or one of the values it lists, means. Raises Unreadable or OverflowError."""
    return time_of(value_of(line.value if text is None else text), zones, line)


def is_called_a_day(line: Line) -> bool:
    return line.parameters.get("VALUE", "").upper() == "DATE"


def period(value: tuple[date, date | timedelta], line: Line, zones: Zones) -> tuple[EventTime, EventTime]:
    """Return start and end of a period, also of one that was written the wrong way round. Raises Unreadable."""
    # RFC 5545, 3.3.9: its second part is an end or a length.
    start, second = time_of(value[0], zones, line), value[1]
    end = later(start, second) if isinstance(second, timedelta) else time_of(second, zones, line)
    return (start, end) if start.instant <= end.instant else (end, start)


def keeps_free(component: Component) -> bool:
    """Return whether the event keeps nobody busy, by its STATUS or TRANSP (RFC 5545, 3.8.1.11 and 3.8.2.7), or by a no.

    Every line of the name has to say so: one may be part of a text. Outlook's own word counts beside TRANSP.
    """
    if all_say(component, "STATUS", "CANCELLED") or is_declined(component):
        return True
    outlook = component.value("X-MICROSOFT-CDO-BUSYSTATUS").upper()
    return all_say(component, "TRANSP", "TRANSPARENT") and outlook not in BUSY_IN_OUTLOOK


def is_declined(component: Component) -> bool:
    """Return whether the calendar's owner has declined, in every line that invites them (RFC 5545, 3.2.12)."""
    answers = {
        line.parameters.get("PARTSTAT", "").upper()
        for line in component.every("ATTENDEE")
        if not component.owners.isdisjoint(map(as_owner, (line.value, line.parameters.get("EMAIL", ""))))
    }
    return answers == {"DECLINED"}


def as_owner(address: str) -> str:
    return address.strip(' "').lower().removeprefix("mailto:").rstrip("/")


def all_say(component: Component, name: str, word: str) -> bool:
    lines = component.every(name)
    return bool(lines) and all(not line.doubtful and line.value.strip().upper() == word for line in lines)


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


def whole_day(time: EventTime, zones: Zones) -> EventTime:
    """Return the day that a time's digits name, whatever hour they add."""
    return EventTime(midnight(time.wall), zones.provider_zone, is_day=True)


def whole_days(start: EventTime, end: EventTime) -> EventTime:
    """Return the end of an event of whole days: every calendar shows a day that ends on its own day, or within it, whole."""
    wall = end.named_in(start.zone)
    day = EventTime(midnight(wall), start.zone, is_day=True)
    return day if day.wall == wall and wall > start.wall else later(day, DAY)


def countable(wall: datetime) -> datetime:
    """Return the wall time, moved into the years in which it can still be counted on from it.

    Some programs end what never ends with the last second of the year 9999; no zone and no window reaches there.
    """
    return min(max(wall, FIRST_WALL), LAST_WALL)


def assumed_end(start: EventTime) -> EventTime:
    return later(start, DAY if start.is_day else ASSUMED_LENGTH)

"""A reading puts all entries of a calendar file together: which of them count, and when each keeps its owner busy."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from itertools import count
from zoneinfo import ZoneInfo

from raincheck.domain.calendars.busy import BusyEvent, CalendarReading, ProblemKind, in_order, summed_up
from raincheck.domain.calendars.faults import CalendarTooLarge, CalendarUnreadable
from raincheck.domain.spans import Span
from raincheck.integrations.ics.events import Event, EventReader, EventTime, keeps_free, period
from raincheck.integrations.ics.matching import Starts
from raincheck.integrations.ics.rules import (
    CannotBeFollowed,
    Moved,
    RecurrenceSet,
    RepeatsTooOften,
    starts_of,
)
from raincheck.integrations.ics.text import Component, Line, components_in
from raincheck.integrations.ics.values import Unreadable, value_of
from raincheck.integrations.ics.zones import Zones, zones_of_each

# Wall times are looked up so far around the window; no zone is further from UTC.
MARGIN = timedelta(days=2)
# A window with more busy times than this is refused whole: leaving some out would show them as free.
MOST_EVENTS = 100_000

# Of an event with several starts so many are followed.
MOST_READINGS = 4

Numbered = tuple[int, Component]


def read_busy(
    data: bytes, *, window: Span, zone: ZoneInfo, owners: frozenset[str] = frozenset()
) -> CalendarReading:
    """Return what the file says about the window; floating times and whole days are read in `zone`.

    `owners` are addresses of the calendar's owner, in small letters: what they have declined keeps them from nothing.

    One bad event never loses the good ones: it becomes a problem. In doubt the time is busy. Bounds the work of each event, not of the whole file: what
    strangers send goes through `ics.files.read_busy_safely`.
    """
    components = components_in(data, owners=owners)
    reading = Reading(window, EventReader(zones_of_each(components, window=window, zone=zone)))
    reading.take(components)
    return reading.finished()


@dataclass(slots=True)
class Series:
    """All entries of one UID: its own event, in each of the latest versions given, and its changed times."""

    masters: list[Numbered] = field(default_factory=list)
    changed: list[Numbered] = field(default_factory=list)

    def add(self, entry: Numbered) -> None:
        (self.changed if entry[1].first("RECURRENCE-ID") else self.masters).append(entry)

    def latest_masters(self) -> list[Numbered]:
        return _latest(self.masters)

    def latest_changed(self) -> list[Numbered]:
        versions: dict[str, list[Numbered]] = defaultdict(list)
        for entry in self.changed:
            versions[entry[1].value("RECURRENCE-ID")].append(entry)
        return [entry for group in versions.values() for entry in _latest(group)]


def _latest(entries: list[Numbered]) -> list[Numbered]:
    """Return the entries with the highest SEQUENCE; several when a program gave two events one UID by mistake."""
    highest = max((_sequence(component) for _, component in entries), default=0)
    return [entry for entry in entries if _sequence(entry[1]) == highest]


def _sequence(component: Component) -> int:
    text = component.value("SEQUENCE")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


class Reading:
    """Collects the busy time of one file."""

    def __init__(self, window: Span, reader: EventReader) -> None:
        self.window = window
        self.reader = reader
        self.events: set[BusyEvent] = set()
        self.entries_read = 0

    def take(self, components: Iterable[Component]) -> None:
        series: dict[str, Series] = defaultdict(Series)
        numbers = count(1)
        for component in components:
            if component.name == "VEVENT":
                number = next(numbers)
                # A UID is required (RFC 5545, 3.8.4.7) and missing all the same: then it is an event of its own.
                uid = component.value("UID") or f"without UID {number}"
                for reading in readings_of(component):
                    series[uid].add((number, reading))
                if not component.closed:
                    self.reader.problem(ProblemKind.NOT_CLOSED, number)
            else:
                self.take_other(component)
        for one in series.values():
            self.take_series(one)

    def take_other(self, component: Component) -> None:
        if component.name == "VFREEBUSY":
            self.take_free_busy(component)
        elif component.name in {"VTODO", "VJOURNAL"}:
            self.entries_read += 1
        elif component.name == "VAVAILABILITY":
            self.reader.problem(ProblemKind.WORKING_HOURS, 0)

    def take_free_busy(self, component: Component) -> None:
        lines = component.every("FREEBUSY")
        zones = self.reader.zones[component.calendar]
        understood = [self.take_period(text, line, zones) for line in lines for text in line.value.split(",")]
        self.entries_read += any(understood) or not lines

    def take_period(self, text: str, line: Line, zones: Zones) -> bool:
        """Take one period as busy unless it says FREE, and return whether it could be read."""
        try:
            value = value_of(text)
            if not isinstance(value, tuple):
                raise Unreadable(text)
            start, end = period(value, line, zones)
        except (Unreadable, OverflowError):
            self.reader.problem(ProblemKind.UNREADABLE_BUSY_TIME, 0, text)
            return False
        if line.parameters.get("FBTYPE", "").upper() != "FREE":
            self.add(start.instant, end.instant)
        return True

    def take_series(self, series: Series) -> None:
        changed = [
            event for number, component in series.latest_changed() if (event := self.read(component, number))
        ]
        for number, component in series.latest_masters():
            event = self.read(component, number)
            if event is None or event.free:
                continue
            if changed or event.repeats:
                changed = self.take_repeating(event, changed)
            else:
                self.take_single(event)
        for event in changed:
            self.take_single(event)

    def read(self, component: Component, number: int) -> Event | None:
        """Return the event, or None when it cannot be read or keeps nobody busy whatever it says."""
        # A changed time that is free still takes the original one away, so that one is read.
        if not component.first("RECURRENCE-ID") and keeps_free(component):
            self.entries_read += 1
            return None
        event = self.reader.read(component, number)
        self.entries_read += event is not None
        return event

    def take_single(self, event: Event) -> None:
        if not event.free:
            self.add(event.start.instant, event.end.instant, event)

    def take_repeating(self, event: Event, changed: list[Event]) -> list[Event]:
        """Take every time of the event; return those changed ones that are no part of its series."""
        try:
            recurrence_set, apart = self.recurrence_set(event, changed)
            found = self.times_of(event, recurrence_set)
            left_out = self.left_out_by_rule(event)
        except RepeatsTooOften as fault:
            self.reader.problem(ProblemKind.REPEATS_TOO_OFTEN, event.number, fault.text)
            self.take_whole_stretch(event)
            return changed
        by_number = {one.number: one for one in (event, *changed)}
        for start, end, number in found:
            if start in left_out and number == event.number:
                continue
            self.take_time(start, end, event.zone, by_number[number])
        return apart

    def times_of(self, event: Event, recurrence_set: RecurrenceSet) -> list[tuple[datetime, datetime, int]]:
        """Return (start, end, number of the deciding event) by the wall, around the window."""
        try:
            return recurrence_set.numbered_between(*self.around(event))
        except CannotBeFollowed:
            self.reader.problem(ProblemKind.CANNOT_BE_FOLLOWED, event.number)
            return recurrence_set.named()

    def around(self, event: Event) -> tuple[datetime, datetime]:
        """Return the window by the event's wall, with a margin."""
        first, last = (wall_at(instant, event.zone) for instant in (self.window.start, self.window.end))
        return first - MARGIN, last + MARGIN

    def left_out_by_rule(self, event: Event) -> set[datetime]:
        first, last = self.around(event)
        length = event.end.by_the_wall_of(event.zone) - event.start.wall
        found: set[datetime] = set()
        for rule in self.reader.rules_of_exception(event):
            try:
                found |= starts_of(rule, start=event.start.wall, first=first - length, last=last)
            except (CannotBeFollowed, RepeatsTooOften, OverflowError):
                self.reader.problem(ProblemKind.UNREADABLE_EXCEPTION, event.number, rule.text)
        return found

    def recurrence_set(self, event: Event, changed: list[Event]) -> tuple[RecurrenceSet, list[Event]]:
        recurrence_set = RecurrenceSet(
            start=event.start.wall,
            end=event.end.by_the_wall_of(event.zone),
            number=event.number,
            rules=self.reader.rules(event),
            more=self.reader.more_times(event),
        )
        # Without what comes below: an exception is looked up among all the times there would be.
        starts = Starts(event, replace(recurrence_set, moved=[]), *self.around(event))
        named = self.reader.exceptions(event)
        # A date strikes out the whole day of a timed event: some programs write their exceptions so.
        recurrence_set.without_days = {time.wall.date() for time in named if time.is_day}
        recurrence_set.without = {
            starts.named_by(time) for time in named if event.start.is_day or not time.is_day
        }
        return recurrence_set, self.move(changed, recurrence_set, starts)

    def move(self, changed: list[Event], recurrence_set: RecurrenceSet, starts: Starts) -> list[Event]:
        """Move the changed times within their series; return those that are no part of it."""
        apart = []
        taken = set(recurrence_set.without)
        for one in changed:
            moved = self.moved(one, starts)
            # Some programs strike out the old time of a moved one as well; the new time is still taken.
            if (
                moved is None
                or moved.replaces in taken
                or moved.replaces.date() in recurrence_set.without_days
            ):
                apart.append(one)
            else:
                taken.add(moved.replaces)
                recurrence_set.moved.append(moved)
        return apart

    def moved(self, event: Event, starts: Starts) -> Moved | None:
        named = self.reader.replaced_time(event)
        if named is None:
            return None
        line = event.component.first("RECURRENCE-ID")
        onwards = line is not None and line.parameters.get("RANGE", "").upper() == "THISANDFUTURE"
        zone = starts.event.zone
        # By the wall an end may come before its start where the clock steps back in between.
        start, end = event.start.by_the_wall_of(zone), event.end.by_the_wall_of(zone)
        replaces = starts.named_by(named, onwards=onwards)
        return Moved(event.number, replaces, start, max(start, end), onwards)

    def take_whole_stretch(self, event: Event) -> None:
        """Take all the time from the event's first to its last as busy, as far as the window goes."""
        untils = [rule.recurrence.until for rule in self.reader.rules(event)]
        end = self.window.end
        if len(untils) == 1 and untils[0] is not None and not event.names_times:
            with suppress(OverflowError):
                end = min(
                    end, EventTime(untils[0], event.zone).instant + (event.end.instant - event.start.instant)
                )
        self.add(max(event.start.instant, self.window.start), end, event)

    def take_time(self, start: datetime, end: datetime, zone: tzinfo, event: Event) -> None:
        try:
            starts_at, ends_at = EventTime(start, zone).instant, EventTime(end, zone).instant
        except OverflowError:
            return
        if not event.start.is_day:
            # Across a clock change programs disagree on whether the length or the end stands: in doubt, busy.
            ends_at = max(ends_at, starts_at + (end - start))
        if not event.free:
            self.add(starts_at, ends_at, event)

    def add(self, start: datetime, end: datetime, event: Event | None = None) -> None:
        if end <= start or start >= self.window.end or end <= self.window.start:
            return
        span = Span(start, end)
        if event is None:
            self.events.add(BusyEvent(span))
        else:
            self.events.add(BusyEvent(span, event.title, event.start.is_day, event.uid))
        if len(self.events) > MOST_EVENTS:
            raise CalendarTooLarge

    def finished(self) -> CalendarReading:
        guessed = [problem for zones in self.reader.zones.values() for problem in zones.problems]
        problems = summed_up([*guessed, *self.reader.problems])
        reading = CalendarReading(tuple(sorted(self.events, key=in_order)), problems, self.entries_read)
        if not reading.sound:
            raise CalendarUnreadable(problems=problems)
        return reading


def readings_of(component: Component) -> list[Component]:
    """Return an event once for each start that it gives: the standard allows one, and any may be the one that is meant."""
    starts = component.every("DTSTART")
    read = [line for line in {line.value: line for line in starts}.values() if is_readable(line)]
    if len(read) < 2:
        return [replace(component, lines=[*read, *component.lines])] if len(starts) > 1 else [component]
    ends = [line for line in component.lines if line.name in ("DTEND", "DURATION")]
    others = [line for line in component.lines if line.name != "DTSTART" and line not in ends]
    # As many ends as starts are the ends of two events that were mixed up, in the same order.
    pairs = zip(read, ends, strict=True) if len(read) == len(ends) else ((line, *ends) for line in read)
    return [replace(component, lines=[*pair, *others]) for pair in list(pairs)[:MOST_READINGS]]


def is_readable(line: Line) -> bool:
    with suppress(Unreadable, OverflowError):
        value_of(line.value)
        return True
    return False


def wall_at(instant: datetime, zone: tzinfo) -> datetime:
    """Return what a clock of the zone shows."""
    return instant.astimezone(zone).replace(tzinfo=None)

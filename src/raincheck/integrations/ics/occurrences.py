"""Calendar files as appointments: each time of each event, read by the same rules as busy time, with what the event says."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from raincheck.domain.calendars.busy import Problem, ProblemKind, plain
from raincheck.domain.calendars.faults import CalendarTooLarge, CalendarUnreadable
from raincheck.domain.imports.calendar_files import (
    CalendarEvent,
    CalendarFile,
    EventSeries,
    EventTime as Time,
    Person,
    window_of,
)
from raincheck.domain.imports.names import same_name
from raincheck.domain.imports.problems import ProblemCode
from raincheck.domain.imports.repeating import NoSeries, Singly
from raincheck.domain.spans import Span
from raincheck.integrations.ics.events import Event, EventReader, EventTime, keeps_free, title_of, uid_of
from raincheck.integrations.ics.reading import Reading
from raincheck.integrations.ics.rules import RecurrenceSet
from raincheck.integrations.ics.series import is_same_clock, series_of
from raincheck.integrations.ics.text import Component, Line, components_in
from raincheck.integrations.ics.zones import ROUND_THE_WINDOW, zones_of_each

BESIDES = frozenset({"ATTENDEE", "ORGANIZER", "LOCATION"})
"""Lines that busy time has no use for."""
MOST_TIMES = 20_000
"""As many as a spreadsheet may have rows."""
MOST_PEOPLE = 20
FEWEST = 2
"""Times of a series; a last one is an appointment by itself."""
LONGEST_TEXT = 200
NO_PERSON = frozenset({"ROOM", "RESOURCE"})
MAILTO = re.compile(r"^\s*mailto:", re.IGNORECASE)
# Of an event whose end can't be read no time comes in; of one that repeats in an unclear way those that it names.
FAULTS = {
    ProblemKind.NO_START: ProblemCode.EVENT_START,
    ProblemKind.UNREADABLE_START: ProblemCode.EVENT_START,
    ProblemKind.OUTSIDE_TIME: ProblemCode.EVENT_START,
    ProblemKind.UNREADABLE_END: ProblemCode.EVENT_END,
    ProblemKind.ENDS_BEFORE_IT_STARTS: ProblemCode.EVENT_END,
    ProblemKind.UNREADABLE_DATE: ProblemCode.EVENT_REPEATS,
    ProblemKind.UNREADABLE_RULE: ProblemCode.EVENT_REPEATS,
    ProblemKind.UNREADABLE_EXCEPTION: ProblemCode.EVENT_REPEATS,
    ProblemKind.NEVER_HAPPENS: ProblemCode.EVENT_REPEATS,
    ProblemKind.REPEATS_TOO_OFTEN: ProblemCode.EVENT_REPEATS,
    ProblemKind.CANNOT_BE_FOLLOWED: ProblemCode.EVENT_REPEATS,
}


def read_occurrences(data: bytes, *, now: datetime, zone: ZoneInfo) -> CalendarFile:
    """Return what a file says of the weeks around `now`; times without a zone are read in `zone`.

    Raises a fault of reading. Bounds the work of each event: what strangers send goes through `ics.files`.
    """
    window = window_of(now)
    components = components_in(data, besides=BESIDES)
    zones = zones_of_each(components, window=window, zone=zone)
    reading = Occurrences(window, EventReader(zones), now=now, zone=zone)
    reading.take(components)
    return reading.file()


@dataclass(frozen=True, slots=True)
class Taken:
    """A time of an event as it was found, with the start by which its series knows it."""

    start: datetime
    end: datetime
    recurrence_id: str


class Occurrences(Reading):
    """Collects the times of one file's events, and what the events say."""

    def __init__(self, window: Span, reader: EventReader, *, now: datetime, zone: ZoneInfo) -> None:
        super().__init__(window, reader)
        self.now, self.zone = now, zone
        self.said: dict[int, CalendarEvent] = {}
        self.sets: dict[int, list[tuple[Event, RecurrenceSet]]] = defaultdict(list)
        self.taken: dict[int, dict[Taken, None]] = {}
        self.days: set[int] = set()
        self.free: set[int] = set()
        self.replaced: dict[int, datetime] = {}
        self.original: datetime | None = None

    def take_other(self, component: Component) -> None:
        """Pass over what is no event: nobody is met in a task, and busy time names no client."""
        if component.name != "VFREEBUSY":
            super().take_other(component)

    def read(self, component: Component, number: int) -> Event | None:
        self.said[number] = event_said(component, number)
        event = super().read(component, number)
        if keeps_free(component):
            self.free.add(number)
        return event

    def recurrence_set(self, event: Event, changed: list[Event]) -> tuple[RecurrenceSet, list[Event]]:
        found, apart = super().recurrence_set(event, changed)
        self.replaced |= {one.number: one.replaces for one in found.moved if not one.onwards}
        self.sets[event.number].append((event, found))
        return found, apart

    def take_time(self, start: datetime, end: datetime, zone: tzinfo, event: Event) -> None:
        # Of a time that was moved, the start that it had before.
        self.original = EventTime(self.replaced.get(event.number, start), zone).instant
        super().take_time(start, end, zone, event)
        self.original = None

    def take_whole_stretch(self, event: Event) -> None:
        """Take nothing: an event that repeats too often to follow is a problem, not one long appointment."""

    def add(self, start: datetime, end: datetime, event: Event | None = None) -> None:
        if event is None or end < start or start >= self.window.end or end <= self.window.start:
            return
        if event.start.is_day:
            if end > self.now:
                self.days.add(event.number)
            return
        original = self.original
        if original is None and (named := self.reader.replaced_time(event)) is not None:
            original = named.instant
        recurrence_id = f"{original.astimezone(UTC):%Y%m%dT%H%M%SZ}" if original else ""
        self.taken.setdefault(event.number, {})[Taken(start, end, recurrence_id)] = None
        if sum(map(len, self.taken.values())) > MOST_TIMES:
            raise CalendarTooLarge

    def file(self) -> CalendarFile:
        """Return all that was found. Raises CalendarUnreadable where nothing was."""
        problems = self.reader.problems
        if problems and not self.entries_read:
            raise CalendarUnreadable(problems=tuple(problems))
        faults = self._faults(problems)
        without_end = {one.event for one in faults if one.fault is ProblemCode.EVENT_END}
        ahead, over = [], 0
        for number, found in self.taken.items():
            over += sum(one.start <= self.now for one in found)
            if number not in without_end:
                ahead += [
                    Time(number, one.recurrence_id, one.start, one.end if one.end > one.start else None)
                    for one in found
                    if one.start > self.now
                ]
        days = [Time(number, fault=ProblemCode.ALL_DAY) for number in sorted(self.days)]
        times = [*faults, *days, *ahead]
        if len(times) > MOST_TIMES:
            raise CalendarTooLarge
        named = {one.event for one in times}
        notes = tuple(dict.fromkeys(note for zones in self.reader.zones.values() for note in zones.problems))
        series, singly = self._series({one.event for one in faults})
        if sum(len(one.repeats.times) for one in series.values()) > MOST_TIMES:
            raise CalendarTooLarge
        named |= series.keys()
        events = {number: event for number, event in self.said.items() if number in named}
        return CalendarFile(events, times, over, len(self.free), notes, series, singly)

    def _series(self, faulty: set[int]) -> tuple[dict[int, EventSeries], dict[int, Singly]]:
        """Return the events that can come in as series, and why others that repeat ahead can't."""
        series: dict[int, EventSeries] = {}
        singly: dict[int, Singly] = {}
        for number, found in self.sets.items():
            event = found[0][0]
            ahead = sum(one.start > self.now for one in self.taken.get(number, ()))
            if number in faulty or event.start.is_day or not event.repeats:
                continue
            try:
                if len(found) > 1:
                    raise NoSeries(Singly.RULE)
                one = self._as_series(*found[0])
            except NoSeries as fault:
                if ahead:
                    singly[number] = fault.why
            else:
                if one is not None:
                    series[number] = one
        return series, singly

    def _as_series(self, event: Event, found: RecurrenceSet) -> EventSeries | None:
        """Return an event as a series, None where it has one last time or none. Raises NoSeries.

        What the rules for busy time make of the weeks that both look at is the proof: whatever reads otherwise is no series.
        """
        if self.reader.rules_of_exception(event):
            raise NoSeries(Singly.RULE)
        inside = {one.number for one in found.moved if self._says_the_same(event.number, one.number)}
        try:
            repeats = series_of(event, found, now=self.now, usual=self.zone, inside=inside - self.free)
        except OverflowError as fault:
            raise NoSeries(Singly.RULE) from fault
        if len(repeats.times) < FEWEST:
            return None
        one = EventSeries(repeats, (event.number, *sorted(inside)))
        read = {
            (time.recurrence_id, time.start, time.end if time.end > time.start else None)
            for number in one.events
            for time in self.taken.get(number, ())
            if time.start > self.now
        }
        known = zip(one.recurrence_ids, repeats.times, strict=True)
        near = {(key, time.start, time.end) for key, time in known if time.start < self.window.end}
        if near != read or not is_same_clock(repeats, event.zone, until=self.window.end + ROUND_THE_WINDOW):
            raise NoSeries(Singly.RULE)
        return one

    def _says_the_same(self, number: int, other: int) -> bool:
        """Return whether a moved time is its event's in all but the time: title, place, and nobody else is named."""
        event, moved = self.said[number], self.said[other]
        same = same_name(event.title) == same_name(moved.title) and event.place == moved.place
        return same and set(moved.people) <= set(event.people)

    def _faults(self, problems: Sequence[Problem]) -> list[Time]:
        """Return one time that is none for each event and way in which it can't be read; what is over does not matter."""
        found: dict[tuple[int, ProblemCode], str] = {}
        for problem in problems:
            fault = FAULTS.get(problem.kind)
            if fault is None or problem.number not in self.said:
                continue
            ahead = any(one.start > self.now for one in self.taken.get(problem.number, ()))
            if fault is not ProblemCode.EVENT_END or ahead:
                found.setdefault((problem.number, fault), problem.text)
        return [Time(number, fault=fault, quoted=text) for (number, fault), text in found.items()]


def event_said(component: Component, number: int) -> CalendarEvent:
    """Return what an event says, fit to be stored and shown."""
    lines = [*component.every("ATTENDEE"), *component.every("ORGANIZER")]
    people = [person_in(line) for line in lines if line.parameters.get("CUTYPE", "").upper() not in NO_PERSON]
    place = plain(component.text("LOCATION"), at_most=LONGEST_TEXT)
    known = dict.fromkeys(one for one in people if one.name or one.email)
    return CalendarEvent(
        number, uid_of(component), title_of(component) or "", place, tuple(known)[:MOST_PEOPLE]
    )


def person_in(line: Line) -> Person:
    """Return whom a line invites: by the address that it is, or by EMAIL where a program writes another there (Apple)."""
    name = plain(line.parameters.get("CN", ""), at_most=LONGEST_TEXT)
    addresses = (MAILTO.sub("", line.value), line.parameters.get("EMAIL", ""), name)
    email = next((text for one in addresses if "@" in (text := plain(one, at_most=LONGEST_TEXT))), "")
    email = email.strip(' "<>').lower()
    return Person("" if "@" in name else name, email)

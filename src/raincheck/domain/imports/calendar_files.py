"""Calendar files as rows of appointments: a series is a row, each other time ahead is one, and each event that can't be read."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from raincheck.domain.calendars.busy import Problem
from raincheck.domain.imports.columns import Column, Field, Kind
from raincheck.domain.imports.problems import ProblemCode
from raincheck.domain.imports.repeating import Repeats, Singly
from raincheck.domain.imports.tables import Row, Table
from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at, wall

AHEAD = timedelta(weeks=26)
"""Times further ahead stay out: a series without an end has no last one."""
BEHIND = timedelta(weeks=52)
"""Times that are over are counted so far back."""


class FileFormat(StrEnum):
    """How a file that is brought in holds its rows."""

    TABLE = "table"
    CALENDAR = "calendar"


# Columns are called as the file calls them, so that people find again what is meant.
TITLE, PEOPLE, START, END, PLACE, RULE = "SUMMARY", "ATTENDEE", "DTSTART", "DTEND", "LOCATION", "RRULE"
COLUMNS = (TITLE, PEOPLE, START, END, PLACE)
MAPPING = {
    TITLE: Field.CLIENT,
    START: Field.STARTS_AT,
    END: Field.ENDS_AT,
    PLACE: Field.PLACE,
}
FAULT_COLUMNS = {
    ProblemCode.ALL_DAY: START,
    ProblemCode.EVENT_START: START,
    ProblemCode.EVENT_END: END,
    ProblemCode.EVENT_REPEATS: RULE,
}
"""Why an event is a row of its own, which stays out: its code, and the line of the file that it is about."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom an event names: as it calls them, with their address in small letters; either may be empty."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """What an event says besides its times. `number` counts the events of the file from 1."""

    number: int
    uid: str
    title: str
    place: str
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class EventTime:
    """One time of an event ahead. `recurrence_id` is its first start in UTC where the event repeats, else empty.

    No end where the event has none; `fault` and no times where the event, or a part of it, could not be read.
    """

    event: int
    recurrence_id: str = ""
    start: datetime | None = None
    end: datetime | None = None
    fault: ProblemCode | None = None
    quoted: str = ""


@dataclass(frozen=True, slots=True)
class EventSeries:
    """An event that can come in as a series. `events` are its own number and those of its times that the file moves."""

    repeats: Repeats
    events: tuple[int, ...]

    @property
    def recurrence_ids(self) -> list[str]:
        return [
            recurrence_id_of(one.recurrence_id, zone=self.repeats.pattern.zone) for one in self.repeats.times
        ]


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """What a calendar file holds for the coming weeks.

    `times` are all times of those weeks, those of series too. `over` counts times of the last year; `free` events that take
    nobody's time: canceled, declined or marked as free. `notes` are about zones that had to be guessed. Events that repeat
    are in `series`, or in `singly` with why not; both by their number.
    """

    events: Mapping[int, CalendarEvent]
    times: Sequence[EventTime]
    over: int = 0
    free: int = 0
    notes: tuple[Problem, ...] = ()
    series: Mapping[int, EventSeries] = field(default_factory=dict)
    singly: Mapping[int, Singly] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One row: what stands in its cells now, and where in the file it is from. `whose` is what a person chose, a client's ref.

    The row of a series has the recurrence id, the cells and the span of its first time.
    """

    number: int
    event: int
    uid: str
    recurrence_id: str
    cells: Mapping[str, str]
    fault: ProblemCode | None = None
    span: Span | None = None
    whose: str = ""
    repeats: Repeats | None = None
    dates_out: frozenset[date] = frozenset()
    """Days of the series that a person left out."""


def window_of(now: datetime) -> Span:
    """Return the stretch in which the times of a file are looked at."""
    return Span(now - BEHIND, now + AHEAD)


def recurrence_id_of(known_by: datetime, *, zone: ZoneInfo) -> str:
    """Return the recurrence id of a time of a series that is known by a wall time."""
    return f"{start_at(known_by, zone=zone):%Y%m%dT%H%M%SZ}"


def rows_of(file: CalendarFile, *, zone: ZoneInfo, apart: Collection[int] = frozenset()) -> list[CalendarRow]:
    """Return a row for each series and for each other time ahead, event after event as the file has them, by their start.

    Times are written in `zone`. `apart` are events whose times are rows of their own although they are series.
    """
    series = {number: one for number, one in file.series.items() if number not in apart}
    inside = {event for one in series.values() for event in one.events}
    times = [one for one in file.times if one.event not in inside]
    ordered = sorted(
        [*times, *(_first_time(number, one) for number, one in series.items())],
        key=lambda one: (
            one.event,
            one.start is not None,
            one.start.timestamp() if one.start else 0,
            one.fault or "",
        ),
    )
    return [
        _row(number, one, file.events[one.event], zone, series.get(one.event))
        for number, one in enumerate(ordered, start=1)
    ]


def _first_time(number: int, series: EventSeries) -> EventTime:
    first = series.repeats.times[0]
    return EventTime(number, series.recurrence_ids[0], first.start, first.end)


def _row(
    number: int, time: EventTime, event: CalendarEvent, zone: ZoneInfo, series: EventSeries | None
) -> CalendarRow:
    cells = {
        TITLE: event.title,
        PEOPLE: "\n".join(f"{one.name} <{one.email}>".strip() for one in event.people),
        START: _written(time.start, zone),
        END: _written(time.end, zone),
        PLACE: event.place,
    }
    if time.fault is not None:
        cells[FAULT_COLUMNS[time.fault]] = time.quoted
    return CalendarRow(
        number,
        event.number,
        event.uid,
        time.recurrence_id,
        {name: text for name, text in cells.items() if text},
        time.fault,
        Span(time.start, time.end) if time.start and time.end else None,
        repeats=series.repeats if series else None,
    )


def _written(instant: datetime | None, zone: ZoneInfo) -> str:
    # With its offset: an hour that autumn repeats is told apart.
    return wall(instant, zone=zone).isoformat(sep=" ", timespec="minutes") if instant else ""


def people_in(cells: Mapping[str, str]) -> list[Person]:
    """Return whom a row's event names."""
    found = []
    for line in cells.get(PEOPLE, "").splitlines():
        name, _sign, email = line.rpartition("<")
        found.append(Person(name.strip(), email.rstrip(">").strip()))
    return found


def table_of(rows: Iterable[CalendarRow]) -> Table:
    """Return rows as a table, to be read as those of a spreadsheet are."""
    columns = tuple(Column(place, name) for place, name in enumerate(COLUMNS))
    return Table(
        Kind.APPOINTMENTS, 1, columns, dict(MAPPING), tuple(Row(row.number, row.cells) for row in rows)
    )

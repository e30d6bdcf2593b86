"""Calendar files as rows of appointments: each time of an event that lies ahead is a row, and each event that can't be read is one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from raincheck.domain.calendars.busy import Problem
from raincheck.domain.imports.columns import Column, Field, Kind
from raincheck.domain.imports.problems import ProblemCode
from raincheck.domain.imports.tables import Row, Table
from raincheck.domain.spans import Span
from raincheck.domain.zones import wall

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
class CalendarFile:
    """What a calendar file holds for the coming weeks.

    `over` counts times of the last year; `free` events that take nobody's time: canceled, declined or marked as free.
    `notes` are about zones that had to be guessed.
    """

    events: Mapping[int, CalendarEvent]
    times: Sequence[EventTime]
    over: int = 0
    free: int = 0
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One row: what stands in its cells now, and where in the file it is from. `whose` is what a person chose, a client's ref."""

    number: int
    event: int
    uid: str
    recurrence_id: str
    cells: Mapping[str, str]
    fault: ProblemCode | None = None
    span: Span | None = None
    whose: str = ""


def window_of(now: datetime) -> Span:
    """Return the stretch in which the times of a file are looked at."""
    return Span(now - BEHIND, now + AHEAD)


def rows_of(file: CalendarFile, *, zone: ZoneInfo) -> list[CalendarRow]:
    """Return a row for each time ahead, event after event as the file has them, by their start; times are written in `zone`."""
    ordered = sorted(
        file.times,
        key=lambda one: (
            one.event,
            one.start is not None,
            one.start.timestamp() if one.start else 0,
            one.fault or "",
        ),
    )
    return [_row(number, one, file.events[one.event], zone) for number, one in enumerate(ordered, start=1)]


def _row(number: int, time: EventTime, event: CalendarEvent, zone: ZoneInfo) -> CalendarRow:
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

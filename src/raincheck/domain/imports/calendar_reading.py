"""A calendar's rows as appointments: whose each is, then all the rules that rows of a spreadsheet are read by."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from raincheck.domain.imports.appointments import AppointmentsRead, Assumed, read_appointments
from raincheck.domain.imports.calendar_files import (
    FAULT_COLUMNS,
    START,
    TITLE,
    CalendarRow,
    people_in,
    table_of,
)
from raincheck.domain.imports.dates import DateOrder, Dates
from raincheck.domain.imports.names import Providers
from raincheck.domain.imports.problems import Problem, ProblemCode
from raincheck.domain.imports.reading import Reading
from raincheck.domain.imports.whose import Clients

EventId = tuple[str, str]
"""A time of an event: its UID and recurrence id."""


@dataclass(frozen=True, slots=True)
class KnownPeople:
    """The clients whom events may be about: how to find them, their names, and their numbers by ref."""

    clients: Clients
    names: Mapping[int, str]
    by_ref: Mapping[str, int]

    def whose(self, row: CalendarRow) -> int | None:
        """Return whose a row is: as a person said, else as the event says."""
        if row.whose:
            return self.by_ref.get(row.whose)
        return self.clients.of(row.cells.get(TITLE, ""), people_in(row.cells)).client


@dataclass(frozen=True, slots=True)
class CalendarSettings:
    """What is known of a calendar before its rows are read: whose it is, its zone, and how long a session without an end lasts.

    Without `people` nobody is known, and each event is taken to be called after its client.
    """

    provider: str
    zone: ZoneInfo
    today: date
    assumed: Assumed
    people: KnownPeople | None = None
    here: Collection[EventId] = field(default_factory=frozenset)


def read_calendar(rows: Sequence[CalendarRow], settings: CalendarSettings) -> Reading:
    """Return what rows of a calendar mean; a time that is here already is neither good nor a problem."""
    problems: list[Problem] = []
    ready: list[CalendarRow] = []
    clients: dict[int, int] = {}
    seen: dict[EventId, int] = {}
    for row in rows:
        known = (row.uid, row.recurrence_id)
        if row.fault is not None:
            said = row.cells.get(FAULT_COLUMNS[row.fault], "")
            problems.append(Problem(row.number, FAULT_COLUMNS[row.fault], row.fault, said))
        elif row.uid and known in settings.here:
            continue
        elif row.uid and known in seen:
            problems.append(Problem(row.number, START, ProblemCode.DUPLICATE, other=seen[known]))
        elif settings.people is None:
            ready.append(row)
        elif (client := settings.people.whose(row)) is None:
            title = row.cells.get(TITLE, "")
            problems.append(Problem(row.number, TITLE, ProblemCode.WHOSE, title))
        else:
            clients[row.number] = client
            ready.append(replace(row, cells={**row.cells, TITLE: settings.people.names[client]}))
        seen.setdefault(known, row.number)
    return _reading(ready, problems, clients, settings)


def _reading(
    ready: Sequence[CalendarRow],
    problems: Sequence[Problem],
    clients: Mapping[int, int],
    settings: CalendarSettings,
) -> Reading:
    table = table_of(ready)
    repeats = {
        row.number: row.repeats.made_ahead(today=settings.today).without(row.dates_out)
        for row in ready
        if row.repeats
    }
    dates = Dates(DateOrder.YMD, settings.today, from_1904=False)
    read = read_appointments(
        table,
        dates=dates,
        zone=settings.zone,
        providers=Providers((settings.provider,)),
        assumed=replace(settings.assumed, provider=settings.provider),
        repeats=repeats,
    )
    good = tuple(replace(one, client_id=clients.get(one.row)) for one in read.good)
    ordered = sorted((*problems, *read.problems), key=lambda one: one.row)
    return Reading(table, dates, told_order=True, rows=AppointmentsRead(good, tuple(ordered)))

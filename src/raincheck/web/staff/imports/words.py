"""The words of an import's pages: what a column can hold, in which order dates are, what is wrong with a row."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.dateformat import format as formatted
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy as later, ngettext, pgettext

from raincheck.data.models import Import, ImportRow
from raincheck.domain.imports.calendar_files import END, PLACE, START, TITLE, FileFormat
from raincheck.domain.imports.clients import client_from
from raincheck.domain.imports.columns import FIELDS, Field, Kind
from raincheck.domain.imports.dates import DateOrder
from raincheck.domain.imports.importing import ImportState, InTheWay
from raincheck.domain.imports.problems import DAYS_NAMED, Problem, ProblemCode
from raincheck.domain.imports.repeating import Repeats, days_in, repeats_from
from raincheck.domain.zones import start_at
from raincheck.notifications.formats import clock_time, long_day_and_time, zone_words
from raincheck.queries.imports.calendars import start_in

FIELD_WORDS: dict[Field, Promise] = {
    Field.FIRST_NAME: later("First name"),
    Field.LAST_NAME: later("Last name"),
    Field.SUFFIX: later("Suffix, like Jr."),
    Field.NAME: later("Whole name"),
    Field.GOES_BY: later("Name they go by"),
    Field.PRONOUNS: later("Pronouns"),
    Field.EMAIL: later("E-mail"),
    Field.PHONE: later("Phone"),
    Field.DATE_OF_BIRTH: later("Date of birth"),
    Field.ZONE: later("Time zone"),
    Field.USUAL_REGION: later("Usual state or country"),
    Field.USUAL_PROVIDER: later("Usual provider"),
    Field.CLIENT: later("Client's whole name"),
    Field.CLIENT_FIRST_NAME: later("Client's first name"),
    Field.CLIENT_LAST_NAME: later("Client's last name"),
    Field.PROVIDER: later("Provider"),
    Field.STARTS_AT: later("Start, day and time"),
    Field.ENDS_AT: later("End, day and time"),
    Field.DATE: later("Day"),
    Field.START_TIME: later("Start time"),
    Field.END_TIME: later("End time"),
    Field.DURATION: later("Length in minutes"),
    Field.REPEATS: later("Repeats, like weekly"),
    Field.REPEATS_UNTIL: later("Repeats until, a day"),
    Field.TYPE: later("Appointment type"),
    Field.PLACE: later("Place"),
    Field.STATUS: later("What became of it"),
    Field.CANCELLED: later("Canceled, yes or no"),
    Field.NO_SHOW: later("Did not come, yes or no"),
}
ORDER_WORDS: dict[DateOrder, Promise] = {
    DateOrder.MDY: later("Month first: 3/7/2026 is March 7"),
    DateOrder.DMY: later("Day first: 3/7/2026 is July 3"),
    DateOrder.YMD: later("Year first: 2026-03-07 is March 7"),
}
STATE_WORDS: dict[ImportState, tuple[Promise, str]] = {
    ImportState.STAGED: (later("Being checked"), "amber"),
    ImportState.IMPORTING: (later("Coming in"), "blue"),
    ImportState.IMPORTED: (later("Imported"), ""),
    ImportState.UNDONE: (later("Undone"), "plain"),
    ImportState.DROPPED: (later("Given up"), "plain"),
}
WHY_IN_THE_WAY: dict[InTheWay, Promise] = {
    InTheWay.CHANGED: later("moved, asked about, canceled or changed since"),
    InTheWay.TOLD: later("somebody was written to about it since"),
    InTheWay.BEGUN: later("its time has come"),
    InTheWay.BOOKED: later("has appointments"),
    InTheWay.WROTE: later("has a conversation"),
    InTheWay.FOLLOWED: later("has an address for their calendar"),
    InTheWay.EDITED: later("changed since"),
}
# The cells of a row with a problem that tell people who it is; what is wrong is shown besides.
TELLING = {
    Kind.CLIENTS: (Field.FIRST_NAME, Field.LAST_NAME, Field.NAME, Field.EMAIL, Field.PHONE),
    Kind.APPOINTMENTS: (
        Field.CLIENT, Field.CLIENT_FIRST_NAME, Field.CLIENT_LAST_NAME, Field.PROVIDER, Field.STARTS_AT, Field.DATE, Field.START_TIME,
    ),
}  # fmt: skip
# With these somebody may want to change the end as well.
OF_TIMES = frozenset({ProblemCode.OVERLAP, ProblemCode.TAKEN, ProblemCode.DATES_TAKEN})
ENDS = (Field.ENDS_AT, Field.END_TIME, Field.DURATION)
# What the lines of a calendar are called on a page.
LINE_WORDS: dict[str, Promise] = {
    TITLE: later("Title"),
    START: later("Start"),
    END: later("End"),
    PLACE: later("Place"),
}
CALENDAR_SENTENCES: dict[ProblemCode, Promise] = {
    ProblemCode.DUPLICATE: later("This is the same as “%(other)s”. Leave one of the two out."),
    ProblemCode.OVERLAP: later(
        "This overlaps “%(other)s”. Write another time, or leave one of the two out. Two clients can’t share one session yet."
    ),
}
SERIES_OF_A_CALENDAR = later(
    "Dates of this series are taken, here, by another event, or by another of its own: %(dates)s. Leave these dates out, or leave the whole series out. Two clients can’t share one session yet."
)
LONGEST_NAME = 80
# Somebody decides: the row stays out, or it comes in as it stands.
DECIDED = frozenset({ProblemCode.DUPLICATE, ProblemCode.ALREADY_HERE})


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell to correct: the name of its field in the form, its column, what stands there."""

    name: str
    column: str
    text: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row with a problem: its cells, what is wrong in words, and the ways to decide about it."""

    number: int
    cells: list[Cell]
    sentence: str
    zone: str
    city: str
    asks_who: bool
    name: str
    has_dates: bool = False

    @property
    def error_id(self) -> str:
        return f"e{self.number}"


def bad_row(file: Import, row: ImportRow) -> BadRow:
    """Return how a row with a problem is shown. Its cells are named by the place of their column."""
    said: dict[str, Any] = row.problem or {}
    code = ProblemCode(said["code"])
    problem = Problem(row.number, said["column"], code, said["value"], said["other"], said["zone"])
    sentence = _sentence(file, problem)
    has_dates = code is ProblemCode.DATES_TAKEN
    if row.event_fault or row.repeats:
        name = row_name(file, row)
        return BadRow(row.number, [], sentence, "", "", asks_who=False, name=name, has_dates=has_dates)
    telling = TELLING[Kind(file.kind)] + (ENDS if code in OF_TIMES else ())
    return BadRow(
        row.number,
        _cells(file, row, telling, about=[problem.column]),
        sentence,
        problem.zone,
        problem.values["likely"],
        code in DECIDED and file.kind == Kind.CLIENTS,
        row_name(file, row),
        has_dates,
    )


def _cells(file: Import, row: ImportRow, telling: Iterable[Field], *, about: Collection[str]) -> list[Cell]:
    """Return the cells that tell who a row is, and those that sentences are about."""
    by_field = {field: name for name, field in reversed(file.mapping.items())}
    shown = [by_field[field] for field in telling if field in by_field]
    shown += [name for name in about if name and name not in shown]
    return [
        Cell(
            f"cell-{row.number}-{file.columns.index(name)}",
            str(LINE_WORDS.get(name, name)) if file.format == FileFormat.CALENDAR else name,
            row.cells.get(name, ""),
            name in about,
        )
        for name in shown
    ]


def remarked_row(file: Import, row: ImportRow) -> BadRow:
    """Return how a row is shown that comes in with remarks."""

    def column(field: Field) -> str:
        names = [name for name, of in file.mapping.items() if of == field]
        return next((name for name in names if row.cells.get(name)), "")

    remarks = client_from(row.read or {}).remarks(column)
    cells = _cells(file, row, TELLING[Kind.CLIENTS], about=[remark.column for remark in remarks])
    sentence = " ".join(_(remark.sentence).format(**remark.values) for remark in remarks)
    return BadRow(row.number, cells, sentence, "", "", asks_who=False, name=row_name(file, row))


def row_name(file: Import, row: ImportRow) -> str:
    """Return what people call a row: by its number, and one of a calendar, which has no numbers, by title and time."""
    if file.format != FileFormat.CALENDAR:
        return _("Row %(number)s") % {"number": row.number}
    title = row.cells.get(TITLE, "")[:LONGEST_NAME] or _("Without a title")
    if repeats := repeats_from(row.repeats):
        return f"{title} · {pattern_words(repeats, zone=file.zone)}"
    starts_at = start_in(row.cells.get(START, ""))
    return f"{title}, {long_day_and_time(starts_at, file.zone)}" if starts_at else title


def left_out_line(file: Import, row: ImportRow) -> dict[str, object]:
    """Return a row that was left out: its name, and what its cells say where that is not the name already."""
    is_table = file.format != FileFormat.CALENDAR
    cells = " · ".join(row.cells.values()) if is_table else ""
    return {"number": row.number, "name": row_name(file, row), "cells": cells}


def _sentence(file: Import, problem: Problem) -> str:
    """Return what is wrong in words; the row that it collides with is called as people call it."""
    is_calendar = file.format == FileFormat.CALENDAR
    if problem.code is ProblemCode.DATES_TAKEN:
        dates = _days_taken(problem.value)
        if is_calendar:
            return str(SERIES_OF_A_CALENDAR) % {"dates": dates}
        return _(problem.sentence).format(dates=dates)
    if is_calendar and problem.other is not None and problem.code in CALENDAR_SENTENCES:
        other = ImportRow.objects.get(file=file, number=problem.other)
        return str(CALENDAR_SENTENCES[problem.code]) % {"other": row_name(file, other)}
    return _(problem.sentence).format(**problem.values)


def _days_taken(kept: str) -> str:
    """Return "Tue, Dec 1; Tue, Dec 8; and 3 more"."""
    days = days_in(kept)
    named = [formatted(day, pgettext("date", "D, M j, Y")) for day in days[:DAYS_NAMED]]
    if more := len(days) - DAYS_NAMED if len(days) > DAYS_NAMED else 0:
        named.append(ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more})
    return "; ".join(named)


def pattern_words(repeats: Repeats, *, zone: str) -> str:
    """Return "Every week on Tuesday at 11:00 AM until March 2, 2027 · 14 times", by the clock of the series.

    Its zone is named where that is not `zone`; what is moved or left out is counted.
    """
    pattern, own = repeats.pattern, repeats.pattern.zone.key
    weeks = pattern.every_weeks
    often = _("Every week") if weeks == 1 else _("Every %(count)d weeks") % {"count": weeks}
    values = {
        "often": often,
        "day": formatted(pattern.first, "l"),
        "time": clock_time(start_at(pattern.first, zone=pattern.zone), own),
        "zone": "" if own == zone else f" ({zone_words(own)})",
        "last": formatted(repeats.last_day, pgettext("date", "F j, Y")),
    }
    count = len(repeats.times)
    many = ngettext("%(count)d time", "%(count)d times", count) % {"count": count}
    if pattern.is_open_ended:
        said = [
            _("%(often)s on %(day)s at %(time)s%(zone)s without an end") % values,
            _("%(many)s up to %(last)s, then on by itself") % {**values, "many": many},
        ]
    else:
        said = [_("%(often)s on %(day)s at %(time)s%(zone)s until %(last)s") % values, many]
    if repeats.moved:
        said.append(_("%(count)d moved") % {"count": repeats.moved})
    if repeats.left_out:
        said.append(_("%(count)d left out") % {"count": repeats.left_out})
    return " · ".join(said)


def fields_of(kind: Kind) -> list[tuple[str, Promise]]:
    """Return what a column of such a file can hold, with the words for it."""
    return [(field.value, FIELD_WORDS[field]) for field in FIELDS[kind] if field in FIELD_WORDS]


def client_line(row: ImportRow) -> dict[str, object]:
    """Return a row that is ready as it was read, for people to compare with their file."""
    said: dict[str, Any] = row.read or {}
    born = said["date_of_birth"]
    return {
        "number": row.number,
        "name": f"{said['first_name']} {said['last_name']}".strip(),
        "email": said["email"],
        "phone": said["phone"],
        "born": date.fromisoformat(born) if born else None,
    }


def appointment_line(row: ImportRow, *, zone: str) -> dict[str, object]:
    """Return a row that is ready as it was read: its start is shown on the practice's clock, a series with its pattern."""
    said: dict[str, Any] = row.read or {}
    repeats = repeats_from(said.get("repeats"))
    return {
        "series": pattern_words(repeats, zone=zone) if repeats else "",
        "number": row.number,
        "name": said["client"],
        "provider": said["provider"],
        "starts_at": datetime.fromisoformat(said["starts_at"]),
        "type": said["type_name"],
        "place": said["place_name"],
    }

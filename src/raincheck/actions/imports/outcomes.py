"""Outcomes of a file's rows: what each was read as, in the form that is kept, or what is wrong with it."""

from dataclasses import asdict, replace
from datetime import date, datetime

from raincheck.domain.imports import repeating
from raincheck.domain.imports.appointments import STARTING, AppointmentRow
from raincheck.domain.imports.clients import ClientRow
from raincheck.domain.imports.columns import Field
from raincheck.domain.imports.matching import Known, match
from raincheck.domain.imports.problems import Problem, ProblemCode, Wrong
from raincheck.domain.imports.reading import Reading

CLIENT_COLUMNS = (Field.CLIENT, Field.CLIENT_FIRST_NAME, Field.CLIENT_LAST_NAME)

Outcomes = dict[int, tuple[object, object]]
"""By row, what is wrong with it and what it was read as; neither for what is over and stays out."""


def outcomes_of(reading: Reading, known: Known | None, *, now: datetime) -> Outcomes:
    """Return what rows come to; those of appointments are matched with what is `known` of the practice."""
    said: Outcomes = {}
    wrong = list(reading.rows.problems)
    for row in reading.rows.good:
        ids: dict[str, int | str] | None = {}
        if known is not None and isinstance(row, AppointmentRow):
            row = row.coming(now)
            try:
                ids = match(row, known, now=now)
            except Wrong as problem:
                columns = [name for field in _about(problem) for name in reading.table.names_of(field)]
                problem.column = columns[0] if columns else ""
                wrong.append(problem.at(row.row))
                continue
        said[row.row] = (None, None if ids is None else _as_kept(row) | ids)
    return said | {one.row: (as_kept(one), None) for one in wrong}


def as_kept(problem: Problem) -> dict[str, object]:
    return {
        "column": problem.column,
        "code": problem.code.value,
        "value": problem.value,
        "other": problem.other,
        "zone": problem.zone,
    }


def _about(problem: Wrong) -> tuple[Field, ...]:
    """Return the fields that what is wrong may stand in: whom the row names, else its time."""
    if problem.code is ProblemCode.PROVIDER_LEFT:
        return (Field.PROVIDER,)
    if problem.code is ProblemCode.DATES_TAKEN:
        return STARTING
    return CLIENT_COLUMNS if problem.value else STARTING


def _as_kept(row: ClientRow | AppointmentRow) -> dict[str, object]:
    series = {}
    if isinstance(row, AppointmentRow):
        series = {"repeats": repeating.as_kept(row.repeats)}
        row = replace(row, repeats=None)
    said = asdict(row)
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()
    } | series

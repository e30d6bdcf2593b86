"""Staging a file: its rows are kept with what they were read as, and read again whenever somebody corrects something."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from raincheck.actions.engine.locks import refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.actions.imports.calendar_rows import calendar_outcomes
from raincheck.actions.imports.outcomes import Outcomes, outcomes_of
from raincheck.data.imports.known import chosen_from, remembered_columns, settings_for
from raincheck.data.imports.known_appointments import known_in
from raincheck.data.models import Import, ImportRow, Practice, Provider
from raincheck.domain.imports.appointments import AppointmentsRead
from raincheck.domain.imports.calendar_files import FileFormat
from raincheck.domain.imports.cells import clean
from raincheck.domain.imports.columns import Column, Field, Kind
from raincheck.domain.imports.dates import DateOrder
from raincheck.domain.imports.faults import FileFault
from raincheck.domain.imports.importing import CELLS_KEPT, ImportGone, ImportNotOpen, ImportState, NoRowsLeft
from raincheck.domain.imports.problems import ProblemCode
from raincheck.domain.imports.reading import Reading, read_table
from raincheck.domain.imports.repeating import days_in
from raincheck.domain.imports.tables import Row, Sheet, Table, table_in
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.zones import zone_named

LONGEST_FILE_NAME = 120
BATCH = 1000
KEEP_OUTCOMES = """
UPDATE raincheck_importrow AS row SET problem = said.problem::jsonb, read = said.read::jsonb
FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::text[]) AS problem, unnest(%s::text[]) AS read) AS said
WHERE row.id = said.id
"""


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file that somebody chose: its sheets, and what they said of it. No order: the file's own dates tell."""

    name: str
    kind: Kind
    zone: str
    sheets: Sequence[Sheet]
    order: DateOrder | None = None


def stage_file(practice_id: int, *, file: StagedFile, by: Actor, now: datetime) -> Answer:
    """Keep the rows of a file with what they were read as. Columns are matched as people of the practice did before.

    Nobody is written to, and no client or appointment is made. Raises a fault of reading.
    """
    practice = Practice.objects.get(pk=practice_id)
    refuse_what_is_not_theirs(practice)
    zone_named(file.zone)
    chosen = remembered_columns(practice_id, file.kind)
    table = table_in(file.sheets, kind=file.kind, chosen=chosen, every_row=True)
    if not table.rows:
        raise NoRowsLeft
    kept = Import(
        practice=practice,
        file_name=clean(file.name)[:LONGEST_FILE_NAME],
        kind=file.kind,
        zone=file.zone,
        header=table.header,
        from_1904=table.from_1904,
        columns=[column.name for column in table.columns],
        chosen={
            name: field or "" for name, field in chosen.items() if name in {c.name for c in table.columns}
        },
        mapping=dict(table.mapping),
        order_said=file.order,
        made_at=now,
        actor_kind=by.kind,
        actor=by.who,
    )
    reading = _reading(kept, _with_something(table), now=now)
    kept.save(force_insert=True)
    outcomes = _matched(kept, reading, now=now)
    ImportRow.objects.bulk_create(
        (
            ImportRow(
                practice=practice,
                file=kept,
                number=row.number,
                cells=dict(row.cells),
                problem=problem,
                read=read,
            )
            for row in table.rows
            for problem, read in [outcomes.get(row.number, (None, None))]
        ),
        batch_size=BATCH,
    )
    return {"import": str(kept.ref)}


def match_columns(
    ref: UUID,
    *,
    practice_id: int,
    chosen: Mapping[str, Field | None],
    zone: str,
    order: DateOrder | None,
    now: datetime,
) -> Answer:
    """Say what columns hold, in which zone times are and in which order dates are written; every row is read again."""
    kept = staged(ref, practice_id=practice_id)
    kept.zone = zone_named(zone).key
    kept.chosen = {name: field or "" for name, field in chosen.items() if name in kept.columns}
    kept.order_said = order
    kept.save(update_fields=["zone", "chosen", "order_said"])
    read_again(kept, now=now)
    return {"import": str(kept.ref)}


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says of one row: other words in some of its cells, that it stays out, or that it is somebody else.

    `without_dates` leaves out the dates of a series that its problem names.
    """

    number: int
    cells: Mapping[str, str]
    left_out: bool = False
    apart: bool = False
    without_dates: bool = False


def correct_rows(
    ref: UUID,
    *,
    practice_id: int,
    corrections: Iterable[Correction],
    now: datetime,
) -> Answer:
    """Correct rows in place, leave them out, or say that one is somebody else than who is here; all are read again."""
    kept = staged(ref, practice_id=practice_id)
    said = {correction.number: correction for correction in corrections}
    rows = list(ImportRow.objects.filter(file=kept, number__in=said))
    for row in rows:
        correction = said[row.number]
        words = {name: clean(text) for name, text in correction.cells.items() if name in kept.columns}
        cells = {name: text for name, text in (row.cells | words).items() if text}
        if cells != row.cells:
            row.cells, row.dates_out = cells, []  # they were dates of what the row said before
        row.left_out, row.apart = correction.left_out, row.apart or correction.apart
        if correction.without_dates and row.problem and row.problem["code"] == ProblemCode.DATES_TAKEN:
            taken = {day.isoformat() for day in days_in(row.problem["value"])}
            row.dates_out = sorted({*row.dates_out, *taken})
    changed = ["cells", "left_out", "apart", "dates_out"]
    ImportRow.objects.bulk_update(rows, changed, batch_size=BATCH)
    read_again(kept, now=now)
    return {"import": str(kept.ref)}


def drop_import(ref: UUID, *, practice_id: int) -> Answer:
    """Give a staged file up; what it said is erased."""
    kept = staged(ref, practice_id=practice_id)
    kept.state = ImportState.DROPPED
    kept.save(update_fields=["state"])
    ImportRow.objects.filter(file=kept).delete()
    return {"import": str(kept.ref)}


def forget_files(*, now: datetime, limit: int) -> Counter[str]:
    """Erase what files said that were chosen a week ago; which client came in with which one stays. A step of the sweep."""
    old = (
        Import.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(erased_at__isnull=True, made_at__lt=now - CELLS_KEPT)
        .order_by("made_at", "pk")
    )
    ids = list(old.values_list("pk", flat=True)[:limit])
    ImportRow.objects.filter(file__in=ids, client__isnull=True, appointment__isnull=True).delete()
    ImportRow.objects.filter(file__in=ids).update(
        cells={}, read=None, problem=None, whose=None, repeats=None, dates_out=[]
    )
    # What was never brought in is given up with it.
    Import.objects.filter(pk__in=ids, state=ImportState.STAGED).update(state=ImportState.DROPPED)
    Import.objects.filter(pk__in=ids).update(erased_at=now)
    return Counter({"file erased": len(ids)} if ids else {})


def staged(ref: UUID, *, practice_id: int) -> Import:
    """Return a file whose rows can still be changed, locked. Raises ImportGone or ImportNotOpen."""
    kept = locked_import(ref, practice_id=practice_id)
    if kept.state != ImportState.STAGED:
        raise ImportNotOpen
    return kept


def locked_import(ref: UUID, *, practice_id: int) -> Import:
    """Return a file of a practice, locked. Raises ImportGone."""
    files = Import.objects.select_for_update(no_key=True, of=("self",)).select_related("practice")
    kept = files.filter(ref=ref, practice=practice_id).first()
    if kept is None:
        raise ImportGone
    refuse_others_file(kept)
    return kept


def refuse_others_file(kept: Import) -> None:
    """Raise NotInThisPractice unless the file is a manager's business, or a calendar that this provider brings in."""
    own = kept.actor_kind == ActorKind.PROVIDER
    refuse_what_is_not_theirs(kept, Provider.objects.get(pk=kept.actor or 0) if own else kept.practice)


def read_again(kept: Import, *, now: datetime) -> None:
    """Read every row of a staged file by how it is matched now, and keep what differs."""
    rows = list(ImportRow.objects.filter(file=kept).order_by("number"))
    outcomes = (
        calendar_outcomes(kept, rows, now=now)
        if kept.format == FileFormat.CALENDAR
        else _table_outcomes(kept, rows, now=now)
    )
    changed = []
    for row in rows:
        problem, read = outcomes.get(row.number, (None, None))
        if (row.problem, row.read) != (problem, read):
            changed.append((row.pk, problem, read))
    keep_outcomes(changed)
    if kept.format == FileFormat.CALENDAR:
        ImportRow.objects.bulk_update(rows, ["earlier", "differs"], batch_size=BATCH)


def _table_outcomes(kept: Import, rows: Sequence[ImportRow], *, now: datetime) -> Outcomes:
    reading = _reading(
        kept,
        _table(kept, [row for row in rows if not row.left_out]),
        apart=[row.number for row in rows if row.apart],
        dates_out={
            row.number: {date.fromisoformat(day) for day in row.dates_out} for row in rows if row.dates_out
        },
        now=now,
    )
    kept.save(update_fields=["mapping", "order", "fault"])
    return _matched(kept, reading, now=now)


def _matched(kept: Import, reading: Reading | None, *, now: datetime) -> Outcomes:
    if reading is None:
        return {}
    known = known_in(kept.practice_id, now=now) if isinstance(reading.rows, AppointmentsRead) else None
    return outcomes_of(reading, known, now=now)


def keep_outcomes(outcomes: Sequence[tuple[int, object, object]]) -> None:
    """Write what rows were read as, by the rows' numbers in the database."""
    with connection.cursor() as cursor:
        for start in range(0, len(outcomes), BATCH):
            part = outcomes[start : start + BATCH]
            ids, problems, reads = zip(*part, strict=True)
            cursor.execute(
                KEEP_OUTCOMES, [list(ids), [_text(one) for one in problems], [_text(one) for one in reads]]
            )


def _text(value: object) -> str | None:
    return None if value is None else json.dumps(value)


def _table(kept: Import, rows: Iterable[ImportRow]) -> Table:
    """Return the table of a staged file, matched as people said, else by the names of its columns."""
    columns = tuple(Column(index, name) for index, name in enumerate(kept.columns))
    header = [column.name for column in columns]
    texts = [[row.cells.get(name, "") for name in header] for row in rows]
    matched = table_in(
        [Sheet([header, *texts[:BATCH]])], kind=Kind(kept.kind), chosen=chosen_from(kept.chosen), header=1
    )
    return _with_something(
        Table(
            Kind(kept.kind),
            kept.header,
            columns,
            matched.mapping,
            tuple(Row(row.number, row.cells) for row in rows),
            from_1904=kept.from_1904,
        )
    )


def _with_something(table: Table) -> Table:
    """Return a table without the rows that have nothing in a column that counts: a note below, a line of filters."""
    rows = tuple(row for row in table.rows if any(name in table.mapping for name in row.cells))
    return replace(table, rows=rows)


def _reading(
    kept: Import,
    table: Table,
    *,
    apart: Iterable[int] = (),
    dates_out: Mapping[int, Collection[date]] | None = None,
    now: datetime,
) -> Reading | None:
    """Return what a file's rows mean, None where no column holds what is needed: the file then says so."""
    kept.mapping, kept.fault = {name: field.value for name, field in table.mapping.items()}, ""
    settings = settings_for(
        kept.practice,
        kind=Kind(kept.kind),
        zone=kept.zone,
        now=now,
        order=kept.order_said,
        chosen=chosen_from(kept.chosen),
        apart=apart,
        dates_out=dates_out,
    )
    try:
        reading = read_table(table, settings)
    except FileFault as fault:
        kept.fault = fault.code
        return None
    kept.order = reading.dates.order
    return reading

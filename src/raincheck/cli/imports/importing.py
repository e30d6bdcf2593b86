"""The command `raincheck import --practice`: the same staging, rules and sentences as the pages, as the operator."""

import argparse
from functools import partial
from uuid import UUID

from raincheck import clock
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.imports.importing import import_rows
from raincheck.actions.imports.staging import StagedFile, drop_import, stage_file
from raincheck.cli.imports.dry_run import refused, sheets_of, tell
from raincheck.cli.refusal import CommandRefused
from raincheck.data.imports.known import settings_for
from raincheck.data.models import Practice
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.dates import DateOrder
from raincheck.domain.imports.importing import RowsNotReady
from raincheck.domain.imports.reading import read_sheets
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.refusals import Refusal

BY = Actor(ActorKind.OPERATOR)


def import_file(arguments: argparse.Namespace) -> int:
    """Bring all rows of a file in, or none, and return 0; 1 when a row has a problem, and each is told."""
    practice = practice_called(arguments.practice)
    kind = Kind(arguments.kind)
    now = clock.now()
    try:
        sheets = sheets_of(arguments.file)
        settings = settings_for(
            practice,
            kind=kind,
            zone=arguments.zone or practice.zone,
            now=now,
            order=arguments.date_order,
            chosen={},
        )
        reading = read_sheets(sheets, settings)
        if arguments.dry_run or reading.rows.problems:
            tell(reading, as_json=arguments.json)
            return 1 if reading.rows.problems and not arguments.dry_run else 0
        order = DateOrder(arguments.date_order) if arguments.date_order else None
        file = StagedFile(arguments.file.name, kind, settings.zone.key, sheets, order)
        staged = _act(partial(stage_file, practice.pk, file=file, by=BY, now=now))
        ref = UUID(staged["import"])
        try:
            done = _act(partial(import_rows, ref, practice_id=practice.pk, by=BY, now=now))
        except RowsNotReady:
            # Somebody came in meanwhile: the rows are not kept half-way.
            _act(partial(drop_import, ref, practice_id=practice.pk, by=BY, now=now))
            raise
    except Refusal as refusal:
        return refused(refusal, as_json=arguments.json)
    tell(reading, as_json=True) if arguments.json else print(
        f"{done['rows']} rows have come in. Nobody was written to."
    )
    return 0


def practice_called(name: str) -> Practice:
    """Return the practice of a name. Raises CommandRefused when there is none, or several."""
    found = list(Practice.objects.filter(name__iexact=name.strip())[:2])
    if len(found) != 1:
        raise CommandRefused(
            f"There is no practice called “{name}”."
            if not found
            else f"Several practices are called “{name}”."
        )
    return found[0]


def _act(verb: partial[Answer]) -> Answer:
    return run_command(verb, key=None, body={}, by=BY, now=clock.now())

"""The command `raincheck import --practice`: the same staging, rules and sentences as the pages, as the operator."""

import argparse
from functools import partial
from uuid import UUID

from raincheck import clock
from raincheck.actions.imports.staging import StagedFile, stage_file
from raincheck.cli.imports.calendars import import_calendar
from raincheck.cli.imports.dry_run import data_of, refused, remarks_in_words, tell
from raincheck.cli.imports.operator import BY, act, came_in, import_or_drop, practice_called
from raincheck.cli.refusal import CommandRefused
from raincheck.data.imports.known import settings_for
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.dates import DateOrder
from raincheck.domain.imports.reading import read_sheets
from raincheck.domain.refusals import Refusal
from raincheck.integrations.ics.files import is_calendar
from raincheck.integrations.imports.files import read_sheets_safely


def import_file(arguments: argparse.Namespace) -> int:
    """Bring all rows of a file in, or none, and return 0; 1 when a row has a problem, and each is told."""
    practice = practice_called(arguments.practice)
    kind = Kind(arguments.kind)
    now = clock.now()
    try:
        data = data_of(arguments.file)
        if is_calendar(data, name=arguments.file.name):
            return import_calendar(practice, arguments, data)
        if arguments.type or arguments.place:
            raise CommandRefused(
                "--type and --place are for calendars: a spreadsheet names them in its rows."
            )
        sheets = read_sheets_safely(data)
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
        staged = act(partial(stage_file, practice.pk, file=file, by=BY, now=now))
        ref = UUID(staged["import"])
        done = import_or_drop(ref, practice, tell_clients=arguments.tell_clients)
    except Refusal as refusal:
        return refused(refusal, as_json=arguments.json)
    if arguments.json:
        tell(reading, as_json=True)
    else:
        print("\n".join([came_in(done, arguments), *remarks_in_words(reading)]))
    return 0

"""The command `raincheck import appointments FILE.ics --practice`: the same rules and sentences as the pages, as the operator."""

import argparse
from dataclasses import replace
from functools import partial
from uuid import UUID

from raincheck import clock
from raincheck.actions.imports.calendar_rows import as_read, calendar_outcomes, calendar_reading
from raincheck.actions.imports.calendars import StagedCalendar, new_calendar, new_rows, stage_calendar
from raincheck.actions.imports.staging import Correction, correct_rows
from raincheck.cli.imports.dry_run import owner_of_calendar, tell_calendar
from raincheck.cli.imports.operator import BY, act, came_in, import_or_drop
from raincheck.cli.refusal import CommandRefused
from raincheck.data.models import AppointmentType, Place, Practice, Provider
from raincheck.domain.imports.appointments import AppointmentsRead
from raincheck.domain.imports.calendar_files import FAULT_COLUMNS
from raincheck.domain.imports.names import Providers, same_name
from raincheck.domain.imports.problems import Problem, ProblemCode
from raincheck.domain.imports.reading import Reading
from raincheck.domain.zones import zone_named
from raincheck.integrations.ics.files import read_occurrences_safely

LEFT_OUT = frozenset({ProblemCode.WHOSE, *FAULT_COLUMNS})
"""What --leave-out-unknown leaves out."""


def import_calendar(practice: Practice, arguments: argparse.Namespace, data: bytes) -> int:
    """Bring all times of a calendar in, or none, and return 0; 1 when one has a problem, and each is told.

    Raises a fault of reading, or a refusal.
    """
    now = clock.now()
    zone = arguments.zone or practice.zone
    calendar = read_occurrences_safely(data, now=now, zone=zone_named(zone))
    file = StagedCalendar(
        arguments.file.name,
        zone,
        calendar,
        provider_called(practice, arguments),
        offered_as(AppointmentType, practice, arguments.type, what="appointment type"),
        offered_as(Place, practice, arguments.place, what="place"),
    )
    kept = new_calendar(practice, file, by=BY, now=now)
    rows = new_rows(kept, calendar)
    outcomes = calendar_outcomes(kept, rows, now=now)
    problems = [problem_in(number, said) for number, (said, _read) in outcomes.items() if said]
    unknown = {one.row for one in problems if one.code in LEFT_OUT} if arguments.leave_out_unknown else set()
    wrong = [one for one in problems if one.row not in unknown]
    shown = [as_read(row) for row in rows if row.number not in unknown]
    reading, _here = calendar_reading(kept, shown, now=now)
    reading = _with(reading, wrong)
    if arguments.dry_run or wrong:
        tell_calendar(calendar, shown, reading, as_json=arguments.json)
        return 1 if wrong and not arguments.dry_run else 0
    ref = UUID(act(partial(stage_calendar, practice.pk, file=file, by=BY, now=now))["import"])
    if unknown:
        corrections = [Correction(number, {}, left_out=True) for number in sorted(unknown)]
        act(partial(correct_rows, ref, practice_id=practice.pk, corrections=corrections, now=now))
    done = import_or_drop(ref, practice, tell_clients=arguments.tell_clients)
    if arguments.json:
        tell_calendar(calendar, shown, reading, as_json=True)
    else:
        print(came_in(done, arguments))
    return 0


def provider_called(practice: Practice, arguments: argparse.Namespace) -> int:
    """Return the provider whose calendar a file is. Raises CommandRefused when nobody, or several, are so called."""
    name = owner_of_calendar(arguments)
    providers = Provider.objects.filter(practice=practice, left_at__isnull=True)
    meant = Providers(providers.values_list("name", flat=True)).found(name)
    found = list(providers.filter(name=meant)[:2]) if meant else []
    if len(found) != 1:
        raise CommandRefused(f"No one provider of this practice is called “{name}”.")
    return found[0].pk


def offered_as(
    offers: type[AppointmentType | Place], practice: Practice, name: str | None, *, what: str
) -> int | None:
    """Return the type or place of a name, None where none was said. Raises CommandRefused when the practice offers none."""
    if name is None:
        return None
    for one in offers.objects.filter(practice=practice, offered=True):
        if same_name(one.name) == same_name(name):
            return one.pk
    raise CommandRefused(f"The practice offers no {what} called “{name}”.")


def problem_in(row: int, said: object) -> Problem:
    """Return a problem as it was before it was kept."""
    assert isinstance(said, dict)
    return Problem(row, **said | {"code": ProblemCode(said["code"])})


def _with(reading: Reading, problems: list[Problem]) -> Reading:
    """Return a reading with what is wrong of it as the practice is now: times that are taken, too."""
    assert isinstance(reading.rows, AppointmentsRead)
    wrong = {one.row for one in problems}
    good = tuple(one for one in reading.rows.good if one.row not in wrong)
    ordered = tuple(sorted(problems, key=lambda one: one.row))
    return replace(reading, rows=AppointmentsRead(good, ordered))

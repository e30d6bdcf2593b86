"""A dry run of `raincheck import`: the rows of a file as JSON, or a few lines for people."""

import argparse
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from raincheck import clock
from raincheck.cli.refusal import CommandRefused
from raincheck.domain.appointments.series import MOST
from raincheck.domain.imports.appointments import AppointmentRow, Assumed
from raincheck.domain.imports.calendar_files import START, CalendarFile, CalendarRow, rows_of
from raincheck.domain.imports.calendar_reading import CalendarSettings, read_calendar
from raincheck.domain.imports.clients import ClientRow, ClientsRead
from raincheck.domain.imports.columns import Field, Kind
from raincheck.domain.imports.dates import DateOrder
from raincheck.domain.imports.problems import Problem, Remark
from raincheck.domain.imports.reading import Reading, Settings, read_sheets
from raincheck.domain.imports.repeating import SINGLY, Repeats
from raincheck.domain.imports.tables import Table
from raincheck.domain.refusals import Refusal
from raincheck.domain.urgent_help import country_of
from raincheck.domain.zones import zone_named
from raincheck.integrations.ics.files import is_calendar, read_occurrences_safely
from raincheck.integrations.imports.bounds import LARGEST_FILE
from raincheck.integrations.imports.files import read_sheets_safely

USUAL_LENGTH = timedelta(minutes=50)
"""Of an event without an end, where no practice says how long its sessions last."""


def look(arguments: argparse.Namespace) -> int:
    """Print what could come in of a file, and return 0; 1 with one sentence when nothing of it could be read."""
    try:
        if arguments.zone is None:
            raise CommandRefused(
                "Say by --zone which zone the file's times are in, such as America/New_York."
            )
        settings = settings_of(arguments)
        data = data_of(arguments.file)
        if is_calendar(data, name=arguments.file.name):
            return look_at_calendar(arguments, data)
        reading = read_sheets(read_sheets_safely(data), settings)
    except Refusal as refusal:
        return refused(refusal, as_json=arguments.json)
    tell(reading, as_json=arguments.json)
    return 0


def refused(refusal: Refusal, *, as_json: bool) -> int:
    """Print why nothing of a file could be read or kept, and return the exit code. Raises CommandRefused for people."""
    sentence = refusal.sentence.format(**refusal.values)
    if not as_json:
        raise CommandRefused(sentence) from refusal
    print(json.dumps({"good": [], "problems": [], "error": {"code": refusal.code, "sentence": sentence}}))
    return 1


def tell(reading: Reading, *, as_json: bool) -> None:
    print(json.dumps(reading_as_json(reading), ensure_ascii=False) if as_json else in_words(reading))


def settings_of(arguments: argparse.Namespace) -> Settings:
    zone = zone_named(arguments.zone)
    return Settings(
        kind=Kind(arguments.kind),
        zone=zone,
        today=clock.real_now().astimezone(zone).date(),
        region=(arguments.region or country_of(zone.key) or "").upper() or None,
        order=DateOrder(arguments.date_order) if arguments.date_order else None,
        providers=tuple(arguments.provider) if arguments.provider else None,
    )


def data_of(path: Path) -> bytes:
    """Return what is in a file, as much as is read at all. Raises CommandRefused when it can't be opened."""
    try:
        with path.open("rb") as file:
            # One byte too many is enough to be refused.
            return file.read(LARGEST_FILE + 1)
    except OSError as wrong:
        raise CommandRefused(f"The file can't be opened: {wrong.strerror or wrong}.") from wrong


def look_at_calendar(arguments: argparse.Namespace, data: bytes) -> int:
    """Print what could come in of a calendar; each event is taken to be called after its client."""
    zone, provider = zone_named(arguments.zone), owner_of_calendar(arguments)
    now = clock.real_now()
    calendar = read_occurrences_safely(data, now=now, zone=zone)
    rows = rows_of(calendar, zone=zone)
    usual = Assumed(lengths={"": USUAL_LENGTH})
    settings = CalendarSettings(provider, zone, now.astimezone(zone).date(), usual)
    tell_calendar(calendar, rows, read_calendar(rows, settings), as_json=arguments.json)
    return 0


def owner_of_calendar(arguments: argparse.Namespace) -> str:
    """Return whose calendar a file is. Raises CommandRefused unless one provider was named, and for clients."""
    if Kind(arguments.kind) is not Kind.APPOINTMENTS:
        raise CommandRefused("A calendar holds appointments: raincheck import appointments FILE.")
    if len(arguments.provider or ()) != 1:
        raise CommandRefused("Say by --provider whose calendar this is.")
    return str(arguments.provider[0])


def tell_calendar(
    calendar: CalendarFile, rows: Iterable[CalendarRow], reading: Reading, *, as_json: bool
) -> None:
    """Print what times of a calendar come to: rows are numbered event by event, and each says which of the file it is."""
    of_row = {row.number: row for row in rows}
    good, problems = reading.rows.good, reading.rows.problems
    if as_json:
        said = reading_as_json(reading)
        for one in (*said["good"], *said["problems"]):  # type: ignore[misc]
            row = of_row[one["row"]]
            one |= {"event": row.event, "uid": row.uid, "recurrence_id": row.recurrence_id}
        print(json.dumps(said | {"over": calendar.over, "free": calendar.free}, ensure_ascii=False))
        return
    times = sum(len(one.spans) for one in good if isinstance(one, AppointmentRow))
    lines = [
        f"{len(good)} of {len(good) + len(problems)} rows can come in, {times} appointments in all."
        f" {calendar.over} times of the last 52 weeks are over, and {calendar.free} events take nobody's time."
    ]
    lines += [
        SINGLY[why].format(title=calendar.events[number].title, most=MOST)
        for number, why in calendar.singly.items()
    ]
    for problem in problems:
        row = of_row[problem.row]
        when = row.cells.get(START, "")
        which = f"Row {problem.row} (event {row.event}{', ' + when if when else ''}), {problem.column}"
        lines.append(f"{which}: {problem.sentence.format(**problem.values)}")
    print("\n".join(lines))


def reading_as_json(reading: Reading) -> dict[str, object]:
    """Return a reading as others script against it: good rows, problems, rows without data, and how the file was read."""
    table, rows = reading.table, reading.rows
    answer: dict[str, object] = {
        "kind": table.kind.value,
        "header_row": table.header,
        "date_order": reading.dates.order.value,
        "date_order_found": reading.told_order,
        "mapping": {name: field.value for name, field in table.mapping.items()},
        "good": [
            client_as_json(row, table)
            if isinstance(row, ClientRow)
            else appointment_as_json(row, table.names_of(Field.EMAIL) != ())
            for row in rows.good
        ],
        "problems": [problem_as_json(problem) for problem in rows.problems],
        "skipped": [{"row": number, "code": code.value} for number, code in table.skipped],
    }
    if isinstance(rows, ClientsRead):
        answer["warnings"] = [remark_as_json(remark) for remark in rows.warnings]
    return answer


def client_as_json(client: ClientRow, table: Table) -> dict[str, object]:
    born = client.date_of_birth
    said: dict[str, object] = {
        "row": client.row,
        "first_name": client.first_name,
        "last_name": client.last_name,
        "goes_by": client.goes_by,
        "pronouns": client.pronouns,
        "email": client.email,
        "phone_e164": client.phone,
        "date_of_birth": born.isoformat() if born else None,
    }
    asked = {Field.ZONE: client.zone, Field.USUAL_REGION: client.usual_region}
    return said | {field.value: value for field, value in asked.items() if table.names_of(field)}


def appointment_as_json(appointment: AppointmentRow, with_email: bool) -> dict[str, object]:
    return {
        "row": appointment.row,
        "client": appointment.client,
        **({"client_email": appointment.client_email or None} if with_email else {}),
        "provider": appointment.provider,
        "starts_at": _written(appointment.starts_at),
        "ends_at": _written(appointment.ends_at),
        "type": appointment.type,
        "place": appointment.place,
        "status": appointment.status.value,
        **({"repeats": series_as_json(appointment.repeats)} if appointment.repeats else {}),
    }


def series_as_json(repeats: Repeats) -> dict[str, object]:
    """Return how a row repeats; without an end `until` is null, and the times go on by themselves."""
    pattern = repeats.pattern
    return {
        "every_weeks": pattern.every_weeks,
        "zone": pattern.zone.key,
        "until": pattern.ends_on.isoformat() if pattern.ends_on else None,
        "times": [_written(one.start) for one in repeats.times],
    }


def problem_as_json(problem: Problem) -> dict[str, object]:
    said: dict[str, object] = {"row": problem.row, "column": problem.column, "code": problem.code.value}
    return said | ({"with": problem.other} if problem.other is not None else {})


def remark_as_json(remark: Remark) -> dict[str, object]:
    column = {"column": remark.column} if remark.column else {}
    return {"row": remark.row, **column, "code": remark.code.value}


def remarks_in_words(reading: Reading) -> list[str]:
    """Return a line for each cell of a row that comes in without what the cell says."""
    remarks = reading.rows.warnings if isinstance(reading.rows, ClientsRead) else ()
    return [
        f"Row {remark.row}, {remark.column}: {remark.sentence.format(**remark.values)}"
        for remark in remarks
        if remark.column
    ]


def in_words(reading: Reading) -> str:
    """Return how a file was read, how many rows could come in, and a line for each that could not."""
    good, problems = len(reading.rows.good), reading.rows.problems
    lines = [
        f"{good} of {good + len(problems)} rows can come in. Dates are read as {reading.dates.order.value}."
    ]
    lines += [f"{name}: {field.value}" for name, field in reading.table.mapping.items()]
    lines += [
        f"Row {problem.row}, {problem.column}: {problem.sentence.format(**problem.values)}"
        for problem in problems
    ]
    return "\n".join(lines + remarks_in_words(reading))


def _written(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")

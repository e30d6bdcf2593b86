"""Corrections that the check of an import sends: cells by row and place of their column, and the button that was pressed."""

import re
from collections import defaultdict

from django.http import QueryDict

from raincheck.actions.imports.staging import Correction
from raincheck.data.models import Import
from raincheck.queries.imports.calendars import unreadable_events

CELL = re.compile(r"cell-(\d{1,7})-(\d{1,4})")


def corrections_in(said: QueryDict, file: Import) -> list[Correction]:
    """Return what a form says of each row it showed; the rest of the file stays as it is.

    `leave`, `take`, `apart` and `zone` are buttons that name a row: leave it out, take it in again, it is somebody else, use
    the zone that is likely; `dates` leaves out those of a series that are taken; `leave_events` leaves out all events of a calendar that can't come in.
    """
    cells: dict[int, dict[str, str]] = defaultdict(dict)
    for name, text in said.items():
        found = CELL.fullmatch(name)
        if found and int(found[2]) < len(file.columns):
            cells[int(found[1])][file.columns[int(found[2])]] = str(text)
    pressed = {button: _number(said.get(button)) for button in ("leave", "take", "apart", "dates")}
    row, _colon, zone = said.get("zone", "").partition(":")
    if zone and (number := _number(row)) is not None:
        cells[number] |= {name: zone for name, field in file.mapping.items() if field == "zone"}
    unreadable = set(unreadable_events(file)) if "leave_events" in said else set()
    numbers = set(cells) | {number for number in pressed.values() if number is not None} | unreadable
    return [
        Correction(
            number,
            cells[number],
            left_out=number == pressed["leave"] or number in unreadable,
            apart=number == pressed["apart"],
            without_dates=number == pressed["dates"],
        )
        for number in sorted(numbers)
    ]


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 8 else None

"""What the tests of imports share: our files, spreadsheets made of a few cells, and how they are read."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl

from raincheck.domain.imports.appointments import AppointmentRow, AppointmentsRead, Assumed
from raincheck.domain.imports.clients import ClientRow, ClientsRead
from raincheck.domain.imports.columns import Field, Kind
from raincheck.domain.imports.dates import DateOrder
from raincheck.domain.imports.problems import Problem
from raincheck.domain.imports.reading import Reading, Settings, read_sheets
from raincheck.domain.imports.tables import Sheet

FILES = Path(__file__).parents[1] / "data" / "imports"
TODAY = date(2026, 11, 30)
NEW_YORK = ZoneInfo("America/New_York")


def csv_of(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def xlsx_of(*rows: Sequence[object], formats: dict[str, str] | None = None, mac: bool = False) -> bytes:
    """A workbook of one sheet; `formats` by the name of a cell."""
    book = openpyxl.Workbook()
    if mac:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def settings(kind: Kind, **said: object) -> Settings:
    return Settings(**{"kind": kind, "zone": NEW_YORK, "today": TODAY, "region": "US"} | said)  # type: ignore[arg-type]


def reading(*lines: str, kind: Kind = Kind.CLIENTS, **said: object) -> Reading:
    """What a file of these lines holds; a | parts its cells."""
    return read_sheets([Sheet([line.split("|") for line in lines])], settings(kind, **said))


def clients(*lines: str, **said: object) -> ClientsRead:
    rows = reading(*lines, **said).rows
    assert isinstance(rows, ClientsRead)
    return rows


def appointments(*lines: str, **said: object) -> AppointmentsRead:
    rows = reading(*lines, kind=Kind.APPOINTMENTS, **said).rows
    assert isinstance(rows, AppointmentsRead)
    return rows


def codes(problems: Sequence[Problem]) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code.value) for problem in problems]


__all__ = [
    "FILES", "NEW_YORK", "TODAY", "AppointmentRow", "Assumed", "ClientRow", "DateOrder", "Field", "Kind", "appointments",
    "clients", "codes", "csv_of", "reading", "settings", "xlsx_of",
]  # fmt: skip

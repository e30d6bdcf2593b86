"""What a practice takes along: the same columns back, nothing a spreadsheet would compute, and nothing new when it returns."""

from __future__ import annotations

import csv
import stat
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, client_in
from tests.integrations.spreadsheets import NEW_YORK

from raincheck.cli.imports.exporting import write_export
from raincheck.cli.refusal import CommandRefused
from raincheck.data.imports.known import settings_for
from raincheck.data.models import Client
from raincheck.domain.imports.appointments import AppointmentRow
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.reading import Reading, read_sheets
from raincheck.integrations.imports.files import read_sheets_safely


def taken_along(cast: Cast, file: Path, kind: str = "clients") -> Path:
    assert write_export(Namespace(file=file, kind=kind, practice="Harbor Counseling")) == 0
    return file


def read_back(cast: Cast, file: Path, kind: Kind, **said: Any) -> Reading:
    settings = settings_for(
        cast.practice, kind=kind, zone="America/New_York", now=NOW, order=None, chosen={}, **said
    )
    return read_sheets(read_sheets_safely(file.read_bytes()), settings)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_was_taken_along_is_nothing_new_when_it_returns(cast: Cast, tmp_path: Path, ending: str) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(goes_by="@ry", phone="+13105550142", usual_region="US-NJ")
    file = taken_along(cast, tmp_path / f"clients.{ending}")
    back = read_back(cast, file, Kind.CLIENTS).rows
    assert [problem.code.value for problem in back.problems] == ["already_here"] * 2
    asked = read_back(cast, file, Kind.CLIENTS, apart=(2, 3)).rows
    assert [
        (row.goes_by, row.usual_region)  # type: ignore[union-attr]
        for row in asked.good
        if row.name == "Riley Brooks"
    ] == [("@ry", "US-NJ")]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_appointments_come_back_as_they_are(cast: Cast, tmp_path: Path, ending: str) -> None:
    booked = cast.booked()
    rows = read_back(
        cast, taken_along(cast, tmp_path / f"all.{ending}", "appointments"), Kind.APPOINTMENTS
    ).rows
    assert rows.good == (
        AppointmentRow(
            2, "Riley Brooks", "riley@clients.example", "Dr. Jo Okafor", booked.starts_at, booked.ends_at, "Follow-up", "Telehealth"
        ),
    )  # fmt: skip
    assert booked.starts_at == TUESDAY_AT_ELEVEN
    assert booked.starts_at.astimezone(NEW_YORK).hour == 11


def test_nothing_in_a_cell_is_a_formula_for_whoever_opens_it(cast: Cast, tmp_path: Path) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(first_name="=1+1", goes_by="@SUM(1)", pronouns="-they")
    cells = list(csv.reader((taken_along(cast, tmp_path / "c.csv")).read_text("utf-8-sig").splitlines()))
    assert cells[1][:4] == ["'=1+1", "Brooks", "'@SUM(1)", "'-they"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in cells for cell in row)


def test_clients_of_another_practice_are_not_in_it(cast: Cast, tmp_path: Path) -> None:
    assert "Eve" not in taken_along(cast, tmp_path / "c.csv").read_text("utf-8-sig")


def test_appointments_of_another_practice_are_not_in_it(cast: Cast, tmp_path: Path) -> None:
    cast.booked()
    file = tmp_path / "a.csv"
    assert write_export(Namespace(file=file, kind="appointments", practice=cast.elsewhere.name)) == 0
    assert len(file.read_text("utf-8-sig").splitlines()) == 1


def test_a_file_that_is_there_is_never_written_over(cast: Cast, tmp_path: Path) -> None:
    file = taken_along(cast, tmp_path / "c.csv")
    with pytest.raises(CommandRefused, match="is there already"):
        taken_along(cast, file)
    with pytest.raises(CommandRefused, match=r"must end with \.csv or \.xlsx"):
        taken_along(cast, tmp_path / "c.pdf")


def test_neither_rehearsals_nor_records_that_became_part_of_others_are_in_it(
    cast: Cast, tmp_path: Path
) -> None:
    cast.booked(client=cast.maya)
    Client.objects.filter(pk=cast.maya.pk).update(rehearsal=True)
    other = client_in(cast.practice, "Ryle", "Brooks")
    Client.objects.filter(pk=other.pk).update(merged_into=cast.riley)
    lines = {
        kind: taken_along(cast, tmp_path / f"{kind}.csv", kind).read_text("utf-8-sig").splitlines()[1:]
        for kind in ("clients", "appointments")
    }
    assert ([line.split(",")[:2] for line in lines["clients"]], lines["appointments"]) == (
        [["Riley", "Brooks"]],
        [],
    )

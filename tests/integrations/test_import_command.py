"""`raincheck import --dry-run`: what could come in of files as other programs write them, never a traceback."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.integrations.spreadsheets import FILES, csv_of

from raincheck.cli.imports import dry_run
from raincheck.cli.main import main

EXPECTED: dict[str, Any] = json.loads((FILES / "expected.json").read_text(encoding="utf-8"))


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = main(["import", *words, "--dry-run", "--json"])
    return code, json.loads(capsys.readouterr().out)


def words_for(name: str, *, order: bool) -> list[str]:
    file = EXPECTED[name]
    providers = [word for provider in file.get("providers", ()) for word in ("--provider", provider)]
    asked = ["--date-order", file["date_order"]] if order else []
    return [file["kind"], str(FILES / name), "--zone", file["zone"], *asked, *providers]


@pytest.mark.parametrize("order", [True, False], ids=["order said", "order found"])
@pytest.mark.parametrize("name", EXPECTED)
def test_what_practices_bring_along_is_read_without_help(
    capsys: pytest.CaptureFixture[str], name: str, order: bool
) -> None:
    file = EXPECTED[name]
    code, answer = said(capsys, *words_for(name, order=order))
    assert code == 0
    assert {key: answer.get(key, []) for key in ("good", "problems", "skipped", "warnings")} == {
        key: file.get(key, []) for key in ("good", "problems", "skipped", "warnings")
    }
    assert answer["header_row"] == file.get("header_row", 1)
    # More columns may be matched, as long as the rows stay the same.
    assert file["mapping"].items() <= answer["mapping"].items()
    # Names of months and dates with the year first leave the order open.
    assert order or answer["date_order"] == file["date_order"] or not answer["date_order_found"]


def test_a_file_that_cannot_be_read_is_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "clients.csv"
    file.write_bytes(b"%PDF-1.7 and so on")
    sentence = (
        "This is not a spreadsheet. Nothing was kept; please save it as CSV or XLSX and choose it again."
    )
    assert said(capsys, "clients", str(file), "--zone", "Europe/Paris") == (
        1,
        {"good": [], "problems": [], "error": {"code": "not_a_spreadsheet", "sentence": sentence}},
    )
    assert main(["import", "clients", str(file), "--zone", "Europe/Paris", "--dry-run"]) == 1
    assert capsys.readouterr().err == f"raincheck: {sentence}\n"


def test_a_zone_that_does_not_exist_and_a_missing_file_are_sentences(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["import", "clients", str(tmp_path / "none.csv"), "--zone", "Mars", "--dry-run"]) == 1
    assert main(["import", "clients", str(tmp_path / "none.csv"), "--zone", "UTC", "--dry-run"]) == 1
    assert capsys.readouterr().err == (
        "raincheck: “Mars” is not a time zone we know. Nothing was changed; please choose one like America/New_York.\n"
        "raincheck: The file can't be opened: No such file or directory.\n"
    )


def test_whose_rows_they_are_and_their_zone_have_to_be_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["import", "clients", str(tmp_path / "none.csv")]) == 1
    assert main(["import", "clients", str(tmp_path / "none.csv"), "--dry-run"]) == 1
    assert capsys.readouterr().err == (
        "raincheck: Say by --practice whose rows these are, or look at them with --dry-run.\n"
        "raincheck: Say by --zone which zone the file's times are in, such as America/New_York.\n"
    )


def test_people_read_how_the_file_was_understood(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "clients.csv"
    file.write_bytes(csv_of("Name;E-mail", "Riley Brooks;riley@example.com", "Eve;eve@example"))
    assert main(["import", "clients", str(file), "--zone", "America/New_York", "--dry-run"]) == 0
    assert capsys.readouterr().out == (
        "1 of 2 rows can come in. Dates are read as mdy.\n"
        "Name: name\n"
        "E-mail: email\n"
        "Row 3, E-mail: “eve@example” is not an e-mail address we can write to. One address looks like name@example.com.\n"
    )


def test_numbers_without_a_country_are_of_the_zones_country_or_of_the_one_named(tmp_path: Path) -> None:
    asked = argparse.Namespace(
        kind="clients", zone="Europe/Berlin", date_order=None, region=None, provider=None
    )
    assert dry_run.settings_of(asked).region == "DE"
    asked.region = "at"
    assert dry_run.settings_of(asked).region == "AT"
    asked.region, asked.zone = None, "UTC"
    assert dry_run.settings_of(asked).region is None


def test_a_look_at_a_calendar_without_a_practice_needs_no_settings() -> None:
    """In a process of its own, as people run it."""
    said = [
        "import",
        "appointments",
        str(FILES / "calendar-outlook.ics"),
        "--dry-run",
        "--json",
        "--zone",
        "UTC",
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "raincheck.cli", *said, "--provider", "Jo Okafor"],
        capture_output=True, check=False, timeout=60, env={name: text for name, text in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
    )  # fmt: skip
    assert (ran.returncode, ran.stderr.decode()) == (0, "")
    assert {"good", "problems", "over", "free"} <= set(json.loads(ran.stdout))

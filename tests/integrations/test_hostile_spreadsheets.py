"""Spreadsheets made to break readers, and files that are none: each ends within bounds and in one sentence."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.integrations.spreadsheets import csv_of, settings, xlsx_of

from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.faults import (
    CellTooLong,
    FileDamaged,
    FileEmpty,
    FileFault,
    FileHasMacros,
    FileHasPassword,
    FileTakesTooLong,
    FileTooLarge,
    NoNameColumn,
    NotASpreadsheet,
    OldSpreadsheet,
    QuoteNeverCloses,
    TooManyColumns,
)
from raincheck.domain.imports.reading import read_sheets
from raincheck.integrations.imports.bounds import LARGEST_FILE, MOST_ROWS
from raincheck.integrations.imports.child_process import OLD_CONTAINER, SEALED, question, sheets_from
from raincheck.integrations.imports.files import read_sheets_safely

BOOK = xlsx_of(["Name", "E-mail"], ["Riley", "riley@example.com"])


def with_part(name: str, content: bytes, *, instead_of: str = "") -> bytes:
    """Our workbook with one part more, or another one."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(BOOK)) as before,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for part in before.infolist():
            if part.filename != instead_of:
                after.writestr(part, before.read(part))
        after.writestr(name, content)
    return kept.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet_of(cells: bytes) -> bytes:
    return with_part(
        SHEET, b"<worksheet " + MAIN + b"><sheetData>" + cells + b"</sheetData></worksheet>", instead_of=SHEET
    )


def cell(place: str, row: int) -> bytes:
    return f'<row r="{row}"><c r="{place}{row}" t="inlineStr"><is><t>x</t></is></c></row>'.encode()


HOSTILE = {
    "nothing": (b"", FileEmpty),
    "blanks": (b" \r\n\r\n ,,\n", FileEmpty),
    "a page": (b"<!DOCTYPE html><table><tr><td>Name</td></tr></table>", NotASpreadsheet),
    "a PDF": (b"%PDF-1.7\n...", NotASpreadsheet),
    "a program": (b"\x7fELF" + bytes(range(256)) * 20, NotASpreadsheet),
    "random bytes": (bytes(range(256)) * 200, NotASpreadsheet),
    "zeros": (b"Name,Phone\n" + b"\x00" * 10_000, NotASpreadsheet),
    "an old workbook": (OLD_CONTAINER + b"\x00" * 3000, OldSpreadsheet),
    "a password": (OLD_CONTAINER + b"\x00" * 1000 + SEALED + b"\x00" * 1000, FileHasPassword),
    "macros": (with_part("xl/vbaProject.bin", b"\x00"), FileHasMacros),
    "half a workbook": (BOOK[: len(BOOK) // 2], FileDamaged),
    "another archive": (with_part("content.xml", b"<x/>", instead_of="xl/workbook.xml"), NotASpreadsheet),
    "a bomb": (with_part("xl/sharedStrings.xml", b"\x00" * (51 * 1024 * 1024)), FileTooLarge),
    "broken XML": (sheet_of(b'<row r="1"><c r="A1"><v>1</v></row>'), FileDamaged),
    "entities": (
        with_part(SHEET, b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet ' + MAIN
                  + b"><sheetData>&b;</sheetData></worksheet>", instead_of=SHEET), FileFault),
    "a number that is none": (sheet_of(b'<row r="1"><c r="A1"><v>x</v></c></row>'), FileDamaged),
    "a million columns": (b"Name," + b"x," * 1_000_000 + b"\nRiley\n", TooManyColumns),
    "far columns": (sheet_of(cell("XFD", 1)), TooManyColumns),
    "a million rows": (b"Name,Phone\n" + b"x,1\n" * 1_000_000, FileTooLarge),
    "an endless line": (b"Name,Phone\n" + b"x" * 5_000_000, CellTooLong),
    "an open quote": (csv_of("Name,Notes", 'Riley,"hello', "Maya,1", "Theo,2"), QuoteNeverCloses),
    "too many bytes": (b"x" * (LARGEST_FILE + 1), FileTooLarge),
}  # fmt: skip


@pytest.mark.parametrize(("data", "fault"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_one_sentence(data: bytes, fault: type[FileFault]) -> None:
    with pytest.raises(FileFault) as refused:
        read_sheets_safely(data)
    assert isinstance(refused.value, fault)
    assert "Nothing was kept" in refused.value.sentence or fault is FileEmpty


def test_an_open_quote_names_the_row_it_opens_in() -> None:
    with pytest.raises(QuoteNeverCloses) as refused:
        read_sheets_safely(HOSTILE["an open quote"][0])
    assert refused.value.values == {"row": "2"}


@pytest.mark.verify
def test_a_cell_at_the_far_end_of_a_sheet_costs_no_time() -> None:
    assert read_sheets_safely(sheet_of(cell("A", 1)))[0].rows == [["x"]]
    with pytest.raises(FileTooLarge):
        read_sheets_safely(sheet_of(cell("A", 1) + cell("A", 1_048_576)))
    far = sheet_of(cell("A", 1) + b'<row r="1048576"><c r="A1048576" s="1"/></row>')
    assert read_sheets_safely(far)[0].rows == [["x"]]


def test_as_many_rows_as_are_promised_are_read() -> None:
    data = csv_of("Name,E-mail", *(f"Riley{number},r{number}@example.com" for number in range(MOST_ROWS - 1)))
    assert len(read_sheets_safely(data)[0].rows) == MOST_ROWS


def test_zeros_here_and_there_are_left_out() -> None:
    assert read_sheets_safely(b"Name,Phone\nRi\x00ley,1\n")[0].rows == [["Name", "Phone"], ["Riley", "1"]]


def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("raincheck.integrations.imports.files.SECONDS", 0)
    with pytest.raises(FileTakesTooLong):
        read_sheets_safely(BOOK)


def test_the_reader_writes_no_file_and_believes_no_answer_but_its_own(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "from raincheck.integrations.limited_process import limit_this_process as limit;"
         f"limit(memory=10**9, seconds=5); open(r'{tmp_path}/x', 'w', buffering=1).write('x\\n')"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode != 0
    assert question(b"x", seconds=3) == b'{"seconds": 3}\nx'
    with pytest.raises(FileFault) as refused:
        sheets_from(json.dumps({"refusal": "too_late", "values": {}}).encode())
    assert refused.value.code == "file_fault"


def test_a_file_without_names_says_what_is_missing() -> None:
    with pytest.raises(NoNameColumn):
        read_sheets(read_sheets_safely(csv_of("Phone,E-mail", "1,2")), settings(Kind.CLIENTS))

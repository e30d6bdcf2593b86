"""A workbook (XLSX) becomes sheets of text; nothing in it is computed, run or fetched."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from raincheck.domain.imports.faults import (
    FileDamaged,
    FileEmpty,
    FileHasMacros,
    FileTooLarge,
    NotASpreadsheet,
    TooManyColumns,
)
from raincheck.domain.imports.tables import Sheet
from raincheck.integrations.imports.bounds import (
    LARGEST_UNPACKED,
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_ROWS,
    MOST_SHEETS,
    MOST_TEXT,
)

BOOK = "xl/workbook.xml"
MACROS = ("vbaproject.bin", "vbadata.xml")
HALF_A_SECOND = timedelta(milliseconds=500)


def sheets_in(data: bytes) -> list[Sheet]:
    """Return the sheets of a workbook that are shown and hold something. Raises a fault of reading."""
    _refuse_what_is_no_workbook(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except Exception as error:
        raise FileDamaged from error
    from_1904 = book.epoch == CALENDAR_MAC_1904
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"][:MOST_SHEETS]
    found = []
    size = 0
    for sheet in shown:
        sheet.reset_dimensions()  # what a file says of its own size is not believed
        rows = []
        for row in _rows(sheet.iter_rows()):
            size += sum(len(cell) for cell in row)
            if size > MOST_TEXT:
                raise FileTooLarge
            rows.append(row)
        if any(any(row) for row in rows):
            found.append(Sheet(rows, sheet.title, from_1904))
    if not found:
        raise FileEmpty
    return found


def _refuse_what_is_no_workbook(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise FileDamaged from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise FileTooLarge
    names = {part.filename.casefold() for part in parts}
    if BOOK not in names:
        raise NotASpreadsheet
    if any(name.endswith(MACROS) for name in names):
        raise FileHasMacros


def _rows(rows: Iterable[tuple[object, ...]]) -> Iterator[list[str]]:
    """Return rows of text up to the last that holds something."""
    blank: list[list[str]] = []
    taken = 0
    try:
        for row in rows:
            if any(getattr(cell, "value", None) is not None for cell in row[MOST_COLUMNS:]):
                raise TooManyColumns
            texts = [_text(cell) for cell in row[:MOST_COLUMNS]]
            while texts and not texts[-1]:
                texts.pop()
            if not texts:
                # A sheet may be formatted down to row 1,048,576: blank rows are kept in mind only while there can be more.
                if len(blank) <= MOST_ROWS:
                    blank.append(texts)
                continue
            taken += len(blank) + 1
            if taken > MOST_ROWS:
                raise FileTooLarge
            yield from blank
            blank = []
            yield texts
    except (FileTooLarge, TooManyColumns):
        raise
    except MemoryError:
        raise
    except Exception as error:
        raise FileDamaged from error


def _text(cell: object) -> str:
    """Return what stands in a cell as text, times in the way of ISO 8601, whatever order the sheet shows them in."""
    value = getattr(cell, "value", None)
    if value is None:
        return ""
    if isinstance(value, str):
        return value[:LONGEST_CELL]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        value += HALF_A_SECOND  # spreadsheets keep times as fractions of a day
        shows_time = "h" in str(getattr(cell, "number_format", "h")).casefold()
        return value.strftime(
            "%Y-%m-%d %H:%M:%S" if shows_time or value.time() >= time(0, 0, 1) else "%Y-%m-%d"
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M:%S")
    if isinstance(value, timedelta):
        minutes = round(value / timedelta(minutes=1))
        return f"{minutes // 60}:{minutes % 60:02}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, int):
        return str(value)
    return f"={type(value).__name__}"  # a formula over several cells, a table of data

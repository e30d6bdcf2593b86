"""Tables become CSV or XLSX; nothing in a cell is a formula for whoever opens it."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.writer.excel import save_workbook

from raincheck.domain.imports.cells import disarmed


def write_csv(rows: Iterable[Sequence[str]], into: IO[bytes]) -> None:
    """Write rows as CSV in UTF-8, with the mark by which Excel knows it."""
    text = io.TextIOWrapper(into, encoding="utf-8-sig", newline="", write_through=True)
    csv.writer(text).writerows([disarmed(cell) for cell in row] for row in rows)
    text.detach()


def write_xlsx(rows: Iterable[Sequence[str]], into: IO[bytes]) -> None:
    """Write rows as a workbook of one sheet, every cell as text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        cells = [WriteOnlyCell(sheet, value=disarmed(cell)) for cell in row]
        for cell in cells:
            cell.data_type = "s"
        sheet.append(cells)
    save_workbook(book, into)


WRITERS = {"csv": write_csv, "xlsx": write_xlsx}

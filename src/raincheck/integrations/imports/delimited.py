"""Text with separators becomes rows: commas, semicolons, tabs or strokes, quoted or not."""

import csv
import re
from collections import Counter
from collections.abc import Iterator

from raincheck.domain.imports.faults import (
    CellTooLong,
    FileEmpty,
    FileTooLarge,
    NotASpreadsheet,
    QuoteNeverCloses,
    TooManyColumns,
)
from raincheck.integrations.imports.bounds import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS
from raincheck.integrations.imports.encodings import decoded

SEPARATORS = ",;\t|"
SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?\r?\n', re.IGNORECASE)  # Excel's own, which it hides
LOOK_AT = 50
A_PAGE = re.compile(r"\s*<(?:!doctype html|html|\?xml|table|head)", re.IGNORECASE)


def rows_in(data: bytes) -> list[list[str]]:
    """Return the rows of a file of separated text, blank ones too. Raises a fault of reading."""
    text = decoded(data)
    if A_PAGE.match(text) or text.count("\x00") > len(text) / 100 + 10 or _is_binary(text):
        raise NotASpreadsheet
    if not text.strip("\x00\ufeff \r\n\t,;"):
        raise FileEmpty
    named = SEPARATOR_LINE.match(text)
    text = text[named.end() :] if named else text
    lines = text.replace("\x00", "").splitlines(keepends=True) if "\r" in text and "\n" not in text else None
    lines = lines or re.findall(r"[^\n]*\n|[^\n]+$", text.replace("\x00", ""))
    separator = named[1] if named else separator_of(lines)
    return _read(lines, separator)


def separator_of(lines: list[str]) -> str:
    """Return the separator that parts the first rows into most columns, evenly."""
    best, most = ",", 0.0
    for separator in SEPARATORS:
        try:
            rows = [
                row
                for _number, row in zip(range(LOOK_AT), csv.reader(lines, delimiter=separator), strict=False)
            ]
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows if any(row))
        if not widths:
            continue
        width, times = max(widths.items(), key=lambda one: (one[1] * (one[0] > 1), one[0]))
        evenness = times / sum(widths.values())
        # How even the rows are counts most: commas in notes part some rows, the true separator parts all of them.
        if width > 1 and evenness * (1 + width / 1000) > most:
            best, most = separator, evenness * (1 + width / 1000)
    return best


def _read(lines: list[str], separator: str) -> list[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    counted = Counted(lines)
    rows: list[list[str]] = []
    began = 0
    try:
        for row in csv.reader(counted, delimiter=separator):
            if len(row) > MOST_COLUMNS and any(cell.strip() for cell in row[MOST_COLUMNS:]):
                raise TooManyColumns
            rows.append(row[:MOST_COLUMNS])
            if len(rows) > MOST_ROWS:
                raise FileTooLarge
            last, began = began, counted.taken
    except csv.Error as error:
        raise CellTooLong if "field larger" in str(error) else NotASpreadsheet from error
    if rows and _never_closes(lines[last:], separator):
        raise QuoteNeverCloses(row=str(len(rows)))
    return rows


class Counted:
    """Lines that know how many of them were taken, so that a row can be looked at again."""

    def __init__(self, lines: list[str]) -> None:
        self.lines, self.taken = lines, 0

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.taken += 1
            yield line


def _never_closes(lines: list[str], separator: str) -> bool:
    """Return whether the last row ends within a quotation: then it has swallowed all that followed."""
    try:
        list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def _is_binary(text: str) -> bool:
    head = text[:4000]
    strange = sum(1 for sign in head if sign < " " and sign not in "\r\n\t\x00\x0b\x0c\x1a\x1c\x1d")
    return strange > len(head) / 50 + 5

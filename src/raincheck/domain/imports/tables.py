"""A table as it came out of a file, and its rows of data below the header."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from raincheck.domain.imports.cells import clean, plain
from raincheck.domain.imports.columns import (
    Column,
    Field,
    Kind,
    columns_in,
    header_at,
    matched,
    pronouns_among,
)
from raincheck.domain.imports.faults import NoHeader
from raincheck.domain.imports.problems import SkipCode

TOTALS = frozenset(
    [
        "total",
        "totals",
        "totale",
        "totales",
        "totaux",
        "summe",
        "gesamt",
        "gesamtsumme",
        "insgesamt",
        "somme",
        "suma",
        "soma",
        "somma",
        "totaal",
        "razem",
        "subtotal",
        "zwischensumme",
        "count",
        "anzahl",
        "sum",
    ]
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a file: text alone, in rows that begin with the first one a spreadsheet program shows."""

    rows: Sequence[Sequence[str]]
    title: str = ""
    from_1904: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of data by the names of its columns; `number` is what a spreadsheet program shows beside it."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of data of a sheet, its columns, and what each was matched to. `header` counts from 1."""

    kind: Kind
    header: int
    columns: tuple[Column, ...]
    mapping: Mapping[str, Field]
    rows: tuple[Row, ...]
    skipped: tuple[tuple[int, SkipCode], ...] = ()
    from_1904: bool = False
    by_field: Mapping[Field, tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        by_field: dict[Field, tuple[str, ...]] = {}
        for column in self.columns:
            if (meant := self.mapping.get(column.name)) is not None:
                by_field[meant] = (*by_field.get(meant, ()), column.name)
        object.__setattr__(self, "by_field", by_field)

    def names_of(self, wanted: Field) -> tuple[str, ...]:
        """Return the columns that hold a field, as they stand in the file."""
        return self.by_field.get(wanted, ())

    def texts(self, *wanted: Field) -> list[str]:
        """Return all that stands in the columns of some fields."""
        names = [name for one in wanted for name in self.names_of(one)]
        return [text for row in self.rows for name in names if (text := row.cells.get(name, ""))]


def table_in(
    sheets: Iterable[Sheet],
    *,
    kind: Kind,
    chosen: Mapping[str, Field | None] | None = None,
    header: int | None = None,
    every_row: bool = False,
) -> Table:
    """Return the table of the sheet whose header is known best.

    `chosen` says by a column's name what it holds, None for nothing; it counts before what the name says. Rows with nothing
    in a column that counts are skipped, but for `every_row`: those stay that have something at all. Raises NoHeader.
    """
    best: tuple[int, int, Sheet] | None = None
    for sheet in sheets:
        place = header_at(sheet.rows, kind=kind) if header is None else header - 1
        if place is None or place >= len(sheet.rows):
            continue
        known = len(matched(columns_in(sheet.rows[place]), kind=kind))
        if best is None or known > best[0]:
            best = (known, place, sheet)
    if best is None:
        raise NoHeader
    _known, place, sheet = best
    columns = columns_in(sheet.rows[place])
    mapping = matched(columns, kind=kind)
    if kind is Kind.CLIENTS and Field.PRONOUNS not in mapping.values():
        mapping |= pronouns_among(columns, sheet.rows[place + 1 :])
    named = {column.name for column in columns}
    for name, meant in (chosen or {}).items():
        mapping.pop(name, None)
        if meant is not None and name in named:
            mapping[name] = meant
    mapped = columns if every_row else [column for column in columns if column.name in mapping]
    return _table(sheet, place=place, columns=columns, mapped=mapped, mapping=mapping, kind=kind)


def _table(
    sheet: Sheet,
    *,
    place: int,
    columns: Sequence[Column],
    mapped: Sequence[Column],
    mapping: Mapping[str, Field],
    kind: Kind,
) -> Table:
    rows, skipped = [], []
    for number, cells in enumerate(sheet.rows[place + 1 :], start=place + 2):
        texts = {column.name: clean(cells[column.index]) for column in columns if column.index < len(cells)}
        row = Row(number, {name: text for name, text in texts.items() if text})
        why = _no_data(row, cells, mapped)
        if why is None:
            rows.append(row)
        else:
            skipped.append((number, why))
    # Sheets are often formatted far below their last row: those blank ones are not told of.
    last = max(
        [row.number for row in rows] + [number for number, why in skipped if why is not SkipCode.BLANK],
        default=0,
    )
    skipped = [one for one in skipped if one[0] <= last]
    return Table(kind, place + 1, tuple(columns), dict(mapping), tuple(rows), tuple(skipped), sheet.from_1904)


def _no_data(row: Row, cells: Sequence[str], mapped: Sequence[Column]) -> SkipCode | None:
    """Return why a row is no row of data: nothing in it that counts, a sum of those above, or the header once more."""
    first = next((text for cell in cells if (text := clean(cell))), "")
    words = plain(first).replace(":", " ").split()
    if (
        words
        and (words[0] in TOTALS or words[:2] in (["grand", "total"], ["sub", "total"]))
        and len(words) <= 3
    ):
        # Nobody is called Total who has an address, too.
        reachable = any("@" in text for text in row.cells.values())
        if not reachable:
            return SkipCode.TOTALS
    said = [(column.name, row.cells[column.name]) for column in mapped if column.name in row.cells]
    if not said:
        return SkipCode.BLANK
    if len(said) > 1 and all(plain(text) == plain(name) for name, text in said):
        return SkipCode.HEADER
    return None

"""Clients as the rows of a file name them, and what is wrong with a row."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from raincheck.domain.imports.cells import first_listed, is_formula
from raincheck.domain.imports.columns import Field
from raincheck.domain.imports.dates import Dates, birth_date
from raincheck.domain.imports.faults import NoNameColumn
from raincheck.domain.imports.names import Providers, in_two, is_suffix, same_name
from raincheck.domain.imports.problems import Problem, ProblemCode, Remark, WarningCode, Wrong
from raincheck.domain.imports.reaching import email_address, phone_number
from raincheck.domain.imports.tables import Row, Table
from raincheck.domain.imports.template import is_of_template
from raincheck.domain.imports.zones import zone_written
from raincheck.domain.regions import UnknownRegion, region_from

NAMING = (Field.FIRST_NAME, Field.LAST_NAME, Field.NAME)


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client that a row names. `phone` is in E.164; what a row does not say is empty."""

    row: int
    first_name: str
    last_name: str
    goes_by: str = ""
    pronouns: str = ""
    email: str = ""
    phone: str | None = None
    date_of_birth: date | None = None
    zone: str = ""
    usual_region: str = ""
    """The code of the state or country where they usually are (domain/regions.py)."""
    unknown_region: str = ""
    usual_provider: str = ""
    unknown_provider: str = ""
    """Whom the row names as usual provider where the practice has nobody of that name."""
    provider_left: str = ""
    """The same where whoever has that name works there no more."""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def remarks(self, column: Callable[[Field], str]) -> list[Remark]:
        """Return what people should know of the usual provider and the region that the row names, at the `column` of each."""
        said = (
            (WarningCode.PROVIDER_LEFT, Field.USUAL_PROVIDER, self.provider_left),
            (WarningCode.UNKNOWN_PROVIDER, Field.USUAL_PROVIDER, self.unknown_provider),
            (WarningCode.UNKNOWN_REGION, Field.USUAL_REGION, self.unknown_region),
        )
        return [Remark(self.row, code, column(field), value) for code, field, value in said if value]


def client_from(said: Mapping[str, object]) -> ClientRow:
    """Return a row as it was kept in JSON."""
    born = said["date_of_birth"]
    return ClientRow(**{**said, "date_of_birth": date.fromisoformat(str(born)) if born else None})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class ClientsRead:
    """What a file of clients holds: rows that can come in, rows that can't with one problem each, and things to know."""

    good: tuple[ClientRow, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Remark, ...]


class Cells:
    """The cells of one row by field; a formula in any of them is never read."""

    def __init__(self, table: Table, row: Row) -> None:
        self.table, self.row = table, row
        for name in table.mapping:
            if is_formula(row.cells.get(name, "")):
                raise Wrong(ProblemCode.FORMULA, column=name, value=row.cells[name])
            if is_of_template(row.cells.get(name, "")):
                raise Wrong(ProblemCode.TEMPLATE_ROW, column=name, value=row.cells[name])

    def text(self, field: Field) -> str:
        """Return the first of the columns with a field that is not empty."""
        return self.row.cells.get(self.column(field), "")

    def column(self, field: Field) -> str:
        """Return the name of that column, or of the first one, or nothing where no column has the field."""
        names = self.table.names_of(field)
        return next((name for name in names if self.row.cells.get(name)), names[0] if names else "")

    def wrong(self, code: ProblemCode, *fields: Field, other: int | None = None) -> Wrong:
        """Return what to raise: the problem at the first of some fields that the file has a column for."""
        column = next((name for field in fields if (name := self.column(field))), "")
        return Wrong(code, column=column, value=self.row.cells.get(column, ""), other=other)


Here = Mapping[tuple[str, str], str]
"""Who is in a practice already: by name as `same_name` has it and an address or number, what to call them."""


def read_clients(
    table: Table,
    *,
    dates: Dates,
    region: str | None,
    providers: Providers,
    here: Here | None = None,
    apart: frozenset[int] = frozenset(),
) -> ClientsRead:
    """Return what the rows of a table of clients mean. `apart` are rows a person said are somebody else.

    Numbers without their country are read as those of `region`. Raises NoNameColumn.
    """
    if not any(table.names_of(field) for field in NAMING):
        raise NoNameColumn
    good, problems, warnings = [], [], []
    earlier: dict[tuple[str, str], int] = {}
    for row in table.rows:
        try:
            cells = Cells(table, row)
            client = _client(cells, dates=dates, region=region, providers=providers)
            if row.number not in apart:
                _refuse_twice(client, earlier, here or {}, cells)
        except Wrong as wrong:
            problems.append(wrong.at(row.number))
            continue
        for key in keys_of(client):
            earlier.setdefault(key, client.row)
        if not client.email:
            warnings.append(Remark(row.number, WarningCode.NO_EMAIL))
        warnings.extend(client.remarks(cells.column))
        good.append(client)
    return ClientsRead(tuple(good), tuple(problems), tuple(warnings))


def _client(cells: Cells, *, dates: Dates, region: str | None, providers: Providers) -> ClientRow:
    first, last = _names(cells)
    if not first:
        raise cells.wrong(ProblemCode.MISSING_NAME, Field.FIRST_NAME, Field.NAME, Field.LAST_NAME)
    email = phone = born = None
    zone = ""
    try:
        field = Field.EMAIL
        email = email_address(cells.text(field))
        field = Field.PHONE
        phone = phone_number(cells.text(field), region=region)
        field = Field.DATE_OF_BIRTH
        born = birth_date(cells.text(field), dates)
        field = Field.ZONE
        zone = zone_written(cells.text(field))
    except Wrong as wrong:
        wrong.column, wrong.value = cells.column(field), cells.text(field)
        raise
    if not email and not phone:
        raise cells.wrong(ProblemCode.UNREACHABLE, Field.EMAIL, Field.PHONE, *NAMING)
    said = cells.text(Field.USUAL_PROVIDER)
    usual = (said and providers.found(said)) or ""
    place = cells.text(Field.USUAL_REGION)
    try:
        usual_region = region_from(place, country=region) if place else ""
    except UnknownRegion:
        usual_region = ""
    return ClientRow(
        row=cells.row.number,
        first_name=first,
        last_name=last,
        goes_by=first_listed(cells.text(Field.GOES_BY)),
        pronouns=first_listed(cells.text(Field.PRONOUNS)),
        email=email,
        phone=phone,
        date_of_birth=born,
        zone=zone,
        usual_region=usual_region,
        unknown_region="" if usual_region else place,
        usual_provider=usual,
        unknown_provider="" if usual else said,
        provider_left=said if usual in providers.left else "",
    )


def _names(cells: Cells) -> tuple[str, str]:
    """Return first and last name; a suffix of its own column joins the last name, and who has one name has no last name."""
    first, last, whole = (" ".join(cells.text(field).split()) for field in NAMING)
    if not first and not last:
        first, last = in_two(whole)
    elif not last and "," in first:
        first, last = in_two(first)
    elif not first:
        first, last = last, ""
    suffix = cells.text(Field.SUFFIX)
    if suffix and not (last and is_suffix(last.split()[-1])):
        last = f"{last} {suffix}".strip()
    return first, last


def _refuse_twice(
    client: ClientRow, earlier: Mapping[tuple[str, str], int], here: Here, cells: Cells
) -> None:
    """Refuse who has the name and the address or number of an earlier row, or of a client; one alone may be a relative's."""
    for key, field in zip(keys_of(client), (Field.EMAIL, Field.PHONE), strict=True):
        if key[1] and key in earlier:
            raise cells.wrong(ProblemCode.DUPLICATE, field, other=earlier[key])
        if key[1] and key in here:
            wrong = cells.wrong(ProblemCode.ALREADY_HERE, field)
            wrong.value = here[key]
            raise wrong


def keys_of(client: ClientRow) -> Iterable[tuple[str, str]]:
    name = same_name(client.name)
    return [(name, client.email), (name, client.phone or "")]

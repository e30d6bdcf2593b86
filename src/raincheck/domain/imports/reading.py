"""A reading: what a whole file holds by the rules of imports, for people who look at it before anything is kept."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from raincheck.domain.imports.appointments import AppointmentsRead, Assumed, read_appointments
from raincheck.domain.imports.clients import ClientsRead, Here, read_clients
from raincheck.domain.imports.columns import Field, Kind
from raincheck.domain.imports.dates import DateOrder, Dates, order_of, usual_order
from raincheck.domain.imports.names import Providers
from raincheck.domain.imports.tables import Sheet, Table, table_in

DATED = (
    Field.DATE_OF_BIRTH,
    Field.STARTS_AT,
    Field.ENDS_AT,
    Field.DATE,
    Field.REPEATS,
    Field.REPEATS_UNTIL,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person says of a file, or what is known of the practice it is for.

    `providers` are the names a row may have, None when any will do, and `left` those of people who work there no more; `order`
    None lets the file's own values tell.
    """

    kind: Kind
    zone: ZoneInfo
    today: date
    region: str | None = None
    order: DateOrder | None = None
    providers: tuple[str, ...] | None = None
    left: frozenset[str] = frozenset()
    chosen: Mapping[str, Field | None] = field(default_factory=dict)
    here: Here = field(default_factory=dict)
    apart: frozenset[int] = frozenset()
    assumed: Assumed = field(default_factory=Assumed)
    dates_out: Mapping[int, Collection[date]] = field(default_factory=dict)
    """Days of series that a person left out, by row."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's table and what its rows mean; `told_order` is whether the file's own dates tell their order."""

    table: Table
    dates: Dates
    told_order: bool
    rows: ClientsRead | AppointmentsRead


def read_sheets(sheets: Iterable[Sheet], settings: Settings) -> Reading:
    """Return what a file holds. Raises a fault when no row names its columns, or none of them holds what is needed."""
    return read_table(table_in(sheets, kind=settings.kind, chosen=settings.chosen), settings)


def read_table(table: Table, settings: Settings) -> Reading:
    """Return what the rows of a table mean. Raises a fault when no column holds what is needed."""
    told = order_of(table.texts(*DATED))
    order = settings.order or told or usual_order(settings.region)
    dates = Dates(order, settings.today, table.from_1904)
    providers = Providers(settings.providers, left=settings.left)
    rows: ClientsRead | AppointmentsRead
    if table.kind is Kind.CLIENTS:
        rows = read_clients(
            table,
            dates=dates,
            region=settings.region,
            providers=providers,
            here=settings.here,
            apart=settings.apart,
        )
    else:
        rows = read_appointments(
            table,
            dates=dates,
            zone=settings.zone,
            providers=providers,
            assumed=settings.assumed,
            dates_out=settings.dates_out,
        )
    return Reading(table, dates, told is not None, rows)

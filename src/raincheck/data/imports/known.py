"""Records of a practice that the rows of a file are compared with."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from raincheck.data.appointments.places import AppointmentType
from raincheck.data.imports.files import Import
from raincheck.data.people import Client, Practice, Provider, Recipient
from raincheck.domain.appointments.lifecycle import TypeKind
from raincheck.domain.imports.appointments import Assumed
from raincheck.domain.imports.clients import Here
from raincheck.domain.imports.columns import Field, Kind
from raincheck.domain.imports.dates import DateOrder
from raincheck.domain.imports.names import same_name
from raincheck.domain.imports.reading import Settings
from raincheck.domain.urgent_help import country_of
from raincheck.domain.zones import wall, zone_named

# A person rarely has more ways of naming columns than this.
FILES_REMEMBERED = 20


def clients_here(practice_id: int) -> Here:
    """Return who is in a practice, by their names and each address and number they have."""
    reached = Recipient.objects.filter(practice=practice_id, is_client=True).values_list(
        "client", "email", "phone"
    )
    ways: dict[int, set[str]] = {}
    for client, email, phone in reached:
        ways.setdefault(client, set()).update({email.lower(), phone} - {""})
    found: dict[tuple[str, str], str] = {}
    rows = Client.objects.filter(practice=practice_id).values_list(
        "pk", "first_name", "last_name", "goes_by", "phone"
    )
    for pk, first, last, goes_by, phone in rows:
        full = f"{first} {last}".strip()
        for name in {same_name(full), same_name(f"{goes_by} {last}")} if goes_by else {same_name(full)}:
            for way in ways.get(pk, set()) | ({phone} if phone else set()):
                found.setdefault((name, way), full)
    return found


def remembered_columns(practice_id: int, kind: Kind) -> dict[str, Field | None]:
    """Return what people of a practice said that columns hold, by the columns' names, the latest word counting."""
    said: dict[str, Field | None] = {}
    files = Import.objects.filter(practice=practice_id, kind=kind).order_by("-made_at", "-pk")
    for chosen in reversed(list(files.values_list("chosen", flat=True)[:FILES_REMEMBERED])):
        said |= chosen_from(chosen)
    return said


def chosen_from(kept: dict[str, str]) -> dict[str, Field | None]:
    """Return what is kept of a choice; a field of another version is left out."""
    return {name: Field(field) if field else None for name, field in kept.items() if field in ("", *Field)}


def settings_for(
    practice: Practice,
    *,
    kind: Kind,
    zone: str,
    now: datetime,
    order: str | None,
    chosen: dict[str, Field | None],
    apart: Iterable[int] = (),
    dates_out: Mapping[int, Collection[date]] | None = None,
) -> Settings:
    """Return how a file of a practice is read, in three queries."""
    clients = kind is Kind.CLIENTS
    named = list(Provider.objects.filter(practice=practice).values_list("name", "left_at"))
    providers = tuple(name for name, _left_at in named)
    return Settings(
        kind=kind,
        zone=zone_named(zone),
        today=wall(now, zone=zone_named(practice.zone)).date(),
        # A file from abroad has the numbers of where its times are.
        region=country_of(zone) or practice.region,
        order=DateOrder(order) if order else None,
        providers=providers,
        left=frozenset(providers) - {name for name, left_at in named if left_at is None},
        chosen=chosen,
        here=clients_here(practice.pk) if clients else {},
        apart=frozenset(apart),
        dates_out=dates_out or {},
        assumed=Assumed() if clients else assumed_for(practice, providers=providers),
    )


def assumed_for(practice: Practice, *, providers: Sequence[str] = (), kind: int | None = None) -> Assumed:
    """Return what rows need not say: the one provider there is, and how long each type lasts, others as long as `kind`."""
    types = AppointmentType.objects.filter(practice=practice, offered=True).order_by("-kind", "pk")
    lengths = {same_name(one.name): one.length for one in types}
    usual = next((one.length for one in types if one.pk == kind), None) or next(
        (one.length for one in types if one.kind == TypeKind.FOLLOW_UP), None
    )
    return Assumed(
        provider=providers[0] if len(providers) == 1 else "", lengths=lengths | ({"": usual} if usual else {})
    )

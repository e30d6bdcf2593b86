"""A practice's clients and appointments as tables, with the columns that an import reads back."""

from collections.abc import Iterator
from datetime import datetime

from raincheck.data.appointments import REAL
from raincheck.data.models import Appointment, Practice, Recipient
from raincheck.domain.imports.columns import Kind
from raincheck.domain.zones import wall, zone_named

COLUMNS = {
    Kind.CLIENTS: (
        "First name", "Last name", "Goes by", "Pronouns", "E-mail", "Phone", "Date of birth", "Time zone", "Usual provider",
    ),
    Kind.APPOINTMENTS: (
        "Client first name", "Client last name", "E-mail", "Provider", "Starts at", "Ends at", "Appointment type", "Place", "Status",
    ),
}  # fmt: skip
# So many rows are in memory at once.
CHUNK = 2000


def exported(practice: Practice, kind: Kind) -> Iterator[list[str]]:
    """Return the names of the columns and then each row. Times are those of the practice's clock, with their offset."""
    yield list(COLUMNS[kind])
    yield from _clients(practice) if kind is Kind.CLIENTS else _appointments(practice)


def _clients(practice: Practice) -> Iterator[list[str]]:
    own = Recipient.objects.filter(practice=practice, is_client=True).select_related("client__usual_provider")
    for one in own.order_by("client__last_name", "client__first_name", "client").iterator(CHUNK):
        client = one.client
        yield [
            client.first_name,
            client.last_name,
            client.goes_by,
            client.pronouns,
            one.email,
            one.phone or client.phone,
            client.date_of_birth.isoformat() if client.date_of_birth else "",
            client.zone,
            client.usual_provider.name if client.usual_provider else "",
        ]


def _appointments(practice: Practice) -> Iterator[list[str]]:
    emails = dict(Recipient.objects.filter(practice=practice, is_client=True).values_list("client", "email"))
    rows = Appointment.objects.filter(REAL, practice=practice).select_related(
        "client", "provider", "type", "place"
    )
    for one in rows.order_by("starts_at", "pk").iterator(CHUNK):
        yield [
            one.client.first_name,
            one.client.last_name,
            emails.get(one.client_id, ""),
            one.provider.name,
            _shown(one.starts_at, practice),
            _shown(one.ends_at, practice),
            one.type.name,
            one.place.name,
            one.status,
        ]


def _shown(instant: datetime, practice: Practice) -> str:
    # With its offset: an hour that autumn repeats is told apart.
    return wall(instant, zone=zone_named(practice.zone)).isoformat(sep=" ")

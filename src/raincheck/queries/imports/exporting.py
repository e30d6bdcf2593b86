"""A practice's clients and appointments as tables, with the columns that an import reads back."""

from collections.abc import Iterator
from datetime import datetime

from raincheck.data.access.shown import shows
from raincheck.data.appointments.appointment import REAL
from raincheck.data.models import Appointment, Practice, Recipient
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.template import COLUMNS
from raincheck.domain.zones import wall, zone_named

# So many rows are in memory at once.
CHUNK = 2000


def exported(practice: Practice, kind: Kind) -> Iterator[list[str]]:
    """Return the names of the columns and then each row; whom they name counts as shown.

    Times are those of the practice's clock, with their offset. A few thousand rows are in memory at once.
    """
    yield list(COLUMNS[kind])
    yield from _clients(practice) if kind is Kind.CLIENTS else _appointments(practice)


def _clients(practice: Practice) -> Iterator[list[str]]:
    kept = Recipient.objects.filter(practice=practice, is_client=True, client__rehearsal=False)
    # A record that became part of another is written once, as that one.
    own = kept.filter(client__merged_into__isnull=True)
    rows = own.order_by("client__last_name", "client__first_name", "client").values_list(
        "client", "client__first_name", "client__last_name", "client__goes_by", "client__pronouns", "email", "phone",
        "client__phone", "client__date_of_birth", "client__zone",
        "client__usual_region", "client__usual_provider__name",
    )  # fmt: skip
    for client, *name, email, phone, own_phone, born, zone, region, usual in rows.iterator(CHUNK):
        shows(client)
        born_on = born.isoformat() if born else ""
        yield [*name, email, phone or own_phone, born_on, zone, region, usual or ""]


def _appointments(practice: Practice) -> Iterator[list[str]]:
    emails = dict(Recipient.objects.filter(practice=practice, is_client=True).values_list("client", "email"))
    rows = Appointment.objects.filter(REAL, practice=practice, client__rehearsal=False)
    rows = rows.order_by("starts_at", "pk")
    columns = (
        "client", "client__first_name", "client__last_name", "provider__name", "starts_at", "ends_at",
        "type__name", "place__name", "status",
    )  # fmt: skip
    for client, first, last, provider, start, end, *rest in rows.values_list(*columns).iterator(CHUNK):
        shows(client)
        yield [
            first,
            last,
            emails.get(client, ""),
            provider,
            _shown(start, practice),
            _shown(end, practice),
            # Each date of a series is a row of its own, with what became of it; nothing comes in twice with it.
            "",
            "",
            *rest,
        ]


def _shown(instant: datetime, practice: Practice) -> str:
    # With its offset: an hour that autumn repeats is told apart.
    return wall(instant, zone=zone_named(practice.zone)).isoformat(sep=" ")

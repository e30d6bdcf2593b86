"""Appointments of a practice that the rows of a file are matched with."""

from collections import defaultdict
from datetime import datetime

from raincheck.data.appointments import Appointment, AppointmentType, Place
from raincheck.data.people import Client, Provider, Recipient
from raincheck.domain.appointments import PlaceKind, Status, TypeKind
from raincheck.domain.imports.matching import Known, KnownPlace, KnownType
from raincheck.domain.imports.names import same_name


def known_in(practice_id: int, *, now: datetime) -> Known:
    """Return a practice's clients, providers, offered types and places, and who has which session ahead, in six queries."""
    emails = dict(
        Recipient.objects.filter(practice=practice_id, is_client=True).values_list("client", "email")
    )
    clients: dict[str, list[tuple[int, str]]] = defaultdict(list)
    rows = Client.objects.filter(practice=practice_id, archived_at__isnull=True, merged_into__isnull=True)
    for pk, first, last, goes_by in rows.values_list("pk", "first_name", "last_name", "goes_by"):
        names = {same_name(f"{first} {last}")} | ({same_name(f"{goes_by} {last}")} if goes_by else set())
        for name in names:
            clients[name].append((pk, emails.get(pk, "").lower()))
    offered = {"practice": practice_id, "offered": True}
    known = Known(
        clients=clients,
        providers=dict(Provider.objects.filter(practice=practice_id).values_list("name", "pk")),
        types=[
            KnownType(one.pk, one.name, TypeKind(one.kind), one.length)
            for one in AppointmentType.objects.filter(**offered)
        ],
        places=[KnownPlace(one.pk, one.name, PlaceKind(one.kind)) for one in Place.objects.filter(**offered)],
    )
    ahead = Appointment.objects.filter(practice=practice_id, status=Status.SCHEDULED, ends_at__gt=now)
    for provider, client, start, end in ahead.values_list("provider", "client", "starts_at", "ends_at"):
        known.busy.add(("provider", provider), start, end)
        known.busy.add(("client", client), start, end)
    return known

"""Appointments of a practice that the rows of a file are matched with."""

from collections import defaultdict
from datetime import datetime

from django.db.models import Q

from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.people import Client, Provider, Recipient
from raincheck.domain.appointments.lifecycle import PlaceKind, TypeKind
from raincheck.domain.imports.matching import Known, KnownPlace, KnownType
from raincheck.domain.imports.names import same_name


def known_in(practice_id: int, *, now: datetime) -> Known:
    """Return a practice's clients, providers, offered types and places, and which time ahead is taken, in six queries."""
    emails = dict(
        Recipient.objects.filter(practice=practice_id, is_client=True).values_list("client", "email")
    )
    clients: dict[str, list[tuple[int, str]]] = defaultdict(list)
    discharged = set()
    rows = Client.objects.filter(practice=practice_id, archived_at__isnull=True, merged_into__isnull=True)
    columns = ("pk", "first_name", "last_name", "goes_by", "discharged_at")
    for pk, first, last, goes_by, discharged_at in rows.values_list(*columns):
        discharged |= {pk} if discharged_at else set()
        names = {same_name(f"{first} {last}")} | ({same_name(f"{goes_by} {last}")} if goes_by else set())
        for name in names:
            clients[name].append((pk, emails.get(pk, "").lower()))
    providers = list(Provider.objects.filter(practice=practice_id).values_list("pk", "name", "left_at"))
    offered = {"practice": practice_id, "offered": True}
    known = Known(
        clients=clients,
        providers={name: pk for pk, name, _left_at in providers},
        left={pk for pk, _name, left_at in providers if left_at},
        discharged=discharged,
        types=[
            KnownType(one.pk, one.name, TypeKind(one.kind), one.length)
            for one in AppointmentType.objects.filter(**offered)
        ],
        places=[
            KnownPlace(one.pk, one.name, PlaceKind(one.kind), one.one_at_a_time)
            for one in Place.objects.filter(**offered)
        ],
    )
    # Expired holds are nobody's any more, whether or not a sweep has found them.
    live = Q(hold__isnull=True) | Q(hold__expires_at__gt=now)
    taken = Claim.objects.filter(live, practice=practice_id, span__endswith__gt=now)
    read = taken.values_list("part", "hold", "provider", "client", "room", "span")
    for part, held, provider, client, room, span in read:
        if room is not None:
            known.busy.takes_room(room, span.lower, span.upper, client=client)
        if part == "buffered":
            known.busy.takes_provider(provider, span.lower, span.upper, client=client)
        elif not held:
            known.busy.takes_client(client, span.lower, span.upper)
    return known

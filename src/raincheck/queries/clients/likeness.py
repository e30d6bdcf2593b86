"""Clients who are likely the same person: around one who is written down now, and within a whole practice."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Lower

from raincheck.data.models import Client, DifferentPeople, Recipient
from raincheck.domain.clients.likeness import Likeness, Person, likely_pairs, likenesses


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that are likely of one person, the older one first, and why."""

    one: Client
    other: Client
    why: frozenset[Likeness]


def person_of(client: Client) -> Person:
    """Return what of a record tells who somebody is; `email` and `reached_by` come with `known_clients`."""
    return Person(
        client.first_name,
        client.last_name,
        client.goes_by,
        client.date_of_birth,
        getattr(client, "email", None) or "",
        getattr(client, "reached_by", None) or client.phone,
    )


def known_clients(practice_id: int) -> QuerySet[Client]:
    """Return the clients of a practice with their own address, without rehearsals and records that became part of others."""
    own = Q(recipients__is_client=True) | Q(recipients__isnull=True)
    rows = Client.objects.filter(own, practice=practice_id, merged_into__isnull=True, rehearsal=False)
    return rows.annotate(email=F("recipients__email"), reached_by=F("recipients__phone"))


def likely_same(person: Person, *, practice_id: int, but: int | None = None) -> list[Client]:
    """Return the clients of a practice who are likely this person, the oldest record first; `but` is their own number."""
    alike = Q()
    if person.email.strip():
        alike |= Q(recipients__email__iexact=person.email.strip())
    if person.phone:
        alike |= Q(recipients__phone=person.phone) | Q(phone=person.phone)
    if person.born is not None:
        alike |= Q(date_of_birth=person.born)
    if not alike:
        return []
    found = known_clients(practice_id).filter(alike).order_by("pk")
    if but is not None:
        told_apart = DifferentPeople.objects.filter(Q(one=but) | Q(other=but), practice=practice_id)
        found = found.exclude(pk__in={but, *chain(*told_apart.values_list("one", "other"))})
    return [row for row in found if likenesses(person, person_of(row))]


def likely_pairs_in(practice_id: int) -> list[Pair]:
    """Return all pairs of records in a practice that are likely of one person and that nobody has told apart."""
    rows = known_clients(practice_id)
    addresses = Recipient.objects.filter(
        practice=practice_id, is_client=True, client__merged_into__isnull=True
    )
    emails = _shared(addresses.annotate(said=Lower("email")).exclude(said=""), "said")
    phones = _shared(addresses.exclude(phone=""), "phone")
    births = _shared(rows.exclude(date_of_birth=None), "date_of_birth")
    sharing = rows.annotate(said=Lower("recipients__email")).filter(
        Q(said__in=emails) | Q(recipients__phone__in=phones) | Q(date_of_birth__in=births)
    )
    clients = {row.pk: row for row in sharing.order_by("pk")}
    found = likely_pairs((pk, person_of(row)) for pk, row in clients.items())
    apart = set(DifferentPeople.objects.filter(practice=practice_id).values_list("one", "other"))
    return [
        Pair(clients[one], clients[other], why)
        for (one, other), why in sorted(found.items())
        if (one, other) not in apart
    ]


def _shared(rows: QuerySet[Client] | QuerySet[Recipient], name: str) -> Iterable[object]:
    counted = rows.order_by().values(name).annotate(count=Count("pk", distinct=True))
    return list(counted.filter(count__gt=1).values_list(name, flat=True))

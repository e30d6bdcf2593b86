"""The read log as managers read it: by person, by client, by day; and as whom of a practice somebody signs in."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from raincheck.data.access.read_log import ReadLog
from raincheck.data.people import Client, Membership, Practice, Provider
from raincheck.domain.people import BY_MEMBERSHIP, Actor, ActorKind, Role
from raincheck.queries.people import found_by, names_by_membership

FOUND = 200
"""So many clients a search by name looks for in the log."""

Person = tuple[str, int]
"""A kind of actor, and the number within it."""


def entries(
    practice: Practice,
    *,
    person: Person | None,
    clients: list[int] | None,
    since: datetime | None,
    until: datetime | None,
) -> QuerySet[ReadLog]:
    """Return a practice's rows, newest first; whatever is None does not narrow them."""
    rows = ReadLog.objects.filter(practice=practice)
    if person is not None:
        rows = rows.filter(actor_kind=person[0], actor=person[1])
    if clients is not None:
        rows = rows.filter(clients__overlap=with_merged(clients, practice=practice))
    if since is not None and until is not None:
        rows = rows.filter(at__gte=since, at__lt=until)
    return rows.order_by("-at", "-pk")


def with_merged(clients: list[int], *, practice: Practice) -> list[int]:
    """Return the clients and the records that were merged into theirs: those are of the same person."""
    found, newest = set(clients), set(clients)
    while newest:
        gone = Client.objects.filter(practice=practice, merged_into__in=newest)
        newest = set(gone.values_list("pk", flat=True)) - found
        found |= newest
    return sorted(found)


def clients_named(words: str, *, practice: Practice) -> list[int]:
    """Return the clients who are found by these words."""
    found = Client.objects.filter(practice=practice, pk__in=found_by(words, practice_id=practice.pk))
    return list(found.order_by("pk").values_list("pk", flat=True)[:FOUND])


def people_of(practice: Practice) -> list[tuple[Person, str]]:
    """Return whoever of the practice can read, with their names; also those whose access has ended."""
    members = Membership.objects.filter(practice=practice).exclude(role=Role.CLIENT)
    found: dict[Person, str] = {}
    for row in members.select_related("user", "provider").order_by("user__name", "pk"):
        name = row.provider.name if row.provider is not None else row.user.name
        found[_within(row)] = name or row.user.email
    return list(found.items())


def names_of(people: Iterable[tuple[str, int | None]]) -> dict[tuple[str, int | None], str]:
    """Return what people are called, by kind and number, in one query for each kind of table."""
    people = list(people)
    members = names_by_membership(people)
    providers = {who for kind, who in people if kind == ActorKind.PROVIDER and who is not None}
    named = dict(Provider.objects.filter(pk__in=providers).values_list("pk", "name"))
    return {
        (kind, who): (members if kind in BY_MEMBERSHIP else named).get(who or 0, "")
        for kind, who in people
        if kind in BY_MEMBERSHIP or kind == ActorKind.PROVIDER
    }


def as_whom(email: str) -> tuple[int | None, list[Actor]]:
    """Return the user of an address, and who they are in each of their practices; the same questions for one of nobody."""
    members = Membership.objects.filter(user__email=email.strip().lower()).order_by("practice", "role", "pk")
    found: dict[int, Actor] = {}
    user = None
    for row in members:
        user = row.user_id
        kind, who = _within(row)
        found.setdefault(row.practice_id, Actor(ActorKind(kind), who, practice=row.practice_id))
    return user, list(found.values())


def _within(row: Membership) -> Person:
    match Role(row.role):
        case Role.PROVIDER:
            return ActorKind.PROVIDER, row.provider_id or 0
        case Role.CLIENT:
            return ActorKind.CLIENT, row.client_id or 0
        case role:
            return ActorKind(role), row.pk

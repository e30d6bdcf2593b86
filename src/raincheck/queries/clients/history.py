"""The history of a client's record with the names of who made each change."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from raincheck.data.models import Client, ClientHistory, Membership, Provider
from raincheck.domain.people import BY_MEMBERSHIP, ActorKind

SHOWN = 20
Acting = tuple[str | None, int | None]
"""The kind and number of who acted."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of a record, and the name of who of the practice made it; empty for others, or when that is known no more."""

    row: ClientHistory
    by: str


def latest_changes(client: Client) -> list[Changed]:
    """Return the latest changes of a client's record and of those that became part of it, the newest first, in three queries."""
    of_both = Q(client=client) | Q(client__merged_into=client)
    found = list(ClientHistory.objects.filter(of_both).order_by("-pk")[:SHOWN])
    names = names_of_staff((row.actor_kind, row.actor) for row in found)
    return [Changed(row, names.get((row.actor_kind, row.actor), "")) for row in found]


def names_of_staff(actors: Iterable[Acting]) -> dict[Acting, str]:
    """Return by actor what those of the practice are called, in two queries."""
    wanted = set(actors)
    providers = {who for kind, who in wanted if kind == ActorKind.PROVIDER and who is not None}
    others = {who for kind, who in wanted if kind in BY_MEMBERSHIP and who is not None}
    names: dict[Acting, str] = {}
    for pk, name in Provider.objects.filter(pk__in=providers).values_list("pk", "name"):
        names[ActorKind.PROVIDER.value, pk] = name
    members = dict(Membership.objects.filter(pk__in=others).values_list("pk", "user__name"))
    names |= {(kind, who): members[who] for kind, who in wanted if kind in BY_MEMBERSHIP and who in members}
    return names

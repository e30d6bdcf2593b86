"""The invitation behind a link, and the practices of this installation with how many people are in each."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from raincheck.data.access.invitations import UNUSED
from raincheck.data.models import Invitation, Membership, Practice, User
from raincheck.domain.access.invitations import digest_of
from raincheck.domain.people import Role


@dataclass(frozen=True, slots=True)
class ListedPractice:
    """A practice as its operator sees it; `invited` is how many invitations are open."""

    ref: str
    name: str
    zone: str
    managers: int
    providers: int
    invited: int


def invitation_behind(token: str) -> Invitation | None:
    """Return the invitation whose token hashes to what is kept, with its practice; None when there is none."""
    return Invitation.objects.select_related("practice").filter(hash=digest_of(token)).first()


def account_of(email: str) -> User | None:
    """Return whoever signs in with an address, of whatever practice."""
    return User.objects.filter(email=email).first()


def there_is_a_practice() -> bool:
    return Practice.objects.exists()


def practices_called(name: str | None) -> list[Practice]:
    """Return the practices of a name, whatever its capitals, or of a ref; all of them without one."""
    rows = Practice.objects.order_by("pk")
    if name is None:
        return list(rows)
    with suppress(ValueError):
        return list(rows.filter(ref=UUID(name.strip())))
    return list(rows.filter(name__iexact=" ".join(name.split())))


def listed_practices(*, now: datetime) -> list[ListedPractice]:
    """Return every practice, the oldest first."""

    def counted(rows: QuerySet[Any], condition: Q) -> Coalesce:
        own = rows.filter(condition, practice=OuterRef("pk")).order_by().values("practice")
        return Coalesce(Subquery(own.annotate(n=Count("pk")).values("n")), 0)

    at_work = Membership.objects.filter(ended_at__isnull=True)
    rows = Practice.objects.order_by("pk").annotate(
        managers=counted(at_work, Q(role=Role.MANAGER)),
        providers=counted(at_work, Q(role=Role.PROVIDER)),
        invited=counted(Invitation.objects.all(), UNUSED & Q(ends_at__gt=now)),
    )
    return [
        ListedPractice(str(row.ref), row.name, row.zone, row.managers, row.providers, row.invited)
        for row in rows
    ]

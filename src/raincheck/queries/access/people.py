"""People who work in a practice, as what and since when no more; and what is booked with somebody who left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from raincheck.data.access.invitations import UNUSED
from raincheck.data.models import (
    Appointment,
    Invitation,
    Membership,
    Notification,
    Practice,
    Provider,
    RightsHistory,
    User,
)
from raincheck.domain.access.appearance import Look
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.notifications import DeliveryState, NotificationType
from raincheck.domain.people import BY_MEMBERSHIP, STAFF_ROLES, ActorKind, Role
from raincheck.queries.access.appearance import looks_of
from raincheck.queries.people import names_by_membership

CHANGES_SHOWN = 20
TAKEN_BACK_SHOWN = UNREACHED_SHOWN = timedelta(days=30)
ABOUT_SECOND_STEPS = (NotificationType.SECOND_FACTOR_CHANGED, NotificationType.SECOND_FACTOR_RESET)


@dataclass(slots=True)
class Colleague:
    """Somebody of a practice: what they are, or what they were until `ended_at`, and how they are shown. A provider's row stays when they left."""

    user: User
    roles: list[Role]
    provider: Provider | None
    ended_at: datetime | None
    look: Look | None

    @property
    def has_hours(self) -> bool:
        """Whether anybody could find a time of theirs; true for who has no calendar."""
        if Role.PROVIDER not in self.roles or self.provider is None:
            return True
        return self.provider.has_hours


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of somebody's rights, and the name of who made it; empty when that is known no more."""

    row: RightsHistory
    by: str


def people_of(practice: Practice) -> list[Colleague]:
    """Return everybody of a practice, those who work there first, by name; in two queries."""
    looks = looks_of(practice)
    found = [_colleague(rows, looks) for rows in _by_user(Membership.objects.filter(practice=practice))]
    return sorted(found, key=lambda one: (one.ended_at is not None, one.user.name.casefold(), one.user.pk))


def person_of(practice: Practice, ref: UUID) -> Colleague | None:
    """Return one of them; None for who was never there."""
    rows = Membership.objects.filter(practice=practice, user__ref=ref)
    looks = looks_of(practice)
    return next((_colleague(memberships, looks) for memberships in _by_user(rows)), None)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that nobody has used or taken back. `failed` says that its mail did not arrive."""

    row: Invitation
    failed: bool


def invited_to(practice: Practice) -> list[Invited]:
    """Return the invitations that nobody has used or taken back, the latest first, in two queries."""
    rows = list(Invitation.objects.filter(UNUSED, practice=practice).order_by("-pk"))
    mails = Notification.objects.filter(
        practice=practice,
        kind=NotificationType.INVITATION,
        user__email__in=[row.email for row in rows],
    )
    # Of several the latest counts.
    states = dict(mails.order_by("pk").values_list("user__email", "state"))
    return [Invited(row, states.get(row.email) == DeliveryState.FAILED) for row in rows]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An invitation that somebody took back, and the name of who did; empty when that is known no more."""

    row: Invitation
    by: str


def taken_back(practice: Practice, *, now: datetime) -> list[TakenBack]:
    """Return the invitations that somebody took back lately, the latest first, in two queries."""
    since = now - TAKEN_BACK_SHOWN
    rows = Invitation.objects.filter(practice=practice, revoked_at__gt=since).exclude(revoked_by_kind="")
    found = list(rows.order_by("-revoked_at", "-pk"))
    names = names_by_membership((row.revoked_by_kind, row.revoked_by) for row in found)
    return [TakenBack(row, names.get(row.revoked_by or 0, "")) for row in found]


def undelivered(*, now: datetime) -> QuerySet[Notification]:
    """Return the notices about second steps that could lately not be delivered, the latest first: no task speaks of them."""
    since = now - UNREACHED_SHOWN
    rows = Notification.objects.filter(
        kind__in=ABOUT_SECOND_STEPS, state=DeliveryState.FAILED, ended_at__gt=since
    )
    return rows.order_by("-ended_at", "-pk")


def managers_of(practice: Practice) -> int:
    """Return how many manage a practice."""
    return Membership.objects.filter(practice=practice, role=Role.MANAGER, ended_at__isnull=True).count()


def booked_ahead_with(provider: Provider, *, now: datetime) -> QuerySet[Appointment]:
    """Return what is booked with a provider and has not begun, soonest first."""
    ahead = Appointment.objects.filter(provider=provider, status=Status.SCHEDULED, starts_at__gt=now)
    return ahead.select_related("client", "type", "place").order_by("starts_at", "pk")


def changes_of(practice: Practice, user: User) -> list[Changed]:
    """Return the latest changes of somebody's rights, the newest first, in two queries."""
    rows = list(RightsHistory.objects.filter(practice=practice, user=user).order_by("-pk")[:CHANGES_SHOWN])
    members = {row.actor for row in rows if row.actor_kind in BY_MEMBERSHIP and row.actor is not None}
    named = Membership.objects.filter(pk__in=members).values_list("pk", "user__name")
    names: dict[int | None, str] = dict(named)
    return [
        Changed(row, names.get(row.actor, "") if row.actor_kind != ActorKind.OPERATOR else "") for row in rows
    ]


def _by_user(rows: QuerySet[Membership]) -> Iterable[list[Membership]]:
    staff = rows.filter(role__in=STAFF_ROLES).select_related("user", "provider").order_by("pk")
    held: dict[int, list[Membership]] = {}
    for row in staff:
        held.setdefault(row.user_id, []).append(row)
    return held.values()


def _colleague(rows: list[Membership], looks: Mapping[int, Look]) -> Colleague:
    live = [row for row in rows if row.ended_at is None]
    ended = max((row.ended_at for row in rows if row.ended_at is not None), default=None)
    shown = live or [row for row in rows if row.ended_at == ended]
    provider = next((row.provider for row in rows if row.provider is not None), None)
    roles = [role for role in STAFF_ROLES if role in {Role(row.role) for row in shown}]
    user = rows[0].user
    return Colleague(user, roles, provider, None if live else ended, looks.get(user.pk))

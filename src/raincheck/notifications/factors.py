"""Notices about second factors: somebody reads what changed about theirs, and managers that a colleague's were taken away."""

from collections.abc import Mapping
from datetime import datetime

from raincheck.data.models import Membership, Notification, Practice, User
from raincheck.domain.access.events import Event
from raincheck.domain.notifications import RETRIED_FOR, Channel, NotificationType
from raincheck.domain.people import STAFF_ROLES, Actor, ActorKind, Role
from raincheck.notifications.context import Values, plain
from raincheck.notifications.formats import long_day_and_time, with_zone
from raincheck.notifications.outbox import queue

RESET = "reset"
"""What happened when somebody else took all of them away."""


def notify_of_factor(user_id: int, what: Event, *, now: datetime) -> None:
    """Tell somebody that their second factors are others than before, so that they notice when it was not they."""
    # Whatever practices they work in, it is one account: one mail, in the name of where they came first.
    works = Membership.objects.filter(user=user_id, role__in=STAFF_ROLES, ended_at__isnull=True)
    first = works.select_related("practice", "user").order_by("pk").first()
    if first is not None:
        _send(
            [_to(first.practice, first.user, NotificationType.SECOND_FACTOR_CHANGED, {"what": what}, now=now)]
        )


def notify_of_reset(practices: list[Practice], user: User, *, by: Actor, now: datetime) -> None:
    """Tell somebody that their second factors were taken away, and the managers of their practices but the one who did it."""
    rows = [
        _to(practices[0], user, NotificationType.SECOND_FACTOR_CHANGED, {"what": RESET}, now=now),
    ]
    managers = Membership.objects.filter(
        practice__in=practices, role=Role.MANAGER, ended_at__isnull=True, user__is_active=True
    ).exclude(user=user)
    if by.kind is ActorKind.MANAGER:
        managers = managers.exclude(pk=by.who or 0)
    rows += [
        _to(row.practice, row.user, NotificationType.SECOND_FACTOR_RESET, {"whose": user.pk}, now=now)
        for row in managers.select_related("practice", "user").order_by("pk")
    ]
    _send(rows)


def factor_values(notification: Notification) -> Values:
    """Return what the words of such a notice name: what happened, when by the practice's clock, and to whom."""
    practice, facts = notification.practice, notification.facts
    at = long_day_and_time(notification.made_at, practice.zone)
    whose = User.objects.filter(pk=facts.get("whose")).first()
    return {
        "what": str(facts.get("what", "")).removeprefix("event:"),
        "name": plain(whose.name or whose.email) if whose is not None else "",
        "when": with_zone(at, practice.zone),
        "sender": plain(practice.sender),
    }


def _to(
    practice: Practice, user: User, kind: NotificationType, facts: Mapping[str, object], *, now: datetime
) -> Notification:
    return Notification(
        practice=practice,
        user=user,
        channel=Channel.EMAIL,
        kind=kind,
        made_at=now,
        due_at=now,
        give_up_at=now + RETRIED_FOR,
        facts=dict(facts),
    )


def _send(rows: list[Notification]) -> None:
    Notification.objects.bulk_create(rows)
    queue(rows, now=rows[0].made_at)

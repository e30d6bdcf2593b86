"""The outbox: wakes the workers that deliver when something is due; the notification's row is the one truth."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Min, QuerySet

from raincheck.data.notifications import Notification
from raincheck.domain.notifications import Channel, DeliveryState

DELIVERIES = "raincheck_deliveries"
"""The channel on which workers listen; what is said there carries nothing."""


def queue(notifications: Sequence[Notification], *, now: datetime) -> None:
    """Wake the workers once this commits, if any of the notifications is due; those due later they find by themselves."""
    if any(row.due_at <= now for row in notifications):
        with connection.cursor() as cursor:
            # NOTIFY takes no parameters, its function does; PostgreSQL delivers at the commit only.
            cursor.execute("SELECT pg_notify(%s, '')", [DELIVERIES])


def due_notifications(
    *, now: datetime, limit: int, channels: Iterable[Channel] = (Channel.EMAIL, Channel.SMS)
) -> list[int]:
    """Return the numbers of notifications that wait and may be tried, longest due first; what a sweep told after the rest."""
    rows = _waiting(channels).filter(due_at__lte=now).order_by("due_at", "pk").values_list("pk", flat=True)
    found = list(rows.filter(after_others=False)[:limit])
    if len(found) < limit:
        found += rows.filter(after_others=True)[: limit - len(found)]
    return found


def next_due_at(*, channels: Iterable[Channel]) -> datetime | None:
    """Return when the next of the notifications that wait may be tried; None when none waits."""
    at: datetime | None = _waiting(channels).aggregate(at=Min("due_at"))["at"]
    return at


def _waiting(channels: Iterable[Channel]) -> QuerySet[Notification]:
    return Notification.objects.filter(state=DeliveryState.WAITING, channel__in=list(channels))

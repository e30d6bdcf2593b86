"""Hands waiting notifications to the worker, as jobs in the same transaction; the row stays the one truth."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.types import JSONValue

from raincheck.data.notifications import Notification
from raincheck.domain.notifications import Channel, DeliveryState

DELIVER = "deliver"
"""The task's name; the worker knows the task, this room only its name."""
# Any number, as long as every process that queues what waits takes the same one, and no other lock has it.
ONE_AT_A_TIME = 4_620_731_002
AFTER_OTHERS = -1
"""Somebody waits for what a verb has just said; what was found waiting is late already, or there is a lot of it."""


def queue(notifications: Sequence[Notification], *, now: datetime) -> None:
    """Queue one job for each notification that is due; those due later are found by the sweep when their time has come."""
    _defer([row.pk for row in notifications if row.due_at <= now])


def due_notifications(*, now: datetime, limit: int) -> list[int]:
    """Return the numbers of notifications that wait and may be tried, longest due first."""
    return list(_due(now).values_list("pk", flat=True)[:limit])


def queue_again(*, now: datetime, limit: int) -> int:
    """Queue notifications that are due and have no job waiting: what a sweep told, retries, texts kept for the morning, lost jobs.

    Returns how many: longest due first, so many that `limit` jobs of each channel wait, and none while another worker is
    at it. Whatever a verb queues goes before them; and no text waits behind e-mails that a dead mail server keeps.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        if not cursor.fetchone()[0]:
            return 0
        jobs = ProcrastinateJob.objects.filter(task_name=DELIVER, status="todo")
        queued = set(jobs.values_list("args__notification", flat=True))
        lost = [
            number
            for channel in (Channel.SMS, Channel.EMAIL)
            for number in _lost(channel, queued=queued, now=now, limit=limit)
        ]
        _defer(lost, priority=AFTER_OTHERS)
        return len(lost)


def _lost(channel: Channel, *, queued: Set[int], now: datetime, limit: int) -> list[int]:
    """Return what is due by a channel without a job, at most as many as still have room in the queue."""
    already = Notification.objects.filter(pk__in=queued, channel=channel).count()
    due = _due(now).filter(channel=channel).values_list("pk", flat=True)[: limit + already]
    return [number for number in due if number not in queued][: max(limit - already, 0)]


def _due(now: datetime) -> QuerySet[Notification]:
    rows = Notification.objects.filter(state=DeliveryState.WAITING, due_at__lte=now)
    return rows.order_by("due_at", "pk")


def _defer(numbers: Sequence[int], *, priority: int = 0) -> None:
    jobs: list[dict[str, JSONValue]] = [{"notification": number} for number in numbers]
    if jobs:
        app.configure_task(DELIVER, allow_unknown=True, priority=priority).batch_defer(*jobs)

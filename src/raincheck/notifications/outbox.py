"""Hands waiting notifications to the worker, as jobs in the same transaction; the row stays the one truth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.types import JSONValue

from raincheck.data.notifications import Notification
from raincheck.domain.notifications import DeliveryState

DELIVER = "deliver"
"""The task's name; the worker knows the task, this room only its name."""


def queue(notifications: Sequence[Notification], *, now: datetime) -> None:
    """Queue one job for each notification that is due; those due later are found by the sweep when their time has come."""
    _defer([row.pk for row in notifications if row.due_at <= now])


def due_notifications(*, now: datetime, limit: int) -> list[int]:
    """Return the numbers of notifications that wait and may be tried, longest due first."""
    due = Notification.objects.filter(state=DeliveryState.WAITING, due_at__lte=now).order_by("due_at", "pk")
    return list(due.values_list("pk", flat=True)[:limit])


def queue_again(*, now: datetime, limit: int) -> int:
    """Queue every notification that is due and has no job waiting: retries, texts kept for the morning, lost jobs.

    Returns how many. Two workers that do so at once queue some twice; the second job finds nothing to do.
    """
    waiting = ProcrastinateJob.objects.filter(task_name=DELIVER, status="todo")
    queued = set(waiting.values_list("args__notification", flat=True))
    lost = [number for number in due_notifications(now=now, limit=limit) if number not in queued]
    _defer(lost)
    return len(lost)


def _defer(numbers: Sequence[int]) -> None:
    jobs: list[dict[str, JSONValue]] = [{"notification": number} for number in numbers]
    if jobs:
        app.configure_task(DELIVER, allow_unknown=True).batch_defer(*jobs)

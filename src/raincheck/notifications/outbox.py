"""Hands waiting notifications to the worker, as jobs in the same transaction; the row stays the one truth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from raincheck.data.notifications import Notification

DELIVER = "deliver"
"""The task's name; the worker knows the task, this room only its name."""


def queue(notifications: Sequence[Notification], *, now: datetime) -> None:
    """Queue one job for each notification that is due; those due later are found by the sweep when their time has come."""
    due: list[dict[str, JSONValue]] = [{"notification": row.pk} for row in notifications if row.due_at <= now]
    if due:
        app.configure_task(DELIVER, allow_unknown=True).batch_defer(*due)

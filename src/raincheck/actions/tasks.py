"""Finishing with a task."""

from __future__ import annotations

from datetime import datetime

from raincheck.actions.engine.locks import refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.data.tasks import Task


def finish_task(task: Task, *, now: datetime) -> Answer:
    """Take a task off the list; one that is done stays done."""
    refuse_what_is_not_theirs(task)
    Task.objects.filter(pk=task.pk, done_at__isnull=True).update(done_at=now)
    return {"task": str(task.ref)}

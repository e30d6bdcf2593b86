"""Queues a job for each calendar that lacks something: found by comparing, so that no job is ever needed to survive."""

from __future__ import annotations

from datetime import datetime

from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.types import JSONValue

from raincheck.queries.calendar_copies import writings_due
from raincheck.worker.tasks import copy_appointments

AFTER_MESSAGES = -10
"""A slow calendar server must not keep a message to a client waiting: what is delivered comes first."""


def queue_copies(*, now: datetime) -> int:
    """Queue every writing that is due and has no job waiting; return how many."""
    waiting = ProcrastinateJob.objects.filter(task_name=copy_appointments.name, status="todo")
    queued = set(waiting.values_list("args__writing", flat=True))
    lacking = [number for number in writings_due(now=now) if number not in queued]
    jobs: list[dict[str, JSONValue]] = [{"writing": number} for number in lacking]
    if jobs:
        copy_appointments.configure(priority=AFTER_MESSAGES).batch_defer(*jobs)
    return len(lacking)

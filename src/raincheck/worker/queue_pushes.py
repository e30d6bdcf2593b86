"""Queues a job for each calendar that lacks something: found by comparing, so that no job is ever needed to survive."""

from __future__ import annotations

from datetime import datetime

from procrastinate.contrib.django.models import ProcrastinateJob

from raincheck.integrations.calendar_checks import AT_ONCE, CHECK, PRIORITY
from raincheck.queries.calendars.pushes import writings_due
from raincheck.worker.tasks import copy_appointments


def queue_copies(*, now: datetime) -> int:
    """Queue every writing that is due and has no job waiting; return how many.

    They share the lanes of the checks: slow calendar servers, asked or written to, keep no message from leaving.
    """
    waiting = ProcrastinateJob.objects.filter(task_name=copy_appointments.name, status="todo")
    queued = set(waiting.values_list("args__writing", flat=True))
    lacking = [number for number in writings_due(now=now) if number not in queued]
    for number in lacking:
        lane = f"{CHECK} {number % AT_ONCE}"
        copy_appointments.configure(priority=PRIORITY, lock=lane).defer(writing=number)
    return len(lacking)

"""Jobs for calendars that lack something: found by comparing, so that no job is ever needed to survive."""

from datetime import datetime

from procrastinate.contrib.django.models import ProcrastinateJob

from raincheck.integrations.calendar_checks import AT_ONCE, CHECK, PRIORITY
from raincheck.queries.calendars.pushes import pushes_due
from raincheck.worker.tasks import push_appointments


def queue_pushes(*, now: datetime) -> int:
    """Queue every push that is due and has no job waiting; return how many.

    They share the lanes of the checks: slow calendar servers, asked or written to, keep no message from leaving.
    """
    waiting = ProcrastinateJob.objects.filter(task_name=push_appointments.name, status="todo")
    queued = set(waiting.values_list("args__push", flat=True))
    lacking = [number for number in pushes_due(now=now) if number not in queued]
    for number in lacking:
        lane = f"{CHECK} {number % AT_ONCE}"
        push_appointments.configure(priority=PRIORITY, lock=lane).defer(push=number)
    return len(lacking)

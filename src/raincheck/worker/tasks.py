"""The jobs of the queue: each holds a number only, and the row is the truth, so one that comes twice finds nothing to do."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.tasks import Task

from raincheck import clock
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.imports import importing
from raincheck.actions.reschedule import open_times
from raincheck.data.models import Import
from raincheck.domain.imports.importing import ImportState
from raincheck.domain.people import SYSTEM
from raincheck.integrations import calendar_checks
from raincheck.integrations.caldav import push as calendar_pushes
from raincheck.queries.calendars.pushes import pushes_due
from raincheck.worker.imports import bring_in

RETRIES = RetryStrategy(max_attempts=5, exponential_wait=3)
"""For a database that is away for a moment; what outlasts it is found again by the scheduler."""


def task(name: str) -> Callable[[Callable[[int], None]], Task[[int], None, [int]]]:
    """Make a function a job under `name`. Procrastinate closes old database connections around it."""
    return app.task(name=name, retry=RETRIES)


@task(open_times.LOOK)
def look_at_open_times(provider: int) -> None:
    now = clock.now()
    run_command(
        partial(open_times.look_at_open_times, provider, now=now), key=None, body={}, by=SYSTEM, now=now
    )


@task(importing.IMPORT)
def import_rows(file: int) -> None:
    bring_in(file, now=clock.now)


@task("push_appointments")
def push_appointments(push: int) -> None:
    calendar_pushes.push_appointments(push, now=clock.now())


def queue_import_again(file: int, **_at: datetime) -> Answer:
    """Queue a file anew whose worker died at it; nothing is done for one that is not under way any more."""
    if Import.objects.filter(pk=file, state=ImportState.IMPORTING).exists():
        import_rows.configure().defer(file=file)
    return {}


def queue_imports() -> int:
    """Queue every file that is to come in and has no job, neither waiting nor at work; return how many."""
    to_come = list(Import.objects.filter(state=ImportState.IMPORTING).values_list("pk", flat=True))
    # In this order: a job that ends in between has brought its file in, and one more would find nothing to do.
    live = ProcrastinateJob.objects.filter(task_name=import_rows.name, status__in=["todo", "doing"])
    queued = set(live.values_list("args__file", flat=True))
    lacking = [number for number in to_come if number not in queued]
    for number in lacking:
        import_rows.configure().defer(file=number)
    return len(lacking)


def queue_pushes(*, now: datetime) -> int:
    """Queue every push that is due and has no job waiting; return how many.

    Found by comparing, so that no job is ever needed to survive. They share the lanes of the checks: slow calendar
    servers, asked or written to, keep no message from leaving.
    """
    waiting = ProcrastinateJob.objects.filter(task_name=push_appointments.name, status="todo")
    queued = set(waiting.values_list("args__push", flat=True))
    lacking = [number for number in pushes_due(now=now) if number not in queued]
    for number in lacking:
        lane = f"{calendar_checks.CHECK} {number % calendar_checks.AT_ONCE}"
        push_appointments.configure(priority=calendar_checks.PRIORITY, lock=lane).defer(push=number)
    return len(lacking)


@task(calendar_checks.CHECK)
def check_calendar(calendar: int) -> None:
    calendar_checks.check(calendar, now=clock.now())

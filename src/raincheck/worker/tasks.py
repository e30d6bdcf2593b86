"""The jobs of the queue: each holds a number only, and the row is the truth, so one that comes twice finds nothing to do."""

from collections.abc import Callable
from functools import partial

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

from raincheck import clock
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule import open_times
from raincheck.domain.people import SYSTEM
from raincheck.integrations import calendar_checks
from raincheck.integrations.caldav import push as calendar_pushes

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


@task("push_appointments")
def push_appointments(push: int) -> None:
    calendar_pushes.push_appointments(push, now=clock.now())


@task(calendar_checks.CHECK)
def check_calendar(calendar: int) -> None:
    calendar_checks.check(calendar, now=clock.now())

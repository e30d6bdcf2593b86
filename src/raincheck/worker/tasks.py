"""The jobs of the queue. A job holds a number only: the row is the truth, and a job that comes twice finds nothing to do."""

from __future__ import annotations

from collections.abc import Callable

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

from raincheck import clock
from raincheck.integrations import calendar_checks
from raincheck.integrations.caldav import push as calendar_copying

RETRIES = RetryStrategy(max_attempts=5, exponential_wait=3)
"""For a database that is away for a moment; what outlasts it is found again by the ticking."""


def task(name: str) -> Callable[[Callable[[int], None]], Task[[int], None, [int]]]:
    """Make a function a job under `name`. Procrastinate closes old database connections around it."""
    return app.task(name=name, retry=RETRIES)


@task("copy_appointments")
def copy_appointments(writing: int) -> None:
    calendar_copying.copy_appointments(writing, now=clock.now())


@task(calendar_checks.CHECK)
def check_calendar(calendar: int) -> None:
    calendar_checks.check(calendar, now=clock.now())

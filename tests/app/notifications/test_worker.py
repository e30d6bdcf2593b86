"""The worker: jobs of the queue, what a tick does, and tidying up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.app.cast import Cast
from tests.app.notifications.test_stalled_jobs import a_calendar

from raincheck import clock
from raincheck.actions.timing.sweep import sweep
from raincheck.data.notifications import Notification
from raincheck.data.people import Provider
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.integrations.calendar_checks import CHECK
from raincheck.worker.running import worker_app
from raincheck.worker.scheduler import forget_old_jobs, tick

MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    """The worker reads the clock, so these tests live in the present."""
    return clock.now().replace(minute=0, second=0, microsecond=0)


def jobs() -> list[tuple[str, str]]:
    return list(ProcrastinateJob.objects.order_by("id").values_list("task_name", "status"))


def in_worker(do: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
    """Open the worker's application, do something in it, then work until the queue is empty."""

    async def work() -> None:
        mine = worker_app()
        async with mine.open_async():
            if do is not None:
                await do()
            await mine.run_worker_async(wait=False, listen_notify=False, install_signal_handlers=False)

    asyncio.run(work())


def test_what_a_sweep_tells_leaves_after_what_somebody_waits_for(cast: Cast, now: datetime) -> None:
    """Endings come first: as long as some are due, no message takes their time."""
    request = cast.asked(cast.booked(now + timedelta(days=9), now=now), now=now)
    RescheduleRequest.objects.update(
        asked_at=now - 60 * MINUTE, handed_over_at=now - 59 * MINUTE, deadline_at=now - MINUTE
    )
    assert sweep(now=clock.now())["request lapsed"] == 1
    told = Notification.objects.filter(channel="email").order_by("pk")
    assert list(told.values_list("kind", "after_others")) == [
        ("booked", False),
        ("asked", False),
        ("lapsed", True),
        ("lapsed", True),
    ]
    assert told.get(kind="lapsed", recipient__isnull=False).batch_id == request.batch_id


def test_jobs_that_ended_a_week_ago_go(database: None) -> None:
    for number in (1, 2):
        app.configure_task("copy_appointments", allow_unknown=True).defer(writing=number)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded'")
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - interval '8 days' WHERE job_id IN"
            " (SELECT id FROM procrastinate_jobs WHERE args ->> 'writing' = '1')"
        )

    async def forgotten() -> None:
        mine = worker_app()
        async with mine.open_async():
            await forget_old_jobs(mine.job_manager)

    asyncio.run(forgotten())
    assert [job.args for job in ProcrastinateJob.objects.all()] == [{"writing": 2}]


def test_a_part_of_a_tick_that_fails_keeps_no_other_from_its_work(cast: Cast, now: datetime) -> None:
    """Hours that nobody can read stop the look at open times."""
    cast.asked(cast.booked(now + timedelta(days=9), now=now), now=now)
    a_calendar(cast, now=now - timedelta(days=1))
    Provider.objects.update(availability={"weekly": "whenever"})
    RescheduleRequest.objects.update(look_again_at=None)
    ProcrastinateJob.objects.all().delete()
    tick()
    assert (CHECK, "todo") in jobs()

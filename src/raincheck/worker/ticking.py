"""The passing of time: every few seconds of real time the sweep runs, and what fell out of the queue goes back in."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import datetime

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from raincheck import clock
from raincheck.actions.sweep import sweep
from raincheck.actions.zone_rules import apply_newer_zone_rules
from raincheck.integrations.calendar_checks import queue_due_checks
from raincheck.notifications.outbox import queue_again
from raincheck.worker.copying import queue_copies

SECONDS_BETWEEN = 20.0
QUEUED_AT_ONCE = 1000
TICKS_BETWEEN_TIDYING = 30
HOURS_JOBS_ARE_KEPT = 7 * 24
SECONDS_FOR_ZONE_RULES = 60.0
SECONDS_WITHOUT_HEARTBEAT = 60.0
"""After this long a worker is dead; workers write one every ten seconds."""

logger = logging.getLogger(__name__)


async def tick_until_cancelled(jobs: JobManager) -> None:
    """Tick until the task is cancelled. A tick that fails is logged, and the next one does its work too."""
    ticks = 0
    while True:
        try:
            await sync_to_async(tick, thread_sensitive=False)()
            if ticks % TICKS_BETWEEN_TIDYING == 0:
                await tidy(jobs)
        except Exception:
            logger.exception("tick failed")
        ticks += 1
        await asyncio.sleep(SECONDS_BETWEEN)


def tick() -> None:
    """Do what is due now and queue what is to be delivered or checked now; then look whether the zone rules are newer than before."""
    close_old_connections()
    try:
        now = clock.now()
        done = sweep(now=now)
        queued = queue_again(now=now, limit=QUEUED_AT_ONCE) + queue_copies(now=now)
        queued += queue_due_checks(now=now, limit=QUEUED_AT_ONCE)
        done += _apply_zone_rules(now)
    finally:
        close_old_connections()
    if done or queued:
        logger.info("tick", extra={"event": dict(done) | {"queued again": queued}})


def _apply_zone_rules(now: datetime) -> Counter[str]:
    """Bring new zone rules for a minute at most, and last: deadlines wait for nothing. The next tick goes on."""
    until = clock.monotonic() + SECONDS_FOR_ZONE_RULES
    return apply_newer_zone_rules(now=now, go_on=lambda: clock.monotonic() < until)


async def tidy(jobs: JobManager) -> None:
    """End the jobs that dead workers left running, and forget finished ones after seven days."""
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=SECONDS_WITHOUT_HEARTBEAT):
        assert job.id is not None, "a job of the table has a number"
        await jobs.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)
    await jobs.delete_old_jobs(
        HOURS_JOBS_ARE_KEPT, include_failed=True, include_cancelled=True, include_aborted=True
    )

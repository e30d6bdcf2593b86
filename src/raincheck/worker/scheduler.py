"""The passing of time: the sweep runs when something is due, and every few seconds whatever was overlooked is found."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections
from procrastinate.manager import JobManager
from psycopg_pool import PoolTimeout

from raincheck import clock
from raincheck.actions.timing.sweep import SweepFailed, sweep
from raincheck.actions.timing.zone_rules import apply_newer_zone_rules
from raincheck.integrations.calendar_checks import queue_due_checks
from raincheck.queries.next_due import next_request_due_at
from raincheck.worker import heartbeat
from raincheck.worker.deliveries import endings_first
from raincheck.worker.sanity import clock_fault, note_whether_pages_are_served
from raincheck.worker.tasks import queue_imports, queue_pushes

SECONDS_BETWEEN = 20.0
SECONDS_BETWEEN_LOOKS = 1.0
"""How often a sleeping worker looks at its clock, which a demo's visitor may have moved."""
QUEUED_AT_ONCE = 2_000
"""More checks of calendars than workers get done until the next tick."""
# At 20 seconds a tick, about every ten minutes.
TICKS_BETWEEN_FORGETTING = 30
HOURS_JOBS_ARE_KEPT = 7 * 24
SECONDS_FOR_ZONE_RULES = 60.0
SWEEP_TAKES_AT_MOST = 600.0
"""Seconds after which a sweep ends, whatever it has done by then: a longer one stood still, and the next has a fresh time."""

logger = logging.getLogger(__name__)


async def tick_until_cancelled(jobs: JobManager) -> None:
    """Tick until the task is cancelled. A tick that fails is logged, and the next one does its work too."""
    ticks = 0
    while True:
        try:
            await sync_to_async(tick, thread_sensitive=False)()
            if ticks % TICKS_BETWEEN_FORGETTING == 0:
                await forget_old_jobs(jobs)
        except Exception:
            logger.exception("tick failed")
        ticks += 1

        # Until the next request ends or is reminded of, and no longer than usual: what is due waits for no look at it.
        until, due_at = clock.monotonic() + SECONDS_BETWEEN, None
        with suppress(DatabaseError, PoolTimeout):
            due_at = await sync_to_async(_next_request_due_at, thread_sensitive=False)()
        while (left := until - clock.monotonic()) > 0 and (due_at is None or clock.now() < due_at):
            soon = SECONDS_BETWEEN_LOOKS if due_at is None else (due_at - clock.now()).total_seconds()
            # A floor, since a due time a hair away would have this loop spin.
            await asyncio.sleep(min(max(soon, 0.05), SECONDS_BETWEEN_LOOKS, left))


def _next_request_due_at() -> datetime | None:
    try:
        return next_request_due_at(clock.now())
    finally:
        close_old_connections()


def tick() -> None:
    """Do what is due now and queue what is to be checked or copied now; then look whether the zone rules are newer than before.

    A part that fails is logged, and keeps none of the others from their work.
    """
    close_old_connections()
    try:
        now, done = clock.now(), Counter[str]()
        with _failure_logged():
            done += _sweep(now)
        with _failure_logged():
            done["queued again"] += queue_imports()
        with _failure_logged():
            done["queued again"] += queue_pushes(now=now)
        with _failure_logged():
            done["queued again"] += queue_due_checks(now=now, limit=QUEUED_AT_ONCE)
        # Last, and for a minute at most: deadlines wait for nothing. The next tick goes on.
        with _failure_logged():
            done += apply_newer_zone_rules(now=now, go_on=_true_for(SECONDS_FOR_ZONE_RULES))
    finally:
        close_old_connections()
    # Without its zeros, so that a tick which did nothing logs nothing.
    if done := +done:
        logger.info("tick", extra={"event": dict(done)})


@contextmanager
def _failure_logged() -> Iterator[None]:
    try:
        yield
    except Exception:
        logger.exception("tick failed")
        close_old_connections()  # the next part may find the database again


def _true_for(seconds: float) -> Callable[[], bool]:
    """Return a question whose answer is yes for so long, by a clock that goes on while a machine sleeps."""
    until = clock.monotonic() + seconds
    return lambda: clock.monotonic() < until


def _sweep(now: datetime) -> Counter[str]:
    """Sweep, unless the clock can't be trusted: then what is due waits, and /health/ shows that nobody sweeps."""
    if clock_fault() is not None:
        return Counter()
    # Outages are holes in real time: moving the demo's clock makes none.
    real_now = now - clock.demo_offset()
    note_whether_pages_are_served(real_now=real_now)
    try:
        with endings_first():
            done = sweep(now=now, real_now=real_now, still_fresh=_true_for(SWEEP_TAKES_AT_MOST))
    except SweepFailed as failed:
        logger.exception("steps of the sweep failed")
        return failed.done
    # Not for a sweep with failures: one that never gets through must show as no sweep.
    heartbeat.swept()
    return done


async def forget_old_jobs(jobs: JobManager) -> None:
    """Forget jobs that ended seven days ago."""
    await jobs.delete_old_jobs(
        HOURS_JOBS_ARE_KEPT, include_failed=True, include_cancelled=True, include_aborted=True
    )

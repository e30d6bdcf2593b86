"""The jobs of silent workers, taken over: of those killed, standing still, or cut off from the database.

Whoever had a job may wake up and go on. It looks at its row immediately before it does anything that others can see, and
finds there that somebody else has it.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections, connection
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from raincheck import clock
from raincheck.actions.calendars import checks as calendar_checks, pushes as calendar_pushes
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.domain.people import SYSTEM
from raincheck.integrations.calendar_checks import CHECK
from raincheck.worker.tasks import import_rows, push_appointments, queue_import_again

TAKES_OVER: dict[str, Callable[..., Answer]] = {
    CHECK: calendar_checks.take_over,
    push_appointments.name: calendar_pushes.take_over,
    import_rows.name: queue_import_again,
}
"""What gives the row of a job free for others, by the name of its task."""
BEATS_UNTIL_DEAD = 3
"""So many signs of life a worker may miss. It looks for others' as often as it gives its own."""

logger = logging.getLogger(__name__)


def seconds_between_beats() -> float:
    """Return how often a worker gives a sign of life, and looks for those of others."""
    return float(settings.WORKER_TIMEOUT) / BEATS_UNTIL_DEAD


async def take_over_until_cancelled(jobs: JobManager) -> None:
    """Look for jobs of dead workers until the task is cancelled, beside the ticks: a long one keeps nobody waiting."""
    while True:
        try:
            await take_over(jobs)
        except Exception:
            logger.exception("jobs of dead workers could not be taken over")
        await asyncio.sleep(seconds_between_beats())


async def take_over(jobs: JobManager) -> None:
    """Take over what dead workers have left behind right now."""
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=settings.WORKER_TIMEOUT):
        await sync_to_async(_take_over, thread_sensitive=False)(job)


def _take_over(job: Job) -> None:
    """End one job of a dead worker and give its row free, in one transaction. One that cannot be given free is only ended."""
    close_old_connections()
    now = clock.now()
    try:
        _act(lambda: _given_free(job, now=now), now=now)
    except Exception:
        logger.exception("a job of a dead worker could not be given free")
        # Left as it is, it would be found again at every look.
        _act(lambda: _ended(job), now=now)
    finally:
        close_old_connections()


def _given_free(job: Job, *, now: datetime) -> Answer:
    ended = _ended(job)
    free = TAKES_OVER.get(job.task_name)
    if ended and free is not None:
        [number] = job.task_kwargs.values()
        free(number, now=now)
        logger.info("taken over from a dead worker", extra={"task": job.task_name})
    return ended


def _ended(job: Job) -> Answer:
    """End a job as failed; empty when somebody else was quicker, or its own worker did after all."""
    doing = ProcrastinateJob.objects.select_for_update(no_key=True).filter(pk=job.id, status="doing")
    if not doing.exists():
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [job.id])
    return {"job": str(job.id)}


def _act(verb: Callable[[], Answer], *, now: datetime) -> None:
    run_command(verb, key=None, body={}, by=SYSTEM, now=now)

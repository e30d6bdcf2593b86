"""The worker's process: deliveries, the jobs of the queue and the passing of time, until it is told to stop."""

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, connection
from procrastinate.contrib.django import DjangoApp, app, connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector
from psycopg_pool import PoolTimeout

from raincheck.data.snapshot import newer_change
from raincheck.integrations.messages.delivery import warnings
from raincheck.worker.deliveries import Lanes, listen_until_cancelled
from raincheck.worker.heartbeat import beat_until_cancelled
from raincheck.worker.scheduler import tick_until_cancelled
from raincheck.worker.sealing import seal_until_cancelled
from raincheck.worker.stalled_jobs import seconds_between_beats, take_over_until_cancelled
from raincheck.worker.tasks import push_appointments

logger = logging.getLogger(__name__)

JOBS_AT_ONCE = 4
# Scheduler, heartbeat, stalled jobs, sealing, the tables' version, stopping the lanes, and whatever the queue itself does.
THREADS_BESIDE = 7
SECONDS_FOR_A_CONNECTION = 6.0
SECONDS_BETWEEN_LOOKS_AT_TABLES = 10.0
SECONDS_TO_FINISH = 10.0  # what a job or a message has left once the process was told to stop


def run_until_told_to_stop() -> bool:
    """Work until SIGINT or SIGTERM and return True. Returns False at once for tables of a newer Raincheck.

    Returns False when the work ended by itself, as when the listener lost the database and could not come back: a
    worker that hears nothing must end, so that whoever runs it starts another.
    """
    if _tables_are_newer():
        return False
    for sentence in warnings():
        logger.warning(sentence)
    # The warnings were read on this thread, which asks the database for nothing more.
    connection.close()
    return asyncio.run(_work())


def worker_app() -> DjangoApp:
    """Return the jobs' application on connections of its own.

    The usual one keeps Django's connection, so that a job which a verb queues here is written in the verb's own
    transaction, as it is everywhere else.
    """
    timeouts = " ".join(f"-c {name}={value}" for name, value in settings.DATABASE_TIMEOUTS.items())
    own = connector_params() | {"options": timeouts}
    if settings.DATABASE_DIRECT_URL:  # it listens, which no pooler passes on
        for name in ("dbname", "host", "port", "user", "password"):
            own.pop(name, None)
    connector = PsycopgConnector(
        conninfo=settings.DATABASE_DIRECT_URL, kwargs=own, timeout=SECONDS_FOR_A_CONNECTION
    )
    mine = DjangoApp(connector=connector)
    mine.tasks = app.tasks
    assert push_appointments.name in mine.tasks, "importing the tasks registers them"
    return mine


def _tables_are_newer() -> bool:
    """Whether the tables are of a newer Raincheck, whose rows this one might spoil; then say so."""
    try:
        newer = newer_change(connection)
    finally:
        connection.close()
    if newer is not None:
        logger.error(
            "the tables are of a newer Raincheck (change %s): this worker ends; run that version here", newer
        )
    return newer is not None


async def _until_the_tables_are_newer() -> None:
    while True:
        with suppress(DatabaseError, PoolTimeout):
            if await sync_to_async(_tables_are_newer, thread_sensitive=False)():
                return
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS_AT_TABLES)


async def _work() -> bool:
    mine = worker_app()
    # One thread for each job and one for each thing beside them: four slow calendar servers must keep no deadline waiting.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(JOBS_AT_ONCE + THREADS_BESIDE))
    async with mine.open_async():
        told, lanes = asyncio.Event(), Lanes()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        lanes.start()
        working = asyncio.create_task(
            mine.run_worker_async(
                concurrency=JOBS_AT_ONCE,
                update_heartbeat_interval=seconds_between_beats(),
                stalled_worker_timeout=float(settings.WORKER_TIMEOUT),
                shutdown_graceful_timeout=SECONDS_TO_FINISH,
                # The signals are heard once, above, for the lanes as well.
                install_signal_handlers=False,
            )
        )
        ticking = asyncio.create_task(tick_until_cancelled(mine.job_manager))
        beating = asyncio.create_task(beat_until_cancelled())
        taking_over = asyncio.create_task(take_over_until_cancelled(mine.job_manager))
        listening = asyncio.create_task(listen_until_cancelled())
        sealing = asyncio.create_task(seal_until_cancelled())
        stopping = asyncio.create_task(told.wait())
        outdated = asyncio.create_task(_until_the_tables_are_newer())
        await asyncio.wait({working, stopping, outdated}, return_when=asyncio.FIRST_COMPLETED)
        # Asked now: a signal that comes later finds work that had ended by itself.
        ended_by_itself = not told.is_set()
        for ending in (beating, ticking, taking_over, listening, sealing, outdated, working, stopping):
            ending.cancel()
        # In a thread, so that the loop lets the jobs under way end at the same time.
        await asyncio.to_thread(lanes.stop, within=SECONDS_TO_FINISH)
        try:
            with suppress(asyncio.CancelledError):
                await working
        except ConnectorException as error:
            logger.error("the worker lost the database: %s", error.__cause__)
        return not ended_by_itself

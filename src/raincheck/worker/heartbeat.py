"""The heartbeats of a worker: one for the process, and one for each sweep it finished."""

import asyncio
import logging
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections
from psycopg_pool import PoolTimeout

from raincheck import clock
from raincheck.actions.timing.heartbeats import beat
from raincheck.domain.health import BEAT_EVERY, ProcessKind
from raincheck.worker.sanity import clock_fault

logger = logging.getLogger(__name__)

_names: dict[ProcessKind, UUID] = {}
"""Under which name this process beats, by what for."""


async def beat_until_cancelled() -> None:
    """Beat until the task is cancelled, whatever the sweep does meanwhile."""
    while True:
        # asgiref would otherwise use its one thread for all such calls, and the beat wait behind others.
        await sync_to_async(_beat_or_log, thread_sensitive=False)()
        await asyncio.sleep(BEAT_EVERY.total_seconds())


def swept() -> None:
    """Note that a sweep was finished."""
    _beat(ProcessKind.SWEEP)


def _beat_or_log() -> None:
    try:
        _beat(ProcessKind.WORKER)
    except (DatabaseError, PoolTimeout) as error:
        logger.warning("no heartbeat: %s", type(error).__name__)
    finally:
        close_old_connections()


def _beat(kind: ProcessKind) -> None:
    fault = clock_fault()
    # Time as if the clock had not jumped: a jump forward would look like a silence.
    at, _jumped = clock.own.look()
    _names[kind] = beat(_names.get(kind), kind, at=at, clock_fault=fault)

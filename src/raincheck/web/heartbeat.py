"""The heartbeat of a process that serves pages: a thread beside the requests, which waits for nothing and keeps nobody waiting."""

import logging
import os
import threading
import time
from uuid import UUID

from django.db import DatabaseError, connection
from psycopg_pool import PoolTimeout

from raincheck import clock
from raincheck.actions.timing.heartbeats import beat
from raincheck.domain.health import BEAT_EVERY, ProcessKind
from raincheck.domain.timing.clock_sanity import TOLERANCE, ClockFault
from raincheck.queries.clocks import database_is_ahead
from raincheck.web.access.unnamed_proxy import Unnamed

SECONDS_AFTER_A_FAILURE = 5.0

logger = logging.getLogger(__name__)
_starting = threading.Lock()
_beats_in = 0


def keep_beating() -> None:
    """Beat from now on for as long as this process lives. Called again it does nothing, except in a forked child."""
    global _beats_in
    if _beats_in == os.getpid():
        return
    # Asked again under the lock, since two first requests may come at once.
    with _starting:
        if _beats_in != os.getpid():
            _beats_in = os.getpid()
            # A daemon: nothing waits for it when the process ends.
            threading.Thread(target=_beat_for_ever, name="heartbeat", daemon=True).start()


def _beat_for_ever() -> None:
    process: UUID | None = None
    failing = False
    while True:
        try:
            process, failing = _beat(process), False
            time.sleep(BEAT_EVERY.total_seconds())
        except (DatabaseError, PoolTimeout) as error:
            # Once for each time that the database is away.
            if not failing:
                logger.warning("no heartbeat: %s", type(error).__name__)
            failing = True
            time.sleep(SECONDS_AFTER_A_FAILURE)
        except Exception:  # a thread that ended would look like an outage for ever
            logger.exception("no heartbeat")
            time.sleep(BEAT_EVERY.total_seconds())


def _beat(process: UUID | None) -> UUID:
    try:
        at, jumped = clock.own.look()
        differs = abs(database_is_ahead(clock.real_now)) > TOLERANCE
        fault = ClockFault.JUMPED if jumped else ClockFault.DIFFERS if differs else None
        return beat(process, ProcessKind.WEB, at=at, clock_fault=fault, unnamed_proxy_at=Unnamed.seen_at)
    finally:
        # Thirty seconds pass until the next beat: the pool has better use for it.
        connection.close()

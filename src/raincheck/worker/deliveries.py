"""The lanes by which messages leave a worker: more of them the longer mail servers take to answer, others for texts.

Every worker claims what is due by itself; the rows' locks and due times keep two from the same message. Lanes are woken by
whoever commits something to deliver, and look by themselves when the next message is due.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from functools import partial

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection
from procrastinate.contrib.django import connector_params
from psycopg_pool import ConnectionPool, PoolTimeout

from raincheck import clock
from raincheck.domain.notifications import Channel
from raincheck.domain.refusals import Refusal
from raincheck.integrations.messages.delivery import Lane
from raincheck.notifications.outbox import DELIVERIES, next_due_at

MOST_LANES: Mapping[Channel, int] = {Channel.EMAIL: 20, Channel.SMS: 4}
"""Texts have lanes of their own: a mail server that keeps everybody waiting keeps no text."""
WORTH_A_LANE = 0.05
"""Seconds of waiting for the other side after which one more lane gets more done in the same time."""
IN_A_ROW = 3
"""So many hand-overs in a row wait that long where the other side is slow; single ones also do on a busy machine, where
another lane would only make all of them slower."""
HOLDING_A_CONNECTION = 3
"""So many lanes keep their database connection while they wait for the other side; more give it back to the pool each time."""
LONGEST_SLEEP, SHORTEST_SLEEP = 20.0, 0.2
"""Seconds between two looks of an idle lane: after the one a lost wake-up is made good, the other keeps it from spinning."""
SECONDS_AFTER_A_FAULT = 2.0
HOLDS_ON = 4
"""How often a worker says that it is still at its messages, before it would count as dead."""

logger = logging.getLogger(__name__)

_woken = {channel: threading.Event() for channel in MOST_LANES}
_sweeping = threading.Event()


def wake() -> None:
    """Have the lanes of this process look whether something is due."""
    for event in _woken.values():
        event.set()


@contextmanager
def endings_first() -> Iterator[None]:
    """Let what sweeps tell wait meanwhile: it takes no time from endings that are due. What a person waits for goes out."""
    _sweeping.set()
    try:
        yield
    finally:
        _sweeping.clear()
        wake()


async def listen_until_cancelled() -> None:
    """Wake the lanes whenever somebody commits something to deliver. A line that breaks is opened again."""
    while True:
        with suppress(psycopg.Error, OSError):
            line = await psycopg.AsyncConnection.connect(**connector_params(), autocommit=True)
            async with line:
                # LISTEN counts from its commit on, and nothing is heard inside a transaction: hence autocommit.
                await line.execute(f"LISTEN {DELIVERIES}")
                wake()  # for what was said while nobody listened
                async for _said in line.notifies():
                    wake()
        await asyncio.sleep(SECONDS_AFTER_A_FAULT)


class Lanes:
    """The lanes of one process: one of each kind runs always, the others while there is more to do than it gets done."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._running: dict[Channel, set[threading.Thread]] = {channel: set() for channel in MOST_LANES}
        self._busy: set[Lane] = set()
        self._queued = 0

    def start(self) -> None:
        threading.Thread(target=self._hold_on_until_stopped, daemon=True).start()
        for channel in MOST_LANES:
            self._open(channel, self._forever)

    def stop(self, *, within: float) -> None:
        """Let each lane end the message it is at, and wait for that at most so many seconds; the rest is given back."""
        self._stopping.set()
        wake()
        until = clock.monotonic() + within
        # Over a copy: lanes that end meanwhile take themselves out of the set.
        for lane in [lane for lanes in self._running.values() for lane in tuple(lanes)]:
            lane.join(max(until - clock.monotonic(), 0.0))

    def _open(self, channel: Channel, work: Callable[[Channel], None]) -> None:
        with self._lock:
            if len(self._running[channel]) >= MOST_LANES[channel] or self._stopping.is_set():
                return
            # A daemon: a mail server that keeps it waiting must not keep the process from ending.
            lane = threading.Thread(target=self._work, args=(channel, work), daemon=True)
            self._running[channel].add(lane)
        lane.start()

    def _work(self, channel: Channel, work: Callable[[Channel], None]) -> None:
        try:
            work(channel)
        except Exception:
            logger.exception("a lane of deliveries failed")
        finally:
            connection.close()
            with self._lock:
                self._running[channel].discard(threading.current_thread())

    def _forever(self, channel: Channel) -> None:
        while not self._stopping.is_set():
            try:
                self._until_nothing_is_due(channel)
                sleep = self._seconds_until_due(channel)
            except Exception:
                logger.exception("deliveries failed")
                sleep = SECONDS_AFTER_A_FAULT
            connection.close()  # an idle lane keeps none from others, nor a broken one for itself
            _woken[channel].wait(sleep)
            # Cleared before the next look, so that whatever is committed during the look wakes again.
            _woken[channel].clear()

    def _until_nothing_is_due(self, channel: Channel) -> None:
        lane = Lane(
            now=clock.now,
            on_backlog=partial(self._help, channel, deque(maxlen=IN_A_ROW)),
            before_waiting=partial(self._give_connection_back, channel),
            must_stop=self._stopping.is_set,
            takes=timedelta(seconds=settings.WORKER_TIMEOUT),
        )
        with closing(lane), self._held(lane):
            while lane.deliver(channel, before_others_only=_sweeping.is_set()):
                if self._stopping.is_set():
                    return

    @contextmanager
    def _held(self, lane: Lane) -> Iterator[None]:
        self._busy.add(lane)
        try:
            yield
        finally:
            self._busy.discard(lane)

    def _hold_on_until_stopped(self) -> None:
        """Keep what the lanes are at from other workers: whoever dies or stands still is taken over when this ends."""
        while not self._stopping.wait(settings.WORKER_TIMEOUT / HOLDS_ON):
            for lane in tuple(self._busy):
                try:
                    lane.hold_on()
                except (DatabaseError, PoolTimeout, Refusal) as error:
                    logger.warning("messages under way could not be held: %s", type(error).__name__)
            connection.close()

    def _seconds_until_due(self, channel: Channel) -> float:
        at = next_due_at(channels=[channel])
        left = LONGEST_SLEEP if at is None else (at - clock.now()).total_seconds()
        return min(max(left, SHORTEST_SLEEP), LONGEST_SLEEP)

    def _help(self, channel: Channel, latest: deque[float], took: float) -> None:
        latest.append(took)
        slow = len(latest) == IN_A_ROW and min(latest) > WORTH_A_LANE
        # Where this machine is what is slow, every lane makes all of them slower, until they lose messages they are at.
        if slow and not self._waits_for_the_database():
            self._open(channel, self._until_nothing_is_due)

    def _waits_for_the_database(self) -> bool:
        """Return whether all connections of this process are lent, or somebody has waited for one since the last look."""
        pool: ConnectionPool | None = getattr(connection, "pool", None)
        if pool is None:
            return False
        now = pool.get_stats()
        queued, self._queued = self._queued, now.get("requests_queued", 0)
        # A pool that may still grow has whoever comes first wait, too.
        is_full = now["pool_size"] >= now["pool_max"]
        return is_full and (not now["pool_available"] or now.get("requests_queued", 0) > queued)

    def _give_connection_back(self, channel: Channel) -> None:
        if len(self._running[channel]) > HOLDING_A_CONNECTION:
            connection.close()

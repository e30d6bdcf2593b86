"""Wall clocks that jump, on real processes: nothing lapses by a wrong clock, and sweeping goes on once it is right again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client as Browser
from tests.app.cast import Cast
from tests.app.heartbeats import pages_served
from tests.app.notifications.test_worker_process import url_of
from tests.app.reschedule.test_slow_prompts import handed_over
from tests.app.timing.faketime import WallClock

from raincheck import clock
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.timing.heartbeats import Heartbeat

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.slow


@pytest.fixture
def now() -> datetime:
    return clock.real_now()


@pytest.fixture
def waiting(cast: Cast, now: datetime) -> RescheduleRequest:
    """A request with a day left to answer."""
    asked_at = now - DAY
    return handed_over(cast.asked(cast.booked(now + 9 * DAY, now=asked_at), now=asked_at), now=asked_at)


@pytest.fixture
def wall_clock(tmp_path: Path) -> WallClock:
    return WallClock(tmp_path)


class Worker:
    """A running process with the worker's own tick."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log
        assert self._read() == "ready\n"

    def tick(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        assert self._read() == "ticked\n"

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def said(self) -> list[str]:
        """Return what the log holds about the clock and the pages, in order."""
        lines = map(json.loads, self._log.read_text("utf-8").splitlines())
        return [line["message"] for line in lines if line["logger"] == "raincheck.worker.sanity"]


@contextmanager
def worker(home: Path, wall_clock: WallClock, *, database: str = "") -> Iterator[Worker]:
    settings = {
        "DATABASE_URL": url_of("default") + database,
        "RAINCHECK_HOME": str(home),
        "PYTHONPATH": "src",
        **wall_clock.environment,
    }
    command = [sys.executable, "-m", "tests.app.timing.scheduler_on_demand"]
    log = home / "log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command,
            env=os.environ | settings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        yield Worker(process, log)
        process.kill()


JUMPING = """
DROP SCHEMA IF EXISTS jumped CASCADE;
CREATE SCHEMA jumped;
CREATE TABLE jumped.ahead AS SELECT interval '0' AS by;
CREATE FUNCTION jumped.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
    'SELECT pg_catalog.clock_timestamp() + (SELECT by FROM jumped.ahead)';
GRANT USAGE ON SCHEMA jumped TO PUBLIC;
GRANT SELECT ON jumped.ahead TO PUBLIC;
"""


@contextmanager
def database_clock_that_jumps_too() -> Iterator[str]:
    """Let `set_database_ahead` move the database's clock for whoever adds what is yielded to its address, as on one machine."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(JUMPING)
        try:
            yield "&options=-c%20search_path%3Djumped%2Cpublic%2Cpg_catalog%20-c%20timezone%3DUTC"
        finally:
            cursor.execute("DROP SCHEMA jumped CASCADE")


def set_database_ahead(by: timedelta) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE jumped.ahead SET by = %s", [by])


def sweeps() -> int:
    return Heartbeat.objects.filter(kind="sweep").count()


def test_a_jump_of_two_days_lapses_nothing_and_once_it_is_undone_sweeping_goes_on(
    cast: Cast, waiting: RescheduleRequest, now: datetime, wall_clock: WallClock, tmp_path: Path
) -> None:
    """On one machine the database's clock jumps along; only the time since boot tells. Pages seem to be served all the time."""
    pages_served(now - 2 * DAY, now + 5 * DAY)
    with database_clock_that_jumps_too() as database, worker(tmp_path, wall_clock, database=database) as one:
        one.tick()
        assert sweeps() == 1
        wall_clock.set_ahead(2 * DAY)
        set_database_ahead(2 * DAY)
        Heartbeat.objects.filter(kind="sweep").delete()
        for _twice in range(2):
            one.tick()
        waiting.refresh_from_db()
        assert (waiting.state, waiting.deadline_at, sweeps()) == ("open", now + DAY, 0)
        red = Browser().get("/health/").json()
        assert ("clock" in red["red"], "sweep" in red["red"], red["clock"]["fault"]) == (True, True, "jumped")
        wall_clock.set_ahead(timedelta(0))
        set_database_ahead(timedelta(0))
        RescheduleRequest.objects.filter(pk=waiting.pk).update(deadline_at=now - HOUR)
        one.tick()
        waiting.refresh_from_db()
        assert (waiting.state, sweeps()) == ("lapsed", 1)
        assert one.said() == [
            "the clock jumped: no sweep until it is back, or has stood by its new time for 15 minutes",
            "the clock can be trusted: sweeping goes on",
        ]


def test_a_process_that_was_started_with_a_wrong_clock_sweeps_nothing(
    cast: Cast, waiting: RescheduleRequest, now: datetime, wall_clock: WallClock, tmp_path: Path
) -> None:
    """It has seen no jump, but the database's machine knows better."""
    pages_served(now - 2 * DAY, now + 5 * DAY)
    wall_clock.set_ahead(2 * DAY)
    with worker(tmp_path, wall_clock) as one:
        one.tick()
        waiting.refresh_from_db()
        assert (waiting.state, sweeps()) == ("open", 0)
        assert one.said() == [
            "the clocks of this machine and of the database differ by more than 5 seconds: no sweep until they agree"
        ]


def test_a_web_process_whose_clock_differs_from_the_databases_says_so(
    cast: Cast, wall_clock: WallClock, tmp_path: Path
) -> None:
    wall_clock.set_ahead(-timedelta(minutes=1))
    settings = {"DATABASE_URL": url_of("default"), "RAINCHECK_HOME": str(tmp_path), "PYTHONPATH": "src"}
    one_beat = "import django; django.setup(); from raincheck.web import heartbeat; heartbeat._beat(None)"
    command = [sys.executable, "-c", one_beat]
    subprocess.run(command, env=os.environ | settings | wall_clock.environment, check=True)
    [beat] = Heartbeat.objects.all()
    assert (beat.kind, beat.clock_fault) == ("web", "differs")


def test_a_worker_that_was_started_again_after_a_jump_takes_it_for_an_outage(
    cast: Cast, waiting: RescheduleRequest, now: datetime, wall_clock: WallClock, tmp_path: Path
) -> None:
    """Nothing tells it of the jump but the signs of life, which seem to be two days old; then web processes follow."""
    pages_served(now - 2 * DAY, now)
    wall_clock.set_ahead(2 * DAY)
    with database_clock_that_jumps_too() as database:
        set_database_ahead(2 * DAY)
        with worker(tmp_path, wall_clock, database=database) as one:
            one.tick()
            waiting.refresh_from_db()
            assert (waiting.state, waiting.deadline_at) == ("open", now + DAY)
            pages_served(now + 2 * DAY, now + 2 * DAY)
            one.tick()
            waiting.refresh_from_db()
            assert (waiting.state, waiting.deadline_at) == ("open", now + 3 * DAY)

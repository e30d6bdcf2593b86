"""The worker as a process: it delivers, stops when told, and ends by itself when its database is gone for good."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connections
from tests.app.cast import Cast
from tests.app.post import Mailroom, mail_server

from raincheck import clock

PATIENCE = 60
"""Seconds to wait for another process before a test gives up; nothing is measured by it."""

pytestmark = pytest.mark.slow


def url_of(alias: str, *, name: str = "") -> str:
    told = connections[alias].settings_dict
    pair = f"{quote(told['USER'])}:{quote(told['PASSWORD'])}"
    where = f"host={quote(told['HOST'], safe='')}&port={told['PORT']}"
    return f"postgresql://{pair}@/{name or told['NAME']}?{where}"


@contextmanager
def working(mailroom: Mailroom, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker on the tests' database; it is up once the first message has arrived."""
    settings = {
        "DATABASE_URL": url_of("default"),
        "EMAIL_URL": mailroom.url,
        "RAINCHECK_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "raincheck.settings",
        "PYTHONPATH": "src",
    }
    command = [sys.executable, "-m", "raincheck.cli", "worker"]
    process = subprocess.Popen(command, env=os.environ | settings, stderr=subprocess.DEVNULL)
    try:
        assert mailroom.arrived.wait(PATIENCE), "the worker delivered nothing"
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def mailroom(cast: Cast) -> Iterator[Mailroom]:
    """A mail server, and one message that waits to be sent there."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    cast.booked(now + timedelta(days=9), now=now)
    with mail_server() as room:
        yield room


def test_a_worker_delivers_and_stops_when_told(mailroom: Mailroom, tmp_path: Path) -> None:
    with working(mailroom, tmp_path) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert [message["To"] for message in mailroom.got] == ["riley@clients.example"]


def test_a_worker_whose_database_is_gone_ends_for_another_to_start(
    mailroom: Mailroom, tmp_path: Path
) -> None:
    with working(mailroom, tmp_path) as process, closed_database():
        assert process.wait(PATIENCE) == 1


@contextmanager
def closed_database() -> Iterator[None]:
    """Throw everybody out of the tests' database and let nobody in, as a database server that is down."""
    name = connections["default"].settings_dict["NAME"]
    connections.close_all()
    with (
        closing(psycopg.connect(url_of("owner", name="template1"), autocommit=True)) as owner,
        closing(psycopg.connect(url_of("default"), autocommit=True)) as inside,
    ):
        owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            inside.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            yield
        finally:
            owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

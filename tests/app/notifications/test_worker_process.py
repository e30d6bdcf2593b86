"""The worker as a process: it delivers, stops when told, shares, and what a killed or paused one leaves is taken over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connections
from tests.app.cast import Cast
from tests.app.smtp_server import Mailroom, mail_server

from raincheck import clock
from raincheck.data.notifications import DeliveryAttempt, Notification
from raincheck.subprocesses import ending_with_parent

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
    with starting(mailroom, home) as process:
        assert mailroom.arrived.wait(PATIENCE), "the worker delivered nothing"
        yield process


@contextmanager
def starting(mailroom: Mailroom, home: Path, **told: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker on the tests' database, with settings of its own."""
    settings = {
        "DATABASE_URL": url_of("default"),
        "EMAIL_URL": mailroom.url,
        "RAINCHECK_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "raincheck.settings",
        "PYTHONPATH": "src",
    }
    command = [sys.executable, "-m", "raincheck.cli", "worker"]
    process = subprocess.Popen(
        command,
        env=os.environ | settings | told,
        stderr=subprocess.DEVNULL,
        preexec_fn=ending_with_parent(signal.SIGTERM),
    )
    try:
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


def waits_until(condition: Callable[[], bool], what: str) -> None:
    """Look again and again, a moment apart, until something that other processes bring about is so."""
    look = threading.Event()
    for _attempt in range(int(PATIENCE / 0.05)):
        if condition():
            return
        look.wait(0.05)
    raise AssertionError(f"this never came: {what}")


def states() -> list[str]:
    rows = Notification.objects.filter(channel="email").order_by("pk")
    return list(rows.values_list("state", flat=True))


def outcomes() -> list[str | None]:
    return list(DeliveryAttempt.objects.order_by("pk").values_list("outcome", flat=True))


@pytest.mark.verify
@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_what_a_killed_worker_was_handing_over_goes_out_again_under_the_same_id(
    mailroom: Mailroom, tmp_path: Path, command: str
) -> None:
    """Killed before the mail server had the message, and when it had it and had not answered yet."""
    mailroom.hangs = command
    with starting(mailroom, tmp_path, WORKER_TIMEOUT="2") as first:
        assert mailroom.holding.wait(PATIENCE), "the worker handed nothing over"
        first.kill()
    mailroom.hangs = ""
    with starting(mailroom, tmp_path, WORKER_TIMEOUT="2"):
        waits_until(lambda: states() == ["handed_over"], "the message is handed over")
    assert outcomes() == ["unknown", "accepted"]
    [mail] = Notification.objects.filter(channel="email")
    assert [str(message["Message-ID"]) for message in mailroom.got] == [f"<{mail.ref}@localhost>"]


@pytest.mark.verify
def test_a_paused_worker_that_wakes_after_another_took_over_hands_nothing_over(
    cast: Cast, mailroom: Mailroom, tmp_path: Path
) -> None:
    """Nor does it stay around doing nothing: it goes on with what comes, or ends for another to start if it was forgotten."""
    mailroom.holds = "RCPT"
    with starting(mailroom, tmp_path, WORKER_TIMEOUT="2") as paused:
        assert mailroom.holding.wait(PATIENCE), "the worker handed nothing over"
        paused.send_signal(signal.SIGSTOP)
        mailroom.holds = ""
        with starting(mailroom, tmp_path, WORKER_TIMEOUT="2"):
            waits_until(lambda: states() == ["handed_over"], "another hands the message over")
        mailroom.released.set()  # the mail server now waits for the message of the first
        paused.send_signal(signal.SIGCONT)
        assert mailroom.gone.wait(PATIENCE), "the paused worker neither sent its message nor hung up"
        assert (len(mailroom.got), outcomes()) == (1, ["unknown", "accepted"])
        now = clock.now().replace(minute=0, second=0, microsecond=0)
        cast.booked(now + timedelta(days=10), now=now, client=cast.maya)
        waits_until(
            lambda: paused.poll() == 1 or states() == ["handed_over"] * 2, "it works on, or has ended"
        )


@pytest.mark.verify
def test_two_workers_share_what_waits_and_do_each_thing_once(
    cast: Cast, mailroom: Mailroom, tmp_path: Path
) -> None:
    """One takes twenty at a time. The mail server answers nobody before two have given it a message."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    for day in range(10, 39):
        cast.booked(now + timedelta(days=day), now=now, client=cast.maya)
    mailroom.holds = "DATA"
    patient = {"DELIVERY_TIMEOUT": str(PATIENCE)}
    with starting(mailroom, tmp_path, **patient), starting(mailroom, tmp_path, **patient):
        waits_until(lambda: mailroom.commands.count("DATA") > 1, "two workers are at it")
        mailroom.released.set()
        waits_until(lambda: set(states()) == {"handed_over"}, "everything is handed over")
    assert (len(mailroom.got), outcomes()) == (30, ["accepted"] * 30)
    assert len({str(message["Message-ID"]) for message in mailroom.got}) == 30


def test_a_worker_delivers_and_stops_when_told(mailroom: Mailroom, tmp_path: Path) -> None:
    with working(mailroom, tmp_path) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert [message["To"] for message in mailroom.got] == ["riley@clients.example"]


@pytest.mark.verify
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
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )
            yield
        finally:
            owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

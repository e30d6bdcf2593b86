"""Raincheck behind PgBouncer in transaction mode: the same pages as without it, timeouts in force, and its worker hears its jobs."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import psycopg
import pytest
from bench.pages import PROVIDER, Browser, enter, provider_pages
from tests.app.serving.test_serve import free_port, wait_until

from raincheck import embedded_postgres
from raincheck.embedded_postgres.account import Account

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [
    pytest.mark.verify,
    pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer is not installed: apt install pgbouncer"),
]
LINES = 3
"""To the server, for all processes together."""
CONFIGURATION = """\
[databases]
raincheck = host={sockets} port=5432 dbname=raincheck user=raincheck
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {lines}
ignore_startup_parameters = extra_float_digits
"""
CHANGES_EACH_TIME = re.compile(
    r'name="(?:csrfmiddlewaretoken|key)" value="[^"]*"|"X-CSRFToken": *"[^"]*"|now(?:"|&quot;|=|:| )*[\dT:.+-]+|\d+ (?:seconds?|minutes?) ago'
)
IN_FORCE = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout'), current_setting('TimeZone')"


@dataclass
class Pooled:
    """A practice in a database, and the settings with which it is reached through a pooler and without."""

    pooler_url: str
    owner_url: str
    through: dict[str, str]
    direct: dict[str, str]

    def run(self, *words: str) -> None:
        subprocess.run([sys.executable, "-W", "ignore", "-m", *words], env=self.through, check=True)


@pytest.fixture(scope="module")
def pooled() -> Iterator[Pooled]:
    with ExitStack() as stack:
        directory = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="raincheck-pooler-", dir="/tmp"))
        )
        directory.chmod(0o755)
        server = stack.enter_context(embedded_postgres.start(directory / "home", durable=False))
        sockets = dict(parse_qsl(urlsplit(server.url).query))["host"]
        port = stack.enter_context(pgbouncer(directory, sockets))
        named = ("DATABASE_", "RAINCHECK_", "DJANGO_", "BASE_URL", "PORT", "HOST", "EMAIL_URL", "SMS_URL")
        direct = {name: value for name, value in os.environ.items() if not name.startswith(named)} | {
            "RAINCHECK_HOME": str(directory / "home"),
            "RAINCHECK_DEMO": "1",
            "LOG_LEVEL": "ERROR",
            "DATABASE_URL": server.url,
            "DATABASE_OWNER_URL": server.owner_url,
        }
        through = direct | {
            "DATABASE_URL": f"postgresql://raincheck@127.0.0.1:{port}/raincheck",
            "DATABASE_DIRECT_URL": server.url,
            "DATABASE_POOLER": "transaction",
        }
        found = Pooled(through["DATABASE_URL"], server.owner_url, through, direct)
        found.run("raincheck.cli", "prepare")
        yield found


@contextmanager
def pgbouncer(directory: Path, sockets: str) -> Iterator[int]:
    """Run a PgBouncer before the server behind a socket, as the application's account: it refuses to be root."""
    port = free_port()
    configuration = directory / "pgbouncer.ini"
    configuration.write_text(CONFIGURATION.format(sockets=sockets, port=port, lines=LINES), encoding="utf-8")
    configuration.chmod(0o644)
    with (directory / "pgbouncer.log").open("wb") as log:
        account = Account.for_the_application() or Account.for_the_server()
        process = account.launch([str(PGBOUNCER), configuration], log=log, ending=signal.SIGINT)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def web(settings: dict[str, str]) -> Iterator[Browser]:
    """Serve the pages with these settings, and yield the provider's browser."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "raincheck.cli.web", "127.0.0.1", str(port)],
        env=settings | {"PORT": str(port)},
    )
    try:
        wait_for(port, process)
        browser = Browser(f"http://127.0.0.1:{port}")
        with closing(browser.line):
            enter(browser, PROVIDER)
            yield browser
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    def answers() -> bool:
        assert process.poll() is None, "it ended while starting"
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", port)) == 0

    wait_until(answers)


def test_pages_are_the_same_with_a_pooler_and_without(pooled: Pooled) -> None:
    with web(pooled.through) as through, web(pooled.direct) as direct:
        for path in provider_pages(through):
            answers = [
                (status, CHANGES_EACH_TIME.sub("", page))
                for status, page, _to in (one.get(path) for one in (through, direct))
            ]
            assert answers[0] == answers[1], path
            assert answers[0][0] == 200


def test_timeouts_are_in_force_on_every_line_of_the_pooler(pooled: Pooled) -> None:
    with web(pooled.through) as browser:
        browser.get("/home/")
        with ExitStack() as stack:
            lines = [stack.enter_context(psycopg.connect(pooled.pooler_url)) for _line in range(LINES)]
            # Each holds its transaction, so that all of the pooler's lines are seen at once.
            assert [line.execute(IN_FORCE).fetchone() for line in lines] == [("5s", "10s", "UTC")] * LINES
        assert browser.get("/home/")[0] == 200


def test_a_direct_address_that_leads_nowhere_is_named(pooled: Pooled) -> None:
    wrong = pooled.through | {
        "DATABASE_DIRECT_URL": f"postgresql://raincheck@127.0.0.1:{free_port()}/raincheck"
    }
    done = subprocess.run(
        [sys.executable, "-m", "raincheck.cli", "migrate"], env=wrong, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.partition(": connection")[0]) == (
        1,
        "raincheck: The database named by DATABASE_DIRECT_URL cannot be used",
    )


def test_time_passes_and_the_worker_listens_behind_a_pooler(pooled: Pooled) -> None:
    pooled.run("raincheck.cli", "clock", "advance", "1h")
    pooled.run("raincheck.cli", "sweep")
    listening = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND query LIKE 'LISTEN %%'"
    worker = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "raincheck.cli", "worker"], env=pooled.through
    )
    try:
        with psycopg.connect(pooled.direct["DATABASE_URL"], autocommit=True) as looking:
            wait_until(lambda: looking.execute(listening, ["raincheck worker"]).fetchone() == (1,))
            assert worker.poll() is None
    finally:
        worker.terminate()
        worker.wait()

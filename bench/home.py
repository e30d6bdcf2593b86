"""Everything a run needs for itself: a temporary home, its own database server, the web servers; gone at the end."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import django
import psycopg

from raincheck import embedded_postgres
from raincheck.embedded_postgres import launching

ROOT = Path(__file__).resolve().parents[1]
STARTS_WITHIN = 60.0
"""Seconds a web server has until it answers."""


@dataclass(frozen=True, slots=True)
class Home:
    """A running database server and a directory. `owner_url` owns the tables of the database `raincheck`."""

    directory: Path
    database_pid: int
    owner_url: str
    superuser_url: str

    def url(self, database: str) -> str:
        return _named(self.owner_url, database)

    def as_superuser(self, database: str) -> psycopg.Connection:
        return psycopg.connect(_named(self.superuser_url, database))

    def create(self, database: str) -> str:
        """Make a database without tables, and return its address."""
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database} OWNER raincheck_owner")
        return self.url(database)

    def copy(self, database: str, *, of: str) -> str:
        """Make a database that begins as a copy of another one, and return its address."""
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database} TEMPLATE {of} OWNER raincheck_owner")
        return self.url(database)


@dataclass(frozen=True, slots=True)
class Served:
    """A web server that runs: where it listens, and the processes that it and its database descend from."""

    host: str
    port: int
    pids: tuple[int, ...]

    def seconds_used(self) -> float:
        """Return the processor time that web server and database server have taken since they were started."""
        return seconds_used(self.pids)


def seconds_used(pids: Iterable[int]) -> float:
    """Return the processor time that processes and all they descend to have taken since they were started."""
    return sum(_ticks(one) for pid in pids for one in family(pid)) / os.sysconf("SC_CLK_TCK")


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@contextmanager
def temporary_home() -> Iterator[Home]:
    """Start a database server in a directory of its own; both are gone afterwards."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="raincheck-bench-")))
        directory.chmod(0o755)  # the server runs as another user where this runs as root
        server = stack.enter_context(embedded_postgres.start(directory))
        sockets = Path(dict(parse_qsl(urlsplit(server.owner_url).query))["host"])
        _open_superuser(directory, server.pid, sockets)
        yield Home(directory, server.pid, server.owner_url, launching.url(sockets))


def _open_superuser(directory: Path, server: int, sockets: Path) -> None:
    """Let us in as the superuser, whom a server of Raincheck's takes in only while it starts."""
    [admitted] = directory.glob("postgres/*/data/pg_ident.conf")
    with admitted.open("a", encoding="utf-8") as file:
        file.write(f'raincheck "{pwd.getpwuid(os.geteuid()).pw_name}" {launching.SUPERUSER}\n')
    os.kill(server, signal.SIGHUP)
    until = time.monotonic() + STARTS_WITHIN
    while launching.answer(sockets, role=launching.SUPERUSER, database="postgres") is not None:
        if time.monotonic() > until:
            raise SystemExit("The database server does not take its superuser in.")
        time.sleep(0.1)


def set_up_django(home: Home) -> None:
    """Make this process the product, on the database `raincheck` of the home, with all its tables."""
    (home.directory / "static").mkdir()  # no page is shown, so nothing is gathered in it
    os.environ |= settings_for(home.url("raincheck"), home)
    django.setup()
    from raincheck.cli.migrations import migrate

    migrate()


def leave_the_database() -> None:
    """Close this process's connections: a database that somebody uses cannot be copied."""
    from django.db import connections
    from django.db.backends.postgresql.base import DatabaseWrapper

    for connection in connections.all(initialized_only=True):
        connection.close()
        if isinstance(connection, DatabaseWrapper):
            connection.close_pool()


def settings_for(url: str, home: Home, *, port: int = 8000) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "DATABASE_OWNER_URL": url,
        "RAINCHECK_HOME": str(home.directory),
        "DJANGO_SETTINGS_MODULE": "bench.server.settings",
        "SECRET_KEY": "a key for a benchmark that ends with it",
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}",
    }


@contextmanager
def product(home: Home, database: str, **settings: str) -> Iterator[Served]:
    """Run the product's web server as `raincheck serve` starts it, on one database of the home."""
    port = free_port()
    environment = settings_for(home.url(database), home, port=port) | settings
    command = [sys.executable, "-m", "raincheck.cli.web", "127.0.0.1", str(port)]
    with serving(home, command, environment, port=port, path="/health/live") as served:
        yield served


@contextmanager
def serving(
    home: Home, command: Sequence[str], environment: Mapping[str, str], *, port: int, path: str
) -> Iterator[Served]:
    """Run a web server until it answers on `path`, and end it with all its processes."""
    with running(command, environment) as process:
        _wait_for(port, path, process)
        yield Served("127.0.0.1", port, (process.pid, home.database_pid))


@contextmanager
def working(home: Home, database: str, **settings: str) -> Iterator[int]:
    """Run one of the product's workers on one database of the home, and yield its process's number."""
    environment = settings_for(home.url(database), home) | settings
    with running([sys.executable, "-W", "ignore", "-m", "raincheck.cli", "worker"], environment) as process:
        yield process.pid


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], *, output: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program with its own settings alone, and end it with all its processes."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    process = subprocess.Popen(
        command, env=kept | dict(environment), start_new_session=True, cwd=ROOT, stdout=output
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def _wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "X-Requested-With: XMLHttpRequest",
        "Connection: close",
    ]
    question = "\r\n".join([*lines, "", ""]).encode()
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit("A web server ended while it was starting; the lines above say why.")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
                line.sendall(question)
                if line.recv(12).endswith(b"200"):
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("A web server did not answer in a minute.")


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # ended meanwhile
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def _ticks(pid: int) -> int:
    """Return the processor time of a process and of those of its children that have ended, in the system's ticks."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15]))

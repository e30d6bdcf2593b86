"""Raincheck as somebody would run it: three `raincheck serve` over one embedded, durable database, in a home of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from raincheck.subprocesses import ending_with_parent

OURS = (
    "DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_POOL", "DJANGO_SETTINGS_MODULE", "HOST", "PORT", "BASE_URL",
    "RAINCHECK_DEMO", "RAINCHECK_HOME", "EMAIL_URL", "EMAIL_FROM", "SMS_URL", "SECRET_KEY", "LOG_LEVEL",
)  # fmt: skip
"""Settings that must not leak in from whoever starts a soak."""
FAKETIME = ("usr/lib/*/faketime", "usr/lib64/faketime", "usr/lib/faketime")
SLEEPS_WITHOUT_FAKETIME = """\
import select
import time

time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""
"""Python sleeps by clock_nanosleep until an instant, which libfaketime 0.9.10 answers with EINVAL whatever it is told."""
SERVERS = 3
"""The last one stands on a machine whose clock can be set wrong. Few people come to it: libfaketime costs threads dear."""
SECONDS_TO_START = 90.0
SECONDS_TO_STOP = 40.0
DELIVERY_TIMEOUT = 4


class DidNotStart(Exception):
    """An installation that could not be brought up; the message says what its log said."""


@dataclass
class Installation:
    """The running product. `ports` are those of its web servers."""

    root: Path
    environment: dict[str, str]
    ports: list[int] = field(default_factory=list)
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.root / "home"

    def set_clock(self, offset: float) -> None:
        """Let the last server's clock be ahead of the machine's, in seconds; the others' and the database's are right."""
        fresh = self.root / "clock.new"
        fresh.write_text(f"{offset:+.0f}\n", encoding="ascii")
        fresh.replace(self.root / "clock")

    def run(self, *words: str) -> str:
        """Run a Python module with this installation's settings to its end and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", *words],
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise DidNotStart(done.stderr[-3000:])
        return done.stdout

    def start(self) -> None:
        """Start every server and wait until all of them answer."""
        self.ports = [free_port() for _server in range(SERVERS)]
        for port in self.ports:
            self.servers.append(self._serve(port))
        until = time.monotonic() + SECONDS_TO_START
        for port, server in zip(self.ports, self.servers, strict=True):
            while not answers(port):
                if server.poll() is not None or time.monotonic() > until:
                    raise DidNotStart(self.log(port)[-3000:])
                time.sleep(0.1)

    def _serve(self, port: int) -> subprocess.Popen[bytes]:
        with (self.root / f"serve-{port}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "raincheck.cli", "serve", "--end-with-parent"],
                env={
                    **self.environment,
                    **(self._clock_of_its_own() if port == self.ports[-1] else {}),
                    "PORT": str(port),
                    "BASE_URL": f"http://127.0.0.1:{port}",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=ending_with_parent(signal.SIGTERM),
            )

    def _clock_of_its_own(self) -> dict[str, str]:
        """Return the settings of a server whose web processes and worker can be told another time while they run."""
        repairs = self.root / "repairs"
        repairs.mkdir(exist_ok=True)
        (repairs / "sitecustomize.py").write_text(SLEEPS_WITHOUT_FAKETIME, encoding="ascii")
        self.set_clock(0)
        return {
            "PYTHONPATH": os.pathsep.join([str(repairs), self.environment["PYTHONPATH"]]),
            "LD_PRELOAD": str(faketime()),
            "FAKETIME_TIMESTAMP_FILE": str(self.root / "clock"),
            "FAKETIME_CACHE_DURATION": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def log(self, port: int) -> str:
        return (self.root / f"serve-{port}.log").read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End everything, and take the home away."""
        for server in self.servers:
            if server.poll() is None:
                server.terminate()
        until = time.monotonic() + SECONDS_TO_STOP
        for server in self.servers:
            with suppress(subprocess.TimeoutExpired):
                server.wait(max(0.1, until - time.monotonic()))
            if server.poll() is None:
                server.kill()
                server.wait()
        self._end_database()
        shutil.rmtree(self.root, ignore_errors=True)

    def _end_database(self) -> None:
        """The database ends with the server that started it; make sure, and take its socket's directory away."""
        pid = self.database_pid()
        until = time.monotonic() + SECONDS_TO_STOP
        while pid is not None and is_alive(pid) and time.monotonic() < until:
            time.sleep(0.1)
        if pid is not None and is_alive(pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
        with suppress(OSError):
            shutil.rmtree(self._sockets())

    # What runs, by looking at the operating system.

    def web_masters(self) -> list[int]:
        return self._children("raincheck.cli.web")

    def web_processes(self) -> list[int]:
        """Return the processes that answer pages: those below the web servers, without Python's resource trackers."""
        masters = set(self.web_masters())
        family = _parents()
        return [
            pid
            for pid, above in family.items()
            if above in masters and "resource_tracker" not in command_line(pid)
        ]

    def workers(self) -> list[int]:
        return self._children("raincheck.cli worker")

    def database_pid(self) -> int | None:
        """Return the process of the database, or None while there is none."""
        for file in (self.home / "postgres").glob("*/data/postmaster.pid"):
            with suppress(OSError, ValueError):
                pid = int(file.read_text(encoding="utf-8").split("\n", 1)[0])
                if "postgres" in command_line(pid).split(" -D ", 1)[0]:
                    return pid
        return None

    def database_url(self) -> str:
        return (
            f"postgresql://raincheck_owner@/raincheck?host={quote(str(self._sockets()), safe='')}&port=5432"
        )

    def secret_key(self) -> str:
        return (self.home / "secret-key").read_text(encoding="ascii").strip()

    def _sockets(self) -> Path:
        [data] = (self.home / "postgres").glob("*/data")
        return data.with_name("socket")

    def _children(self, words: str) -> list[int]:
        ours = {server.pid for server in self.servers}
        return [pid for pid, above in _parents().items() if above in ours and words in command_line(pid)]


def prepare(*, email_url: str, **more: str) -> Installation:
    """Return an installation that is not started yet, in a directory of its own."""
    root = Path(tempfile.mkdtemp(prefix="raincheck-soak-", dir="/tmp"))
    root.chmod(0o711)
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    environment = {
        **kept,
        "PYTHONPATH": os.pathsep.join([str(Path("src").resolve()), str(Path().resolve())]),
        "RAINCHECK_HOME": str(root / "home"),
        "EMAIL_URL": email_url,
        "EMAIL_FROM": "appointments@soak.example",
        "DELIVERY_TIMEOUT": str(DELIVERY_TIMEOUT),
        **more,
    }
    return Installation(root, environment)


def faketime() -> Path:
    """Return the library that gives a program another clock. Raises DidNotStart where it is not installed."""
    for place in FAKETIME:
        for found in sorted(Path("/").glob(f"{place}/libfaketime.so.1")):
            return found
    raise DidNotStart("The soak makes clocks jump, and needs libfaketime for it: apt install libfaketime")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether the pages and, behind them, the database answer."""
    question = b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(question)
            return connection.recv(16).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def is_alive(pid: int) -> bool:
    return bool(command_line(pid))


def command_line(pid: int) -> str:
    """Return a process's command line; empty when it is gone or a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def _parents() -> dict[int, int]:
    """Return every process of this machine with its parent."""
    found = {}
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            with suppress(OSError, IndexError, ValueError):
                found[int(path.name)] = int(
                    (path / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1]
                )
    return found

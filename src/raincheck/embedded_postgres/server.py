"""Starting the embedded server, or finding the one that runs already, and stopping what we started."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg

from raincheck.embedded_postgres import roles
from raincheck.embedded_postgres.account import Account
from raincheck.embedded_postgres.cluster import (
    PORT,
    Cluster,
    brought_major,
    socket_directory,
    version_of,
)
from raincheck.embedded_postgres.errors import DatabaseCannotStart, cannot_write, from_output
from raincheck.embedded_postgres.options import options_for

PATIENCE = 300  # seconds for a server that says it is starting up: after a crash it replays its journal
STALE_PATIENCE = 30  # seconds for what a killed server left behind to go
PAUSE = 0.02

# What a dying predecessor's remains make a starting server say.
_REMAINS = ("lock file", "shared memory block", "could not bind Unix address")


class _Ended(Exception):
    """The server ended before it answered; the message is its output."""


@dataclass
class Server:
    """A running embedded server. `url` is the app's role, `owner_url` the one that owns the tables."""

    url: str
    owner_url: str
    started_here: bool
    pid: int
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _starter: int = field(default_factory=os.getpid, repr=False)

    def is_running(self) -> bool:
        if self._process is not None and self._starter == os.getpid():
            return self._process.poll() is None
        return Path(f"/proc/{self.pid}").exists()

    def stop(self) -> None:
        """Stop the server cleanly if this process started it; otherwise leave it to the one that did."""
        if self._process is None or self._starter != os.getpid():
            return
        for request, patience in ((signal.SIGINT, 60), (signal.SIGQUIT, 30)):
            if self._process.poll() is None:
                self._process.send_signal(request)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
                return
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(home: Path, *, durable: bool = True) -> Server:
    """Return the server of `home`: the one running already, else one started now that dies with this process.

    `home` is made when it is missing. With `durable=False` (tests only) a power cut may lose everything.
    Raises DatabaseCannotStart. Call it from the main thread.
    """
    cluster = Cluster(home=home.resolve(), major=brought_major(), account=Account.for_the_server())
    with cluster.alone():
        must_be_readable(cluster)
        server = _running(cluster) or _started(cluster, durable=durable)
        roles.prepare(_url(socket_directory(cluster), "postgres", "postgres"))
        return server


def must_be_readable(cluster: Cluster) -> None:
    """Raise DatabaseCannotStart when the newest data here is not of the version that we bring."""
    newest = max(cluster.majors_with_data(), default=cluster.major)
    if newest != cluster.major:
        raise DatabaseCannotStart(
            f"The data in {cluster.root / str(newest)} was written by PostgreSQL {newest}, and this Raincheck brings "
            f"PostgreSQL {cluster.major}. Nothing has been changed."
        )


def _running(cluster: Cluster) -> Server | None:
    """Return the server that runs on this data, waiting while it starts or stops; None when there is none."""
    deadline = time.monotonic() + PATIENCE
    while (pid := _postmaster(cluster)) is not None:
        sockets = socket_directory(cluster)
        try:
            psycopg.connect(_url(sockets, "postgres", "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise DatabaseCannotStart(
                    f"Process {pid} holds the database in {cluster.data} but does not answer ({error}). "
                    "Stop that process and start again."
                ) from error
            time.sleep(PAUSE)
        else:
            return _server(sockets, pid=pid)
    return None


def _postmaster(cluster: Cluster) -> int | None:
    """Return the id of the living process that serves this data, told by its command line."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return pid if os.fsencode(cluster.data) in words else None


def _started(cluster: Cluster, *, durable: bool) -> Server:
    """Start the server on this data, which is made first when there is none."""
    try:
        cluster.keep_program()
        cluster.account.must_enter(cluster.directory)
        if not cluster.data.exists():
            _create_data(cluster, durable=durable)
        _must_own(cluster)
        return _persistently_launched(cluster, durable=durable)
    except OSError as error:
        raise cannot_write(cluster.home, error) from error


def _create_data(cluster: Cluster, *, durable: bool) -> None:
    """Make an empty database cluster in one step: a half-made one is never met under its final name."""
    fresh = cluster.data.with_name("data.new")
    _remove(cluster, fresh)
    fresh.mkdir(mode=0o700)
    cluster.account.own(fresh)
    done = cluster.account.run(
        [
            cluster.binary("initdb"),
            f"--pgdata={fresh}",
            "--username=postgres",
            "--auth-local=trust",  # the socket's directory lets in nobody else
            "--auth-host=reject",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",  # the same order of words on every machine
            "--locale=C",
            "--data-checksums",
            *([] if durable else ["--no-sync"]),
        ]
    )
    if done.returncode != 0:
        raise from_output(done.stdout, directory=cluster.home)
    fresh.replace(cluster.data)


def _remove(cluster: Cluster, directory: Path) -> None:
    if directory.exists():
        cluster.account.run(["/bin/rm", "-rf", directory / "pg_wal", directory])
        with suppress(FileNotFoundError):
            directory.rmdir()


def _must_own(cluster: Cluster) -> None:
    owner = cluster.data.stat().st_uid
    if owner != cluster.account.uid:
        raise DatabaseCannotStart(
            f"The database in {cluster.data} belongs to user id {owner}, but would run as {cluster.account.name!r}. "
            "Start Raincheck as the user who first started it here, or set RAINCHECK_HOME to another directory."
        )
    if version_of(cluster.data) != str(cluster.major):
        raise DatabaseCannotStart(
            f"The data in {cluster.data} was written by PostgreSQL {version_of(cluster.data)}, and this Raincheck "
            f"brings PostgreSQL {cluster.major}. Nothing has been changed."
        )


def _persistently_launched(cluster: Cluster, *, durable: bool) -> Server:
    """Launch, and again for a while when only the remains of a killed server stand in the way."""
    deadline = time.monotonic() + STALE_PATIENCE
    while True:
        _disown_stale_lock(cluster)
        try:
            return _launched(cluster, durable=durable)
        except _Ended as ended:
            output = str(ended)
            if time.monotonic() > deadline or not any(remains in output for remains in _REMAINS):
                raise from_output(output, directory=cluster.home) from None
        time.sleep(PAUSE * 5)


def _disown_stale_lock(cluster: Cluster) -> None:
    """Name ourselves in a lock whose process number now belongs to somebody else.

    The server refuses to start while the number in `postmaster.pid` is alive, unless it is its parent's.
    The rest of the file stays: from it the server tells whether children of its predecessor still run.
    """
    lock = cluster.data / "postmaster.pid"
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        _, _, rest = file.read().partition("\n")
        file.seek(0)
        file.write(f"{os.getpid()}\n{rest}")
        file.truncate()


def _launched(cluster: Cluster, *, durable: bool) -> Server:
    sockets = socket_directory(cluster)
    for remains in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):  # nobody serves this data: we hold the lock
        (sockets / remains).unlink(missing_ok=True)
    settings = [
        word
        for name, value in options_for(sockets, durable=durable).items()
        for word in ("-c", f"{name}={value}")
    ]
    with cluster.start_log.open("wb") as log:
        process = cluster.account.launch(
            [cluster.binary("postgres"), "-D", cluster.data, *settings], log=log, ending=signal.SIGINT
        )
    _wait_until_it_answers(process, cluster, sockets)
    return _server(sockets, pid=process.pid, process=process)


def _wait_until_it_answers(process: subprocess.Popen[bytes], cluster: Cluster, sockets: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(_url(sockets, "postgres", "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None:
                raise _Ended(_output(cluster)) from None
            if time.monotonic() > deadline:
                process.send_signal(signal.SIGINT)
                raise DatabaseCannotStart(
                    f"The database in {cluster.data} does not answer: {error}"
                ) from error
            time.sleep(PAUSE)
        else:
            return


def _output(cluster: Cluster) -> str:
    """Return what the server said last: before its logger started, then in its newest log."""
    logs = sorted((cluster.data / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
    texts = [path.read_bytes()[-4000:].decode(errors="replace") for path in (*logs[-1:], cluster.start_log)]
    return "\n".join(texts)


def _server(sockets: Path, *, pid: int, process: subprocess.Popen[bytes] | None = None) -> Server:
    return Server(
        url=_url(sockets, roles.APP, roles.DATABASE),
        owner_url=_url(sockets, roles.OWNER, roles.DATABASE),
        started_here=process is not None,
        pid=pid,
        _process=process,
    )


def _url(sockets: Path, role: str, database: str) -> str:
    return f"postgresql://{role}@/{database}?host={quote(str(sockets), safe='')}&port={PORT}"

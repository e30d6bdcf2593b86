"""The embedded server: the one that runs already, or one started now and stopped by whoever started it."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import psycopg

from raincheck.embedded_postgres import launching, roles
from raincheck.embedded_postgres.account import Account
from raincheck.embedded_postgres.cluster import Cluster, brought_major, socket_directory, version_of
from raincheck.embedded_postgres.errors import DatabaseCannotStart, cannot_write, from_output
from raincheck.embedded_postgres.options import options_for


@dataclass
class Server:
    """A running embedded server. `url` is the app's role, `owner_url` the one that owns the tables."""

    url: str
    owner_url: str
    started_here: bool
    pid: int
    sockets: Path = field(repr=False)
    _data: Path = field(repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _starter: int = field(default_factory=os.getpid, repr=False)

    def is_running(self) -> bool:
        if self._process is not None:
            return self._process.poll() is None
        return _serves(self.pid, self._data) or launching.lives(self.sockets)

    def stop(self) -> None:
        """Stop the server cleanly if this process started it; otherwise leave it to the one that did."""
        # A forked child has this object too, and must not stop its parent's database.
        if self._process is not None and self._starter == os.getpid():
            launching.stop(self._process)
            with suppress(OSError):  # gone already, or a next server is about to use it
                self.sockets.rmdir()

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
    try:
        cluster = Cluster(home=home.resolve(), major=brought_major(), account=Account.for_the_server())
        # Before anything is written: it may be at work under another account.
        cluster.must_be_ours()
        cluster.must_not_have_moved()
        with cluster.alone():
            _must_be_of_our_version(cluster)
            server = _running(cluster)
            if server is None:
                cluster.account.must_enter(cluster.directory)
                cluster.keep_program()
                if not cluster.data.exists():
                    launching.create_data(cluster, durable=durable)
                sockets = socket_directory(cluster)
                options = options_for(sockets, durable=durable)
                process = launching.launch(cluster, sockets=sockets, options=options)
                server = _server(cluster, sockets, pid=process.pid, process=process)
                try:
                    roles.prepare(launching.url(sockets))
                    launching.close_superuser(cluster, process, sockets=sockets)
                except (psycopg.Error, DatabaseCannotStart) as error:
                    server.stop()
                    raise from_output(str(error), directory=cluster.home) from error
            return server
    except OSError as error:
        raise cannot_write(home, error) from error


def _must_be_of_our_version(cluster: Cluster) -> None:
    newest = max(cluster.majors_with_data(), default=cluster.major)
    written = f"The data in {cluster.root / str(newest)} was written by PostgreSQL {newest}"
    if newest < cluster.major:
        raise DatabaseCannotStart(
            f"{written}, and this Raincheck brings PostgreSQL {cluster.major}. "
            "Run `raincheck upgrade-database` once: it copies the data and leaves the old one in place."
        )
    if newest > cluster.major:
        raise DatabaseCannotStart(
            f"{written}, which is newer than the PostgreSQL {cluster.major} of this Raincheck. "
            "Install the newer Raincheck again; nothing has been touched."
        )
    if cluster.data.exists() and version_of(cluster.data) != str(cluster.major):
        raise DatabaseCannotStart(
            f"The data in {cluster.data} says it was written by PostgreSQL {version_of(cluster.data)}, but the "
            f"directory is that of PostgreSQL {cluster.major}. Put it back where it was."
        )


def _running(cluster: Cluster) -> Server | None:
    """Return the server that runs on this data, waiting while it starts or stops; None when there is none."""
    began = time.monotonic()
    while (lock := _lock(cluster)) is not None and _is_held(lock, cluster):
        said = launching.answer(lock.sockets)
        if said is None:
            return _server(cluster, lock.sockets, pid=lock.pid)
        patience = launching.PATIENCE if launching.BETWEEN_STATES in said else launching.STALE_PATIENCE
        if time.monotonic() - began > patience:
            raise DatabaseCannotStart(
                f"The database in {cluster.data} is running as process {lock.pid}, but does not answer in {lock.sockets}. "
                "It was left as it is, since others may be at work with it. Try again in a minute; a command reaches it "
                f"where that directory can be seen, under the same user. ({said})"
            )
        time.sleep(launching.PAUSE)
    return None


@dataclass(frozen=True)
class _Lock:
    """What a server says of itself in its data, from its first moment on."""

    pid: int
    sockets: Path


def _lock(cluster: Cluster) -> _Lock | None:
    """Return what stands in the lock of the data's server, which may be gone; None when there is none."""
    with suppress(FileNotFoundError, ValueError):
        lines = (cluster.data / "postmaster.pid").read_text(encoding="utf-8").split("\n")
        # A server that just begins has not said yet where it can be reached: where it was told to.
        told = lines[4] if len(lines) > 5 else ""
        return _Lock(int(lines[0]), Path(told) if told else socket_directory(cluster))
    return None


def _is_held(lock: _Lock, cluster: Cluster) -> bool:
    # In a container of its own a server has a number that means nothing here, but its socket answers.
    return _serves(lock.pid, cluster.data) or launching.lives(lock.sockets)


def serving_process(cluster: Cluster) -> int | None:
    """Return the number of the living process that serves this data, or None."""
    lock = _lock(cluster)
    return lock.pid if lock is not None and _is_held(lock, cluster) else None


def _serves(pid: int, data: Path) -> bool:
    """Whether the process is a server of this data: after a reboot its number may be another program's."""
    if Path("/proc/self/cmdline").exists():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
        except (FileNotFoundError, ProcessLookupError):
            return False
        command = words.decode(errors="surrogateescape")
    else:
        # macOS has no /proc. There -ww keeps ps from cutting the line, and with it the data directory, to a width.
        ps = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
        command = subprocess.run(ps, capture_output=True, text=True).stdout
    return f" -D {data} " in f"{command.strip()} "


def _server(
    cluster: Cluster, sockets: Path, *, pid: int, process: subprocess.Popen[bytes] | None = None
) -> Server:
    return Server(
        url=launching.url(sockets, role=roles.APP, database=roles.DATABASE),
        owner_url=launching.url(sockets, role=roles.OWNER, database=roles.DATABASE),
        started_here=process is not None,
        pid=pid,
        sockets=sockets,
        _data=cluster.data,
        _process=process,
    )

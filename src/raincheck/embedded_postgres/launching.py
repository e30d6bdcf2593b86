"""The launch of a server on a data directory: from empty data to the first answer, and the stop."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from raincheck.embedded_postgres import roles
from raincheck.embedded_postgres.account import Account
from raincheck.embedded_postgres.cluster import PORT, Cluster, hand_over, made_again
from raincheck.embedded_postgres.errors import DatabaseCannotStart, from_output

PATIENCE = 300  # seconds for a server that is starting or stopping: after a crash it replays its journal
STALE_PATIENCE = 30  # seconds for what a killed server left behind to go
PAUSE = 0.02

SUPERUSER = "postgres"
ADMISSION = """\
local all all peer map=raincheck
host all all all reject
"""

# What a server says that is about to answer, or about to be gone.
BETWEEN_STATES = "the database system is"
# What only a living server says.
REFUSED = "FATAL:"

# What a dying predecessor's remains make a starting server say.
_REMAINS = ("lock file", "shared memory block", "could not bind Unix address")


class _Ended(Exception):
    """The server ended before it answered; the message is its output."""


def url(sockets: Path, *, role: str = SUPERUSER, database: str = "postgres") -> str:
    """Return the address of a database behind the socket in `sockets`, in libpq's form."""
    return f"postgresql://{role}@/{database}?host={quote(str(sockets), safe='')}&port={PORT}"


def create_data(cluster: Cluster, *, durable: bool) -> None:
    """Make empty data in one step: a half-made directory is never met under its final name."""
    fresh = cluster.data.with_name(f"{cluster.data.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    cluster.account.own(fresh)
    done = cluster.account.run(
        [
            cluster.binary("initdb"),
            f"--pgdata={fresh}",
            f"--username={SUPERUSER}",
            "--auth-local=peer",  # who that is, is written before each start
            "--auth-host=reject",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",  # the same order of words on every machine
            "--locale=C",
            "--data-checksums",
            *([] if durable else ["--no-sync", "--wal-segsize=1"]),  # 1 MB, not 16: tests make many
        ]
    )
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise from_output(done.stdout, directory=cluster.home)
    fresh.replace(cluster.data)


def launch(cluster: Cluster, *, sockets: Path, options: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Return a server that answers; it shuts down when we die. Raises DatabaseCannotStart.

    Where only the remains of a killed server stand in the way, it is tried again for a while.
    """
    deadline = time.monotonic() + STALE_PATIENCE
    while True:
        try:
            return _launched(cluster, sockets, options)
        except _Ended as ended:
            output = str(ended)
            if time.monotonic() > deadline or not any(remains in output for remains in _REMAINS):
                raise from_output(output, directory=cluster.home) from None
        time.sleep(PAUSE * 5)


def answer(sockets: Path, *, role: str = roles.OWNER, database: str = roles.DATABASE) -> str | None:
    """Return None when a real connection succeeds, else what the server, or the lack of one, said."""
    try:
        psycopg.connect(url(sockets, role=role, database=database), connect_timeout=5).close()
    except psycopg.OperationalError as error:
        return " ".join(str(error).split())
    return None


def lives(sockets: Path) -> bool:
    """Return whether a server is behind the socket in `sockets`, also one that takes nobody in at the moment."""
    return (said := answer(sockets)) is None or REFUSED in said


def _admit(cluster: Cluster, *, superuser: bool) -> None:
    """Write who may connect, each known by the kernel: the user of this process, and as the application alone who it drops to.

    Before each start, so that data which was made when the server still trusted everybody on its socket is closed, too.
    """
    us, guest = pwd.getpwuid(os.geteuid()).pw_name, Account.for_the_application()
    admitted = [(us, roles.OWNER), (us, roles.APP), *([(us, SUPERUSER)] if superuser else [])]
    if guest is not None:
        admitted.append((guest.name, roles.APP))
    lines = "".join(f'raincheck "{user}" {role}\n' for user, role in admitted)
    for name, contents in (("pg_hba.conf", ADMISSION), ("pg_ident.conf", lines)):
        fresh = cluster.data / f"{name}.new"
        fresh.write_text(contents, encoding="utf-8")
        fresh.chmod(0o600)
        cluster.account.own(fresh)
        fresh.replace(cluster.data / name)


def close_superuser(cluster: Cluster, process: subprocess.Popen[bytes], *, sockets: Path) -> None:
    """Have a server that was made ready let in nobody as its superuser any more."""
    _admit(cluster, superuser=False)
    owner = url(sockets, role=roles.OWNER, database=roles.DATABASE)
    with psycopg.connect(owner) as connection:
        [(before,)] = connection.execute("SELECT pg_conf_load_time()").fetchall()
    process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + STALE_PATIENCE
    while time.monotonic() < deadline:
        # A new line knows what the server had read when it was opened.
        with psycopg.connect(owner) as connection:
            if connection.execute("SELECT pg_conf_load_time()").fetchall() != [(before,)]:
                return
        time.sleep(PAUSE)
    raise DatabaseCannotStart(f"The database in {cluster.data} does not read who may connect. Start again.")


def _launched(cluster: Cluster, sockets: Path, options: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Try once. Raises _Ended when the server gave up."""
    _admit(cluster, superuser=True)
    made_again(sockets, cluster.account)  # a server that just stopped may have taken it away
    # One that is there may be of a time before pages had an account of their own.
    hand_over(sockets, cluster.account)
    for remains in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (sockets / remains).unlink(missing_ok=True)
    # A server refuses to start while the process number in its lock is alive, and after a reboot that number
    # is often somebody else's. Its parent's number it lets pass, so ours goes in; the rest of the file stays:
    # from it the server tells whether children of its predecessor still run. Nobody serves this data now.
    with suppress(FileNotFoundError):
        descriptor = os.open(cluster.data / "postmaster.pid", os.O_RDWR | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "r+", encoding="utf-8") as lock:
            _, _, rest = lock.read().partition("\n")
            lock.seek(0)
            lock.write(f"{os.getpid()}\n{rest}")
            lock.truncate()

    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    program: list[str | Path] = [cluster.binary("postgres"), "-D", cluster.data, *words]
    with cluster.start_log.open("wb") as log:
        # SIGINT is PostgreSQL's fast shutdown; at SIGTERM it would wait until every client has left.
        process = cluster.account.launch(program, log=log, ending=signal.SIGINT)
    deadline = time.monotonic() + PATIENCE
    while (said := answer(sockets, role=SUPERUSER, database="postgres")) is not None:
        if process.poll() is not None:
            # What it said last: in its newest log, and before its logger started.
            logs = sorted((cluster.data / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
            ends = [path.read_bytes()[-4000:] for path in (*logs[-1:], cluster.start_log)]
            raise _Ended("\n".join(end.decode(errors="replace") for end in ends))
        if time.monotonic() > deadline:
            stop(process)
            raise DatabaseCannotStart(f"The database in {cluster.data} does not answer. {said}")
        time.sleep(PAUSE)
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """Have the server disconnect everyone and write everything; insist only after a minute."""
    # Fast shutdown, then immediate: after that one the next start has to replay the journal.
    for request, patience in ((signal.SIGINT, 60), (signal.SIGQUIT, 30)):
        if process.poll() is None:
            process.send_signal(request)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return
    process.kill()
    process.wait()

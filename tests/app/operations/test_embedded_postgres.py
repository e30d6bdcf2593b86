"""The embedded server starts, is shared, survives kills without losing a row, and says clearly why it cannot."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from raincheck import embedded_postgres
from raincheck.embedded_postgres import DatabaseCannotStart, cluster, launching
from raincheck.embedded_postgres.cluster import brought_major

REPOSITORY = Path(__file__).parents[3]
MAJOR = brought_major()

AS_ROOT = os.geteuid() == 0
only_as_root = pytest.mark.skipif(not AS_ROOT, reason="Only root runs the server as another account.")

# Starts the server, tells about it, and ends when its input does.
APP = """
import sys
from pathlib import Path
from raincheck import embedded_postgres
try:
    server = embedded_postgres.start(Path(sys.argv[1]), durable=sys.argv[2] == "durable")
except embedded_postgres.DatabaseCannotStart as error:
    sys.exit(f"{error}")
print(server.url, server.owner_url, server.started_here, server.pid, flush=True)
sys.stdin.read()
server.stop()
"""


@dataclass
class App:
    """Another process that has started, or found, the server."""

    process: subprocess.Popen[str]
    url: str
    owner_url: str
    started_here: bool
    server: int


def begin(
    home: Path, *, durable: bool = False, before: Sequence[str] = (), **options: object
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*before, sys.executable, "-c", APP, str(home), "durable" if durable else "fast"],
        **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": "/", **options},
    )


def told(process: subprocess.Popen[str]) -> App:
    url, owner_url, started_here, server = process.stdout.readline().split()
    return App(process, url, owner_url, started_here == "True", int(server))


@contextmanager
def app(home: Path, *, durable: bool = False, before: Sequence[str] = (), **options: object) -> Iterator[App]:
    process = begin(home, durable=durable, before=before, **options)
    try:
        yield told(process)
    finally:
        process.communicate()


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.01)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() == b""
    except (FileNotFoundError, ProcessLookupError):
        return True


def write_rows(owner_url: str, url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        connection.execute("CREATE TABLE visit (number int)")
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO visit SELECT generate_series(1, 1000)")


def rows_in(url: str) -> int:
    with psycopg.connect(url) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM visit").fetchall()
        return count


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that every account may pass through; pytest's own temporary ones are closed."""
    directory = Path(tempfile.mkdtemp(prefix="raincheck-test-", dir="/tmp"))
    directory.chmod(0o711)
    yield directory / "home"
    shutil.rmtree(directory)


@pytest.fixture
def small_disk(home: Path) -> Iterator[Callable[[str], Path]]:
    """Return a function that mounts a small disk of its own and returns its directory."""
    if not AS_ROOT:
        pytest.skip("Only root can mount a small disk to fill.")

    def mount(size: str) -> Path:
        home.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=711", "tmpfs", home], check=False
        )
        if done.returncode != 0:
            pytest.skip("This machine does not let its root mount a small disk.")
        return home

    yield mount
    if home.is_mount():
        unmount(home)


def unmount(directory: Path) -> None:
    """Take a disk away once nobody uses it: the last of a server's processes to go is the one that writes its log."""
    look = threading.Event()
    for _attempt in range(200):
        if subprocess.run(["umount", directory], check=False, capture_output=True).returncode == 0:
            return
        look.wait(0.1)
    raise AssertionError(f"{directory} stays busy")


@pytest.mark.verify
def test_the_second_start_finds_what_the_first_one_wrote(home: Path) -> None:
    with embedded_postgres.start(home) as first:
        write_rows(first.owner_url, first.url)
    assert not first.is_running()
    with embedded_postgres.start(home) as second:
        assert (first.started_here, second.started_here, second.url) == (True, True, first.url)
        assert rows_in(second.url) == 1000


@pytest.mark.verify
def test_the_app_changes_rows_but_neither_truncates_nor_makes_tables(home: Path) -> None:
    with embedded_postgres.start(home, durable=False) as server:
        with psycopg.connect(server.owner_url, autocommit=True) as owner:
            owner.execute("CREATE DATABASE of_a_test")
        for database in ("raincheck", "of_a_test"):
            write_rows(f"{server.owner_url}&dbname={database}", f"{server.url}&dbname={database}")
            with psycopg.connect(server.url, dbname=database, autocommit=True) as connection:
                connection.execute("UPDATE visit SET number = 0 WHERE number < 500")
                connection.execute("DELETE FROM visit WHERE number = 0")
                for forbidden in ("TRUNCATE visit", "CREATE TABLE mine (number int)", "DROP TABLE visit"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute(forbidden)
                extensions = connection.execute("SELECT extname FROM pg_extension ORDER BY 1").fetchall()
                assert extensions == [("btree_gist",), ("plpgsql",)]


def test_the_server_is_private_durable_and_the_same_everywhere(home: Path) -> None:
    with embedded_postgres.start(home) as server, psycopg.connect(server.url) as connection:
        names = ("listen_addresses", "fsync", "data_checksums", "TimeZone", "server_encoding")
        settings = {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in names}
        [(collation,)] = connection.execute(
            "SELECT datlocale FROM pg_database WHERE datname = 'raincheck'"
        ).fetchall()
        sockets = Path(connection.info.host)
        socket = sockets / ".s.PGSQL.5432"
        assert settings == {
            "listen_addresses": "",
            "fsync": "on",
            "data_checksums": "on",
            "TimeZone": "UTC",
            "server_encoding": "UTF8",
        }
        assert collation == "C.UTF-8"
        assert (stat.S_IMODE(sockets.stat().st_mode), len(os.fsencode(socket)) <= 107) == (
            0o710 if AS_ROOT else 0o700,  # root lets the account of pages and worker pass through
            True,
        )


def test_a_killed_app_takes_its_server_along_and_loses_no_row(home: Path) -> None:
    with app(home) as killed:
        write_rows(killed.owner_url, killed.url)
        killed.process.kill()
        killed.process.wait()
        wait_until(lambda: is_gone(killed.server))
    with embedded_postgres.start(home, durable=False) as server:
        assert rows_in(server.url) == 1000


@pytest.mark.verify
def test_a_killed_server_is_started_again_and_loses_no_row(home: Path) -> None:
    with app(home) as running:
        write_rows(running.owner_url, running.url)
        with psycopg.connect(running.url):  # a busy child of the server is no obstacle either
            os.kill(running.server, signal.SIGKILL)
            with embedded_postgres.start(home, durable=False) as server:
                assert (server.started_here, rows_in(server.url)) == (True, 1000)


@pytest.mark.verify
def test_a_start_right_after_both_were_killed_loses_no_row(home: Path) -> None:
    with app(home, durable=True) as killed:
        write_rows(killed.owner_url, killed.url)
        for pid in (killed.process.pid, killed.server):
            os.kill(pid, signal.SIGKILL)
        with embedded_postgres.start(home) as server:
            assert (server.started_here, rows_in(server.url)) == (True, 1000)


@pytest.mark.verify
def test_the_second_process_uses_the_first_ones_server_and_leaves_it_running(home: Path) -> None:
    with app(home) as first:
        with app(home) as second:
            pass
        assert (second.started_here, second.server, second.url) == (False, first.server, first.url)
        write_rows(first.owner_url, second.url)
    assert is_gone(first.server)


@pytest.mark.verify
def test_of_several_processes_that_start_at_once_one_starts_the_server(home: Path) -> None:
    processes = [begin(home) for _ in range(3)]
    apps = [told(process) for process in processes]
    assert sorted(app.started_here for app in apps) == [False, False, True]
    assert len({app.server for app in apps}) == 1
    for process in processes:
        process.communicate()


@pytest.mark.verify
def test_a_lock_that_names_somebody_elses_process_does_not_stop_a_start(home: Path) -> None:
    with embedded_postgres.start(home, durable=False) as server:
        write_rows(server.owner_url, server.url)
        lock = home / "postgres" / str(MAJOR) / "data" / "postmaster.pid"
        kept = lock.read_text()
    identity = {"user": "nobody"} if AS_ROOT else {}
    other = subprocess.Popen(["sleep", "600"], **identity)
    try:
        lock.write_text("\n".join([str(other.pid), *kept.split("\n")[1:]]))
        with embedded_postgres.start(home, durable=False) as server:
            assert rows_in(server.url) == 1000
    finally:
        other.kill()
        other.wait()


@only_as_root
def test_as_root_it_runs_as_nobody_and_changes_no_mode_but_its_own(home: Path) -> None:
    home.mkdir(mode=0o755)
    accounts = Path("/etc/passwd").read_bytes()
    with embedded_postgres.start(home, durable=False) as server:
        nobody = pwd.getpwnam("nobody").pw_uid
        assert Path(f"/proc/{server.pid}").stat().st_uid == nobody
        data = (home / "postgres" / str(MAJOR) / "data").stat()
        assert (data.st_uid, stat.S_IMODE(data.st_mode)) == (nobody, 0o700)
        assert (home.stat().st_uid, stat.S_IMODE(home.stat().st_mode)) == (0, 0o755)
        assert Path("/etc/passwd").read_bytes() == accounts


@pytest.mark.verify
@only_as_root
def test_the_kernel_says_who_connects_and_others_are_no_role_of_ours(home: Path) -> None:
    """Also where the socket stands open, and with data that was made while everybody was trusted there."""
    with embedded_postgres.start(home, durable=False):
        data = home / "postgres" / str(MAJOR) / "data"
    (data / "pg_hba.conf").write_text("local all all trust\n", encoding="utf-8")
    with embedded_postgres.start(home, durable=False) as server:
        with psycopg.connect(server.url) as connection:
            sockets = Path(connection.info.host)
        sockets.chmod(0o755)
        (sockets / ".s.PGSQL.5432").chmod(0o777)
        psql = next(home.rglob("bin/psql"))
        said = [
            said_to_a_stranger(psql, sockets, role) for role in ("postgres", "raincheck_owner", "raincheck")
        ]
        sockets.chmod(0o700)
    assert said == [
        f'FATAL:  Peer authentication failed for user "{role}"'
        for role in ("postgres", "raincheck_owner", "raincheck")
    ]


def said_to_a_stranger(psql: Path, sockets: Path, role: str) -> str:
    """Return what the server says to another user of this machine who asks for a role."""
    stranger = pwd.getpwnam("bin")
    said = subprocess.run(
        [psql, "-h", str(sockets), "-U", role, "-d", "postgres", "-c", "SELECT 1"],
        user=stranger.pw_uid, group=stranger.pw_gid, extra_groups=[], cwd="/",
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return (said.stdout + said.stderr).strip().partition("failed: ")[2]


@only_as_root
def test_a_parent_that_nobody_can_enter_is_named_and_stays_as_it_is(home: Path) -> None:
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(DatabaseCannotStart) as refusal:
        embedded_postgres.start(closed / "home")
    assert str(refusal.value) == (
        f"The database runs as 'nobody', which cannot enter {closed}. Set RAINCHECK_HOME to a directory that "
        "everyone may pass through (Raincheck does not open other people's directories)."
    )
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def begun_by_another_user(home: Path, *, uid: int, **environment: str) -> subprocess.Popen[str]:
    """Begin the app as `uid`, under a Python that this account can run."""
    version = f"python3.{sys.version_info.minor}"
    packages = os.pathsep.join([str(REPOSITORY / "src"), sysconfig.get_path("purelib")])
    environment = {"PYTHONPATH": packages, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    options = {"user": uid, "group": uid, "extra_groups": [], "env": environment, "cwd": "/", "text": True}
    for python in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        try:
            subprocess.run([python, "-c", "import raincheck, psycopg"], check=True, **options)
        except (OSError, subprocess.CalledProcessError):
            continue
        home.mkdir(exist_ok=True)
        os.chown(home, uid, uid)
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen([python, "-c", APP, home, "fast"], **pipes, **options)
    pytest.skip("No Python here that an ordinary user can run with these packages.")


def as_another_user(home: Path, *, uid: int, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the app as `uid` until its input ends."""
    process = begun_by_another_user(home, uid=uid, **environment)
    said, complained = process.communicate("")
    return subprocess.CompletedProcess([], process.returncode, said, complained)


@pytest.mark.verify
@only_as_root
def test_an_ordinary_user_runs_it_under_their_own_name(home: Path) -> None:
    daemon = pwd.getpwnam("daemon").pw_uid
    done = as_another_user(home, uid=daemon)
    assert (done.returncode, done.stderr, done.stdout.split()[2]) == (0, "", "True")
    data = home / "postgres" / str(MAJOR) / "data"
    assert (data.stat().st_uid, stat.S_IMODE((home / "postgres").stat().st_mode)) == (daemon, 0o700)


def tree(directory: Path) -> dict[str, tuple[int, int, int]]:
    """Return owner, mode and age of the directory and of what it holds."""
    facts = {path.name: path.lstat() for path in [directory, *directory.iterdir()]}
    return {name: (one.st_uid, one.st_mode, one.st_mtime_ns) for name, one in facts.items()}


@pytest.mark.verify
@only_as_root
def test_another_users_database_is_refused_before_anything_is_written_and_goes_on(home: Path) -> None:
    """Root's cron, say, beside the service of an ordinary user."""
    daemon = pwd.getpwnam("daemon").pw_uid
    running = begun_by_another_user(home, uid=daemon)
    try:
        first = told(running)
        places = [home, home / "postgres", home / "postgres" / str(MAJOR)]
        before = [tree(place) for place in places]
        with pytest.raises(DatabaseCannotStart) as refusal:
            embedded_postgres.start(home)
        assert str(refusal.value) == (
            f"The database in {home} belongs to user id {daemon}, but would run as 'nobody'. Nothing was touched. Run this "
            "as that user, with the same RAINCHECK_HOME: sudo -u daemon raincheck … Or set RAINCHECK_HOME to another "
            "directory."
        )
        assert [tree(place) for place in places] == before
        second = as_another_user(home, uid=daemon)
        assert second.stdout.split() == [first.url, first.owner_url, "False", str(first.server)]
    finally:
        running.communicate()
    with pytest.raises(DatabaseCannotStart, match=f"belongs to user id {daemon}, but would run as 'nobody'"):
        embedded_postgres.start(home)


@only_as_root
def test_what_root_started_is_refused_to_everybody_else_by_name(home: Path) -> None:
    daemon = pwd.getpwnam("daemon").pw_uid
    (home / "postgres").mkdir(parents=True)
    done = as_another_user(home, uid=daemon)
    os.chown(home, 0, 0)
    assert done.stderr == (
        f"The database in {home} belongs to user id 0, but would run as 'daemon'. Nothing was touched. Run this as that "
        "user, with the same RAINCHECK_HOME: sudo -u root raincheck … Or set RAINCHECK_HOME to another directory.\n"
    )


@pytest.mark.verify
@only_as_root
@pytest.mark.parametrize("umask", [0o077, 0o027])
def test_a_start_does_not_depend_on_the_umask(home: Path, umask: int) -> None:
    former = os.umask(umask)
    try:
        embedded_postgres.start(home, durable=False).stop()
    finally:
        os.umask(former)
    ours = home / "postgres"
    modes = {
        name: stat.S_IMODE((ours / str(MAJOR) / name).stat().st_mode) for name in (".", "data", "program")
    }
    assert (stat.S_IMODE(ours.stat().st_mode), modes) == (
        0o711,
        {".": 0o711, "data": 0o700, "program": 0o755},
    )


@pytest.mark.verify
@only_as_root
def test_directories_that_a_former_start_left_closed_are_opened_again(home: Path) -> None:
    embedded_postgres.start(home, durable=False).stop()
    ours = home / "postgres" / str(MAJOR)
    for closed in (ours / "program", ours, ours.parent):
        closed.chmod(0o700)
    with embedded_postgres.start(home, durable=False) as server:
        assert server.started_here


@pytest.fixture
def home_elsewhere() -> Iterator[Path]:
    """A home that does not lie in /tmp."""
    directory = Path(tempfile.mkdtemp(prefix="raincheck-test-", dir="/var/tmp"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory)


# This checkout stays where it is, also when that is below /tmp.
PRIVATE_TMP = """\
checkout=$1 kept=$2; shift 2
mount --bind "$checkout" "$kept" && mount -t tmpfs none /tmp && mkdir -p "$checkout" && mount --bind "$kept" "$checkout" && exec "$@"
"""


@pytest.mark.verify
@pytest.mark.parametrize("depth", [1, 80], ids=["beside the data", "too deep for a socket"])
def test_the_socket_is_the_same_for_whoever_has_a_temporary_directory_of_their_own(
    home_elsewhere: Path, depth: int
) -> None:
    """As `PrivateTmp` of systemd gives one to each service."""
    home = home_elsewhere / ("d" * depth) / "home"
    kept = home_elsewhere / "checkout"
    kept.mkdir()
    private = ["unshare", "--mount", "sh", "-c", PRIVATE_TMP, "sh", str(Path(__file__).parents[3]), str(kept)]
    if subprocess.run([*private, "true"], capture_output=True).returncode != 0:
        pytest.skip("Nobody here may mount.")
    with app(home) as first, app(home, before=private) as second:
        assert (second.url, second.started_here, second.server) == (first.url, False, first.server)


@pytest.mark.verify
@pytest.mark.parametrize("depth", [1, 80], ids=["beside the data", "too deep for a socket"])
def test_starts_and_kills_leave_no_directory_behind_and_find_the_same_address(home: Path, depth: int) -> None:
    temporary = home / "temporary"
    temporary.mkdir(parents=True)
    environment = {**os.environ, "TMPDIR": str(temporary)}
    home = home / ("d" * depth)
    with app(home, env=environment) as killed:
        killed.process.kill()
        wait_until(lambda: is_gone(killed.server))
    with app(home, env=environment) as again:
        assert (again.url, again.started_here) == (killed.url, True)
    sockets = Path(parse_qs(urlsplit(again.url).query)["host"][0])
    assert (list(temporary.iterdir()), sockets.exists()) == ([], False)


@pytest.mark.verify
@only_as_root
def test_a_server_whose_number_means_nothing_here_is_found_by_its_socket(home: Path) -> None:
    """As in a container that has the same directory and processes of its own."""
    apart = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if subprocess.run([*apart, "true"], capture_output=True).returncode != 0:
        pytest.skip("Nobody here may have processes of their own.")
    with app(home, before=apart) as first, embedded_postgres.start(home, durable=False) as second:
        assert (second.url, second.started_here, second.is_running()) == (first.url, False, True)


@pytest.mark.verify
def test_a_server_that_does_not_answer_is_left_as_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "STALE_PATIENCE", 0)
    with app(home) as running:
        socket = next((home / "postgres" / str(MAJOR) / "socket").glob(".s.PGSQL.5432"))
        socket.rename(socket.with_name("away"))
        with pytest.raises(DatabaseCannotStart) as refusal:
            embedded_postgres.start(home)
        socket.with_name("away").rename(socket)
        assert re.fullmatch(
            rf"The database in {home}/postgres/{MAJOR}/data is running as process {running.server}, but does not answer in "
            rf"{socket.parent}\. It was left as it is, since others may be at work with it\. Try again in a minute; a "
            r"command reaches it where that directory can be seen, under the same user\. \(.*\)",
            str(refusal.value),
        )
        psycopg.connect(running.url).close()


@only_as_root
def test_a_user_without_a_name_gets_a_sentence(home: Path) -> None:
    done = as_another_user(home, uid=54321)
    assert done.stderr == (
        "The embedded database needs an account with a name, and user id 54321 has none on this machine. "
        "Run Raincheck as a named user, or set DATABASE_URL to a PostgreSQL server.\n"
    )


@pytest.mark.verify
def test_a_temp_directory_too_deep_for_a_socket_gets_a_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = home.parent / ("d" * 90)
    deep.mkdir()
    monkeypatch.setattr(cluster, "SHARED_PLACES", ())
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with pytest.raises(DatabaseCannotStart) as refusal:
        embedded_postgres.start(deep / "home", durable=False)
    name = "nobody" if AS_ROOT else pwd.getpwuid(os.geteuid()).pw_name
    assert str(refusal.value) == (
        "There is no place for the database's socket: its whole path may be 107 bytes long, in a directory that "
        f"'{name}' can enter. Set RAINCHECK_HOME or TMPDIR to a shorter one."
    )


def test_data_of_an_older_postgresql_is_left_alone_and_named(home: Path) -> None:
    (home / "postgres" / "14" / "data").mkdir(parents=True)
    (home / "postgres" / "14" / "data" / "PG_VERSION").write_text("14\n")
    with pytest.raises(DatabaseCannotStart) as refusal:
        embedded_postgres.start(home)
    assert str(refusal.value) == (
        f"The data in {home}/postgres/14 was written by PostgreSQL 14, and this Raincheck brings PostgreSQL "
        f"{MAJOR}. Run `raincheck upgrade-database` once: it copies the data and leaves the old one in place."
    )


@pytest.mark.verify
def test_data_of_a_newer_postgresql_is_left_alone_and_named(home: Path) -> None:
    (home / "postgres" / "99" / "data").mkdir(parents=True)
    (home / "postgres" / "99" / "data" / "PG_VERSION").write_text("99\n")
    with pytest.raises(DatabaseCannotStart) as refusal:
        embedded_postgres.start(home)
    assert str(refusal.value) == (
        f"The data in {home}/postgres/99 was written by PostgreSQL 99, which is newer than the PostgreSQL "
        f"{MAJOR} of this Raincheck. Install the newer Raincheck again; nothing has been touched."
    )


@pytest.mark.verify
def test_a_disk_too_small_for_the_first_start_gets_a_sentence(small_disk: Callable[[str], Path]) -> None:
    for size in ("4m", "60m"):  # too small for the programs; too small for the data
        home = small_disk(size)
        with pytest.raises(
            DatabaseCannotStart, match=f"^The disk that holds {home} is full. Free some space"
        ):
            embedded_postgres.start(home)
        unmount(home)
        home.rmdir()


@pytest.mark.verify
def test_a_disk_that_fills_up_later_gets_a_sentence_and_keeps_every_row(
    small_disk: Callable[[str], Path],
) -> None:
    home = small_disk("200m")
    with embedded_postgres.start(home) as server:
        write_rows(server.owner_url, server.url)
    fill(home / "filling")
    with pytest.raises(DatabaseCannotStart) as refusal:
        embedded_postgres.start(home)
    assert str(refusal.value) == (
        f"The disk that holds {home} is full. Free some space and start again; nothing has been lost."
    )
    (home / "filling").unlink()
    with embedded_postgres.start(home) as server:
        assert rows_in(server.url) == 1000


def test_a_read_only_directory_gets_a_sentence(home: Path, request: pytest.FixtureRequest) -> None:
    if AS_ROOT:
        home = request.getfixturevalue("small_disk")("200m")
        subprocess.run(["mount", "-o", "remount,ro", home], check=True)
    else:
        home.mkdir(mode=0o500)
    with pytest.raises(DatabaseCannotStart) as refusal:
        embedded_postgres.start(home)
    named = home if AS_ROOT else home / "postgres"
    assert str(refusal.value) == (
        f"The database directory {named} cannot be written. Allow writing there, or set RAINCHECK_HOME to "
        "another directory."
    )


@pytest.mark.verify
def test_an_upgrade_copies_every_row_and_leaves_the_old_data(home: Path) -> None:
    with embedded_postgres.start(home, durable=False) as server:
        write_rows(server.owner_url, server.url)
    # Our own version under an older one's name: the way from any version to ours is the same.
    old = home / "postgres" / str(MAJOR - 1)
    (home / "postgres" / str(MAJOR)).rename(old)
    assert embedded_postgres.upgrade(home) == (MAJOR - 1, MAJOR)
    with embedded_postgres.start(home, durable=False) as server:
        assert rows_in(server.url) == 1000
        with psycopg.connect(server.url) as connection:
            connection.execute("INSERT INTO visit VALUES (1001)")
    assert (old / "data" / "PG_VERSION").read_text() == f"{MAJOR}\n"
    assert embedded_postgres.upgrade(home) is None


@pytest.mark.verify
def test_an_upgrade_that_fails_leaves_everything_as_it_was(home: Path) -> None:
    with embedded_postgres.start(home, durable=False):
        pass
    old = home / "postgres" / str(MAJOR - 1)
    (home / "postgres" / str(MAJOR)).rename(old)
    shutil.rmtree(old / "program")
    with pytest.raises(DatabaseCannotStart, match=f"The programs of PostgreSQL {MAJOR - 1} are missing"):
        embedded_postgres.upgrade(home)
    with pytest.raises(DatabaseCannotStart, match="Run `raincheck upgrade-database` once"):
        embedded_postgres.start(home)

"""`raincheck serve`: it answers, heals what is killed, leaves no stray process, and refuses in one sentence."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from tests.sampling import sample

from raincheck import clock, embedded_postgres
from raincheck.cli import addresses
from raincheck.cli.migrations import MIGRATING
from raincheck.cli.supervisor import pause_after
from raincheck.subprocesses import ending_with_parent

RAINCHECK = [sys.executable, "-m", "raincheck.cli"]
SETTINGS = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DJANGO_SETTINGS_MODULE",
    "HOST",
    "BASE_URL",
    "RAINCHECK_DEMO",
)

LOGGER = "postgres: raincheck: logger "


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A migrated home that the starts of this module share: the first one would take seconds each time."""
    directory = Path(tempfile.mkdtemp(prefix="raincheck-serve-", dir="/tmp"))
    directory.chmod(0o711)
    subprocess.run([*RAINCHECK, "migrate"], env=environment(directory / "home"), check=True)
    yield directory / "home"
    shutil.rmtree(directory)


def environment(home: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return {**kept, "RAINCHECK_HOME": str(home), **settings}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A running `raincheck serve`."""

    process: subprocess.Popen[str]
    port: int

    def answers(self) -> bool:
        """Whether the pages and, behind them, the database answer."""
        question = b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
                connection.sendall(question)
                return connection.recv(16).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def family(self) -> dict[int, str]:
        """Return its process and all living processes below it, with their command lines."""
        above = {
            int(path.name): parent(int(path.name))
            for path in Path("/proc").iterdir()
            if path.name.isdecimal()
        }
        family = generation = {self.process.pid}
        while generation := {pid for pid, its_parent in above.items() if its_parent in generation}:
            family = family | generation
        lines = {pid: command_line(pid) for pid in family}
        return {pid: line for pid, line in lines.items() if line}  # one that ends just now has none

    def one(self, words: str, *, below: int | None = None) -> int:
        """Return the number of the one process whose command line has `words` and whose parent is `below`."""
        below = below or self.process.pid
        [found] = [pid for pid, line in self.family().items() if words in line and parent(pid) == below]
        return found


def parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.02)


def left_of(family: dict[int, str]) -> dict[int, str]:
    """Return the processes that live on; a zombie has no command line left."""
    return {pid: line for pid, line in family.items() if command_line(pid) == line}


def assert_gone(family: dict[int, str]) -> None:
    """All processes are gone, but for PostgreSQL's logger: it ends by itself, once it read the last words.

    The server does not wait for it, as it does for all its other children.
    """
    assert [line for line in left_of(family).values() if not line.startswith(LOGGER)] == []
    wait_until(lambda: not left_of(family))


@contextmanager
def served(home: Path, *, before: tuple[str, ...] = (), **settings: str) -> Iterator[Served]:
    port = free_port()
    process = subprocess.Popen(
        [*before, *RAINCHECK, "serve"],
        env=environment(home, PORT=str(port), **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=ending_with_parent(signal.SIGTERM),
    )
    running = Served(process, port)
    try:
        assert process.stdout.readline() == f"Raincheck is ready: http://127.0.0.1:{port}\n"
        wait_until(lambda: any("raincheck.cli worker" in line for line in running.family().values()))
        yield running
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def refusal(home: Path, **settings: str) -> str:
    """Return what a start that must fail says."""
    done = subprocess.run(
        [*RAINCHECK, "serve"], env=environment(home, **settings), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def signs_of_life(url: str, *, since: datetime) -> Counter[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT kind FROM raincheck_heartbeat WHERE started_at > %s", [since])
        return Counter(kind for (kind,) in rows)


@pytest.mark.verify
def test_every_process_gives_a_sign_of_life_as_soon_as_it_runs(home: Path) -> None:
    since = clock.real_now()
    with served(home), embedded_postgres.start(home) as server:
        everybody = {"web": 2, "worker": 1, "sweep": 1}
        wait_until(lambda: signs_of_life(server.owner_url, since=since) == everybody)


@pytest.mark.sampled
@pytest.mark.parametrize("ending", sample([signal.SIGTERM, signal.SIGINT, signal.SIGHUP], every=3))
def test_it_answers_until_it_is_told_to_stop_and_leaves_nothing_behind(
    home: Path, ending: signal.Signals
) -> None:
    with served(home) as running:
        family = running.family()
        assert running.answers()
        running.process.send_signal(ending)
        assert running.process.wait() == 0
        assert_gone(family)
        assert not list(home.glob("postgres/*/data/postmaster.pid"))


@pytest.mark.verify
def test_a_killed_supervisor_leaves_no_stray_process(home: Path) -> None:
    with served(home) as running:
        family = running.family()
        running.process.kill()
        running.process.wait()
        wait_until(lambda: not left_of(family))


@pytest.mark.verify
def test_a_killed_make_leaves_no_stray_process(home: Path) -> None:
    waiting = "import subprocess, sys; subprocess.run([*sys.argv[1:], '--end-with-parent'])"
    with served(home, before=(sys.executable, "-c", waiting)) as running:
        family = running.family()
        assert len(family) > 5
        running.process.kill()
        running.process.wait()
        wait_until(lambda: not left_of(family))


@pytest.mark.verify
def test_whatever_else_is_killed_is_started_again(home: Path) -> None:
    with served(home) as running:
        server = running.one("raincheck.cli.web")
        threads = [pid for pid in running.family() if parent(pid) == server]
        for victim, words in (
            (threads[0], "raincheck.cli.web"),
            (server, "raincheck.cli.web"),
            (running.one("raincheck.cli worker"), "raincheck.cli worker"),
            (running.one("bin/postgres -D"), "bin/postgres -D"),
        ):
            below = {
                pid: line for pid, line in running.family().items() if pid == victim or parent(pid) == victim
            }
            others = {pid for pid, line in running.family().items() if words in line} - set(below)
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda below=below: not left_of(below))
            wait_until(
                lambda words=words, others=others, below=below: any(
                    words in line for pid, line in running.family().items() if pid not in {*others, *below}
                )
            )
            wait_until(running.answers)
        family = running.family()
    assert_gone(family)


@pytest.mark.verify
def test_two_of_them_share_one_database_and_the_second_outlives_the_first(home: Path) -> None:
    with served(home) as first, served(home) as second:
        assert [pid for pid, line in second.family().items() if "bin/postgres" in line] == []
        first.process.terminate()
        assert first.process.wait() == 0
        wait_until(second.answers)
        family = second.family()
        assert any("bin/postgres -D" in line for line in family.values())
    assert_gone(family)


@pytest.mark.verify
def test_a_database_that_comes_back_elsewhere_is_found_by_everybody() -> None:
    """Its home is too deep for a socket, and the directory that had it was cleaned away."""
    directory = Path(tempfile.mkdtemp(prefix="raincheck-serve-", dir="/tmp"))
    directory.chmod(0o711)
    home = directory / ("d" * 90)
    try:
        with served(home) as running:
            [record] = home.glob("postgres/*/socket.elsewhere")
            former = Path(record.read_text(encoding="utf-8"))
            shutil.rmtree(former)
            former.touch()
            os.kill(running.one("bin/postgres -D"), signal.SIGKILL)
            wait_until(running.answers)
            assert Path(record.read_text(encoding="utf-8")) != former
            former.unlink()
    finally:
        shutil.rmtree(directory)


@pytest.mark.verify
def test_a_service_manager_is_told_when_it_is_ready_and_when_it_stops(home: Path, tmp_path: Path) -> None:
    """In systemd's way: each datagram holds lines of NAME=value."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        with served(home, NOTIFY_SOCKET=str(tmp_path / "notify")) as running:
            told = [manager.recv(4096).decode(), manager.recv(4096).decode()]
        manager.settimeout(0)
        last = manager.recv(4096).decode()
    address = f"http://127.0.0.1:{running.port}"
    assert [*told, last] == [
        "STATUS=Bringing the tables and the pages' files to this version.",
        f"READY=1\nSTATUS=Pages are served at {address}.",
        "STOPPING=1",
    ]


def test_a_taken_port_is_named_before_anything_starts(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert refusal(home, PORT=port) == (
            f"raincheck: Port {port} is taken by another program. Stop it, or set PORT to another number.\n"
        )


def test_of_two_that_start_on_one_port_in_the_same_instant_one_is_refused(home: Path) -> None:
    """The server shares its port among its processes, so that the kernel would let both listen."""
    port = free_port()
    with addresses.claimed("127.0.0.1", port):
        assert refusal(home, PORT=str(port)) == (
            f"raincheck: Port {port} is taken by another program. Stop it, or set PORT to another number.\n"
        )


@pytest.mark.verify
@pytest.mark.parametrize(
    ("host", "told", "at"), [("::1", "[::1]", "::1"), ("localhost", "localhost", "localhost")]
)
def test_the_address_it_tells_is_where_it_listens(home: Path, host: str, told: str, at: str) -> None:
    port = free_port()
    process = subprocess.Popen(
        [*RAINCHECK, "serve"],
        env=environment(home, PORT=str(port), HOST=host),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=ending_with_parent(signal.SIGTERM),
    )
    try:
        assert process.stdout.readline() == f"Raincheck is ready: http://{told}:{port}\n"
        assert addresses.answers(at, port, base_url=f"http://{told}:{port}")
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


@pytest.mark.verify
def test_a_role_that_is_not_let_in_is_told_and_nothing_called_ready(home: Path) -> None:
    with embedded_postgres.start(home) as server:
        stranger = server.url.replace("raincheck@", "stranger@", 1)
        said = refusal(
            home, DATABASE_URL=stranger, DATABASE_OWNER_URL=server.owner_url, PORT=str(free_port())
        )
    assert said.startswith("raincheck: The database named by DATABASE_URL cannot be used: ")
    assert said.endswith('FATAL: Peer authentication failed for user "stranger"\n')


@contextmanager
def of_a_newer_raincheck(owner_url: str) -> Iterator[None]:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('raincheck', '9999_x', now())"
        )
        try:
            yield
        finally:
            owner.execute("DELETE FROM django_migrations WHERE name = '9999_x'")


def messages(log: str) -> list[str]:
    """Return what the lines of a log say; before them stands what it could not change about being root."""
    lines = [line for line in log.splitlines() if not line.startswith("Raincheck was started as root")]
    return [json.loads(line)["message"] for line in lines]


NEWER = "the tables are of a newer Raincheck (change 9999_x): this worker ends; run that version here"


def test_an_old_worker_does_nothing_with_newer_tables(home: Path) -> None:
    with embedded_postgres.start(home) as server, of_a_newer_raincheck(server.owner_url):
        done = subprocess.run([*RAINCHECK, "worker"], env=environment(home), capture_output=True, text=True)
    assert (done.returncode, messages(done.stderr)) == (1, [NEWER])


@pytest.mark.verify
def test_a_worker_at_work_ends_once_the_tables_are_newer(home: Path) -> None:
    with embedded_postgres.start(home) as server:
        worker = subprocess.Popen(
            [*RAINCHECK, "worker"], env=environment(home), stderr=subprocess.PIPE, text=True
        )
        since = clock.real_now()
        wait_until(lambda: signs_of_life(server.owner_url, since=since)["worker"] == 1)
        with of_a_newer_raincheck(server.owner_url):
            _, said = worker.communicate(timeout=60)
        assert worker.returncode == 1
        assert NEWER in messages(said)


@pytest.mark.parametrize(
    ("name", "value"),
    [("HOST", "0.0.0.0"), ("BASE_URL", "https://harbor.example")],  # noqa: S104
)
def test_the_demo_starts_on_this_machine_only(home: Path, name: str, value: str) -> None:
    settings = {
        "PORT": str(free_port()),
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
        name: value,
    }
    assert refusal(home, RAINCHECK_DEMO="1", **settings) == (
        f"raincheck: {name} is {value}, but the demo lets anyone in without a password, so it only starts on this "
        "machine's own address (127.0.0.1). Unset RAINCHECK_DEMO for a real practice.\n"
    )


def test_a_wrong_setting_is_named_in_one_sentence(home: Path) -> None:
    said = refusal(home, PORT="eight")
    assert said == "raincheck: PORT must be a whole number from 1 to 65535, not “eight”.\n"


def test_a_database_that_does_not_answer_is_named_in_one_sentence(home: Path) -> None:
    said = refusal(
        home, DATABASE_URL=f"postgresql://127.0.0.1:{free_port()}/raincheck", PORT=str(free_port())
    )
    assert said.startswith("raincheck: The database named by DATABASE_URL cannot be used: connection failed")
    assert said.count("\n") == 1


@pytest.mark.verify
def test_a_database_of_a_newer_raincheck_is_refused_untouched(home: Path) -> None:
    with embedded_postgres.start(home) as server, psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('raincheck', '9999_x', now())"
        )
        said = refusal(home, PORT=str(free_port()))
        owner.execute("DELETE FROM django_migrations WHERE name = '9999_x'")
    assert said == (
        "raincheck: This database was changed by a newer Raincheck (change raincheck.9999_x is not known here). "
        "Nothing has been touched. Install that version again, or restore a backup from before it.\n"
    )


@contextmanager
def preparing_for_long(home: Path) -> Iterator[tuple[Served, int]]:
    """Run a start whose preparation waits, since somebody else changes tables; yield it and the number of that process."""
    with embedded_postgres.start(home) as server, psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        port = free_port()
        process = subprocess.Popen(
            [*RAINCHECK, "serve"],
            env=environment(home, PORT=str(port)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running = Served(process, port)
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        wait_until(lambda: owner.execute(waiting).fetchone() == (1,))
        try:
            yield running, running.one("raincheck.cli prepare")
        finally:
            process.kill()
            process.communicate()


@pytest.mark.verify
def test_told_to_stop_while_it_prepares_it_stops_the_preparation_too(home: Path) -> None:
    with preparing_for_long(home) as (running, _preparation):
        family = running.family()
        running.process.terminate()
        assert running.process.wait(30) == 0
        assert left_of(family) == {}


def test_a_preparation_that_was_killed_is_told_in_one_sentence(home: Path) -> None:
    with preparing_for_long(home) as (running, preparation):
        os.kill(preparation, signal.SIGKILL)
        assert running.process.communicate(timeout=30) == (
            "",
            "raincheck: The preparation ended before it was done (signal 9). Start again.\n",
        )
        assert running.process.returncode == 1


def test_who_looks_after_the_others_loads_neither_models_nor_pages() -> None:
    looking = "import sys; from raincheck.cli import application, serving; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", looking], capture_output=True, text=True, check=True)
    heavy = (
        "raincheck.data.",
        "raincheck.actions",
        "raincheck.web",
        "raincheck.worker",
        "django.db",
        "granian",
    )
    assert [name for name in done.stdout.split() if name.startswith(heavy)] == []


def test_pauses_before_a_restart_grow_up_to_half_a_minute() -> None:
    assert [pause_after(deaths) for deaths in (1, 2, 3, 4, 5, 6, 7, 8, 9999)] == [
        0.5, 1, 2, 4, 8, 16, 30, 30, 30,
    ]  # fmt: skip

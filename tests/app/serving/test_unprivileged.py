"""`raincheck serve` started as root: pages and worker are somebody else, who is the application in the database and no more."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from tests.app.serving import test_serve
from tests.app.serving.test_serve import RAINCHECK, Served, free_port, refusal, wait_until

from raincheck import embedded_postgres
from raincheck.embedded_postgres import Account

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="Only root can become somebody else.")

WHO_GETS_IN = """
import sys, psycopg
for role in ("raincheck", "raincheck_owner", "postgres"):
    try:
        psycopg.connect(sys.argv[1].replace("//raincheck@", f"//{role}@"), dbname="postgres").close()
        print("in")
    except psycopg.OperationalError as error:
        print(str(error).strip().partition("FATAL:  ")[2])
"""
REFUSED = 'Peer authentication failed for user "{}"'


@pytest.fixture(scope="module")
def python() -> tuple[str, str]:
    """A Python that every account here can run, and the PYTHONPATH with which it finds Raincheck."""
    packages = os.pathsep.join([str(ROOT / "src"), sysconfig.get_path("purelib")])
    version = f"python3.{sys.version_info.minor}"
    for path in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        with suppress(OSError, subprocess.CalledProcessError):
            as_daemon([path, "-c", "import raincheck, granian, psycopg"], PYTHONPATH=packages)
            return path, packages
    pytest.skip("No Python here that an ordinary user can run with these packages.")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="raincheck-root-", dir="/tmp"))
    directory.chmod(0o711)
    yield directory / "home"
    shutil.rmtree(directory)


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Without a key of the tests' own: this one's installations keep theirs in a file."""
    kept = test_serve.environment(home, **settings)
    return {name: value for name, value in kept.items() if name != "SECRET_KEY"}


def as_daemon(words: list[str], **settings: str) -> str:
    daemon = pwd.getpwnam("daemon")
    return subprocess.run(
        words, user=daemon.pw_uid, group=daemon.pw_gid, extra_groups=[], cwd="/", check=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **settings}, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip


@contextmanager
def served(home: Path, python: tuple[str, str], *, who: int = 0, **settings: str) -> Iterator[Served]:
    port = free_port()
    known = {
        "PYTHONPATH": python[1],
        "PYTHONDONTWRITEBYTECODE": "1",
        "PORT": str(port),
        "HOME": "/nonexistent",
    }
    process = subprocess.Popen(
        [python[0], "-m", "raincheck.cli", "serve"], env=environment(home, **known | settings), cwd="/",
        user=who, group=who, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == f"Raincheck is ready: http://127.0.0.1:{port}\n"
        running = Served(process, port)
        wait_until(lambda: any("raincheck.cli worker" in line for line in running.family().values()))
        yield running
    finally:
        process.terminate()
        process.communicate(timeout=60)


def users(running: Served) -> dict[str, set[str]]:
    """Return who runs each part, but for the database's own helpers."""
    parts = {"serve": "cli serve", "web": "cli.web", "worker": "cli worker", "database": "bin/postgres -D"}
    family = running.family()
    return {
        part: {owner(pid) for pid, line in family.items() if words in line} for part, words in parts.items()
    }


def owner(pid: int) -> str:
    return pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name


@pytest.mark.verify
def test_pages_and_worker_are_not_root_and_may_be_the_application_alone(
    home: Path, python: tuple[str, str]
) -> None:
    guest = Account.for_the_application()
    with served(home, python) as running:
        assert users(running) == {
            "serve": {"root"}, "web": {guest.name}, "worker": {guest.name}, "database": {"nobody"},
        }  # fmt: skip
        assert {Path(f"/proc/{pid}/status").read_text().partition("Groups:\t")[2].partition("\n")[0].strip()
                for pid, line in running.family().items() if "cli.web" in line} == {""}  # fmt: skip
        with embedded_postgres.start(home) as server:
            url = server.url
        sockets = Path(parse_qs(urlsplit(url).query)["host"][0]).stat()
        assert (sockets.st_gid, stat.S_IMODE(sockets.st_mode)) == (guest.gid, 0o710)
        assert as_guest(python, guest, url) == [
            "in",
            REFUSED.format("raincheck_owner"),
            REFUSED.format("postgres"),
        ]
        ours = subprocess.run(
            [sys.executable, "-c", WHO_GETS_IN, url], capture_output=True, text=True, check=True
        )
        assert ours.stdout.splitlines() == ["in", "in", REFUSED.format("postgres")]
        assert stat.S_IMODE((home / "secret-key").stat().st_mode) == 0o600
    # What this start has left is what the next one finds, also when a former version closed the socket's directory.
    with served(home, python) as running:
        assert users(running)["web"] == {guest.name}


def as_guest(python: tuple[str, str], guest: Account, url: str) -> list[str]:
    done = subprocess.run(
        [python[0], "-c", WHO_GETS_IN, url], **guest.identity(), cwd="/", check=True, capture_output=True, text=True,
        env={"PYTHONPATH": python[1], "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    return done.stdout.splitlines()


@pytest.mark.verify
def test_the_operators_commands_work_beside_pages_that_are_not_root(
    home: Path, python: tuple[str, str]
) -> None:
    """Backup, check, the demo's clock from both sides; then a restore, and a start on what it brought."""
    file = home.parent / "backup"
    ours = environment(home, RAINCHECK_DEMO="1", PORT=str(free_port()))
    with served(home, python, RAINCHECK_DEMO="1") as running:
        for words in (["backup", "--overwrite", str(file)], ["clock", "advance", "1h"]):
            subprocess.run([*RAINCHECK, *words], env=ours, check=True, capture_output=True)
        with embedded_postgres.start(home) as server:
            settings = {
                "PYTHONPATH": python[1], "RAINCHECK_HOME": str(home), "RAINCHECK_DEMO": "1", "DATABASE_URL": server.url,
                "SECRET_KEY": (home / "secret-key").read_text(encoding="ascii"),
            }  # fmt: skip
        said = as_daemon([python[0], "-m", "raincheck.cli", "clock", "advance", "1h"], **settings)
        assert said.startswith("The demo's clock is now at ")
        subprocess.run([*RAINCHECK, "clock", "advance", "1h"], env=ours, check=True, capture_output=True)
        assert float((home / "demo" / "clock-offset").read_text()) == 3 * 3660
        assert running.answers()
    subprocess.run([*RAINCHECK, "restore", "--replace", str(file)], env=ours, check=True, capture_output=True)
    with served(home, python, RAINCHECK_DEMO="1") as running:
        assert running.answers()


@pytest.mark.verify
def test_where_it_has_to_stay_root_it_says_so_and_goes_on(home: Path, python: tuple[str, str]) -> None:
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700, exist_ok=True)
    (closed / "src").symlink_to(ROOT / "src")
    path = os.pathsep.join([str(closed / "src"), sysconfig.get_path("purelib")])
    with served(home, (python[0], path)) as running:
        assert users(running) == {
            "serve": {"root"}, "web": {"root"}, "worker": {"root"}, "database": {"nobody"},
        }  # fmt: skip
        said = running.process.stderr.readline()
    assert re.fullmatch(
        r"Raincheck was started as root, and pages and worker stay root: as “(raincheck|daemon)” they could not run \(.+\)\. "
        r"Whoever broke into the pages would have this whole machine\. Install Raincheck where every account may read it, not "
        r"below /root, or start it as an ordinary user\.\n",
        said,
    )


@pytest.mark.verify
def test_a_worker_alone_is_not_root_either(home: Path, python: tuple[str, str]) -> None:
    guest = Account.for_the_application()
    known = {"PYTHONPATH": python[1], "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python[0], "-m", "raincheck.cli", "worker"]
    with embedded_postgres.start(home):
        process = subprocess.Popen(command, env=environment(home, **known), cwd="/", text=True)
        running = Served(process, 0)
        wait_until(lambda: any("--as-i-am" in line for line in running.family().values()))
        [worker] = [pid for pid, line in running.family().items() if "--as-i-am" in line]
        assert owner(worker) == guest.name
        process.terminate()
        assert process.wait(60) == 0


@pytest.mark.verify
def test_an_ordinary_users_server_takes_nobody_in_as_its_superuser(python: tuple[str, str]) -> None:
    daemon = pwd.getpwnam("daemon").pw_uid
    with tempfile.TemporaryDirectory(prefix="raincheck-daemon-", dir="/tmp") as directory:
        os.chown(directory, daemon, daemon)
        home = Path(directory, "home")
        with served(home, python, who=daemon) as running:
            assert users(running) == {part: {"daemon"} for part in ("serve", "web", "worker", "database")}
            [sockets] = home.glob("postgres/*/socket")
            url = f"postgresql://raincheck@/raincheck?host={sockets}&port=5432"
            said = as_daemon([python[0], "-c", WHO_GETS_IN, url], PYTHONPATH=python[1]).splitlines()
            assert said == ["in", "in", REFUSED.format("postgres")]
            told = refusal(home, PORT=str(free_port()))  # root, beside it
            assert "belongs to user id 1, but would run as 'nobody'. Nothing was touched." in told
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)

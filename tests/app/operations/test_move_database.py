"""`raincheck move-database`: everything is on the other server afterwards and goes on as it stood, or nothing has moved."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from raincheck import embedded_postgres

pytestmark = pytest.mark.verify
RAINCHECK = [sys.executable, "-W", "ignore", "-m", "raincheck.cli"]
# Whoever moves signs everybody out; and the backup in between is noted where it was made.
NOT_THE_SAME = (
    "django_session",
    "raincheck_backup",
    "raincheck_heartbeat",
    "raincheck_keptpage",
    "raincheck_ratelimit",
)
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory with a made-up practice in `here`, and room for another server in `there`."""
    directory = Path(tempfile.mkdtemp(prefix="raincheck-move-", dir="/tmp"))
    directory.chmod(0o711)
    for command in ("migrate", "demo"):
        subprocess.run(
            [*RAINCHECK, command], env=environment(directory / "here"), check=True, capture_output=True
        )
    yield directory
    shutil.rmtree(directory)


def environment(home: Path, **settings: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "DJANGO_"))
    }
    return {**kept, "RAINCHECK_HOME": str(home), "RAINCHECK_DEMO": "1", **settings}


def move(home: Path, server: embedded_postgres.Server, **settings: str) -> subprocess.CompletedProcess[str]:
    words = [*RAINCHECK, "move-database", server.url, "--owner-url", server.owner_url]
    return subprocess.run(
        words, env=environment(home, **settings), capture_output=True, text=True, check=False
    )


def everything(owner_url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, but for those that a move does not bring."""
    with psycopg.connect(owner_url) as connection:
        names = [name for (name,) in connection.execute(TABLES) if name not in NOT_THE_SAME]
        return {
            name: sorted(connection.execute(f"SELECT t::text FROM public.{name} t").fetchall())
            for name in names
        }


def test_everything_is_there_as_it_stood_and_here_is_closed(place: Path) -> None:
    here, there = place / "here", place / "there"
    with embedded_postgres.start(here) as server:
        before = everything(server.owner_url)
    assert [row for row in before["raincheck_reschedulerequest"] if ",open," in row[0]]
    with embedded_postgres.start(there) as server:
        done = move(here, server)
        host = server.url.partition("host=")[2].partition("&")[0].replace("%2F", "/")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[-1] == (
            f"Everything is in the database raincheck at {host} now. Set DATABASE_URL to it, DATABASE_OWNER_URL to its owner's "
            f"address, and start Raincheck. What was here is still in {here}/postgres, closed; delete it when you are content."
        )
        assert everything(server.owner_url) == before
        known = environment(here, DATABASE_URL=server.url, DATABASE_OWNER_URL=server.owner_url)
        listed = subprocess.run(
            [*RAINCHECK, "practices"], env=known, capture_output=True, text=True, check=True
        )
        assert "\nHarbor Counseling  America/New_York " in listed.stdout
    refused = subprocess.run([*RAINCHECK, "serve"], env=environment(here), capture_output=True, text=True)
    assert (refused.returncode, refused.stderr) == (
        1,
        f"raincheck: Everything was moved to the database raincheck at {host}. Set DATABASE_URL to it. To go back to what was "
        f"here before the move, delete {here}/postgres/moved: what was done since stays there.\n",
    )


def test_what_cannot_be_moved_stays_as_it_was(place: Path) -> None:
    here, there = place / "here", place / "there"
    with embedded_postgres.start(there) as server:
        with embedded_postgres.start(here):
            running = move(here, server)
        set_already = move(here, server, DATABASE_URL=server.url)
        with psycopg.connect(server.owner_url) as connection:
            connection.execute("CREATE TABLE somebody_elses (number int)")
        taken = move(here, server)
    assert [done.returncode for done in (running, set_already, taken)] == [1, 1, 1]
    assert running.stderr == (
        "raincheck: Raincheck is running. Nothing was done. Stop it, its workers too; then move.\n"
    )
    assert set_already.stderr == (
        "raincheck: DATABASE_URL is set already, so nothing here uses the embedded database. Nothing was done. To move what is in "
        "it, unset DATABASE_URL for this command.\n"
    )
    assert taken.stderr == (
        "raincheck: Nothing has moved, and the embedded database is as it was. The database holds tables that are not Raincheck's "
        "(somebody_elses). Nothing was changed. Restore into a database of its own.\n"
    )
    with embedded_postgres.start(here) as server:
        assert everything(server.owner_url)["raincheck_practice"]
    assert [path.name for path in here.iterdir() if path.name.startswith("moving-")] == []

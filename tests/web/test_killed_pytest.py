"""A run of the tests that is killed takes along what it has started: its processes, the web server and the database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 240.0
"""Seconds; a machine that does other things as well takes its time to start a web server and a database."""
LOOKS = """
import os
from pathlib import Path
from time import sleep

from tests.web.conftest import cast, database, django_db_setup, now, server, site


def test_that_somebody_kills(site):
    Path({said!r}).write_text(site.url)
    sleep(600)
"""


def descendants(pid: int) -> set[int]:
    """Return the numbers of all processes that a process has started, and those have."""
    told = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(line.split()[0]): int(line.split()[1]) for line in told.splitlines()}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def running(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("options", [[], ["-n", "1"]], ids=["alone", "with xdist"])
def test_a_killed_pytest_leaves_no_process_behind(tmp_path: Path, options: list[str]) -> None:
    said = tmp_path / "ready"
    test = tmp_path / "test_that_is_killed.py"
    test.write_text(LOOKS.format(said=str(said)))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        "pyproject.toml",
        *options,
        test,
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(said.exists)
        family = descendants(process.pid)
        assert len(family) > 4, "a web server with two workers, a database and its helpers"
        process.send_signal(signal.SIGKILL)
        process.wait()
        until(lambda: not any(map(running, family)))
    finally:
        process.kill()
        process.wait()


def until(happens: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < ends_at
        time.sleep(0.1)

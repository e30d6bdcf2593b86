"""Runs the tests of one guard on a copy of the sources in which that guard is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.verify.mutants.guard import Guard, Verdict

from raincheck import embedded_postgres

ROOT = Path(__file__).parents[3]
PATIENCE = 240
"""Seconds until tests count as hanging, which shows nothing but that somebody has to look."""
PATIENCE_WITH_MANY = 1800
"""The same for all guards' tests in one run."""
RED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
TESTS_FAILED = 1  # pytest's exit code; others mean that it could not run them
HUNG = -1
TROUBLES = {0: "", TESTS_FAILED: "", HUNG: "the tests hung"}


class Lane:
    """A copy of the sources with a database server of its own; several work side by side."""

    def __init__(self, directory: Path, server: embedded_postgres.Server) -> None:
        self.directory = directory
        self.said = ""
        self._environment = {
            **os.environ,
            "DATABASE_URL": server.url,
            "DATABASE_OWNER_URL": server.owner_url,
            "PYTHONDONTWRITEBYTECODE": "1",  # a change within the same second would not be seen
            "PYTHONPATH": str(directory / "src"),
        }

    def verdict(self, guard: Guard) -> Verdict:
        """Return what the guard's tests say without it."""
        path = self.directory / "src/raincheck" / guard.file
        with_guard = path.read_text(encoding="utf-8")
        if with_guard.count(guard.old) != 1:
            return Verdict(guard.name, guard.promise, guard.file, (), "the guard is not there any more")
        path.write_text(with_guard.replace(guard.old, guard.new), encoding="utf-8")
        try:
            code, red = self.run(guard.tests)
        finally:
            path.write_text(with_guard, encoding="utf-8")
        trouble = TROUBLES.get(code, f"pytest ended with {code}")
        return Verdict(guard.name, guard.promise, guard.file, red, trouble)

    def run(self, arguments: Sequence[str], *, patience: int = PATIENCE) -> tuple[int, tuple[str, ...]]:
        """Run pytest on the copy; return its exit code and the tests that were red."""
        options = ["-q", "-rfE", "--tb=no", "-p", "no:cacheprovider"]
        if all(one.startswith("tests/domain") for one in arguments):
            options += ["-p", "no:django"]
        command = [sys.executable, "-m", "pytest", *options, *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=self.directory,
                env=self._environment,
                capture_output=True,
                text=True,
                timeout=patience,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return HUNG, ()
        self.said = done.stdout + done.stderr
        return done.returncode, tuple(dict.fromkeys(RED.findall(done.stdout)))


@contextmanager
def lane() -> Iterator[Lane]:
    """Yield a fresh copy of what git knows, with a server; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="raincheck-guards-") as name:
        home = Path(name)
        home.chmod(0o755)  # the server runs as another user when this runs as root
        _copy_sources(home / "sources")
        server = embedded_postgres.start(home / "home", durable=False)
        try:
            yield Lane(home / "sources", server)
        finally:
            server.stop()


def _copy_sources(to: Path) -> None:
    git = shutil.which("git")
    assert git is not None, "a clone was made by git"
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    _copy_bundle(to)


def _copy_bundle(to: Path) -> None:
    """The bundle of styles and scripts is built, not kept by git; pages need it."""
    bundle = Path("src/raincheck/static/raincheck/bundle")
    shutil.copytree(ROOT / bundle, to / bundle, dirs_exist_ok=True)

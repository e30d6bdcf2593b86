"""PostgreSQL's own programs for backups: those beside the embedded server, or those on PATH for a server of one's own."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.db import connections
from psycopg.conninfo import make_conninfo

from raincheck import embedded_postgres
from raincheck.cli.refusal import CommandRefused
from raincheck.subprocesses import ending_with_parent

VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True, slots=True)
class Programs:
    """Finds and starts the programs, for the database of the tables' owner."""

    directory: Path | None
    """Where they are; None: on PATH, else those that came with Raincheck."""
    address: str
    """The database in libpq's form, without its password: other people of a machine see the words of a command."""
    environment: Mapping[str, str]

    def must_know(self, version: int, *names: str) -> None:
        """Raise CommandRefused unless all of them are there and of this major version or a newer one."""
        for name in names:
            found = self.version(name)
            # These programs read what is older than they are, never what is newer.
            if found < version:
                raise CommandRefused(
                    f"{self._path(name)} is of PostgreSQL {found}, and PostgreSQL {version} is needed here. Nothing was done. "
                    f"Install PostgreSQL's client programs of version {version} or newer and put them first on PATH."
                )

    def version(self, name: str) -> int:
        """Return the major version of a program."""
        told = subprocess.run(
            [self._path(name), "--version"], capture_output=True, text=True, env=self.environment, check=False
        )
        found = VERSION.search(told.stdout)
        if told.returncode != 0 or found is None:
            raise CommandRefused(f"{self._path(name)} does not work here: {last_line(told.stderr)}")
        return int(found[1])

    def start(
        self,
        name: str,
        words: Sequence[str],
        *,
        stdin: IO[bytes] | int = subprocess.DEVNULL,
        stdout: int,
        stderr: IO[bytes],
    ) -> subprocess.Popen[bytes]:
        """Start a program that ends with us."""
        return subprocess.Popen(
            [self._path(name), *words],
            env=self.environment,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            preexec_fn=ending_with_parent(signal.SIGKILL),
        )

    def _path(self, name: str) -> str:
        found = shutil.which(name) if self.directory is None else None
        found = found or shutil.which(name, path=str(self.directory or embedded_postgres.brought_programs()))
        if found is None:
            raise CommandRefused(
                f"The program {name} of PostgreSQL is not on PATH, and this needs it. Nothing was done. "
                "Install PostgreSQL's client programs (on Debian: apt install postgresql-client)."
            )
        return str(found)


def programs(server: embedded_postgres.Server | None) -> Programs:
    """Return the programs for the embedded server, or with None those for the server named by DATABASE_URL."""
    settings = connections["owner"].settings_dict
    parts = {
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "host": settings["HOST"],
        "port": settings["PORT"],
        **settings["OPTIONS"],
    }
    password = settings["PASSWORD"] or parts.pop("password", "")
    secret = {"PGPASSWORD": password} if password else {}
    address = make_conninfo("", **{name: value for name, value in parts.items() if value})
    if server is None:
        # In English, since errors are found by their English words; the rest of it libpq may need.
        return Programs(None, address, {**os.environ, "LC_ALL": "C", **secret})
    # Those that came with Raincheck, not their copy in RAINCHECK_HOME, which may be what is being replaced.
    return Programs(embedded_postgres.brought_programs(), address, embedded_postgres.ENVIRONMENT)


def said(file: IO[bytes]) -> str:
    """Return the last thing that a program said."""
    file.seek(0)
    return last_line(file.read().decode(errors="replace"))


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "ERROR" in line or "FATAL" in line or "error:" in line]
    # The first error is the cause; those after it are its consequences.
    return (errors[:1] or lines[-1:] or ["nothing at all."])[0]

"""The operating-system accounts of a start as root: `nobody` for the server, another one for pages and worker.

PostgreSQL refuses to run as root and refuses an account without a name. No account is ever added.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypedDict

from raincheck.embedded_postgres.errors import DatabaseCannotStart
from raincheck.subprocesses import ending_with_parent

# Where pages and worker may go, the first that there is: never the server's, whose files are the data itself.
OF_THE_APPLICATION = ("raincheck", "daemon")

# Not inherited: a PGDATA, PGOPTIONS or locale of the caller's would change what the server does.
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}

# For each directory given, outermost first: print the first one this account cannot enter.
_FIRST_CLOSED_DOOR = 'for d do [ -x "$d" ] || { printf %s "$d"; exit 1; }; done'


class Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: Sequence[int]


@dataclass(frozen=True)
class Account:
    """Runs programs as another account of this machine, or as our own."""

    name: str
    uid: int
    gid: int

    @classmethod
    def for_the_server(cls) -> Account:
        """Return the account to use. Raises DatabaseCannotStart when it has no name."""
        try:
            entry = pwd.getpwuid(os.geteuid()) if os.geteuid() != 0 else pwd.getpwnam("nobody")
        except KeyError:
            who = f"user id {os.geteuid()}" if os.geteuid() != 0 else "nobody"
            raise DatabaseCannotStart(
                f"The embedded database needs an account with a name, and {who} has none on this machine. "
                "Run Raincheck as a named user, or set DATABASE_URL to a PostgreSQL server."
            ) from None
        return cls(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)

    @classmethod
    def for_the_application(cls) -> Account | None:
        """Return the account for pages and worker when we are root; None for an ordinary user, or where there is none."""
        if os.geteuid() != 0:
            return None
        for name in OF_THE_APPLICATION:
            with suppress(KeyError):
                entry = pwd.getpwnam(name)
                return cls(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
        return None

    @property
    def is_another(self) -> bool:
        """Whether programs must change to this account."""
        return self.uid != os.geteuid()

    @property
    def directory_mode(self) -> int:
        """The mode of the directories above the data: only as open as the account needs."""
        return 0o711 if self.is_another else 0o700

    def run(self, program: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as this account; `stdout` holds all that it said."""
        return subprocess.run(
            program,
            **self.identity(),
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            preexec_fn=ending_with_parent(signal.SIGKILL),
        )

    def launch(
        self, program: Sequence[str | Path], *, log: IO[bytes], ending: signal.Signals
    ) -> subprocess.Popen[bytes]:
        """Start a program that gets `ending` when we die, outside our process group so that Ctrl-C is ours."""
        return subprocess.Popen(
            program,
            **self.identity(),
            cwd="/",  # ours may be closed to the account
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=ending_with_parent(ending),
        )

    def own(self, path: Path) -> None:
        """Give a path that we made to this account."""
        if self.is_another:
            shutil.chown(path, self.uid, self.gid)

    def must_enter(self, directory: Path) -> None:
        """Raise DatabaseCannotStart, naming the closed directory, unless this account can enter it."""
        way = [str(step) for step in (*reversed(directory.parents), directory)]
        try:
            closed = self.run(["/bin/sh", "-c", _FIRST_CLOSED_DOOR, "sh", *way]).stdout
        except (OSError, subprocess.SubprocessError) as error:
            raise DatabaseCannotStart(
                f"Raincheck runs as root here but may not run programs as {self.name!r} ({error}). "
                "Run it as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
            ) from error
        if closed:
            raise DatabaseCannotStart(
                f"The database runs as {self.name!r}, which cannot enter {closed}. Set RAINCHECK_HOME to a "
                "directory that everyone may pass through (Raincheck does not open other people's directories)."
            )

    def identity(self) -> Identity:
        """Return what `subprocess` needs to run a program as this account."""
        if not self.is_another:
            return {}
        # Without a list of its own the child would keep root's groups, and what they open.
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

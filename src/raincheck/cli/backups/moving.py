"""The move of everything from the embedded database to a server of one's own: a backup that is restored there at once."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from raincheck import embedded_postgres
from raincheck.cli.refusal import CommandRefused
from raincheck.data_directory import home


def must_have_an_embedded_database() -> None:
    """Raise CommandRefused when there is none here to be moved."""
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        raise CommandRefused(
            "DATABASE_URL is set already, so nothing here uses the embedded database. Nothing was done. To move what is in it, "
            "unset DATABASE_URL for this command."
        )
    if not list((home() / "postgres").glob("*/data/PG_VERSION")):
        raise CommandRefused(f"There is no embedded database in {home()}. Nothing was done.")


def move(server: embedded_postgres.Server | None, *, to: str, owner_url: str) -> None:
    """Bring everything to the empty database at `to`, and leave what was here closed. Raises CommandRefused; then nothing has moved."""
    from raincheck.cli.backups.backing_up import back_up
    from raincheck.cli.migrations import alone

    assert server is not None, "without DATABASE_URL there is one"
    if not server.started_here:
        raise CommandRefused("Raincheck is running. Nothing was done. Stop it, its workers too; then move.")
    # Nobody who starts meanwhile gets past changing the tables, so that nothing is written which would stay behind.
    with alone(), tempfile.TemporaryDirectory(prefix="moving-", dir=home()) as directory:
        file = Path(directory, "everything.raincheck")
        back_up(file, overwrite=False, server=server)
        _restore(file, to=to, owner_url=owner_url)
        # Without its password.
        parts = conninfo_to_dict(to)
        where = f"the database {parts.get('dbname', '')} at {parts.get('host', 'this machine')}"
        embedded_postgres.close_for_good(home(), where=where)
    and_owner = "" if to == owner_url else ", DATABASE_OWNER_URL to its owner's address,"
    print(
        f"Everything is in {where} now. Set DATABASE_URL to it{and_owner} and start Raincheck. "
        f"What was here is still in {home() / 'postgres'}, closed; delete it when you are content."
    )


def _restore(file: Path, *, to: str, owner_url: str) -> None:
    """Restore with settings of its own, which a process reads once."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    programs = f"{embedded_postgres.brought_programs()}:{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run(
        [sys.executable, "-m", "raincheck.cli", "restore", "--moved", str(file)],
        env=kept | {"DATABASE_URL": to, "DATABASE_OWNER_URL": owner_url, "PATH": programs},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        why = said[-1].removeprefix("raincheck: ") if said else f"It ended with code {done.returncode}."
        raise CommandRefused(f"Nothing has moved, and the embedded database is as it was. {why}")

"""The work of `raincheck backup`: one file, of one moment, while everybody goes on working."""

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.crypto import salted_hmac
from psycopg import sql

import raincheck
from raincheck import clock, embedded_postgres
from raincheck.cli.backups.backup_file import PIECE, Contents, Hashed, whole_file
from raincheck.cli.backups.postgres_programs import Programs, programs, said
from raincheck.cli.refusal import CommandRefused
from raincheck.data.timing.backups import Backup

# Without what an extension brought (deptype 'e'): CREATE EXTENSION makes it again.
TABLES = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname
"""
ROLES = """
SELECT DISTINCT r.rolname FROM (
    SELECT relacl AS rights FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT proacl FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) granted, aclexplode(granted.rights) held JOIN pg_roles r ON r.oid = held.grantee ORDER BY 1
"""
CHANGES = "SELECT app, name FROM public.django_migrations ORDER BY app, name"
HEADS = """
SELECT coalesce(practice.ref::text, ''), chain.rows, encode(chain.seal, 'hex')
FROM public.raincheck_logchain chain LEFT JOIN public.raincheck_practice practice ON practice.id = chain.chain
"""
PATIENCE = "10s"
"""How long a dump waits for somebody who changes tables; nobody else holds up a dump, and a dump holds up nobody else."""

NEVER_KEPT = ("django_session", "raincheck_keptpage", "raincheck_ratelimit", "raincheck_usersession")
"""Tables whose rows are no use to anybody later, and some to whoever gets hold of a backup."""

TOLD = {
    "practices": "raincheck_practice",
    "clients": "raincheck_client",
    "appointments": "raincheck_appointment",
    "requests": "raincheck_reschedulerequest",
    "messages written": "raincheck_notification",
}


def back_up(target: Path | None, *, overwrite: bool, server: embedded_postgres.Server | None) -> None:
    """Write a backup to `target`, None for standard output, and tell what it holds. Raises CommandRefused."""
    tools = programs(server)
    try:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            # One snapshot for the counts and the dump, so that a restore can hold the one against the other.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # The dump takes as long as it takes.
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            tools.must_know(server_version(cursor), "pg_dump")
            contents = _contents(cursor, pg_dump=tools.version("pg_dump"))

            dump = [
                "--format=custom",
                "--schema=public",
                *(f"--exclude-table-data=public.{table}" for table in NEVER_KEPT),
                # A backup often runs where nobody could answer a prompt: better to fail.
                "--no-password",
                f"--snapshot={_one(cursor, 'SELECT pg_export_snapshot()')}",
                f"--lock-wait-timeout={PATIENCE}",
                f"--dbname={tools.address}",
            ]
            if target is None:
                size = _pour(tools, dump, sys.stdout.buffer, contents)
                sys.stdout.buffer.flush()
            else:
                with whole_file(target, overwrite=overwrite) as file:
                    size = _pour(tools, dump, file, contents)
    except DatabaseError as error:
        raise CommandRefused(
            f"The database cannot be read, so there is no backup: {' '.join(str(error).split())}"
        ) from error

    # Tables of an older Raincheck have no place for it; the backup is made all the same.
    with suppress(DatabaseError):
        Backup.objects.create(made_at=clock.real_now(), size=size)
    key = "SECRET_KEY" if os.environ.get("SECRET_KEY") else str(settings.RAINCHECK_HOME / "secret-key")
    print(
        f"Backed up to {target or 'standard output'}: {size / 1e6:.1f} MB. {counts(contents)}.\n"
        f"The key is not in it. Keep {key} too, in another place: it opens what people wrote, and connected calendars.",
        file=sys.stdout if target else sys.stderr,  # standard output may be the backup itself
    )


def server_version(cursor: CursorWrapper) -> int:
    """Return the server's major version."""
    return int(_one(cursor, "SHOW server_version_num")) // 10000


def mark_of(key: str) -> str:
    """Return a mark by which the same SECRET_KEY is known again, and from which it cannot be told."""
    return salted_hmac("raincheck.backup", "the key in use", secret=key, algorithm="sha256").hexdigest()[:16]


def counts(contents: Contents) -> str:
    """Return how much there is of what people care about: counts, never a name."""
    return ", ".join(f"{words}: {contents.rows.get(table, 0)}" for words, table in TOLD.items())


def _contents(cursor: CursorWrapper, *, pg_dump: int) -> Contents:
    tables = [str(name) for (name,) in _all(cursor, TABLES)]
    if "django_migrations" not in tables:
        raise CommandRefused("The database holds no tables of Raincheck, so there is nothing to back up.")
    counting = sql.SQL("SELECT count(*) FROM public.{}")
    return Contents(
        made_at=clock.real_now().isoformat(timespec="seconds"),
        raincheck=raincheck.__version__,
        pg_dump=pg_dump,
        changes=[(str(app), str(name)) for app, name in _all(cursor, CHANGES)],
        rows={
            table: 0 if table in NEVER_KEPT else int(_one(cursor, counting.format(sql.Identifier(table))))
            for table in tables
        },
        roles=[str(name) for (name,) in _all(cursor, ROLES)],
        key=mark_of(settings.SECRET_KEY),
        # Of the same snapshot as the dump, by the owner's line, which the models don't ask on.
        heads={str(ref): f"{rows}:{seal}" for ref, rows, seal in _all(cursor, HEADS)}
        if "raincheck_logchain" in tables
        else {},
    )


def _all(cursor: CursorWrapper, question: str | sql.Composed) -> list[tuple[object, ...]]:
    cursor.execute(question)
    return list(cursor.fetchall())


def _one(cursor: CursorWrapper, question: str | sql.Composed) -> str:
    [(answer,)] = _all(cursor, question)
    return str(answer)


def _pour(tools: Programs, dump: list[str], file: IO[bytes], contents: Contents) -> int:
    """Write dump, contents and checksum; return the bytes."""
    hashed = Hashed(file)
    # A file, since a second pipe that nobody reads would fill up and stop the dump.
    with tempfile.TemporaryFile() as complaints:
        with tools.start("pg_dump", dump, stdout=subprocess.PIPE, stderr=complaints) as dumping:
            assert dumping.stdout is not None, "a pipe was asked for"
            try:
                while piece := dumping.stdout.read(PIECE):
                    hashed.write(piece)
            except BaseException:
                dumping.kill()
                raise
        if dumping.returncode != 0:
            raise CommandRefused(f"There is no backup: {said(complaints)}")
    hashed.end(contents, dump=hashed.size)
    return hashed.size

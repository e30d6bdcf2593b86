"""The work of `raincheck restore`: all of a backup comes back in one transaction, or nothing."""

import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from raincheck import clock, embedded_postgres
from raincheck.cli.backups.backing_up import TABLES, counts, mark_of, server_version
from raincheck.cli.backups.backup_file import PIECE, Contents, opened
from raincheck.cli.backups.postgres_programs import Programs, programs, said
from raincheck.cli.backups.restored import keep_from_lapsing
from raincheck.cli.migrations import alone, migrate, unknown_changes
from raincheck.cli.refusal import CommandRefused

OURS = ("account_", "auth_", "django_", "mfa_", "procrastinate_", "raincheck_")
"""How the names of our tables begin. Whoever points us at somebody else's database must not lose it."""
MADE_BY_SOMEBODY = ("raincheck_practice", "raincheck_user")
"""Every row that anybody made hangs on one of these."""

# Autovacuum works in here as well: PostgreSQL's own processes have no user name.
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL
"""
HEADER_LINES = 60
UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"
"""What newer programs say to older servers, which know no such setting."""

# Nothing is dropped for good before the COMMIT at the very end: whatever fails, or is killed, leaves the former state.
BEFORE = """
BEGIN;
SET client_min_messages = warning;
SET statement_timeout = 0;
SET lock_timeout = '10s';
SET idle_in_transaction_session_timeout = 0;
DO $$
DECLARE
    dropping text;
BEGIN
    FOREACH dropping IN ARRAY ARRAY(
        SELECT format('DROP %s IF EXISTS public.%I CASCADE',
            CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.relname)
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        ORDER BY c.relkind NOT IN ('r', 'p')
    ) || ARRAY(
        SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
        FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    ) || ARRAY(
        SELECT format('DROP TYPE IF EXISTS public.%I CASCADE', t.typname)
        FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE t.typnamespace = 'public'::regnamespace AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
    ) LOOP
        EXECUTE dropping;
    END LOOP;
END $$;
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;
"""

# Who signed out or lost a session since must not be signed in again by an old one. What a client answered since is gone, so
# that no silence of theirs may count. A worker that is gone ends no job.
AFTER = """
SET search_path = public;
DELETE FROM public.django_session;
DO $$ BEGIN IF to_regclass('public.raincheck_usersession') IS NOT NULL THEN DELETE FROM public.raincheck_usersession; END IF; END $$;
DO $$ BEGIN IF to_regclass('public.raincheck_keptpage') IS NOT NULL THEN DELETE FROM public.raincheck_keptpage; END IF; END $$;
{requests}
UPDATE public.procrastinate_jobs SET status = 'todo', abort_requested = false, worker_id = NULL WHERE status = 'doing';
DELETE FROM public.procrastinate_workers;
COMMIT;
"""


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a backup is poured into this database."""

    tools: Programs
    contents: Contents
    version: int
    """Of the server."""
    with_rights: bool
    """Whether all roles that had rights are here too."""
    application: str
    """The role of pages and worker; empty when it owns the tables."""


def restore(
    source: Path, *, replace: bool, server: embedded_postgres.Server | None, moved: bool = False
) -> None:
    """Bring a backup back, with the tables of this version, and tell what was done.

    What was `moved`, a moment ago and from where nobody can have done anything since, goes on as it stood.

    Raises CommandRefused: before anything was touched for a file or database that will not do, and with the former
    state untouched when it fails halfway.
    """
    with opened(source) as (file, contents):
        if unknown := unknown_changes(contents.changes):
            label, name = unknown[-1]
            raise CommandRefused(
                f"{source} was made by a newer Raincheck, {contents.raincheck} (change {label}.{name} is not known here). "
                "Nothing was changed. Install that version, then restore."
            )
        try:
            with alone(), connections["owner"].cursor() as cursor:
                plan = _planned(cursor, programs(server), contents, replace=replace)
                _pour(plan, file, moved=moved)
                _bring_up_to_date(cursor)
        except DatabaseError as error:
            raise CommandRefused(f"The database cannot be used: {' '.join(str(error).split())}") from error

    if moved:
        print("Everybody has to sign in again.")
        return
    print(f"Restored {source}, made {contents.made_at}. {counts(contents)}.")
    print(
        "Everybody has to sign in again. Messages that were waiting when it was made may go out a second time.\n"
        "Answers since then are gone, so the requests that were open then cancel nothing by silence. Each is a task for its provider."
    )
    if contents.key not in map(mark_of, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)):
        print(
            "The key here is not the one the backup was made with, so messages and notes can't be read, and calendars have to "
            "be connected anew. To keep them, put the former key into SECRET_KEY or SECRET_KEY_FALLBACKS."
        )
    if not plan.with_rights:
        print(
            "Some roles that had rights in the former database do not exist here; Raincheck's own have theirs."
        )


def _bring_up_to_date(cursor: CursorWrapper) -> None:
    """Change the tables of the backup, which is in by now, to those of this version. Raises CommandRefused."""
    try:
        migrate()
        # New tables have no statistics, and would be planned badly until autovacuum comes by.
        cursor.execute("ANALYZE")
    except (DatabaseError, CommandRefused) as error:
        raise CommandRefused(
            "The backup is in the database, whole, but its tables could not be brought to this version. "
            "Nothing has to be restored again: the next start of Raincheck goes on from there. "
            f"What stopped it: {' '.join(str(error).split())}"
        ) from error


def _planned(cursor: CursorWrapper, tools: Programs, contents: Contents, *, replace: bool) -> _Plan:
    version = server_version(cursor)
    tools.must_know(max(version, contents.pg_dump), "pg_restore")
    tools.must_know(version, "psql")
    _must_be_free(cursor, replace=replace)
    cursor.execute("SELECT rolname FROM pg_roles")
    roles = {str(name) for (name,) in cursor.fetchall()}
    owner, application = (connections[alias].settings_dict["USER"] for alias in ("owner", "default"))
    return _Plan(
        tools,
        contents,
        version,
        # One GRANT to a role that is missing would fail the whole restore.
        with_rights=set(contents.roles) <= roles,
        application=application if application != owner else "",
    )


def _must_be_free(cursor: CursorWrapper, *, replace: bool) -> None:
    """Raise CommandRefused while somebody works with the database, or when it holds what must not be lost."""
    cursor.execute(OTHERS)
    [(others,)] = cursor.fetchall()
    if others:
        raise CommandRefused(
            f"The database is in use ({others} connections). Nothing was changed. Stop Raincheck, its workers on other machines too, "
            "and whatever else is connected; then restore."
        )
    cursor.execute(TABLES)
    tables = [str(name) for (name,) in cursor.fetchall()]
    if strange := [name for name in tables if not name.startswith(OURS)]:
        raise CommandRefused(
            f"The database holds tables that are not Raincheck's ({', '.join(strange[:3])}). Nothing was changed. "
            "Restore into a database of its own."
        )
    if replace:
        return
    for table in [name for name in MADE_BY_SOMEBODY if name in tables]:
        cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM public.{})").format(sql.Identifier(table)))
        [(filled,)] = cursor.fetchall()
        if filled:
            raise CommandRefused(
                "The database holds a practice already, and restoring would put the backup in its place. Nothing was changed. "
                "Back it up first; then add --replace-everything if that is what you want."
            )


def _pour(plan: _Plan, file: IO[bytes], *, moved: bool) -> None:
    """Send what was there away and the backup in, in one transaction that we alone commit. Raises CommandRefused."""
    # After the dump: is everything there, who may do what, and what must not come back.
    must_hold = sql.SQL(
        """DO $$ BEGIN IF (SELECT count(*) FROM public.{}) <> {} THEN
        RAISE EXCEPTION 'the backup does not hold all the rows that it says it holds'; END IF; END $$;"""
    )
    after = [
        must_hold.format(sql.Identifier(table), sql.Literal(count))
        for table, count in plan.contents.rows.items()
    ]
    if plan.application:
        role = sql.Identifier(plan.application)
        rows = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {};"
        numbers = "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {};"
        after += [sql.SQL(rows).format(role), sql.SQL(numbers).format(role)]
    kept = AFTER.format(requests="" if moved else keep_from_lapsing(now=clock.now()))
    last = "\n".join([*(statement.as_string(None) for statement in after), kept])

    # By itself psql goes on after an error; stopped, it ends before the COMMIT.
    words = ["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse"]
    with tempfile.TemporaryFile() as complaints:
        with plan.tools.start(
            "psql",
            [*words, f"--dbname={plan.tools.address}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
        ) as taking:
            assert taking.stdin is not None, "a pipe was asked for"
            try:
                taking.stdin.write(BEFORE.encode())
                _send_the_dump(plan, file, taking.stdin)
                taking.stdin.write(last.encode())
                taking.stdin.flush()
            except BrokenPipeError:
                pass  # it stopped at an error, which it has told
            except BaseException:
                taking.kill()
                raise
            finally:
                # psql ends when its input does.
                with suppress(BrokenPipeError):
                    taking.stdin.close()
        if taking.returncode != 0:
            raise _failed(complaints)


def _send_the_dump(plan: _Plan, file: IO[bytes], to: IO[bytes]) -> None:
    # Without owners: their names may differ here, and what is made belongs to who makes it.
    words = ["--file=-", "--schema=public", "--no-owner", "--no-tablespaces"]
    words += ["--no-publications", "--no-subscriptions", "--no-security-labels"]
    words += [] if plan.with_rights else ["--no-privileges"]
    with tempfile.TemporaryFile() as complaints:
        with plan.tools.start(
            "pg_restore", words, stdin=file, stdout=subprocess.PIPE, stderr=complaints
        ) as reading:
            assert reading.stdout is not None, "a pipe was asked for"
            try:
                # In the header only: further down the same line may be what somebody wrote.
                for _line in range(HEADER_LINES):
                    line = reading.stdout.readline()
                    if plan.version >= 17 or line != UNKNOWN_BEFORE_17:
                        to.write(line)
                while piece := reading.stdout.read(PIECE):
                    to.write(piece)
            except BaseException:
                reading.kill()
                raise
        if reading.returncode != 0:
            raise _failed(complaints)


def _failed(complaints: IO[bytes]) -> CommandRefused:
    return CommandRefused(
        f"The backup could not be restored, and the database is as it was: {said(complaints)}"
    )

"""The way of the database's tables to this version: one process at a time, and never an older version's way."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, ProgrammingError, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from raincheck import clock
from raincheck.cli.backups.restored import ask_people
from raincheck.cli.refusal import CommandRefused
from raincheck.data.snapshot import fill_when_fresh

OLDEST_POSTGRESQL = 15
# Any number, as long as every process that migrates takes the same one.
MIGRATING = 0x7261696E


def migrate() -> None:
    """Apply what is missing, as the tables' owner: to a fresh database the snapshot, to any other the migrations.

    Raises CommandRefused for a database we do not understand.
    """
    owner = connections["owner"]
    try:
        with alone():
            if unknown := unknown_changes(MigrationRecorder(owner).applied_migrations()):
                label, name = unknown[-1]
                raise CommandRefused(
                    f"This database was changed by a newer Raincheck (change {label}.{name} is not known here). "
                    "Nothing has been touched. Install that version again, or restore a backup from before it."
                )
            fill_when_fresh(owner, now=clock.real_now())
            # Django's command would spend seconds on finding out that nothing is to be applied.
            executor = MigrationExecutor(owner)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                call_command("migrate", database="owner", interactive=False, verbosity=0)
            if settings.DATABASE_POOLER:
                _keep_timeouts()
            ask_people()
            _let_the_application_in()
    # A pool that got no line says so by itself, in the driver's words.
    except (OperationalError, psycopg.OperationalError) as error:
        raise _unusable(error) from error


def _let_the_application_in() -> None:
    """See that the role of pages and worker gets in and may read. A line of its own, since a pool says only that it waited."""
    with closing(connections["default"].copy()) as line:
        line.settings_dict["OPTIONS"].pop("pool", None)
        try:
            with line.cursor() as cursor:
                cursor.execute("SELECT FROM public.django_migrations LIMIT 1")
        except ProgrammingError as error:  # it may not read the tables
            raise _unusable(error) from error


def _unusable(error: DatabaseError | psycopg.Error) -> CommandRefused:
    return CommandRefused(
        f"The database named by DATABASE_URL cannot be used: {' '.join(str(error).split())}"
    )


def _keep_timeouts() -> None:
    """Give the application's role its timeouts in the database itself: a pooler opens lines of which we never hear.

    Past the pooler, since a line that it opens for this would itself be without them, and stay.
    """
    try:
        with psycopg.connect(settings.DATABASE_DIRECT_URL, autocommit=True, connect_timeout=5) as direct:
            ours = sql.Identifier(direct.info.dbname)
            _give_timeouts(direct.execute, sql.SQL("CURRENT_USER"), database=ours)
            named = connections["default"].settings_dict["USER"]
            if named in ("", direct.info.user):
                return
            with suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject):
                _give_timeouts(direct.execute, sql.Identifier(named), database=ours)
                return
    except psycopg.OperationalError as error:
        raise CommandRefused(
            f"The database named by DATABASE_DIRECT_URL cannot be used: {' '.join(str(error).split())}"
        ) from error
    # A role that only the pooler knows by this name can still change what is its own.
    with connections["default"].cursor() as cursor:
        _give_timeouts(cursor.execute, sql.SQL("CURRENT_USER"), database=ours)


def _give_timeouts(
    execute: Callable[[sql.Composed], object], role: sql.Composable, *, database: sql.Identifier
) -> None:
    for setting, value in settings.DATABASE_TIMEOUTS.items():
        parts = role, database, sql.Identifier(setting), sql.Literal(value)
        execute(sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(*parts))


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock that lets only one process change tables; the others wait, and may hold it twice themselves."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0]) // 10000
        if version < OLDEST_POSTGRESQL:
            raise CommandRefused(
                f"The server named by DATABASE_URL is PostgreSQL {version}; Raincheck needs {OLDEST_POSTGRESQL} or newer."
            )
        # A lock of the session: every migration has a transaction of its own.
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def unknown_changes(applied: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return those of the applied changes, as (app, name), that only a newer Raincheck knows, in order."""
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    # A squashed migration knows those it replaces, whose names older databases still hold.
    replaced = {name for migration in known.values() for name in migration.replaces}
    return sorted(set(applied) - known.keys() - replaced)

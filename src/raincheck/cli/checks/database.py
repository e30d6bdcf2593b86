"""The database as `raincheck check` sees it: both roles, the timeouts, a pooler between, and the version of the tables."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from raincheck.cli.finding import Finding, fail, ok, reason, warn
from raincheck.cli.migrations import OLDEST_POSTGRESQL, unknown_changes

WHO = "SELECT current_user, current_setting('server_version_num')::int / 10000, pg_backend_pid()"
OTHERS_TABLES = """
SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND NOT pg_has_role(current_user, tableowner, 'MEMBER')
"""
OWNS = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND pg_has_role(current_user, tableowner, 'MEMBER')"


@contextmanager
def line(alias: str) -> Iterator[BaseDatabaseWrapper]:
    """Open a line of its own: a pool would say only that it waited."""
    with closing(connections[alias].copy()) as own:
        own.settings_dict = {**own.settings_dict, "OPTIONS": {**own.settings_dict["OPTIONS"]}}
        own.settings_dict["OPTIONS"].pop("pool", None)
        yield own


def application() -> Iterator[Finding]:
    """Whether the role of pages and worker gets in, and is no more than it should be."""
    try:
        with line("default") as own:
            role, version, backend = _row(own, WHO)
            told = own.connection.info.backend_pid
            [owns] = _row(own, OWNS)
    except DatabaseError as error:
        yield fail("database", f"DATABASE_URL cannot be used: {reason(error)}.")
        return
    if version < OLDEST_POSTGRESQL:
        yield fail(
            "database",
            f"The server is PostgreSQL {version}; Raincheck needs {OLDEST_POSTGRESQL} or newer.",
        )
    elif owns:
        yield warn(
            "database",
            f"PostgreSQL {version} answers, but the pages' role {role} owns the tables: nothing but the code keeps it from "
            "changing the history. Give the tables to a role of their own and name it in DATABASE_OWNER_URL.",
        )
    else:
        yield ok("database", f"PostgreSQL {version} answers to the role {role}.")
    # Whoever stands between gives out numbers of their own.
    if told != backend and not settings.DATABASE_POOLER:
        yield fail(
            "pooler",
            "A pooler stands before the database and DATABASE_POOLER is not set. Set DATABASE_POOLER=transaction, and "
            "DATABASE_DIRECT_URL to the server itself.",
        )


def owner() -> Iterator[Finding]:
    """Whether the role that changes the tables gets in, and may."""
    try:
        with line("owner") as own:
            [role, *_] = _row(own, WHO)
            [foreign] = _row(own, OTHERS_TABLES)
            if settings.DATABASE_POOLER:
                # The worker waits for word from the database on this way.
                with own.cursor() as cursor:
                    cursor.execute("LISTEN raincheck_check")
    except DatabaseError as error:
        yield fail("owner", f"{settings.DATABASE_OWNER_NAMED_BY} cannot be used: {reason(error)}.")
        return
    if foreign:
        yield fail(
            "owner",
            f"{foreign} tables do not belong to {role}, so no update could change them. Name their owner in "
            "DATABASE_OWNER_URL.",
        )
    else:
        yield ok("owner", f"The role {role} may change the tables, and is used by updates and backups only.")


def timeouts() -> Iterator[Finding]:
    """Whether the limits that keep one slow statement from stopping everybody hold on the lines that pages use."""
    wanted: dict[str, str] = settings.DATABASE_TIMEOUTS
    questions = ", ".join(["current_setting(%s)"] * len(wanted))
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT {questions}", list(wanted))  # placeholders only
        found = dict(zip(wanted, cursor.fetchone(), strict=True))
    connections["default"].close()
    if found == wanted:
        yield ok("timeouts", ", ".join(f"{name} {value}" for name, value in found.items()) + ".")
        return
    differing = ", ".join(
        f"{name} is {found[name]}, not {wanted[name]}" for name in wanted if found[name] != wanted[name]
    )
    yield fail(
        "timeouts",
        f"On the pages' lines {differing}. Behind a pooler run `raincheck migrate`, then have the pooler open its lines anew.",
    )


def schema() -> Iterator[Finding]:
    """Whether the tables are of this version."""
    with line("owner") as own:
        applied = MigrationRecorder(own).applied_migrations()
        if unknown := unknown_changes(applied):
            label, name = unknown[-1]
            yield fail(
                "schema",
                f"The tables are of a newer Raincheck (change {label}.{name} is not known here). Install that version.",
            )
            return
        executor = MigrationExecutor(own)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not applied:
        yield warn("schema", "There are no tables yet; the first `raincheck serve` makes them.")
    elif missing:
        yield warn(
            "schema",
            f"The tables are {missing} changes behind; the next `raincheck serve` or `raincheck migrate` makes them.",
        )
    else:
        yield ok(
            "schema",
            f"The tables are of this version ({max(name for app, name in applied if app == 'raincheck')}).",
        )


def has_tables() -> bool:
    """Whether there is anything to read; before the first start there is not."""
    with line("owner") as own:
        return "raincheck_backup" in own.introspection.table_names()


def _row(own: BaseDatabaseWrapper, question: str) -> tuple[Any, ...]:
    with own.cursor() as cursor:
        cursor.execute(question)
        [row] = cursor.fetchall()
    return tuple(row)

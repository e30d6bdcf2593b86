"""A database for tests: made once a process by the owner, used as the application's own role, emptied after each test."""

from __future__ import annotations

import os
import pwd
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from raincheck import clock, embedded_postgres
from raincheck.cli.migrations import migrate
from raincheck.embedded_postgres.launching import SUPERUSER, answer, url
from raincheck.embedded_postgres.roles import OWNER
from raincheck.environment import database_at

_made: set[str] = set()
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


@contextmanager
def migrated_database(worker: str) -> Iterator[None]:
    """Point Django's two aliases at a fresh, migrated database; on the server named by DATABASE_URL, else an embedded one.

    Each folder of tests asks for it, and every one after the first gets the one that is there.
    """
    if _made:
        yield
        return
    _made.add(worker)
    given = os.environ.get("DATABASE_URL")
    if given:
        with _fresh(given, os.environ.get("DATABASE_OWNER_URL", given), worker):
            yield
        return
    with tempfile.TemporaryDirectory(prefix="raincheck-pg-") as home:
        os.chmod(home, 0o755)  # noqa: S103  # the server runs as another user when the tests run as root
        server = embedded_postgres.start(Path(home), durable=False)
        try:
            _let_the_owner_leave_triggers_out(Path(home), server)
            with _fresh(server.url, server.owner_url, worker):
                yield
        finally:
            server.stop()


def _let_the_owner_leave_triggers_out(home: Path, server: embedded_postgres.Server) -> None:
    """Let `empty` do without triggers and keys. By itself a running server lets its superuser in no more."""
    [admitted] = home.glob("postgres/*/data/pg_ident.conf")
    before = admitted.read_text("utf-8")
    admitted.write_text(f'{before}raincheck "{pwd.getpwuid(os.geteuid()).pw_name}" {SUPERUSER}\n', "utf-8")
    os.kill(server.pid, signal.SIGHUP)
    deadline = clock.monotonic() + 20
    while (said := answer(server.sockets, role=SUPERUSER, database="postgres")) is not None:
        assert clock.monotonic() < deadline, said
    with psycopg.connect(url(server.sockets), autocommit=True) as connection:
        connection.execute(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER}")
    admitted.write_text(before, "utf-8")
    os.kill(server.pid, signal.SIGHUP)


@contextmanager
def _fresh(url: str, owner_url: str, worker: str) -> Iterator[None]:
    name = f"raincheck_test_{worker}"
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template1")
    point("owner", _named(owner_url, name))
    point("default", _named(url, name))
    if url != owner_url:
        _let_the_application_in(owner_url, name, urlsplit(url).username or "")
    migrate()
    yield
    connections.close_all()


def _let_the_application_in(owner_url: str, name: str, role: str) -> None:
    with psycopg.connect(_named(owner_url, name), autocommit=True) as connection:
        connection.execute(f"GRANT CONNECT ON DATABASE {name} TO {role}")
        connection.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        connection.execute(
            f"ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}"
        )
        connection.execute(f"ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {role}")
        connection.execute(f"ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO {role}")


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def point(alias: str, url: str) -> None:
    connection = connections[alias]
    fresh = database_at("DATABASE_URL", url)
    kept = connection.settings_dict["OPTIONS"] if alias == "default" else {}
    connection.close()
    connection.settings_dict.update(fresh | {"OPTIONS": kept | fresh["OPTIONS"]})
    connections.settings[alias].update(connection.settings_dict)


GUARDED = (
    "readlog",
    "sealedrow",
    "logcut",
    "claim",
    "appointment",
    "appointmenthistory",
    "availabilityhistory",
    "clienthistory",
    "membership",
    "practicehistory",
    "reschedulerequest",
    "rightshistory",
)
"""Tables whose own triggers refuse to let rows go."""

EMPTY = """
DO $$
DECLARE
    name text;
    filled boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL (ARRAY['{kept}']) LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('DELETE FROM %I', name);
            IF EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = name::regclass AND attname = 'id') THEN
                PERFORM setval(pg_get_serial_sequence(name, 'id'), 1, false);
            END IF;
        END IF;
    END LOOP;
END $$
"""


def empty() -> None:
    """Empty every table of ours, as the owner: the application itself has no right to.

    Deleting the few rows of a test is several times quicker than TRUNCATE, which makes new files for every index. Four
    fifths of the time goes into keys that are looked after, so where the owner may it leaves them out.
    """
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        if leave_triggers_out(cursor):
            cursor.execute(EMPTY.format(kept="', '".join(sorted(KEPT))))
            return
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE raincheck_{table} DISABLE TRIGGER USER")
        cursor.execute(EMPTY.format(kept="', '".join(sorted(KEPT))))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE raincheck_{table} ENABLE TRIGGER USER")


def is_empty(cursor: CursorWrapper) -> bool:
    """Return whether no table of ours has a row."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    tables = sorted({name for (name,) in cursor.fetchall()} - KEPT)
    cursor.execute(f"SELECT {' OR '.join(f'EXISTS (SELECT 1 FROM {name})' for name in tables)}")
    return cursor.fetchone() == (False,)


def leave_triggers_out(cursor: CursorWrapper) -> bool:
    """Do without triggers and keys for this transaction, and return whether the owner may."""
    cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
    may: bool = cursor.fetchone()[0]
    if may:
        cursor.execute("SET LOCAL session_replication_role = replica")
    return may


def truncate() -> None:
    """Empty every table of ours, however many rows it has."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted({name for (name,) in cursor.fetchall()} - KEPT)
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE raincheck_{table} DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE raincheck_{table} ENABLE TRIGGER USER")

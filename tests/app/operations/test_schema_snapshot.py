"""The snapshot of the schema: what a fresh database is made from, and the same as replaying every migration."""

from __future__ import annotations

import re
from pkgutil import iter_modules

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from tests.app.cast import NOW
from tests.app.operations.backups import another_database, catalogues, owner, pointed_at, rows

from raincheck.cli.migrations import migrate
from raincheck.data import migrations
from raincheck.data.snapshot import SNAPSHOT, fill_when_fresh


def whole(name: str) -> dict[str, object]:
    """Return all that a database says of its tables, their rows and their sequences, but not when it was migrated."""
    with psycopg.connect(owner(), dbname=name) as connection:
        connection.execute("UPDATE django_migrations SET applied = %s", [NOW])
        sequences = connection.execute(
            "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
        ).fetchall()
    return {**catalogues(name), "rows": rows(name), "sequences": sequences}


def test_the_snapshot_was_written_after_the_last_migration() -> None:
    stamped = re.findall(r"django_migrations VALUES \(\d+, 'raincheck', '(\w+)'", SNAPSHOT.read_text("utf-8"))
    ours = sorted(module.name for module in iter_modules(migrations.__path__))
    assert stamped == ours, "the migrations have changed: run `make schema`"


@pytest.mark.verify
def test_the_snapshot_and_the_migrations_make_the_same_database(database: None) -> None:
    with another_database() as name, pointed_at(name):
        migrate()
        from_snapshot = whole(name)
    with another_database() as name, pointed_at(name):
        call_command("migrate", database="owner", verbosity=0)
        from_migrations = whole(name)

    assert from_snapshot == from_migrations, "the migrations have changed: run `make schema`"


def test_a_database_with_a_table_is_left_to_the_migrations(database: None) -> None:
    with another_database() as name, pointed_at(name):
        with psycopg.connect(owner(), dbname=name) as connection:
            connection.execute("CREATE TABLE somebodys (id int)")
        fill_when_fresh(connections["owner"], now=NOW)
        with psycopg.connect(owner(), dbname=name) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()

    assert tables == [("somebodys",)]

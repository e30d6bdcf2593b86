"""Empties what examples write and leaves the people, several times quicker than emptying everything."""

from __future__ import annotations

from functools import cache

from django.db import connections, transaction
from tests.app.database import GUARDED, KEPT

STAGE = "stage"
"""The schema that keeps the people as they were before the first example."""
CHANGED = ("user", "client", "recipient", "membership")
"""What rules write to of that: each example begins with these as they were."""
PEOPLE = {"practice", "provider", "client", "recipient", "membership", "user", "appointmenttype", "place"}
"""The tables that are filled before the first example."""


def keep_people() -> None:
    """Remember the people as they are."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {STAGE} CASCADE; CREATE SCHEMA {STAGE}")
        for table in CHANGED:
            cursor.execute(f"CREATE TABLE {STAGE}.{table} AS SELECT * FROM raincheck_{table}")
    _statement.cache_clear()


def empty() -> None:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(_statement())


@cache
def _statement() -> str:
    kept = KEPT | {f"raincheck_{table}" for table in PEOPLE}
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted({name for (name,) in cursor.fetchall()} - kept)
    return "; ".join(
        [
            "SET CONSTRAINTS ALL DEFERRED",
            *(f"ALTER TABLE raincheck_{table} DISABLE TRIGGER USER" for table in GUARDED),
            *(f"DELETE FROM {table}" for table in tables),
            *(f"DELETE FROM raincheck_{table}" for table in CHANGED),
            *(_anew(table) for table in CHANGED),
            "SET CONSTRAINTS ALL IMMEDIATE",
            *(f"ALTER TABLE raincheck_{table} ENABLE TRIGGER USER" for table in GUARDED),
        ]
    )


def _anew(table: str) -> str:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
            " WHERE table_name = %s AND table_schema = current_schema() AND is_generated = 'NEVER'",
            [f"raincheck_{table}"],
        )
        [(names,)] = cursor.fetchall()
    return f"INSERT INTO raincheck_{table} ({names}) SELECT {names} FROM {STAGE}.{table}"

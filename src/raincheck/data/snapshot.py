"""The schema as one SQL file, from which a fresh database is made many times quicker than by replaying every migration."""

from datetime import datetime
from pathlib import Path
from pkgutil import iter_modules

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import atomic

from raincheck.data import migrations

SNAPSHOT = Path(__file__).with_name("schema.sql")
"""Written by `make schema` from the migrations, their stamps in `django_migrations` included."""

# Extensions bring types and functions of their own; a database that has nothing else is as good as new.
IS_FRESH = """
SELECT current_schema() = 'public' AND NOT EXISTS (
    SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
"""


def newer_change(connection: BaseDatabaseWrapper) -> str | None:
    """Return the newest change of the tables when only a newer Raincheck knows it; None when the tables are not newer than we are."""
    newest_here = max(module.name for module in iter_modules(migrations.__path__))
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(name) FROM public.django_migrations WHERE app = 'raincheck'")
        [(newest,)] = cursor.fetchall()
    # Changes are numbered, and one that was squashed away lies below.
    return newest if newest is not None and newest > newest_here else None


def fill_when_fresh(connection: BaseDatabaseWrapper, *, now: datetime) -> None:
    """Make all tables of the snapshot in a database that has none, and stamp its migrations as applied at `now`.

    A database with any table is left alone: upgrades run migrations.
    """
    with atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(IS_FRESH)
        if not cursor.fetchone()[0]:
            return
        # The file names schemas in full, and functions before the tables they read. Both settings end with the transaction.
        cursor.execute(
            "SELECT set_config('search_path', '', true), set_config('check_function_bodies', 'off', true)"
        )
        cursor.execute(SNAPSHOT.read_text(encoding="utf-8"))
        cursor.execute("UPDATE public.django_migrations SET applied = %s", [now])

"""Writes src/raincheck/data/schema.sql anew from the migrations: `python -m tests.schema`, which is `make schema`."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connections

from raincheck import embedded_postgres

STAMPED = "2000-01-01 00:00:00+00"
"""When the file says that each migration was applied, so that writing it twice gives the same file."""
# What pg_dump says for psql or for servers newer than the oldest we run on, and for the owner's session.
NOISE = re.compile(
    r"^(?:--.*|\\(?:un)?restrict .*|SET \w+ = .*;|SELECT pg_catalog\.set_config.*)\n", re.MULTILINE
)


def dump(url: str, pg_dump: Path) -> str:
    """Return a database's tables, rights left out, and its rows, as SQL that every PostgreSQL we run on understands."""
    command = [
        pg_dump,
        "--no-owner",
        "--no-privileges",
        "--no-comments",
        "--inserts",
        "--schema=public",
        "--extension=*",
        url,
    ]
    sql = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    sql = NOISE.sub("", sql).replace("CREATE SCHEMA public;\n", "")
    return re.sub(r"\n{2,}", "\n\n", sql).strip() + "\n"


@contextmanager
def migrated() -> Iterator[tuple[str, Path]]:
    """Yield the address of a database made by replaying every migration, and the pg_dump that fits it."""
    with tempfile.TemporaryDirectory(prefix="raincheck-schema-") as home:
        os.chmod(home, 0o755)  # noqa: S103  # the server runs as another user when this runs as root
        with embedded_postgres.start(Path(home), durable=False) as server:
            from tests.app.database import point

            point("owner", server.owner_url)
            call_command("migrate", database="owner", verbosity=0)
            with connections["owner"].cursor() as cursor:
                cursor.execute("UPDATE django_migrations SET applied = %s", [STAMPED])
                # pg_dump writes rows as they lie in the file, and what was updated may lie anywhere.
                cursor.execute("CLUSTER django_migrations USING django_migrations_pkey")
                cursor.execute("ALTER TABLE django_migrations SET WITHOUT CLUSTER")
            connections.close_all()
            yield server.owner_url, next(Path(home).rglob("bin/pg_dump"))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from raincheck.data.snapshot import SNAPSHOT

    with migrated() as (url, pg_dump):
        SNAPSHOT.write_text(dump(url, pg_dump), encoding="utf-8")


if __name__ == "__main__":
    main()

"""The upgrade to a new PostgreSQL: the data of the older one is copied, and stays in place."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import sql

from raincheck.embedded_postgres import launching, roles
from raincheck.embedded_postgres.account import ENVIRONMENT, Account
from raincheck.embedded_postgres.cluster import Cluster, brought_major, socket_directory
from raincheck.embedded_postgres.errors import DatabaseCannotStart, cannot_write, from_output
from raincheck.embedded_postgres.options import options_for_a_copy
from raincheck.embedded_postgres.server import serving_process

_TABLES = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2
"""


def upgrade(home: Path) -> tuple[int, int] | None:
    """Copy the data from the newest older major version to ours; return both, or None when there is nothing to do.

    The old data and its programs stay where they are. Raises DatabaseCannotStart; then nothing has changed.
    """
    ours = Cluster(home=home.resolve(), major=brought_major(), account=Account.for_the_server())
    try:
        ours.must_be_ours()
        with ours.alone():
            newest = max(ours.majors_with_data(), default=ours.major)
            if newest >= ours.major:
                return None
            _copy(replace(ours, major=newest), ours)
            return newest, ours.major
    except OSError as error:
        raise cannot_write(ours.home, error) from error
    except psycopg.Error as error:
        raise from_output(str(error), directory=ours.home) from error


def _copy(old: Cluster, ours: Cluster) -> None:
    if serving_process(old) is not None:
        raise DatabaseCannotStart(f"The database in {old.data} is in use. Stop Raincheck, then upgrade.")
    if not old.binary("postgres").exists():
        raise DatabaseCannotStart(
            f"The programs of PostgreSQL {old.major} are missing from {old.program}, so its data cannot be read. "
            "Start the former Raincheck once with this RAINCHECK_HOME: it puts them there."
        )
    old.must_be_ours()
    ours.account.must_enter(ours.directory)
    ours.keep_program()
    fresh = replace(ours, data_name="data.upgrading")
    shutil.rmtree(fresh.data, ignore_errors=True)
    try:
        launching.create_data(fresh, durable=True)
        with _serving(old) as source, _serving(fresh) as target:
            roles.prepare(launching.url(target))
            _pour(ours, source, target)
            before, after = _row_counts(source), _row_counts(target)
            if before != after:
                tables = sorted(before.keys() | after.keys())
                differing = [table for table in tables if before.get(table) != after.get(table)]
                raise DatabaseCannotStart(
                    f"The copy of the database is not complete ({', '.join(differing)}). The old data is untouched."
                )
    except BaseException:
        shutil.rmtree(fresh.data, ignore_errors=True)
        raise
    fresh.data.replace(ours.data)  # the last step: until here the old data is the newest


@contextmanager
def _serving(cluster: Cluster) -> Iterator[Path]:
    """Run a server of its own on the data, for nobody but us, and yield its socket's directory."""
    sockets = socket_directory(cluster)
    try:
        process = launching.launch(cluster, sockets=sockets, options=options_for_a_copy(sockets))
        try:
            yield sockets
        finally:
            launching.stop(process)
    finally:
        shutil.rmtree(sockets, ignore_errors=True)


def _pour(ours: Cluster, source: Path, target: Path) -> None:
    """Dump the old database straight into the new one, in one transaction."""
    # The new pg_dump, since it reads older servers; an old one refuses to read newer ones.
    dump: list[str | Path] = [ours.binary("pg_dump"), "--format=custom", f"--dbname={_database(source)}"]
    restore: list[str | Path] = [
        ours.binary("pg_restore"),
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={_database(target)}",
    ]
    with subprocess.Popen(dump, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as dumping:
        restoring = subprocess.run(
            restore, stdin=dumping.stdout, capture_output=True, env=ENVIRONMENT, check=False
        )
        _, said = dumping.communicate()
    for done, output in ((dumping.returncode, said), (restoring.returncode, restoring.stderr)):
        if done != 0:
            raise from_output(os.fsdecode(output), directory=ours.home)


def _row_counts(sockets: Path) -> dict[str, int]:
    with psycopg.connect(_database(sockets)) as connection:
        counts = {}
        for schema, table in connection.execute(_TABLES).fetchall():
            counting = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
            [(counts[f"{schema}.{table}"],)] = connection.execute(counting).fetchall()
        return counts


def _database(sockets: Path) -> str:
    return launching.url(sockets, database=roles.DATABASE)

"""A sweep that finds nothing to do, over years of appointments: its processor time, and the pages that it reads.

Run as `python -m bench.idle_sweep SWEEPS` it is the program that sweeps, on the database that the environment names.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime

import django
import psycopg

from bench.growth_rows import add_appointments, add_people
from bench.home import ROOT, Home, leave_the_database, seconds_used, settings_for
from bench.practice import Measured
from bench.report import Report, milliseconds

APPOINTMENTS = 320_000
SWEEPS, WARMING = 200, 20
GOAL = 0.002
PAGES = "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"
HOW = """\
{appointments:,} appointments over eight years, the claims of those that are over for thirty days pruned, no request open. One process sweeps {sweeps} times, as a worker
does every 20 s. Processor time is that of the database server and of that process; a page has 8 kB."""


def measure(home: Home, measured: Measured, report: Report, *, now: datetime) -> None:
    """Fill a database of its own, sweep it, and note what a sweep took."""
    leave_the_database()
    home.copy("swept", of="raincheck")
    with home.as_superuser("swept") as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET statement_timeout = 0")
        add_people(connection)
        add_appointments(connection, measured, range(APPOINTMENTS), now=now)
        connection.execute(
            "UPDATE raincheck_appointment SET claims_pruned_at = ends_at WHERE ends_at < %s", [now]
        )
    with psycopg.connect(home.superuser_url.replace("/postgres?", "/swept?"), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
    _swept(home, WARMING)
    python, database, pages = _swept(home, SWEEPS)
    rows: list[Sequence[str]] = [
        ("for each sweep", "figure"),
        ("processor time, database", milliseconds(database)),
        ("processor time, worker", milliseconds(python)),
        ("pages read", f"{pages:.0f}"),
    ]
    report.section("A sweep with nothing due", HOW.format(appointments=APPOINTMENTS, sweeps=SWEEPS), rows)
    report.goal(
        f"a sweep with nothing due, {APPOINTMENTS:,} appointments: processor time of the database",
        f"≤ {milliseconds(GOAL)}",
        milliseconds(database),
        kept=database <= GOAL,
    )


def _swept(home: Home, sweeps: int) -> tuple[float, float, float]:
    """Return seconds of the worker and of the database, and pages, for each sweep."""
    with home.as_superuser("swept") as connection:
        connection.autocommit = True
        pages, used = _pages(connection), seconds_used((home.database_pid,))
        command = [sys.executable, "-W", "ignore", "-m", "bench.idle_sweep", str(sweeps)]
        said = subprocess.run(
            command,
            env=settings_for(home.url("swept"), home),
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        database = seconds_used((home.database_pid,)) - used
        return float(said.stdout) / sweeps, database / sweeps, (_pages(connection) - pages) / sweeps


def _pages(connection: psycopg.Connection) -> int:
    connection.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
    found = connection.execute(PAGES).fetchone()
    assert found is not None
    return int(found[0])


def main() -> None:
    """Sweep so many times, and print the seconds of processor time that all of it took this process."""
    django.setup()
    from raincheck import clock
    from raincheck.actions.timing.sweep import sweep

    sweep(now=clock.now())
    began = time.process_time()
    for _sweep in range(int(sys.argv[1])):
        sweep(now=clock.now())
    print(time.process_time() - began)


if __name__ == "__main__":
    main()

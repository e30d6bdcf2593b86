"""Figures of the product, taken anew and written to docs/benchmarks.md: `make bench`; `FULL=1` adds ten million appointments.

`PART=` and a name of PARTS takes the figures of that part alone, and writes nothing but with `WRITE=1`: then those of the page's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench import (
    calendar_page,
    delivery,
    due,
    growth,
    idle_sweep,
    importing,
    imports,
    open_times,
    pages,
    picks,
    practice,
    reminders,
    series,
    serving,
    streams,
    workloads,
)
from bench.home import Home, leave_the_database, set_up_django, temporary_home
from bench.practice import Measured
from bench.report import PAGE, Report, in_columns


@dataclass(slots=True)
class Run:
    """What the parts of one run share."""

    home: Home
    measured: Measured
    now: datetime
    full: bool
    report: Report = field(default_factory=Report)
    sizes: list[int] = field(default_factory=list)
    """How many appointments the largest databases held."""


def _growth(run: Run) -> None:
    run.sizes = growth.measure(run.home, run.measured, run.report, full=run.full, now=run.now)


PARTS: dict[str, tuple[str, Callable[[Run], None]]] = {
    "slots": ("Slots in memory", lambda run: workloads.measure(run.report)),
    "serving": ("All of `raincheck serve`", lambda run: serving.measure(run.report)),
    "pages": ("Pages of the demo", lambda run: pages.measure(run.home, run.report)),
    "calendar": ("The calendar in a browser", lambda run: calendar_page.measure(run.home, run.report)),
    "due": (
        "Due at once: takes three minutes",
        lambda run: due.measure(run.home, run.measured, run.report, now=run.now),
    ),
    "delivery": ("Mails handed over", lambda run: delivery.measure(run.home, run.report, now=run.now)),
    "reminders": (
        "Reminders of appointments: takes ten minutes",
        lambda run: reminders.measure(run.home, run.report, now=run.now),
    ),
    "series": (
        "A series of 104",
        lambda run: series.measure(run.home, run.measured, run.report, now=run.now),
    ),
    "open_times": (
        "28 days through HTTP, beside django-appointment",
        lambda run: open_times.measure(run.home, run.measured, run.report),
    ),
    "streams": (
        "A thousand open pages: takes four minutes",
        lambda run: streams.measure(run.home, run.measured, run.report),
    ),
    "growth": ("Growth: filling the databases takes a while", _growth),
    "idle": (
        "A sweep with nothing due",
        lambda run: idle_sweep.measure(run.home, run.measured, run.report, now=run.now),
    ),
    "importing": (
        "Taking in a calendar",
        lambda run: importing.measure(run.home, run.measured, run.report, now=run.now),
    ),
    "imports": (
        "Files of ten thousand rows",
        lambda run: imports.measure(run.measured, run.report, now=run.now),
    ),
    "picks": (
        "Picks, beside pgbench",
        lambda run: picks.measure(run.home, run.measured, run.report, now=run.now),
    ),
}
"""The parts of a run in their order, by name: what is said while it goes on, and what takes the figures."""


def main() -> int:
    alone, now = os.environ.get("PART"), datetime.now(UTC)
    if alone and alone not in PARTS:
        _say(f"PART must be one of {', '.join(PARTS)}.")
        return 2
    with temporary_home() as home:
        set_up_django(home)
        run = Run(home, practice.found(now), now, os.environ.get("FULL") == "1")
        for name in [alone] if alone else PARTS:
            said, measure = PARTS[name]
            _say(f"{said} …")
            # Databases are copied from the first one, which nobody may be connected to meanwhile.
            leave_the_database()
            measure(run)
        if not alone:
            rows = max(run.sizes)
            page = run.report.page(today=now.date(), postgresql=_postgresql(home), rows=rows)
            PAGE.write_text(page, encoding="utf-8")
        elif os.environ.get("WRITE") == "1":
            load = f"load {os.getloadavg()[2]:.0f} in the last quarter of an hour"
            first = ", with precedence over what else ran" if os.nice(0) < 0 else ""
            said = f"Taken alone, by `PART={alone}`, on {now:%B} {now.day}, {now.year}{first}; {load}."
            page = run.report.put_into(PAGE.read_text(encoding="utf-8"), said=said)
            PAGE.write_text(page, encoding="utf-8")
    for section in run.report.sections:
        print(f"\n{section.title}\n{in_columns(section.rows)}\n{section.after if alone else ''}".rstrip())
    print(f"\n{in_columns(run.report.summary())}")
    if not alone:
        print(f"\nWritten to {PAGE.relative_to(PAGE.parents[1])}")
    return 0


def _postgresql(home: Home) -> str:
    with home.as_superuser("postgres") as connection:
        found = connection.execute("SHOW server_version").fetchone()
    assert found is not None
    return str(found[0])


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

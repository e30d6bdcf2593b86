"""Takes every figure anew, prints them and writes docs/benchmarks.md: `make bench`; `FULL=1` adds ten million appointments.

`PART=due`, `PART=picks`, `PART=delivery`, `PART=pages` and `PART=serving` take the figures of what is due at once, of picks, of mails,
of the pages, or of the server alone and write nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from bench import delivery, due, growth, importing, open_times, pages, picks, practice, serving, workloads
from bench.home import Home, leave_the_database, set_up_django, temporary_home
from bench.report import PAGE, Report, in_columns

ALONE: dict[str, Callable[..., None]] = {
    "due": due.measure,
    "picks": picks.measure,
    "delivery": delivery.measure,
}


def main() -> int:
    part = os.environ.get("PART")
    if part in ALONE:
        return _alone(ALONE[part])
    if part == "pages":
        return _pages_alone()
    if part == "serving":
        serving.measure(alone := Report())
        return _shown(alone)
    full, now, report = os.environ.get("FULL") == "1", datetime.now(UTC), Report()
    _say("Slots in memory …")
    workloads.measure(report)
    _say("All of `raincheck serve` …")
    serving.measure(report)
    with temporary_home() as home:
        set_up_django(home)
        leave_the_database()
        _say("Pages of the demo …")
        pages.measure(home, report)
        measured = practice.found(now)
        leave_the_database()
        _say("Due at once: takes three minutes …")
        due.measure(home, measured, report, now=now)
        _say("Mails handed over …")
        delivery.measure(home, measured, report, now=now)
        _say("28 days through HTTP, beside django-appointment …")
        open_times.measure(home, measured, report)
        _say("Growth: filling the databases takes a while …")
        sizes = growth.measure(home, measured, report, full=full, now=now)
        _say("Taking in a calendar …")
        importing.measure(home, measured, report, now=now)
        _say("Picks, beside pgbench …")
        picks.measure(home, measured, report, now=now)
        page = report.page(today=now.date(), postgresql=_postgresql(home), rows=max(sizes))
    PAGE.write_text(page, encoding="utf-8")
    for section in report.sections:
        print(f"\n{section.title}\n{in_columns(section.rows)}")
    print(f"\n{in_columns(report.summary())}\n\nWritten to {PAGE.relative_to(PAGE.parents[1])}")
    return 0


def _alone(measure: Callable[..., None]) -> int:
    now, report = datetime.now(UTC), Report()
    with temporary_home() as home:
        set_up_django(home)
        measure(home, practice.found(now), report, now=now)
    return _shown(report)


def _pages_alone() -> int:
    report = Report()
    with temporary_home() as home:
        set_up_django(home)
        leave_the_database()
        pages.measure(home, report)
    return _shown(report)


def _shown(report: Report) -> int:
    for section in report.sections:
        print(f"\n{section.title}\n{in_columns(section.rows)}\n{section.after}")
    print(f"\n{in_columns(report.summary())}")
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

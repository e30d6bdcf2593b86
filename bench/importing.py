"""Taking in a calendar of five thousand events: the whole way from the file's bytes to busy time in the database."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from datetime import datetime

from bench.calendar_file import EVENTS, busy_office
from bench.home import ROOT, Home, settings_for
from bench.practice import Measured
from bench.report import Report, milliseconds

RUNS = 5
MOST_SECONDS, MOST_MEBIBYTES = 3.0, 300

HOW = """\
A made-up office calendar of {events:,} events in three zones ({size:.1f} MiB; five years of them, one in six repeats, some repeat with no end, some with times struck out
or moved). The whole way of an uploaded file: read in the limited child process (30 days back to 400 ahead, as the product does), then stored
as busy time in the verb's own transaction, for a calendar that is new. Medians of {runs} runs, each in a fresh process. Memory is the most that the child
and its parent (the product with Django and its database connection) ever held, added up."""


def measure(home: Home, measured: Measured, report: Report, *, now: datetime) -> None:
    data = busy_office(now)
    file = home.directory / "busy-office.ics"
    file.write_bytes(data)
    runs = [_run(home, measured, str(file), number) for number in range(RUNS)]
    seconds = {part: statistics.median(run[part] for run in runs) for part in ("reading", "storing", "all")}
    memory = max(run["child"] + run["parent"] for run in runs)
    first = runs[0]
    rows = [
        ("what", "time"),
        ("read in the child process", milliseconds(seconds["reading"])),
        (f"store {first['stored']:,.0f} busy times", milliseconds(seconds["storing"])),
        ("all of it", milliseconds(seconds["all"])),
        ("processor time of both", milliseconds(statistics.median(run["processor"] for run in runs))),
        ("memory, child", f"{first['child']:.0f} MiB"),
        ("memory, parent", f"{first['parent']:.0f} MiB"),
    ]
    how = HOW.format(events=EVENTS, size=len(data) / 2**20, runs=RUNS)
    report.section("Taking in a calendar", how, [*rows])
    report.goal(
        f"{EVENTS:,} events with recurrences taken in",
        f"< {MOST_SECONDS:g} s",
        f"{seconds['all']:.1f} s",
        kept=seconds["all"] < MOST_SECONDS,
    )
    report.goal(
        "memory for it, child and parent",
        f"< {MOST_MEBIBYTES} MB",
        f"{memory:.0f} MiB",
        kept=memory * 1.048576 < MOST_MEBIBYTES,
    )


def _run(home: Home, measured: Measured, file: str, number: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.import_probe", str(measured.provider_id), file, f"Office {number}"],
        env=settings_for(home.url("raincheck"), home),
        cwd=ROOT,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found

"""How the question of open times fares while the number of appointments grows from ten thousand to a million, or ten million."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TypedDict

import psycopg

from bench.growth_rows import (
    CLIENTS_OF_ONE,
    IN_A_PRACTICE,
    PROVIDERS,
    YEARS_AHEAD,
    YEARS_BACK,
    add_appointments,
    add_people,
)
from bench.home import ROOT, Home, product, settings_for
from bench.load import Target, burst, percentile
from bench.practice import DAYS, Measured
from bench.report import Report, milliseconds

SIZES = (10_000, 100_000, 1_000_000)
FULL_SIZE = 10_000_000
ROUNDS, PASSES, SECONDS = 15, 20, 1.5
PICTURE = Path("pictures") / "growth.svg"
MOST = 1.5


class Said(TypedDict):
    """What a probe answers: how long each pass took, and how many starts were offered."""

    seconds: list[float]
    starts: int


class Probe:
    """A process of its own that puts the question to one database and takes the time."""

    def __init__(self, home: Home, database: str, measured: Measured) -> None:
        environment = settings_for(home.url(database), home)
        task = json.dumps([measured.provider_id, measured.type_ref, measured.place_ref, str(measured.first)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.growth_probe", task],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, passes: int) -> Said:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{passes}\n")
        self._process.stdin.flush()
        said: dict[str, list[float] | int] = json.loads(self._process.stdout.readline())
        return said

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_ending: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


def measure(home: Home, measured: Measured, report: Report, *, full: bool, now: datetime) -> list[int]:
    """Fill one database of each size, ask all of them in turns, and draw it. Return the sizes."""
    sizes = [*SIZES, FULL_SIZE] if full else list(SIZES)
    names = _filled(home, measured, sizes, now=now)
    direct: dict[int, list[float]] = {size: [] for size in sizes}
    through: dict[int, list[float]] = {size: [] for size in sizes}
    offered = set()
    with ExitStack() as stack:
        probes = {size: stack.enter_context(Probe(home, names[size], measured)) for size in sizes}
        servers = {size: stack.enter_context(product(home, names[size])) for size in sizes}
        cookie = {"Cookie": measured.cookie}
        targets = {size: Target(f"{size:,}", servers[size], [measured.question], cookie) for size in sizes}
        for size in sizes:
            probes[size].ask(3 * PASSES)  # to warm up
            burst(targets[size], visitors=1, seconds=0.5)
        for _round in range(ROUNDS):
            for size in sizes:
                said = probes[size].ask(PASSES)
                offered.add(said["starts"])
                direct[size].append(statistics.median(said["seconds"]))
        for _round in range(ROUNDS // 3):
            for size in sizes:
                took = burst(targets[size], visitors=1, seconds=SECONDS).took
                through[size].append(percentile(took, 0.5))
    if len(offered) != 1:
        raise SystemExit(f"The sizes do not offer the same starts: {offered}")
    _note(report, home, measured, names, direct, through)
    _draw(direct, through)
    return sizes


def _filled(home: Home, measured: Measured, sizes: Sequence[int], *, now: datetime) -> dict[int, str]:
    """Make a database for each size, each a copy of the one before with more appointments in it."""
    names, before, have = {}, "raincheck", 0
    for size in sizes:
        name = f"grown_{size}"
        home.copy(name, of=before)
        with home.as_superuser(name) as connection:
            # As a restore does: no trigger looks at each row, what a constraint or an index holds still counts.
            connection.execute("SET session_replication_role = replica")
            connection.execute("SET statement_timeout = 0")
            if not have:
                add_people(connection)
            add_appointments(connection, measured, range(have, size), now=now)
        with psycopg.connect(
            home.superuser_url.replace("/postgres?", f"/{name}?"), autocommit=True
        ) as connection:
            connection.execute("VACUUM (ANALYZE)")
        names[size], before, have = name, name, size
    return names


HOW = """\
The same question as above, one provider's {days} days with the same 80 bookings and the same answer, in databases of growing size: appointments of
{providers:,} providers in {practices:,} practices with {clients:,} clients, spread over {years} years, one in ten canceled, loaded by COPY; claims for the last
30 and the next 90 days only, as a practice has them; VACUUM and ANALYZE once. Every size is a database of its own on one server, and all are asked in
turns. "Query and engine" is the product's own question in a process with one connection, "through HTTP" the latency of one visitor (medians of {rounds}
and {less} rounds). The plan is what PostgreSQL says it does for the appointments of the provider."""


def _note(
    report: Report,
    home: Home,
    measured: Measured,
    names: dict[int, str],
    direct: dict[int, list[float]],
    through: dict[int, list[float]],
) -> None:
    smallest = min(names)
    rows: list[Sequence[str]] = [
        (
            "appointments",
            "query and engine",
            "beside the smallest",
            "through HTTP",
            "beside the smallest",
            "plan",
            "pages read",
        )
    ]
    for size, name in names.items():
        plan, pages = _plan(home, name, measured)
        rows.append(
            (
                f"{size:,}",
                milliseconds(statistics.median(direct[size])),
                f"{_growth(direct, size, smallest):.2f} ×",
                milliseconds(statistics.median(through[size])),
                f"{_growth(through, size, smallest):.2f} ×",
                plan,
                f"{pages}",
            )
        )
    how = HOW.format(
        days=DAYS,
        providers=PROVIDERS,
        practices=PROVIDERS // IN_A_PRACTICE,
        clients=PROVIDERS * CLIENTS_OF_ONE,
        years=YEARS_BACK + YEARS_AHEAD,
        rounds=ROUNDS,
        less=ROUNDS // 3,
    )
    after = f"![Latency over the number of appointments]({PICTURE})"
    report.section("Growth", how, rows, after=after)
    for size in names:
        if size in (1_000_000, FULL_SIZE):
            worst = max(_growth(direct, size, smallest), _growth(through, size, smallest))
            what = f"latency with {size:,} appointments beside {smallest:,}"
            report.goal(what, f"≤ {MOST:g} ×", f"{worst:.2f} ×", kept=worst <= MOST)


def _growth(found: dict[int, list[float]], size: int, smallest: int) -> float:
    return statistics.median(one / first for one, first in zip(found[size], found[smallest], strict=True))


def _plan(home: Home, name: str, measured: Measured) -> tuple[str, int]:
    """Return how the provider's appointments are read, and how many pages all of the question's reading touches."""
    from bench.growth_probe import plan

    with home.as_superuser(name) as connection:
        return plan(connection, measured.provider_id)


def _draw(direct: dict[int, list[float]], through: dict[int, list[float]]) -> None:
    from bench.open_times import RIVAL_PYTHON

    lines = {
        "query and engine": {size: statistics.median(took) * 1000 for size, took in direct.items()},
        "through HTTP": {size: statistics.median(took) * 1000 for size, took in through.items()},
    }
    picture = ROOT / "docs" / PICTURE
    subprocess.run(
        [RIVAL_PYTHON, "-m", "bench.plot", str(picture)],
        input=json.dumps(lines),
        text=True,
        check=True,
        cwd=ROOT,
    )

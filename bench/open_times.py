"""The open times of 28 days through HTTP: beside the least a server can answer, and beside django-appointment."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from bench.home import ROOT, Home, free_port, product, serving
from bench.load import VISITORS, Burst, Target, burst, percentile
from bench.practice import DAYS, ZONE, Measured, booked_starts
from bench.report import Report, milliseconds

ROUNDS, ROUNDS_ALONE = 5, 3
SECONDS, SECONDS_ALONE = 1.5, 0.7
"""Of each question in each round; all questions take turns, so that other work on the machine meets all of them."""
RIVAL_PYTHON = ROOT / ".bench-venv" / "bin" / "python"

OURS = "open times of 28 days"
NOTHING, ONE, ROW, WHO, ITSELF, RIVAL = (
    "no query",
    "one query: SELECT 1",
    "one row by its key, through the models",
    "who asks",
    "the question itself",
    "django-appointment",
)


def measure(home: Home, measured: Measured, report: Report) -> None:
    """Ask all of them in turns and note latencies, throughput and how they compare."""
    with ExitStack() as stack:
        served = stack.enter_context(product(home, "raincheck"))
        rival = stack.enter_context(rival_served(home, measured))
        signed_in, query = {"Cookie": measured.cookie}, measured.question.partition("?")[2]
        targets = [
            Target(NOTHING, served, ["/bench/no-query.json"], signed_in),
            Target(ONE, served, ["/bench/one-query.json"], signed_in),
            Target(ROW, served, ["/bench/one-row.json"], signed_in),
            Target(WHO, served, ["/bench/who-asks.json"], signed_in),
            Target(ITSELF, served, [f"/bench/question-itself.json?{query}"], signed_in),
            ours := Target(OURS, served, [measured.question], signed_in),
            rival,
        ]
        _must_agree(ours, rival)
        for target in targets:
            burst(target, visitors=VISITORS, seconds=0.5)  # to warm up
        busy = _rounds(targets, ROUNDS, visitors=VISITORS, seconds=SECONDS)
        alone = _rounds(targets, ROUNDS_ALONE, visitors=1, seconds=SECONDS_ALONE)
    _note(report, busy, alone)


def _rounds(
    targets: Sequence[Target], rounds: int, *, visitors: int, seconds: float
) -> dict[str, list[Burst]]:
    found: dict[str, list[Burst]] = {target.name: [] for target in targets}
    for _round in range(rounds):
        for target in targets:
            found[target.name].append(burst(target, visitors=visitors, seconds=seconds))
    return found


def _must_agree(ours: Target, rival: Target) -> None:
    """Stop the run unless both offer the very same starts."""
    said = json.loads(ours.answers()[0])["starts"]
    own = [start[:16] for start in said]
    theirs = [slot[0][:16] for body in rival.answers() for slot in json.loads(body)["available_slots"]]
    if own != theirs:
        raise SystemExit(
            f"Raincheck offers {len(own)} starts and django-appointment {len(theirs)}: not the same"
        )


@contextmanager
def rival_served(home: Home, measured: Measured) -> Iterator[Target]:
    """Run django-appointment on the same database server with the same bookings; its question is asked day by day."""
    home.copy("rival", of="template1")
    parts = urlsplit(home.owner_url)
    options = dict(parse_qsl(parts.query))
    environment = {
        "DJANGO_SETTINGS_MODULE": "bench.rival.settings",
        "PYTHONPATH": str(ROOT),
        "RIVAL_USER": parts.username or "",
        "RIVAL_HOST": options["host"],
        "RIVAL_PORT": options["port"],
    }
    walls = [
        start.astimezone(ZONE).replace(tzinfo=None).isoformat() for start in booked_starts(measured.first)
    ]
    filled = subprocess.run(
        [RIVAL_PYTHON, "-W", "ignore", "-m", "bench.rival.fill"],
        input=json.dumps(walls),
        env={"PATH": os.environ["PATH"]} | environment,
        cwd=ROOT,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    named = json.loads(filled.stdout.splitlines()[-1])  # it logs to the same place
    days = [measured.first + timedelta(days=day) for day in range(DAYS)]
    asked = f"/appointment/ajax/available_slots/?staff_member={named['staff']}&service_id={named['service']}&selected_date="
    port = free_port()
    command = [str(RIVAL_PYTHON), "-W", "ignore", "-m", "bench.rival.serve", str(port)]
    with serving(home, command, environment, port=port, path=f"{asked}{days[0]}") as served:
        yield Target(RIVAL, served, [f"{asked}{day}" for day in days], {"X-Requested-With": "XMLHttpRequest"})


HOW = """\
The question that the Calendar View's **Show open times** asks (`/appointments/open-times.json`): one provider, Monday to Friday from nine to five,
80 sessions of 50 minutes booked in 28 days, a grid of 15 minutes. The product's own server (2 processes with 4 threads each), its own middleware, a signed-in
provider's cookie with every request. Beside it, on the same server and through the same middleware: an answer without a query, one with `SELECT 1`, one that
reads a row by its key through Django's models, one that only finds out who is asking (session, user, membership: three queries that every page needs), and
the question itself (two queries), as if that were known.

django-appointment {rival} runs in its own project, with the same server, processes, threads, driver, connection pool and
database server, fewer middlewares, its settings in its cache, and nobody to sign in. It has the same hours, grid, length and 80 bookings, and answers
for one day at a time, so its answer to the same question is its slots address asked for each of the 28 days. Both offered the very same starts.

{rounds} rounds of {seconds:g} s for each, in turns; ratios are medians of the rounds'. {visitors} visitors at once, each in a process of its own with one open connection,
no compression asked for. "Alone" is one visitor. Processor time is that of web server and database server together; it says the same on a machine with other work
to do."""


AFTER = """\
Where the time goes: `SELECT 1` shows what the server, the middleware and the pool take for an answer. Finding out who is asking (session, user, membership) comes on top
for every page of the practice, in one statement. The question itself is about one third reading taken time in the database, one third turning 80 rows into
a question, and one third the engine and writing the answer. Each line plans a statement once and then only runs it."""


def _note(report: Report, busy: dict[str, list[Burst]], alone: dict[str, list[Burst]]) -> None:
    def rate(name: str) -> float:
        return statistics.median(one.rate for one in busy[name])

    def processor(name: str) -> float:
        return statistics.median(one.processor for one in busy[name])

    def ratio(name: str, other: str) -> float:
        pairs = zip(busy[name], busy[other], strict=True)
        return statistics.median(one.rate / two.rate for one, two in pairs)

    rows: list[Sequence[str]] = [
        (
            "answer",
            "a second",
            "as a share of one query",
            "p50",
            "p95",
            "p50 alone",
            "p95 alone",
            "processor",
            "as a multiple of one query",
        )
    ]
    for name in (NOTHING, ONE, ROW, WHO, ITSELF, OURS, RIVAL):
        took = [one for round_ in busy[name] for one in round_.took]
        lone = [one for round_ in alone[name] for one in round_.took]
        rows.append(
            (
                f"{name}, all 28 days" if name == RIVAL else name,
                f"{rate(name):,.0f}" if rate(name) >= 10 else f"{rate(name):.2f}",
                f"{ratio(name, ONE):.2f}" if name != RIVAL else f"{ratio(name, ONE):.4f}",
                milliseconds(percentile(took, 0.5)),
                milliseconds(percentile(took, 0.95)),
                milliseconds(percentile(lone, 0.5)),
                milliseconds(percentile(lone, 0.95)),
                milliseconds(processor(name)),
                f"{processor(name) / processor(ONE):.1f} ×",
            )
        )
    itself, whole = ratio(ITSELF, ONE), ratio(OURS, ONE)
    how = HOW.format(rival=_rival_version(), rounds=ROUNDS, seconds=SECONDS, visitors=VISITORS)
    report.section("28 days of one provider through HTTP", how, rows, after=AFTER)
    report.goal(
        "28 days over HTTP: the question itself beside SELECT 1, throughput",
        "≥ 0.33",
        f"{itself:.2f}",
        kept=itself >= 0.33,
    )
    report.goal(
        "28 days over HTTP: all of it beside SELECT 1, throughput",
        "≥ 0.22",
        f"{whole:.2f}",
        kept=whole >= 0.22,
    )
    for what, name in (("the question itself", ITSELF), ("all of it", OURS)):
        times = ratio(name, RIVAL)
        report.goal(
            f"28 days over HTTP: {what} beside django-appointment's sweep",
            "≥ 100 ×",
            f"{times:.0f} ×",
            kept=times >= 100,
        )


def _rival_version() -> str:
    said = "from importlib.metadata import version; print(version('django-appointment'))"
    return subprocess.run(
        [RIVAL_PYTHON, "-c", said], check=True, text=True, stdout=subprocess.PIPE
    ).stdout.strip()

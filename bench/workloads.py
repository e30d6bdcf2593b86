"""Three explicit workloads, from Spans in memory to a list of UTC datetimes, beside Cal.com's own slot functions.

Which file: `bench/data/workloads.json`, which also says how Cal.com and a bare pass over integers did on it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench.anchor import Taken, beside_the_loop
from bench.report import Report, milliseconds
from raincheck.domain.availability.hours import availability_from
from raincheck.domain.slots import Question, open_slots
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named

FILE = Path(__file__).parent / "data" / "workloads.json"
GOALS = {"W1": 0.002, "W2": 0.005, "W3": 0.09}
TIMES = {"W1": 40, "W2": 20, "W3": 3}
"""How often each runs in a round, beside one run of the loop."""
ROUNDS = 7

HOW = """\
Three workloads written down as Spans (`bench/data/workloads.json`): one provider for 28 days with 80 busy times, one for 90 days, fifty for 28 days. One pass goes
from the Spans to the list of every start as a UTC datetime; reading the file is not part of it. Counts and checksums of the answers are those of the
file, else the run stops. Processor time, warm; medians of {rounds} rounds of many passes. The ratio is to a fixed loop (adding up
`range(10_000_000)` in a function), which runs in the same process in every round: {loop} here.

Beside it, as ratios to the same loop on the machine where they were taken: Cal.com 6.2.0's own slot functions (Node 20, warm), and a bare pass over integers in
Python that keeps no rule but overlap, to show what is within reach."""


def measure(report: Report) -> None:
    content = json.loads(FILE.read_text("utf-8"))
    asked = {one["id"]: _questions(one, content["common"]) for one in content["workloads"]}
    for one in content["workloads"]:
        _must_be_right(one, asked[one["id"]])
    passes: dict[str, tuple[Callable[[], object], int]] = {
        name: (partial(_answer, questions), TIMES[name]) for name, questions in asked.items()
    }
    found = beside_the_loop(passes, rounds=ROUNDS)
    _note(report, found, content["baseline"])


def _questions(workload: dict[str, Any], common: dict[str, Any]) -> list[Question]:
    minute = timedelta(minutes=1)
    now = datetime.fromisoformat(common["now"])
    hours = availability_from(
        {
            "weekly": [{**window, "places": []} for window in common["weekly_hours"]],
            "overrides": [],
        }
    )
    return [
        Question(
            zone=zone_named(common["timezone"]),
            availability=hours,
            within=_span(workload["range"]),
            length=common["duration_min"] * minute,
            step=common["step_min"] * minute,
            buffer_before=common["buffer_before_min"] * minute,
            buffer_after=common["buffer_after_min"] * minute,
            earliest_at=now + common["min_notice_min"] * minute,
            busy=tuple(_span(busy) for busy in provider["busy"]),
        )
        for provider in workload["providers"]
    ]


def _span(stretch: dict[str, str]) -> Span:
    return Span(datetime.fromisoformat(stretch["start"]), datetime.fromisoformat(stretch["end"]))


def _answer(questions: Sequence[Question]) -> list[list[datetime]]:
    return [open_slots(question) for question in questions]


def _must_be_right(workload: dict[str, Any], questions: Sequence[Question]) -> None:
    for provider, starts in zip(workload["providers"], _answer(questions), strict=True):
        text = "\n".join(f"{start:%Y-%m-%dT%H:%M:%SZ}" for start in starts)
        got = (len(starts), hashlib.sha256(text.encode()).hexdigest())
        if got != (provider["expected_count"], provider["expected_sha256"]):
            raise SystemExit(f"{workload['id']}, provider {provider['id']}: other slots than expected")


def _note(report: Report, found: dict[str, Taken], baseline: dict[str, Any]) -> None:
    anchor = baseline["anchors"]["python3.11 function adding range(10_000_000) in a for loop, CPU ms"]
    rows: list[Sequence[str]] = [
        ("workload", "processor time", "ratio to the loop", "goal", "Cal.com's ratio", "bare pass's ratio")
    ]
    for name, taken in found.items():
        bare = baseline["probe_plain_python_cpu_ms"][name] / anchor
        calcom = baseline["ratio_to_python_anchor"][name]
        rows.append(
            (
                name,
                milliseconds(taken.seconds),
                f"{taken.ratio:.2g}",
                f"≤ {GOALS[name]:g}",
                f"{calcom:g} ({calcom / taken.ratio:.0f} × ours)",
                f"{bare:.2g}",
            )
        )
        report.goal(
            f"{name} as a ratio to the fixed loop",
            f"≤ {GOALS[name]:g}",
            f"{taken.ratio:.2g}",
            kept=taken.ratio <= GOALS[name],
        )
    first = next(iter(found.values()))
    how = HOW.format(rounds=ROUNDS, loop=milliseconds(first.seconds / first.ratio))
    report.section("Slots in memory", how, rows)

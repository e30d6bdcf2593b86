"""What can be booked in a written-down scenario, and why a start is not offered; needs no database."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from raincheck.cli.refusal import CommandRefused
from raincheck.cli.scenarios import FIRST_YEAR, LAST_YEAR, Scenario, scenarios_in
from raincheck.domain.not_offered import SENTENCES, NotOffered
from raincheck.domain.slots import explain as explain_instant
from raincheck.domain.slots import explain_wall_time, open_slots


class Offer(TypedDict):
    """The slots of one scenario: UTC like 2027-03-02T14:00:00Z, soonest first."""

    id: str | int | None
    slots: list[str]


class Explanation(TypedDict):
    """Why a start is not offered in one scenario; `reason` and `sentence` are null when it is."""

    id: str | int | None
    start: str
    offered: bool
    reason: NotOffered | None
    sentence: str | None


def run(*, path: Path, explain: str | None) -> int:
    """Print the slots of each scenario of a file as JSON, or what stands against one start.

    Raises CommandRefused when the file or the start cannot be read; nothing is printed then.
    """
    scenarios = scenarios_in(path)
    answer: list[Offer] | list[Explanation]
    if explain is None:
        answer = [_offer(scenario) for scenario in scenarios]
    else:
        start = _start(explain)
        answer = [_explanation(scenario, start) for scenario in scenarios]
    json.dump(answer, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0


def _offer(scenario: Scenario) -> Offer:
    return {"id": scenario.id, "slots": [_shown(start) for start in open_slots(scenario.question)]}


def _explanation(scenario: Scenario, start: datetime) -> Explanation:
    why = (explain_wall_time if start.tzinfo is None else explain_instant)(scenario.question, start)
    return {
        "id": scenario.id,
        "start": _shown(start),
        "offered": why is None,
        "reason": why,
        "sentence": None if why is None else SENTENCES[why],
    }


def _start(text: str) -> datetime:
    """Return the start to explain: an instant, or without an offset a wall time of each scenario's zone."""
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        start = None
    if start is None or not FIRST_YEAR <= start.year <= LAST_YEAR:
        raise CommandRefused(
            f"“{text}” is no start. Write an instant like 2027-03-02T14:00:00Z, or a wall time in the "
            f"scenario's zone like 2027-03-02T09:00, in the years {FIRST_YEAR} to {LAST_YEAR}."
        )
    return start


def _shown(start: datetime) -> str:
    if start.tzinfo is None:
        return start.isoformat()
    return start.astimezone(UTC).isoformat().replace("+00:00", "Z")

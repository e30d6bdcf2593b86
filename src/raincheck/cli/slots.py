"""The slots of a written-down scenario, and why a start is not offered; needs no database."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict

from raincheck.cli.refusal import CommandRefused
from raincheck.cli.scenarios import FIRST_YEAR, LAST_YEAR, Scenario, scenarios_in
from raincheck.domain.slot_explanations.explain import explain as explain_instant, explain_wall_time
from raincheck.domain.slot_explanations.reasons import NotOffered
from raincheck.domain.slot_explanations.sentences import sentence_for
from raincheck.domain.slots import open_slots


class Offer(TypedDict):
    """The slots of one scenario: UTC like 2027-03-02T14:00:00Z, soonest first."""

    id: str | int | None
    slots: list[str]


class TakenBy(TypedDict):
    """What takes a start: its kind (a reason), its start and end in UTC, and its name where one is known."""

    kind: NotOffered
    start: str
    end: str
    label: str | None


class Explanation(TypedDict):
    """Why a start is not offered in one scenario; `reason` and `sentence` are null when it is.

    `taken_by` is null too when the start is offered, or when a rule and no taken time stands against it.
    """

    id: str | int | None
    start: str
    offered: bool
    reason: NotOffered | None
    sentence: str | None
    taken_by: TakenBy | None


class PlainEnglish:
    """Says times and lengths without a framework, as the pages say them in English."""

    def sentence(self, text: str) -> str:
        return text

    def clock(self, shown: datetime) -> str:
        # By hand: the hour without a zero is no format that every system knows.
        return f"{shown.hour % 12 or 12}:{shown:%M %p}"

    def day(self, shown: datetime) -> str:
        return f"{shown:%a, %b} {shown.day}"

    def weekday(self, shown: datetime) -> str:
        return f"{shown:%A}"

    def length(self, length: timedelta) -> str:
        hours, rest = divmod(length, timedelta(hours=1))
        if rest:
            return _counted(length // timedelta(minutes=1), "minute")
        return _counted(hours // 24, "day") if hours > 48 and not hours % 24 else _counted(hours, "hour")


def run(*, path: Path, explain: str | None) -> int:
    """Print the slots of each scenario of a file as JSON, or what stands against one start.

    Raises CommandRefused when the file or the start cannot be read; nothing is printed then.
    """
    scenarios = scenarios_in(path)
    answer: list[Offer] | list[Explanation]
    if explain is None:
        answer = [
            Offer(id=scenario.id, slots=[_shown(start) for start in open_slots(scenario.question)])
            for scenario in scenarios
        ]
    else:
        # It is an instant, or without an offset a wall time of each scenario's zone.
        try:
            start = datetime.fromisoformat(explain)
        except ValueError:
            start = None
        if start is None or not FIRST_YEAR <= start.year <= LAST_YEAR:
            raise CommandRefused(
                f"“{explain}” is no start. Write an instant like 2027-03-02T14:00:00Z, or a wall time in the "
                f"scenario's zone like 2027-03-02T09:00, in the years {FIRST_YEAR} to {LAST_YEAR}."
            )
        answer = [_explanation(scenario, start) for scenario in scenarios]
    # A letter that the terminal can't take would end the command; escaped it is the same JSON.
    json.dump(answer, sys.stdout, indent=2, ensure_ascii=sys.stdout.encoding.lower() != "utf-8")
    sys.stdout.write("\n")
    return 0


def _explanation(scenario: Scenario, start: datetime) -> Explanation:
    why = (explain_wall_time if start.tzinfo is None else explain_instant)(scenario.question, start)
    sentence: str | None = None
    taken_by: TakenBy | None = None
    if why is not None:
        sentence = sentence_for(why, zone=scenario.question.zone, speaker=PlainEnglish())
    if why is not None and (obstacle := why.taken_by) is not None:
        taken_by = {
            "kind": obstacle.kind,
            "start": _shown(obstacle.span.start),
            "end": _shown(obstacle.span.end),
            "label": obstacle.label or None,
        }
    return {
        "id": scenario.id,
        "start": _shown(start),
        "offered": why is None,
        "reason": None if why is None else why.reason,
        "sentence": sentence,
        "taken_by": taken_by,
    }


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def _shown(start: datetime) -> str:
    if start.tzinfo is None:
        return start.isoformat()
    return start.astimezone(UTC).isoformat().replace("+00:00", "Z")

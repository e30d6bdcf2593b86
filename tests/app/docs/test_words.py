"""The glossary and the list of codes have every word that a reader must know, and none that nothing uses."""

from __future__ import annotations

import re
from enum import StrEnum
from html import unescape
from pathlib import Path

import pytest
from tests.app.docs.pages import PAGES, ROOT, SOURCE

from raincheck.data.conversations import Card
from raincheck.data.postgresql.faults import DatabaseFault
from raincheck.domain.appointments.lifecycle import CancelledWhy, History, Status
from raincheck.domain.health import ProcessKind
from raincheck.domain.imports.importing import ImportState
from raincheck.domain.imports.problems import ProblemCode, SkipCode, WarningCode
from raincheck.domain.notifications import Channel, DeliveryState, NotificationType, Outcome
from raincheck.domain.people import ActorKind, Role
from raincheck.domain.refusals import Kind
from raincheck.domain.reschedule.lifecycle import Event, NeedsProvider, State
from raincheck.domain.slot_explanations.reasons import NotOffered
from raincheck.domain.tasks import TaskKind
from raincheck.domain.timing.clock_sanity import ClockFault
from raincheck.web.submission import STATUSES

GLOSSARY = ROOT / "docs" / "glossary.md"
CODES = ROOT / "docs" / "reference" / "codes.md"
WHY_NOT = ROOT / "docs" / "how-to" / "why-is-a-time-not-offered.md"
ENUMS: list[type[StrEnum]] = [
    Event, State, NeedsProvider, Status, CancelledWhy, History, Card, NotificationType, Channel, DeliveryState, Outcome,
    TaskKind, ActorKind, Role, Kind, DatabaseFault, ProcessKind, ClockFault, ProblemCode, WarningCode, SkipCode, ImportState,
]  # fmt: skip


def first_cells(text: str) -> list[str]:
    """Return the first cell of every row of its tables, without their heads."""
    rows = re.findall(r"^\|([^|]+)\|", text, re.MULTILINE)
    return [row.strip() for row in rows if row.strip() not in ("word", "code", "reason") and "---" not in row]


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_every_code_is_told_of(enum: type[StrEnum]) -> None:
    _before, _heading, after = CODES.read_text("utf-8").partition(f"### `{enum.__name__}`\n")
    told = re.findall(r"`(\w+)`", "".join(first_cells(re.split(r"^##", after, flags=re.MULTILINE)[0])))
    assert sorted(told) == sorted(enum)


def test_every_list_of_codes_is_one_of_the_products() -> None:
    told = re.findall(r"^### `(\w+)`", CODES.read_text("utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(enum.__name__ for enum in ENUMS)


def test_every_kind_of_refusal_has_the_status_that_is_told() -> None:
    told = re.findall(r"^\| `(\w+)` \| (\d{3}) \|", CODES.read_text("utf-8"), re.MULTILINE)
    assert {Kind(code): int(status) for code, status in told} == STATUSES


def test_every_reason_why_a_time_is_not_offered_is_told() -> None:
    _before, _heading, table = WHY_NOT.read_text("utf-8").partition("## All reasons")
    assert [cell.strip("`") for cell in first_cells(table)] == list(NotOffered)


def words() -> list[str]:
    return first_cells(GLOSSARY.read_text("utf-8"))


def test_what_ends_a_request_is_in_the_glossary() -> None:
    assert sorted(set(Event) - set(words())) == []


def test_a_word_has_one_meaning() -> None:
    assert sorted(words()) == sorted(set(words()))


def test_the_glossary_has_no_word_that_nothing_uses() -> None:
    """Neither the other pages, nor a docstring, a comment or a sentence of the product."""
    pages = [page.read_text("utf-8") for page in PAGES if page != GLOSSARY]
    used = " ".join([*pages, *(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))])
    used = re.sub(r"[\s_-]+", " ", used).lower()
    assert [word for word in words() if re.sub(r"-", " ", word).lower() not in used] == []


BOLD = re.compile(r"\*\*([^*]+)\*\*")
GUIDES = sorted(
    path
    for path in (ROOT / "docs" / "how-to").glob("*.md")
    if path.name.startswith(("how-do-i-set-", "how-do-i-connect-", "how-do-i-see-"))
)


def sentences() -> str:
    """Return every sentence of the pages, with their values by name."""
    paths = [*(SOURCE / "templates").rglob("*.html"), *SOURCE.rglob("*.py")]
    return re.sub(r"\s+", " ", unescape(" ".join(path.read_text("utf-8") for path in paths)))


def stands_on_a_page(label: str, said: str) -> bool:
    """Values differ: what stands between quotation marks, and what three dots leave out."""
    parts = re.split(r"“[^”]*”|…", label)
    return re.search(".{0,60}".join(map(re.escape, parts)), said) is not None


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_every_label_that_a_guide_names_stands_on_a_page(guide: Path) -> None:
    said = sentences()
    rows = [line for line in guide.read_text("utf-8").splitlines() if not line.startswith("|")]
    labels = [bold for bold in BOLD.findall("\n".join(rows)) if not bold.endswith(".")]
    assert labels
    assert [label for label in labels if not stands_on_a_page(label, said)] == []


def test_every_booking_rule_is_told_under_the_name_it_has_on_its_page() -> None:
    _before, _heading, table = (
        (GUIDES[-1].parent / "how-do-i-set-up-my-practice.md")
        .read_text("utf-8")
        .partition("## Booking rules")
    )
    assert [
        name
        for name in first_cells(table.partition("\n## ")[0])
        if name != "rule" and name not in sentences()
    ] == []

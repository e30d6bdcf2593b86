"""What a run found: printed as one table, written down as a page."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import dropwhile, takewhile
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"

HEAD = """# Benchmarks

Every figure here is from one run of `make bench`, but for parts that say they were taken alone. Machines differ, so nearly everything is a ratio between things measured in turns
in that run; milliseconds are there to give a feeling. Nothing of this is a test that fails for being slow.

Taken on {day}: {cores} cores, Python {python}, PostgreSQL {postgresql}, {rows} appointments at most.
"""

SECTION = "\n\n## "


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure that somebody set a goal for."""

    what: str
    goal: str
    now: str
    kept: bool


@dataclass(slots=True)
class Section:
    """A heading, how it was measured, and a table whose first row names its columns."""

    title: str
    how: str
    rows: list[Sequence[str]]
    after: str = ""


@dataclass(slots=True)
class Report:
    goals: list[Goal] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=lambda: figures_of(PAGE))
    """Figures of the last run by what they measure, read before this run writes over them."""

    def goal(self, what: str, goal: str, now: str, *, kept: bool) -> None:
        self.goals.append(Goal(what, goal, now, kept))

    def section(self, title: str, how: str, rows: list[Sequence[str]], *, after: str = "") -> None:
        self.sections.append(Section(title, how, rows, after))

    def summary(self) -> list[Sequence[str]]:
        """Return the goals with what came of them, beside what the page of the last run says of the same figure."""
        return [
            ("what", "goal", "last run", "now", ""),
            *(
                (
                    one.what,
                    one.goal,
                    self.before.get(one.what, "–"),
                    one.now,
                    "kept" if one.kept else "**missed**",
                )
                for one in self.goals
            ),
        ]

    def page(self, *, today: date, postgresql: str, rows: int) -> str:
        head = HEAD.format(
            day=f"{today:%B} {today.day}, {today.year}",
            cores=os.cpu_count(),
            python=platform.python_version(),
            postgresql=postgresql,
            rows=f"{rows:,}",
        )
        parts = [head, in_markdown(self.summary())]
        for section in self.sections:
            parts += [f"## {section.title}\n", f"{section.how}\n", in_markdown(section.rows)]
            parts += [f"{section.after}\n"] if section.after else []
        return "\n".join(parts)

    def put_into(self, page: str, *, said: str) -> str:
        """Return a written page with these figures in the places of the former ones, the rest as it was; `said` ends each section."""
        head, *sections = page.rstrip("\n").split(SECTION)
        lines = head.split("\n")
        for row in self.summary()[1:]:
            at = [number for number, line in enumerate(lines) if line.startswith(f"| {row[0]} |")]
            place = slice(at[0], at[0] + 1) if at else slice(len(lines), None)
            lines[place] = [f"| {' | '.join(row)} |"]
        parts = {part.partition("\n")[0]: part for part in sections}
        for section in self.sections:
            table, after = in_markdown(section.rows).rstrip("\n"), f"{section.after}\n\n{said}".strip("\n")
            parts[section.title] = "\n\n".join([section.title, section.how, table, after])
        return SECTION.join(["\n".join(lines), *parts.values()]) + "\n"


def figures_of(page: Path) -> dict[str, str]:
    """Return the "now" of each goal in the first table of a written page; nothing when there is no such page."""
    if not page.exists():
        return {}
    lines = iter(page.read_text(encoding="utf-8").splitlines())
    lines = dropwhile(lambda line: not line.startswith("| "), lines)
    table = [line.strip("| ").split(" | ") for line in takewhile(str.strip, lines)]
    now = table[0].index("now")
    return {row[0]: row[now] for row in table[2:]}


def in_markdown(rows: Sequence[Sequence[str]]) -> str:
    first, *rest = rows
    lines = [first, ["---"] * len(first), *rest]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def in_columns(rows: Sequence[Sequence[str]]) -> str:
    """Return a table for a terminal."""
    plain = [[cell.replace("**", "") for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in plain) for column in range(len(plain[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in plain
    )


def milliseconds(seconds: float) -> str:
    value = seconds * 1000
    return f"{value:.0f} ms" if value >= 100 else f"{value:.1f} ms" if value >= 1 else f"{value:.2f} ms"

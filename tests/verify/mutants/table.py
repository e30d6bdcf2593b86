"""The verdicts as a table for people, between two marks of docs/promises.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.verify.mutants.guard import Verdict

BEGIN, END = "<!-- guards: begin -->", "<!-- guards: end -->"
KINDS = {"exclusion": "exclusion", "trigger": "trigger", "unique": "unique", "check": "check", "key": "key"}


def table(code: Sequence[Verdict], tables: Sequence[Verdict]) -> str:
    """Return Markdown: the guards in code, those of the tables, and the keys between practices in one line."""
    keys = [verdict for verdict in tables if verdict.promise == "key"]
    others = [verdict for verdict in tables if verdict.promise != "key"]
    lines = ["| promise | guard taken away | where | red without it |", "|---|---|---|---|"]
    lines += [_line(verdict.promise, verdict) for verdict in code]
    if tables:
        lines += ["", "| kind | guard of the tables | table | red without it |", "|---|---|---|---|"]
        lines += [_line(verdict.promise, verdict) for verdict in others]
        caught = sum(verdict.caught for verdict in keys)
        lines += [
            "",
            f"And {len(keys)} keys `…_stays_in_its_practice` (P17), dropped one by one: {caught} caught.",
        ]
    return "\n".join(lines)


def write_into(page: Path, words: str) -> None:
    """Replace what stands between the marks."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{words}\n{END}{after}", encoding="utf-8")


def _line(first: str, verdict: Verdict) -> str:
    where = verdict.where.removeprefix("raincheck_")
    return f"| {first} | {_name(verdict)} | `{where}` | {_red(verdict)} |"


def _name(verdict: Verdict) -> str:
    return f"`{verdict.name}`" if verdict.promise in KINDS else verdict.name


def _red(verdict: Verdict) -> str:
    if not verdict.caught:
        return f"**missed** {verdict.trouble}".strip()
    first = verdict.red[0].rpartition("::")[2]
    more = len(verdict.red) - 1
    return f"`{first}`" + (f" and {more} more" if more else "")

"""The verdicts as a table for people, between two marks of docs/promises.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.verify.mutants.guard import Guard, Verdict

PAGE = Path("docs/promises.md")
BEGIN, END = "<!-- guards: begin -->", "<!-- guards: end -->"
KINDS = {"exclusion": "exclusion", "trigger": "trigger", "unique": "unique", "check": "check", "key": "key"}
CODE = ["| promise | guard taken away | where | red without it |", "|---|---|---|---|"]
TABLES = ["| kind | guard of the tables | table | red without it |", "|---|---|---|---|"]
ROW = re.compile(r"^\| \S+ \| (?P<name>[^|`]+) \| `[^|`]+\.py` \| ")


def code_table(rows: Iterable[str]) -> str:
    """Return Markdown: the guards in code, a row each."""
    return "\n".join([*CODE, *rows])


def tables_table(verdicts: Sequence[Verdict]) -> str:
    """Return Markdown: the guards of the tables, and the keys between practices in one line."""
    keys = [verdict for verdict in verdicts if verdict.promise == "key"]
    others = [verdict for verdict in verdicts if verdict.promise != "key"]
    caught = sum(verdict.caught for verdict in keys)
    last = f"And {len(keys)} keys `…_stays_in_its_practice` (P17), dropped one by one: {caught} caught."
    return "\n".join([*TABLES, *(row_of(verdict) for verdict in others), "", last])


def rows_on(page: Path) -> dict[str, str]:
    """Return the rows of guards in code that a page has, by the guards' names."""
    lines = page.read_text(encoding="utf-8").partition(BEGIN)[2].splitlines()
    return {found["name"]: line for line in lines if (found := ROW.match(line))}


def write_into(
    page: Path, guards: Sequence[Guard], code: Sequence[Verdict], tables: Sequence[Verdict]
) -> None:
    """Put what was run just now between the marks. What was not run keeps its row, and a guard that is no more loses it."""
    rows = rows_on(page) | {verdict.name: row_of(verdict) for verdict in code}
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    former, _, after = rest.partition(END)
    words = code_table(rows[guard.name] for guard in guards if guard.name in rows)
    of_tables = (
        tables_table(tables) if tables else "\n".join([TABLES[0], former.partition(TABLES[0])[2].strip()])
    )
    page.write_text(f"{before}{BEGIN}\n{words}\n\n{of_tables}\n{END}{after}", encoding="utf-8")


def row_of(verdict: Verdict) -> str:
    """Return the row of one verdict."""
    name = f"`{verdict.name}`" if verdict.promise in KINDS else verdict.name
    where = verdict.where.removeprefix("raincheck_")
    return f"| {verdict.promise} | {name} | `{where}` | {_red(verdict)} |"


def _red(verdict: Verdict) -> str:
    if not verdict.caught:
        return f"**missed** {verdict.trouble}".strip()
    first = verdict.red[0].rpartition("::")[2]
    more = len(verdict.red) - 1
    return f"`{first}`" + (f" and {more} more" if more else "")

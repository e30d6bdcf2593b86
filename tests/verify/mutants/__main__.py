"""Takes every guard away in turn and prints which tests turned red; ends with 1 when one was missed.

python -m tests.verify.mutants [--only WORDS | --new | --tables | --changed-since COMMIT] [--write]
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from tests.verify.mutants.guard import Guard, Verdict
from tests.verify.mutants.guards import GUARDS
from tests.verify.mutants.running import PATIENCE_WITH_MANY, Lane, lane
from tests.verify.mutants.table import PAGE, code_table, row_of, rows_on, tables_table, write_into

LANES = 2
TABLES = (
    "-p",
    "tests.verify.mutants.tables",
    "tests/app/engine/test_constraints.py",
    "tests/app/engine/test_promises.py",
    "tests/app/engine/test_promises_at_commit.py",
    "tests/app/practice/test_practice.py",
    "tests/app/people/test_client_history.py",
    "tests/app/availability/test_availability_page.py",
    "tests/app/serving/test_streams.py",
    "tests/app/access/test_log_chain.py",
    "tests/app/access/test_log_retention.py",
    "tests/app/appointments/test_appointment_reminders.py",
    "tests/app/people/test_rights.py",
)


def main() -> int:
    said = _arguments()
    guards = [] if said.tables else _chosen(said)
    if not guards and not said.tables:
        print("guards=0: nothing to take away")
        return 0
    with ExitStack() as stack:
        lanes: SimpleQueue[Lane] = SimpleQueue()
        for _number in range(LANES):
            lanes.put(stack.enter_context(lane()))
        if guards:
            _refuse_unless_green(guards, lanes)
        with ThreadPoolExecutor(LANES) as pool:
            code = list(pool.map(lambda guard: _shown(_alone(guard, lanes)), guards))
        some = said.only or said.new or said.changed_since
        tables = [] if some else _tables(lanes.get())
    print(code_table(row_of(verdict) for verdict in code))
    if tables:
        print(tables_table(tables))
    if said.write:
        write_into(PAGE, GUARDS, code, tables)
    missed = [verdict for verdict in (*code, *tables) if not verdict.caught]
    print(
        f"guards={len(code) + len(tables)} caught={len(code) + len(tables) - len(missed)} missed={len(missed)}"
    )
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.verify.mutants", description=__doc__)
    parser.add_argument(
        "--only", default="", metavar="WORDS", help="guards whose name or promise has these words"
    )
    parser.add_argument(
        "--changed-since", default="", metavar="COMMIT", help="guards in files that have changed since then"
    )
    parser.add_argument("--new", action="store_true", help=f"guards that have no row in {PAGE} yet")
    parser.add_argument("--tables", action="store_true", help="guards of the tables alone")
    parser.add_argument("--write", action="store_true", help=f"put their rows into {PAGE}")
    return parser.parse_args()


def _chosen(said: argparse.Namespace) -> list[Guard]:
    guards = [guard for guard in GUARDS if said.only in guard.name or said.only in guard.promise]
    if said.new:
        guards = [guard for guard in guards if guard.name not in rows_on(PAGE)]
    if said.changed_since:
        changed = _changed_since(said.changed_since)
        guards = [guard for guard in guards if f"src/raincheck/{guard.file}" in changed]
    return guards


def _changed_since(commit: str) -> set[str]:
    git = shutil.which("git")
    assert git is not None, "a clone was made by git"
    told = subprocess.run([git, "diff", "--name-only", commit], capture_output=True, text=True, check=False)
    if told.returncode:
        print(f"no such commit here: {commit}; every guard counts as changed")
        return {f"src/raincheck/{guard.file}" for guard in GUARDS}
    return set(told.stdout.split())


def _refuse_unless_green(guards: Sequence[Guard], lanes: SimpleQueue[Lane]) -> None:
    """With all guards in place everything is green, or a red test would say nothing."""
    one = lanes.get()
    every = sorted({test for guard in guards for test in guard.tests})
    for arguments in (
        [t for t in every if "tests/domain" in t],
        [t for t in every if "tests/domain" not in t],
    ):
        if arguments:
            code, red = one.run(_without_repeats(arguments), patience=PATIENCE_WITH_MANY)
            assert code == 0, f"red with all guards in place: {', '.join(red) or code}"
    lanes.put(one)


def _without_repeats(arguments: Sequence[str]) -> list[str]:
    """Leave out files whose folder is named as well: pytest would take them for a choice."""
    return [
        one
        for one in arguments
        if not any(other != one and one.startswith(f"{other}/") for other in arguments)
    ]


def _alone(guard: Guard, lanes: SimpleQueue[Lane]) -> Verdict:
    one = lanes.get()
    try:
        return one.verdict(guard)
    finally:
        lanes.put(one)


def _shown(verdict: Verdict) -> Verdict:
    said = verdict.trouble or f"{len(verdict.red)} red" if verdict.red or verdict.trouble else "MISSED"
    print(f"{verdict.promise:>4}  {verdict.name}: {said}", flush=True)
    return verdict


def _tables(one: Lane) -> list[Verdict]:
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.json"
        one.run([*TABLES, f"--without-table-guards={report}"], patience=PATIENCE_WITH_MANY)
        found = json.loads(report.read_text(encoding="utf-8"))
    return [Verdict(row["name"], row["kind"], row["table"], tuple(row["red"])) for row in found]


if __name__ == "__main__":
    sys.exit(main())

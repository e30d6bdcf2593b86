"""The habits of the tests, read from their own code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.verify.mutants.guard import Guard
from tests.verify.mutants.guards import GUARDS
from tests.verify.mutants.table import PAGE, rows_on

TESTS = Path(__file__).parents[2]
SOURCES = TESTS.parent / "src/raincheck"
LONGEST_NAME = 79


def test_the_names_of_tests_are_short_enough_to_read() -> None:
    long = [
        node.name
        for path in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and len(node.name) > LONGEST_NAME
    ]
    assert long == []


def test_what_is_sampled_is_run_whole_by_make_verify() -> None:
    unmarked = [
        path.relative_to(TESTS).as_posix()
        for room in ("app", "integrations")
        for path in (TESTS / room).rglob("test_*.py")
        if "\nfrom tests.sampling import" in (text := path.read_text("utf-8"))
        and "\n@pytest.mark.sampled" not in text
    ]
    assert unmarked == []


def test_what_holds_for_all_tests_needs_no_django() -> None:
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse((TESTS / "conftest.py").read_text("utf-8")))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert imported == {"__future__", "gc", "signal", "pathlib", "pytest", "raincheck"}


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_stands_once_where_its_list_says(guard: Guard) -> None:
    text = (SOURCES / guard.file).read_text("utf-8")
    assert text.count(guard.old) == 1
    # Without it the code still reads: code that no longer compiles turns every test red and proves nothing.
    if guard.file.endswith(".py"):
        compile(text.replace(guard.old, guard.new), guard.file, "exec")
    assert [test for test in guard.tests if not (TESTS.parent / test.partition("::")[0]).exists()] == []


def test_each_row_of_a_guard_among_the_promises_is_a_guards_that_was_caught() -> None:
    rows = rows_on(TESTS.parent / PAGE)
    assert list(rows) == [guard.name for guard in GUARDS if guard.name in rows]
    for guard in GUARDS:
        begins = f"| {guard.promise} | {guard.name} | `{guard.file}` | `test_"
        assert rows.get(guard.name, begins).startswith(begins)


@pytest.mark.verify
def test_every_guard_has_its_row_among_the_promises() -> None:
    assert set(rows_on(TESTS.parent / PAGE)) == {guard.name for guard in GUARDS}

"""The habits of the tests, read from their own code."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parents[2]
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
    assert imported == {"__future__", "signal", "pathlib", "pytest", "raincheck"}

"""The habits of the house, read from the code itself."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from django.apps import apps

import raincheck
from raincheck.actions.engine import constraints
from raincheck.domain.refusals import Kind, Refusal

SOURCE = Path(raincheck.__file__).parent
MIGRATIONS = SOURCE / "data" / "migrations"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if MIGRATIONS not in path.parents)
WORDS = re.compile(r"[a-z0-9]+(_[a-z0-9]+){2,}")
SENTENCE = re.compile(r"[A-Z“{].*[.!?]", re.DOTALL)


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))


def method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def where(path: Path, call: ast.Call) -> str:
    return f"{path.relative_to(SOURCE)}:{call.lineno}"


def given(call: ast.Call) -> set[str]:
    return {keyword.arg for keyword in call.keywords if keyword.arg}


def test_every_save_names_its_fields() -> None:
    careless = [
        where(path, call)
        for path in MODULES
        for call in calls(path)
        if method(call) == "save" and not given(call) & {"update_fields", "force_insert"}
    ]
    assert careless == []


def test_every_row_lock_names_its_strength() -> None:
    careless = [
        where(path, call)
        for path in MODULES
        for call in calls(path)
        if method(call) == "select_for_update" and "no_key" not in given(call)
    ]
    assert careless == []


def test_no_column_takes_its_time_from_the_machine() -> None:
    careless = [
        where(path, call)
        for path in MODULES
        for call in calls(path)
        if given(call) & {"auto_now", "auto_now_add"}
    ]
    assert careless == []


CHANGES = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete"}
MAY_CHANGE = {"actions", "data", "demo", "notifications"}
"""`notifications` writes its own rows, in the transaction of the verb that calls it; the demo makes a practice up."""


def test_states_change_only_in_actions() -> None:
    careless = [
        where(path, call)
        for path in MODULES
        if path.relative_to(SOURCE).parts[0] not in MAY_CHANGE
        for call in calls(path)
        if method(call) in CHANGES
    ]
    assert careless == []


def refusals() -> list[type[Refusal]]:
    """Return every refusal of the product, wherever it is written."""
    for module in pkgutil.walk_packages(raincheck.__path__, "raincheck."):
        if ".migrations" not in module.name and not module.name.endswith(("__main__", ".wsgi")):
            importlib.import_module(module.name)
    found: list[type[Refusal]] = []
    waiting = [Refusal]
    while waiting:
        children = waiting.pop().__subclasses__()
        found += children
        waiting += children
    return sorted(
        (kind for kind in found if kind.__module__.startswith("raincheck.")), key=lambda kind: kind.__name__
    )


@pytest.mark.parametrize("refusal", refusals(), ids=lambda kind: kind.__name__)
def test_a_refusal_has_one_kind_a_whole_sentence_and_a_stable_code(refusal: type[Refusal]) -> None:
    assert isinstance(refusal.kind, Kind)
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", refusal.code)
    assert SENTENCE.fullmatch(refusal.sentence), refusal.sentence
    assert all(
        name is None or name.isidentifier()
        for _text, name, _spec, _conversion in Formatter().parse(refusal.sentence)
    )


def test_codes_of_refusals_are_used_once() -> None:
    codes = [kind.code for kind in refusals()]
    assert sorted(set(codes)) == sorted(codes)


def test_constraints_are_named_as_sentences() -> None:
    names = [
        constraint.name
        for model in apps.get_app_config("raincheck").get_models()
        for constraint in model._meta.constraints
    ]
    assert [name for name in names if not WORDS.fullmatch(name)] == []


def test_every_refusal_of_a_constraint_names_one_that_exists() -> None:
    said = "\n".join(path.read_text("utf-8") for path in MIGRATIONS.glob("*.py"))
    assert [name for name in constraints.REFUSALS if name not in said] == []


def test_every_module_opens_with_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(SOURCE))
        for path in MODULES
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_migrations_import_nothing_of_the_product() -> None:
    careless = [
        path.name
        for path in MIGRATIONS.glob("0*.py")
        if re.search(r"^(from|import) raincheck", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert careless == []


def test_migrations_are_named() -> None:
    assert [path.name for path in MIGRATIONS.glob("0*_auto_*.py")] == []

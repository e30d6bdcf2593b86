"""Every verb there is, and by what it is tried: read from the code itself, so that a new one is in the table before anybody thinks of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.verify.mutants.guards import GUARDS

ACTIONS = Path("src/raincheck/actions")
RACES, MODEL, SOAK = (Path("tests/verify") / name for name in ("races", "model", "soak"))


@dataclass(frozen=True, slots=True)
class Tried:
    """A verb, and whether each harness has it. `guards` counts the guards in it and in the steps of its file that it takes."""

    verb: str
    """Its file below `actions`, without ending, and its name."""
    interleaved: bool
    raced: bool
    modelled: bool
    soaked: str
    """What people of the soak call it; empty where none of them does it."""
    guards: int

    @property
    def anywhere(self) -> bool:
        return self.interleaved or self.raced or self.modelled or bool(self.soaked)


def table(soaked: dict[str, str]) -> list[Tried]:
    """Return every verb; `soaked` says by its name what people of the soak call it."""
    deeds = _named_in(*sorted(RACES.glob("verbs*.py")))
    races = _named_in(*sorted(RACES.glob("test_*.py")))
    model = _named_in(*sorted(MODEL.glob("*.py")))
    return [
        Tried(verb, name in deeds, name in races, name in model, soaked.get(name, ""), _guards_of(file, name))
        for file, name in _verbs()
        for verb in [f"{file.relative_to(ACTIONS).with_suffix('')}.{name}"]
    ]


def said_in_soak() -> set[str]:
    """Return all words that the people of the soak say."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SOAK.glob("*.py")]
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {node.value for node in nodes if isinstance(node.value, str)}


def _verbs() -> Iterator[tuple[Path, str]]:
    """Yield every function of the actions that answers as verbs do; steps answer otherwise, and their names begin with a sign."""
    for file in sorted(ACTIONS.rglob("*.py")):
        if file.parent.name != "engine":
            for name, function in _functions(file).items():
                if not name.startswith("_") and ast.unparse(function.returns or ast.Constant("")) == "Answer":
                    yield file, name


@cache
def _functions(file: Path) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _named_in(*files: Path) -> set[str]:
    """Return every name that is used in some files."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _guards_of(file: Path, name: str) -> int:
    """Count the guards in a verb and in what it calls of its own file."""
    functions, wanted, taken = _functions(file), [name], set[str]()
    while wanted:
        one = wanted.pop()
        if one in functions and one not in taken:
            taken.add(one)
            wanted += [node.id for node in ast.walk(functions[one]) if isinstance(node, ast.Name)]
    spans = [(functions[one].lineno, functions[one].end_lineno or 0) for one in taken]
    return sum(any(first <= line <= last for first, last in spans) for line in _guarded_lines(file))


@cache
def _guarded_lines(file: Path) -> list[int]:
    text, below = file.read_text(encoding="utf-8"), str(file.relative_to("src/raincheck"))
    return [
        text.count("\n", 0, text.index(guard.old)) + 1
        for guard in GUARDS
        if guard.file == below and guard.old in text
    ]

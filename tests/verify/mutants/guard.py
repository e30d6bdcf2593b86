"""What a guard is: a piece of the product that keeps a promise, and what the product looks like without it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """A piece of code. Without it, `old` reads `new` in `file` (below src/raincheck); `tests` are pytest's arguments."""

    name: str
    promise: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableGuard:
    """A constraint, unique index or trigger of the database: how to drop it, and how to put it back."""

    name: str
    table: str
    kind: str
    drop: str
    restore: str
    raised: str
    """The name it refuses by: its own, of a trigger that of its function."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened without a guard: the tests that turned red, or why nothing can be said."""

    name: str
    promise: str
    where: str
    red: tuple[str, ...]
    trouble: str = ""

    @property
    def caught(self) -> bool:
        return bool(self.red) and not self.trouble

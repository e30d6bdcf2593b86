"""The chain over the read log: each row's seal is a hash of the row and of the seal before it, so that no row goes or changes unseen.

    seal(n) = SHA-256(seal(n - 1) + the row as JSON), and seal(0) = 32 zero bytes

Anybody who has the rows can reckon it again; whoever knows a later seal knows whether what came before is whole.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

FIRST = bytes(32)
"""What stands before the first seal."""
NO_PRACTICE = 0
"""The chain of rows that belong to no practice: tries to sign in as nobody."""


@dataclass(frozen=True, slots=True)
class LoggedRow:
    """A row of the read log, as its seal covers it."""

    id: int
    practice: int | None
    at: datetime
    actor_kind: str
    actor: int | None
    acting_for: int | None
    what: str
    clients: list[int]
    network: str
    request_id: str
    detail: dict[str, object]

    def sealed_after(self, seal: bytes) -> bytes:
        """Return this row's seal when it comes after `seal`."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        who = [self.actor_kind, self.actor, self.acting_for]
        values = [self.id, self.practice, at, *who, self.what, self.clients, self.network, self.request_id]
        # One text for one row, wherever it is reckoned.
        said = json.dumps([*values, self.detail], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(seal + said.encode()).digest()


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: how many rows it has, and the last one's seal."""

    rows: int = 0
    seal: bytes = FIRST

    def __str__(self) -> str:
        return f"{self.rows}:{self.seal.hex()}"


def head_from(text: str) -> Head:
    """Return the head that a log or backup names. Raises ValueError."""
    rows, _, seal = text.partition(":")
    head = Head(int(rows), bytes.fromhex(seal))
    if head.rows < 0 or len(head.seal) != len(FIRST):
        raise ValueError(text)
    return head


class Trouble(StrEnum):
    """What can be wrong with a chain."""

    REMOVED = "removed"
    CHANGED = "changed"
    ADDED = "added"
    CUT = "cut"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A place in the chain: which row was sealed there, how, and the row as it is now, None when it is not there."""

    place: int
    id: int
    seal: bytes
    row: LoggedRow | None


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing wrong with a chain, and the row it is about; None for the end that was cut off."""

    trouble: Trouble
    id: int | None
    place: int


def first_trouble(chain: Iterable[Sealed], *, head: Head, known: Head | None = None) -> Finding | None:
    """Walk a chain from its first row and return what is wrong first; None when it is whole.

    `head` is the end as the database tells it, `known` one that was written down elsewhere before.
    """
    seal, place = FIRST, 0
    for one in chain:
        place += 1
        if one.place != place:
            return Finding(Trouble.REMOVED, None, place)
        if one.row is None:
            return Finding(Trouble.REMOVED, one.id, place)
        seal = one.row.sealed_after(seal)
        if one.row.id != one.id or seal != one.seal:
            return Finding(Trouble.CHANGED, one.id, place)
        # Whoever reckons all seals anew comes to another one here.
        if known is not None and known.rows == place and known.seal != seal:
            return Finding(Trouble.REWRITTEN, one.id, place)
    ends = max(head.rows, known.rows if known is not None else 0)
    if ends != place or head.seal != seal:
        return Finding(Trouble.CUT, None, place + 1)
    return None

"""The chain over the read log: each row's seal is a hash of the row and of the seal before it, so that no row goes or changes unseen.

    seal(n) = SHA-256(seal(n - 1) + the row as JSON), and seal(0) = 32 zero bytes

Anybody who has the rows can reckon it again; whoever knows a later seal knows whether what came before is whole.

Rows are kept for seven years. Then they go by whole months from the chain's beginning, and a cut says so: it keeps the last
seal that went, from which the rest is reckoned, and is a row of the log itself.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from raincheck.domain.clients.retention import RETENTION

FIRST = bytes(32)
"""What stands before the first seal."""
NO_PRACTICE = 0
"""The chain of rows that belong to no practice: tries to sign in as nobody."""
SLACK = timedelta(days=1)
"""How long a row may have waited for its seal, where nothing sealed for a while."""


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


@dataclass(frozen=True, slots=True)
class Cut:
    """A beginning of a chain that was cut off: up to which place, its seal, before when its rows were, and when it was done.

    `told` is whether the log has a row of its own that says the same.
    """

    place: int
    seal: bytes
    before: datetime
    at: datetime
    told: bool


def logged_cut(place: int, *, seal: bytes, before: datetime) -> dict[str, object]:
    """Return what the log's own row says of a cut."""
    return {"place": place, "seal": seal.hex(), "before": before.astimezone(UTC).isoformat()}


def cut_before(now: datetime) -> datetime:
    """Return before when rows go: the beginning of the month, in UTC, in which what is seven years old was logged."""
    # By whole months, so that a chain is cut twelve times a year and not with every sweep.
    oldest = (now - RETENTION).astimezone(UTC)
    return oldest.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


class Trouble(StrEnum):
    """What can be wrong with a chain."""

    REMOVED = "removed"
    CHANGED = "changed"
    ADDED = "added"
    CUT = "cut"
    REWRITTEN = "rewritten"
    CUT_UNTOLD = "cut_untold"
    """The beginning is gone, and the log has no row about it."""
    CUT_TOO_EARLY = "cut_too_early"
    """The beginning is gone before it was seven years old."""


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


@dataclass(frozen=True, slots=True)
class Known:
    """An end of a chain that was written down elsewhere, and when; None where nobody knows."""

    head: Head
    at: datetime | None = None


def first_trouble(
    chain: Iterable[Sealed], *, head: Head, cuts: Sequence[Cut] = (), known: Known | None = None
) -> Finding | None:
    """Walk a chain from where the latest cut ends, and return what is wrong first; None when it is whole.

    `head` is the end as the database tells it, `known` one that was written down elsewhere before.
    """
    former = known.head if known is not None else None
    seal, place = (cuts[-1].seal, cuts[-1].place) if cuts else (FIRST, 0)
    if (wrong := _wrong_cut(cuts, known)) is not None:
        return wrong
    if former is not None and former.rows == place and former.seal != seal:
        return Finding(Trouble.REWRITTEN, None, place)
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
        if former is not None and former.rows == place and former.seal != seal:
            return Finding(Trouble.REWRITTEN, one.id, place)
    ends = max(head.rows, former.rows if former is not None else 0)
    if ends != place or head.seal != seal:
        return Finding(Trouble.CUT, None, place + 1)
    return None


def _wrong_cut(cuts: Sequence[Cut], known: Known | None) -> Finding | None:
    """Return the first of a chain's cuts, in their order, that the product would not have made."""
    for cut in cuts:
        if cut.at - cut.before < RETENTION:
            return Finding(Trouble.CUT_TOO_EARLY, None, cut.place)
        # What comes after an end that was written down is younger than that.
        if (
            known is not None
            and known.at is not None
            and known.head.rows < cut.place
            and known.at - SLACK >= cut.before
        ):
            return Finding(Trouble.CUT_TOO_EARLY, None, known.head.rows + 1)
        # The row about a cut becomes seven years old as well, and goes with a later one.
        if not cut.told and cut.at >= cuts[-1].before:
            return Finding(Trouble.CUT_UNTOLD, None, cut.place)
    return None

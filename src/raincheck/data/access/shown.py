"""The clients that an answer shows: whoever is read for a page counts as shown on it, so that no page can forget to say so."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from raincheck.domain.people import Actor


@dataclass(slots=True)
class Shown:
    """Whom an answer shows so far, by the clients' numbers, and who reads it: a person of one practice, or a client of several."""

    clients: set[int] = field(default_factory=set)
    readers: list[Actor] = field(default_factory=list)
    why: dict[str, object] = field(default_factory=dict)
    """Codes and numbers that say on which ground somebody reads what is closed to them otherwise."""


_shown: ContextVar[Shown | None] = ContextVar("_shown", default=None)


@contextmanager
def collecting() -> Iterator[Shown]:
    """Collect whom the answer shows that is made meanwhile."""
    shown = Shown()
    before = _shown.set(shown)
    try:
        yield shown
    finally:
        _shown.reset(before)


@contextmanager
def not_shown() -> Iterator[None]:
    """Leave out who is read meanwhile: a verb reads rows that no page shows for it."""
    before = _shown.set(None)
    try:
        yield
    finally:
        _shown.reset(before)


def shows(*clients: int) -> None:
    """Note that the answer shows these clients: for whatever reads names without the client's row."""
    if (shown := _shown.get()) is not None:
        shown.clients.update(clients)


def shows_only(clients: Iterable[int]) -> None:
    """Note that the answer became another: an error page, or one that was kept."""
    if (shown := _shown.get()) is not None:
        shown.clients = set(clients)


def shown_now() -> list[int]:
    """Return whom the answer shows so far, in order."""
    shown = _shown.get()
    return sorted(shown.clients) if shown is not None else []


def read_by(*readers: Actor) -> None:
    """Note who reads the answer, instead of whoever was noted before."""
    if (shown := _shown.get()) is not None:
        shown.readers = list(readers)


def read_because(**why: object) -> None:
    """Note on which ground the answer is read, by codes and numbers."""
    if (shown := _shown.get()) is not None:
        shown.why = why

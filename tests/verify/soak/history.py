"""What the people of a soak remember: every operation with its answers, and every trouble that was made meanwhile."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum


class Answer(StrEnum):
    """What came of an operation, as the person was told."""

    DONE = "done"  # acknowledged: it must be so, exactly once
    REFUSED = "refused"  # a sentence said why not: nothing of it may be so
    SHOWN = "shown"  # a page was read, or a form came back with one more question
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer. `began` and `ended` are real times in seconds."""

    status: int
    began: float
    ended: float
    path: str
    location: str = ""
    method: str = "POST"

    @property
    def asks_to_sign_in(self) -> bool:
        # The link in a notice of a message leads everybody to the sign-in who comes by it alone.
        by_link = self.path.startswith("/r/")
        return (
            self.status == 302
            and "/sign-in/" in self.location
            and "/sign-in/" not in self.path
            and not by_link
        )

    @property
    def answer(self) -> Answer:
        if self.asks_to_sign_in:
            return Answer.REFUSED
        if self.status == 200 or (self.status == 302 and self.method == "GET"):
            return Answer.SHOWN
        if self.status in (204, 302):
            return Answer.DONE
        return Answer.REFUSED if 400 <= self.status < 500 else Answer.UNANSWERED


@dataclass(slots=True)
class Operation:
    """One thing a person wanted, however often it was sent.

    `trace` names what the database must hold exactly once when it was done (see found.py), `requests` the requests that
    it ends when it is done. `lost` counts sendings that nobody answered. Of a button that leads on whatever came of it the page
    after it says so: `told` is whether it said that it is done, None for forms whose answer says it by itself.
    """

    kind: str
    who: str
    began: float
    key: str = ""
    trace: str = ""
    ends: tuple[str, ...] = ()
    replies: list[Reply] = field(default_factory=list)
    lost: int = 0
    ended: float = 0.0
    told: bool | None = None

    @property
    def answer(self) -> Answer:
        answers = {reply.answer for reply in self.replies}
        if self.told is False and Answer.DONE in answers:
            return Answer.SHOWN
        for answer in (Answer.DONE, Answer.SHOWN, Answer.REFUSED):
            if answer in answers:
                return answer
        return Answer.UNANSWERED

    @property
    def may_be_so(self) -> bool:
        """Whether its effect may stand although nobody was told: a sending went unanswered, or the page behind it said nothing."""
        unanswered = self.lost or any(reply.answer is Answer.UNANSWERED for reply in self.replies)
        return self.answer is not Answer.DONE and bool(unanswered or self.told is False)

    @property
    def was_done(self) -> bool:
        return any(reply.answer is Answer.DONE for reply in self.replies)

    @property
    def acknowledged_at(self) -> float:
        return min(reply.ended for reply in self.replies if reply.answer is Answer.DONE)

    @property
    def answered_otherwise(self) -> list[Reply]:
        """Sendings of a form that had been acknowledged before, which were answered in another way."""
        since = self.acknowledged_at if self.was_done else float("inf")
        otherwise = (Answer.SHOWN, Answer.REFUSED)
        return [reply for reply in self.replies if reply.began > since and reply.answer in otherwise]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault that was made: what, on which process or how, from when to when."""

    kind: str
    about: str
    began: float
    ended: float


class History:
    """Collects from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.operations: list[Operation] = []
        self.troubles: list[Trouble] = []
        self.complaints: list[str] = []
        self._under_way: dict[int, Operation] = {}

    def begin(self, operation: Operation) -> None:
        with self._lock:
            self._under_way[id(operation)] = operation

    def end(self, operation: Operation) -> None:
        operation.ended = real_time()
        with self._lock:
            self._under_way.pop(id(operation), None)
            self.operations.append(operation)

    def trouble(self, trouble: Trouble) -> None:
        with self._lock:
            self.troubles.append(trouble)

    def complain(self, sentence: str) -> None:
        with self._lock:
            self.complaints.append(sentence)

    def under_way(self) -> list[Operation]:
        with self._lock:
            return list(self._under_way.values())

    @contextmanager
    def running(self, operation: Operation) -> Iterator[Operation]:
        self.begin(operation)
        try:
            yield operation
        finally:
            self.end(operation)

    def table(self) -> list[str]:
        """Return operations and troubles by kind, as lines to print."""
        by_kind: dict[str, Counter[str]] = {}
        for operation in self.operations:
            by_kind.setdefault(operation.kind, Counter())[operation.answer] += 1
        lines = [f"{'operation':<22}{'in all':>8}" + "".join(f"{answer:>12}" for answer in Answer)]
        for kind, answers in sorted(by_kind.items()):
            lines.append(
                f"{kind:<22}{answers.total():>8}" + "".join(f"{answers[answer]:>12}" for answer in Answer)
            )
        lines += ["", f"{'fault':<34}{'times':>6}"]
        lines += [
            f"{kind:<34}{times:>6}" for kind, times in sorted(Counter(t.kind for t in self.troubles).items())
        ]
        return lines


def real_time() -> float:
    """Return the machine's time in seconds: a soak is an edge, and its clock is never faked."""
    return time.time()

"""Drives two verbs through one schedule, statement by statement, on two real connections. Who waits for whom is read from the database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, connection

from raincheck.actions.engine.runner import Answer
from raincheck.domain.refusals import Refusal

END = 1_000_000
"""As far as a verb goes."""
PATIENCE = 30.0
"""Seconds until a schedule in which nothing moves any more fails."""
A_MOMENT = 0.002
DEADLOCK = "40P01"

Move = tuple[int, int]
"""Which of the two goes on, and before which of its statements it stops; its commit counts as its last one."""
Hook = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verb came to: its answer, or the code of its refusal. Anything else is an error."""

    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind} {self.what}".strip()


def outcome_of(run: Callable[[], Answer]) -> Outcome:
    try:
        answer = run()
    except Refusal as refusal:
        return Outcome("refused", refusal.code)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is what the tester looks for
        return Outcome("ERROR", f"{type(error).__name__}: {error}")
    return Outcome("answered", answer.get("state", ""))


class Walker(threading.Thread):
    """A thread with its own connection that runs verbs, as many statements at a time as it is allowed."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.turn = threading.Condition()
        self.wanted: Callable[[Hook], Answer] | None = None
        self.outcome: Outcome | None = None
        self.steps = self.allowed = 0
        self.waits = self.waited = self.leaves = False
        self.pid = self.deadlocks = 0
        self.start()
        with self.turn:
            assert self.turn.wait_for(lambda: self.pid, PATIENCE)

    def run(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [pid] = cursor.fetchone()
        with connection.execute_wrapper(self._before_statement):
            with self.turn:
                self.pid = pid
                self.turn.notify_all()
            while self._next():
                pass
        connection.close()

    def _next(self) -> bool:
        with self.turn:
            self.turn.wait_for(lambda: self.wanted or self.leaves)
            wanted = self.wanted
        if wanted is None:
            return False
        outcome = outcome_of(lambda: wanted(self._before_commit))
        with self.turn:
            self.outcome, self.wanted = outcome, None
            self.turn.notify_all()
        return True

    def _before_statement(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self._wait_for_turn()
        try:
            return execute(sql, params, many, context)
        except OperationalError as error:
            self.deadlocks += getattr(error.__cause__, "sqlstate", None) == DEADLOCK
            raise

    def _before_commit(self) -> bool:
        self._wait_for_turn()
        return True

    def _wait_for_turn(self) -> None:
        with self.turn:
            if self.steps >= self.allowed:  # else nobody has to be woken to look
                self.waits = True
                self.turn.notify_all()
                assert self.turn.wait_for(lambda: self.steps < self.allowed, PATIENCE), (
                    "nobody let this verb go on"
                )
                self.waits = False
            self.steps += 1

    def begin(self, verb: Callable[[Hook], Answer]) -> None:
        with self.turn:
            assert self.wanted is None, "one verb after the other"
            self.wanted, self.outcome, self.steps, self.allowed = verb, None, 0, 0
            self.waited = False
            self.turn.notify_all()

    def go(self, until: int, *, other: Walker) -> None:
        """Let the verb go on until it stands before a statement, has ended, or waits for the other one."""
        with self.turn:
            self.allowed = max(until, self.allowed)
            self.turn.notify_all()
            for _look in range(int(PATIENCE / A_MOMENT)):
                seen = self.steps
                if self.turn.wait_for(self._stands, A_MOMENT):
                    return
                if self.steps == seen and _waits_for(self.pid, other.pid):
                    self.waited = True
                    return
        raise AssertionError("a verb neither ends nor waits for the other")

    def _stands(self) -> bool:
        return self.wanted is None or (self.waits and self.steps >= self.allowed)

    def ended(self) -> Outcome:
        with self.turn:
            assert self.turn.wait_for(lambda: self.wanted is None, PATIENCE), "a verb does not end"
            assert self.outcome is not None, "it was begun"
            return self.outcome

    def leave(self) -> None:
        with self.turn:
            self.leaves = True
            self.turn.notify_all()
        self.join(PATIENCE)


def _waits_for(pid: int, other: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s = ANY (pg_blocking_pids(%s))", [other, pid])
        return bool(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class Walkers:
    """The two, kept over many schedules."""

    pair: tuple[Walker, Walker] = field(default_factory=lambda: (Walker(), Walker()))

    def walk(
        self, verbs: Sequence[Callable[[Hook], Answer]], moves: Sequence[Move]
    ) -> tuple[tuple[Outcome, Outcome], tuple[int, int]]:
        """Run both verbs along the moves and then to their ends; return what each came to, and in how many statements."""
        for walker, verb in zip(self.pair, verbs, strict=True):
            walker.begin(verb)
        for who, until in [*moves, (0, END), (1, END)]:
            self.pair[who].go(until, other=self.pair[1 - who])
        first, second = self.pair
        return (first.ended(), second.ended()), (first.steps, second.steps)

    def leave(self) -> None:
        for walker in self.pair:
            walker.leave()

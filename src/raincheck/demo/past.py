"""The demo's past, lived through in order: every verb at its time, and in between whatever time brings by itself.

All of it is one transaction, so that a demo is there whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import TypeVar

from django.db import connection

from raincheck.actions.reschedule.lapse import settle_due
from raincheck.actions.reschedule.remind import send_due_reminders
from raincheck.demo.handing_over import hand_over_due
from raincheck.demo.time_travel import due_moments

Step = Callable[[datetime], None]
"""Something that happens at its time; it may plan what follows from it."""
AT_ONCE = 200
Told = TypeVar("Told")


@dataclass(slots=True)
class Past:
    """What is to happen, by time. `refused` are addresses that mail comes back from."""

    refused: frozenset[str] = frozenset()
    _steps: list[tuple[datetime, int, Step]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    def at(self, when: datetime, step: Step) -> None:
        heappush(self._steps, (when, next(self._numbers), step))

    def live(self, since: datetime, *, until: datetime) -> None:
        """Let everything happen that is planned until an instant. What was planned for later is forgotten."""
        present = since
        while self._steps and self._steps[0][0] <= until:
            when, _number, step = heappop(self._steps)
            self._pass_time(present, until=when)
            step(when)
            hand_over_due(when, refused=self.refused)
            present = when
        self._pass_time(present, until=until)

    def _pass_time(self, after: datetime, *, until: datetime) -> None:
        for now in due_moments(after, until=until):
            acted(partial(send_due_reminders, now=now, limit=AT_ONCE))
            acted(partial(settle_due, now=now, limit=AT_ONCE))
            hand_over_due(now, refused=self.refused)


def acted(verb: Callable[[], Told]) -> Told:
    """Run a verb inside the one transaction, and have every promise looked at when it ends, as if it had committed."""
    answer = verb()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return answer

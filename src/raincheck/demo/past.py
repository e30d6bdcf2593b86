"""The demo's past, lived through in order: every verb at its time, and in between whatever time brings by itself.

All of it is one transaction, so that a demo is there whole or not at all. Nothing is sent: what was due is marked as handed
over, each message with an attempt and its link.
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

from raincheck.actions.deliveries import Result, begin_attempts, end_attempts
from raincheck.actions.reschedule.lapse import settle_due
from raincheck.actions.reschedule.remind import send_due_reminders
from raincheck.data.models import DeliveryAttempt
from raincheck.demo.time_travel import due_moments
from raincheck.domain.notifications import Channel, Outcome

Step = Callable[[datetime], object]
"""Something that happens at its time; it may plan what follows from it."""
AT_ONCE = 200
HANDED_OVER_AT_ONCE = 1000
# RFC 5321 (550) and RFC 3463 (5.1.1): refused for good, so that nothing is tried again.
NO_SUCH_MAILBOX = "550 5.1.1 no such mailbox"
Told = TypeVar("Told")


@dataclass(slots=True)
class Past:
    """All that is to happen, by time. `refused` are addresses that mail comes back from."""

    refused: frozenset[str] = frozenset()
    # Numbered, so that of two steps of one instant the one planned first happens first, and steps are never compared.
    _steps: list[tuple[datetime, int, Step]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    def at(self, when: datetime, step: Step) -> None:
        heappush(self._steps, (when, next(self._numbers), step))

    def run_at(self, when: datetime, verb: Callable[..., object]) -> None:
        """Plan a verb of which everything but `now` is known already."""
        self.at(when, lambda now: acted(partial(verb, now=now)))

    def live(self, since: datetime, *, until: datetime) -> None:
        """Let everything happen that is planned until an instant. What was planned for later is forgotten."""
        present = since
        while self._steps and self._steps[0][0] <= until:
            when, _number, step = heappop(self._steps)
            # What time brings by itself comes first: a step must find requests as they stand at its instant.
            self._pass_time(present, until=when)
            step(when)
            hand_over_due(when, refused=self.refused)
            present = when
        self._pass_time(present, until=until)

    def _pass_time(self, after: datetime, *, until: datetime) -> None:
        for now in due_moments(after, until=until):
            # Reminders first: an ending of the same instant would make them obsolete.
            acted(partial(send_due_reminders, now=now, limit=AT_ONCE))
            acted(partial(settle_due, now=now, limit=AT_ONCE))
            hand_over_due(now, refused=self.refused)


def acted(verb: Callable[[], Told]) -> Told:
    """Run a verb inside the one transaction, and have every promise looked at when it ends, as if it had committed."""
    answer = verb()
    with connection.cursor() as cursor:
        # Deferred constraints and triggers would otherwise wait for the end of the whole past.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return answer


def hand_over_due(now: datetime, *, refused: frozenset[str] = frozenset()) -> None:
    """Hand over everything that is due, each with the link its attempt minted; mail to `refused` addresses comes back."""
    for channel in (Channel.EMAIL, Channel.SMS):
        links = begin_attempts(channel, now=now, limit=HANDED_OVER_AT_ONCE)
        made = DeliveryAttempt.objects.filter(pk__in=list(links)).values_list("pk", "address")
        # The demo's mailbox shows the link as the server's answer: nowhere else is a link ever kept.
        results = [
            Result(attempt, Outcome.REFUSED, NO_SUCH_MAILBOX, at=now)
            if address in refused
            else Result(attempt, Outcome.ACCEPTED, links[str(attempt)], at=now)
            for attempt, address in made.order_by("pk")
        ]
        if results:
            end_attempts(results, now=now)

"""Marks what the demo's past has told people as handed over, with an attempt and its link, without sending anything."""

from __future__ import annotations

from datetime import datetime

from raincheck.actions.deliveries import Result, begin_attempts, end_attempts
from raincheck.data.notifications import DeliveryAttempt
from raincheck.domain.notifications import Channel, Outcome

AT_ONCE = 1000
NO_SUCH_MAILBOX = "550 5.1.1 no such mailbox"


def hand_over_due(now: datetime, *, refused: frozenset[str] = frozenset()) -> None:
    """Hand over everything that is due, each with the link its attempt minted; mail to `refused` addresses comes back."""
    for channel in (Channel.EMAIL, Channel.SMS):
        links = begin_attempts(channel, now=now, limit=AT_ONCE)
        made = DeliveryAttempt.objects.filter(pk__in=list(links)).values_list("pk", "address")
        results = [
            Result(attempt, Outcome.REFUSED, NO_SUCH_MAILBOX, at=now)
            if address in refused
            else Result(attempt, Outcome.ACCEPTED, links[str(attempt)], at=now)
            for attempt, address in made.order_by("pk")
        ]
        if results:
            end_attempts(results, now=now)

"""Marks what the demo's past has told people as handed over, with an attempt and its link, without sending anything."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from raincheck.actions.deliveries import begin_attempt, end_attempt
from raincheck.data.notifications import Notification
from raincheck.domain.notifications import Outcome
from raincheck.notifications.outbox import DELIVER, due_notifications

AT_ONCE = 1000
NO_SUCH_MAILBOX = "550 5.1.1 no such mailbox"
FORGET_JOBS = "DELETE FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'"


def hand_over_due(now: datetime, *, refused: frozenset[str] = frozenset()) -> None:
    """Hand over everything that is due, each with the link its attempt minted; mail to `refused` addresses comes back."""
    for number in due_notifications(now=now, limit=AT_ONCE):
        begun = begin_attempt(number, now=now)
        if "attempt" in begun:
            came_back = _address(number) in refused
            outcome = Outcome.REFUSED if came_back else Outcome.ACCEPTED
            answer = NO_SUCH_MAILBOX if came_back else begun["link"]
            end_attempt(int(begun["attempt"]), outcome=outcome, answer=answer, now=now)


def _address(number: int) -> str:
    """Return where a message goes, a mailbox or a phone."""
    return str(Notification.objects.values_list("address", flat=True).get(pk=number))


def forget_jobs() -> None:
    """Take the jobs out of the queue that the past has left: what they would deliver has been handed over."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET_JOBS, [DELIVER])

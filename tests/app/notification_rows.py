"""What tests of deliveries say all the time: a prompt that waits, an attempt that began, what came of each."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from tests.app.cast import Cast

from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import run_command
from raincheck.data.notifications import Notification
from raincheck.data.people import Recipient
from raincheck.data.reschedule import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.people import SYSTEM

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def asked(cast: Cast, now: datetime) -> tuple[RescheduleRequest, Notification]:
    """Ask Riley, and return the request with the prompt by e-mail. What booking told is out of the way for a day."""
    appointment = cast.booked(now=now)
    Notification.objects.filter(state="waiting").update(due_at=now + 24 * HOUR)
    request = cast.asked(appointment, now=now)
    return request, Notification.objects.get(moment="asked", channel="email")


def attempts(notification: Notification) -> list[tuple[str | None, str]]:
    return list(notification.tries.order_by("pk").values_list("outcome", "answer"))


def begun(notification: Notification, *, now: datetime) -> int:
    """Begin an attempt as a process would that dies before it can say what came of it; return the attempt's number."""
    answer = run_command(
        partial(begin_attempt, notification.pk, now=now), key=None, body={}, by=SYSTEM, now=now
    )
    return int(answer["attempt"])


def tasks() -> list[tuple[str, int, int, int | None, int]]:
    return list(Task.objects.values_list("kind", "provider", "client", "request", "notification"))


def a_text(cast: Cast, moment: str, *, made_at: datetime, due_at: datetime) -> Notification:
    """Put a text to Riley, who lives in Los Angeles, into the queue as some verb would."""
    riley = Recipient.objects.get(client=cast.riley)
    riley.phone, riley.sms_agreed_at = "+13105550100", made_at
    riley.save(update_fields=["phone", "sms_agreed_at"])
    return Notification.objects.create(
        practice=cast.practice,
        recipient=riley,
        channel="sms",
        moment=moment,
        made_at=made_at,
        due_at=due_at,
        give_up_at=due_at + 24 * HOUR,
        text="Harbor: hello",
    )

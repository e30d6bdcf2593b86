"""What tests of deliveries say all the time: a prompt that waits, an attempt that began, what came of each."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from tests.app.cast import Cast

from raincheck.actions.deliveries import Result, begin_attempt, end_attempts
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.conversations import Conversation
from raincheck.data.notifications import DeliveryAttempt, Notification
from raincheck.data.people import Recipient
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.notifications import Outcome
from raincheck.domain.people import SYSTEM
from raincheck.notifications.facts import kept, listed
from raincheck.notifications.subjects import NoticeSubject

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def asked(cast: Cast, now: datetime) -> tuple[RescheduleRequest, Notification]:
    """Ask Riley, and return the request with the prompt by e-mail. What booking told is out of the way for a day."""
    appointment = cast.booked(now=now)
    Notification.objects.filter(state="waiting").update(due_at=now + 24 * HOUR)
    request = cast.asked(appointment, now=now)
    return request, Notification.objects.get(kind="asked", channel="email")


def attempts(notification: Notification) -> list[tuple[str | None, str]]:
    return list(notification.tries.order_by("pk").values_list("outcome", "answer"))


def begun(notification: Notification, *, now: datetime) -> int:
    """Begin an attempt as a process would that dies before it can say what came of it; return the attempt's number."""
    answer = run_command(
        partial(begin_attempt, notification.pk, now=now), key=None, body={}, by=SYSTEM, now=now
    )
    return int(answer["attempt"])


def coming_to(
    attempt: int, outcome: Outcome, *, now: datetime, answer: str = "", what_follows: bool = True
) -> partial[Answer]:
    """Return the verb that writes down what an attempt came to."""
    results = [Result(attempt, outcome, answer, at=now)]
    return partial(end_attempts, results, now=now, what_follows=what_follows)


def words_sent(notification: Notification) -> DeliveryAttempt:
    """Return the latest attempt of a notification, with its words."""
    return notification.tries.latest("pk")


def tasks() -> list[tuple[str, int, int, int | None, int]]:
    return list(
        Task.objects.order_by("pk").values_list("kind", "provider", "client", "request", "notification")
    )


def a_text(
    cast: Cast,
    kind: str,
    *subjects: NoticeSubject,
    made_at: datetime,
    due_at: datetime,
) -> Notification:
    """Put a text to Riley, who lives in Los Angeles, into the queue as some verb would; a message without subjects."""
    riley = Recipient.objects.get(client=cast.riley)
    riley.phone, riley.sms_agreed_at = "+13105550100", made_at
    riley.save(update_fields=["phone", "sms_agreed_at"])
    thread, _made = Conversation.objects.get_or_create(
        practice=cast.practice, provider=cast.okafor, client=cast.riley, defaults={"latest_at": made_at}
    )
    text = Notification.objects.create(
        practice=cast.practice,
        recipient=riley,
        channel="sms",
        kind=kind,
        conversation=None if subjects else thread,
        made_at=made_at,
        due_at=due_at,
        give_up_at=due_at + 24 * HOUR,
    )
    for subject in subjects:
        text.appointments.create(
            practice=cast.practice,
            appointment=subject.appointment,
            request=subject.request,
            sequence=subject.appointment.ical_sequence,
            facts=kept(listed(subject).facts),
        )
    return text

"""The verbs of delivery: begin an attempt to hand a notification over, say what it came to, drop it as overtaken."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import make_task, make_tasks
from raincheck.actions.reschedule.delivered import note_hand_over
from raincheck.data.notifications import DeliveryAttempt, Link, Notification
from raincheck.data.tasks import Task
from raincheck.domain.notifications import (
    ATTEMPT_TAKES,
    Channel,
    DeliveryState,
    NotificationType,
    Outcome,
    pause_after,
)
from raincheck.domain.policy import HAND_OVER_LIMIT
from raincheck.domain.tasks import TaskKind
from raincheck.notifications.links import link_address
from raincheck.notifications.obsolete import is_overtaken
from raincheck.notifications.outbox import queue
from raincheck.notifications.quiet_hours import may_go_at
from raincheck.notifications.rewording import reword

LONGEST_ANSWER = 500
"""Characters kept of what a mail server or gateway said."""


def begin_attempt(notification: int, *, now: datetime, takes: timedelta = ATTEMPT_TAKES) -> Answer:
    """Claim a due notification for one attempt and mint its link; nobody else tries for as long as it `takes`.

    Returns the attempt's number and, when the words hold a link, its address; nothing when there is nothing to hand
    over: not due, somebody else is at it, a text at night, overtaken, or without an address (which ends it as failed).
    """
    row = _claimed(notification, now=now)
    if row is None:
        return {}
    if is_overtaken(row, now=now):
        return _end(row, DeliveryState.OVERTAKEN, now=now)
    if row.tries.filter(at__gt=row.give_up_at).exists():
        return _fail(row, now=now)  # even its last try has no outcome: whoever makes it dies of it
    row.address = _address(row)
    if not row.address:
        return _fail(row, now=now)
    row.due_at = may_go_at(row, now=now)
    if row.due_at > now:
        row.save(update_fields=["due_at"])
        return {}
    row.attempts += 1
    row.due_at = now + takes
    reword(row, now=now)
    row.save(update_fields=["attempts", "due_at", "address", "subject", "text", "html"])
    row.tries.filter(outcome__isnull=True).update(outcome=Outcome.UNKNOWN)
    attempt = DeliveryAttempt(practice_id=row.practice_id, notification=row, at=now, address=row.address)
    attempt.save(force_insert=True)
    return {"attempt": str(attempt.pk), "link": _mint_link(row, attempt, now=now)}


def end_attempt(
    attempt: int, *, outcome: Outcome, answer: str, now: datetime, what_follows: bool = True
) -> Answer:
    """Write down what an attempt came to, and what follows: handed over, tried again later, or failed for a person to see.

    Of an attempt that somebody else took over meanwhile only one thing still counts: that the message has arrived.
    Without `what_follows` for its requests, a person gets to see them.
    """
    known = DeliveryAttempt.objects.select_related("notification").get(pk=attempt)
    if outcome is Outcome.ACCEPTED and known.notification.moment == NotificationType.ASKED:
        _note_hand_over(known.notification, what_follows=what_follows, now=now)
    row = Notification.objects.select_for_update(no_key=True).get(pk=known.notification_id)
    known.refresh_from_db(fields=["outcome"])
    if known.outcome is not None and outcome is not Outcome.ACCEPTED:
        return {"notification": str(row.ref), "state": row.state}
    known.outcome, known.answer = outcome, answer[:LONGEST_ANSWER]
    known.save(update_fields=["outcome", "answer"])
    if row.state != DeliveryState.WAITING:
        return {"notification": str(row.ref), "state": row.state}
    if outcome is Outcome.ACCEPTED:
        if row.attempts > 1:
            _nobody_needs_to_look(row, now=now)
        return _end(row, DeliveryState.HANDED_OVER, now=now)
    if outcome is Outcome.REFUSED:
        return _fail(row, now=now)
    return _try_again(row, now=now)


def drop_attempt(attempt: int, *, now: datetime) -> Answer:
    """Take an attempt back that must not be made any more, with its link, and end the notification as overtaken.

    One that somebody else took over is theirs to end.
    """
    known = DeliveryAttempt.objects.get(pk=attempt)
    row = Notification.objects.select_for_update(no_key=True).get(pk=known.notification_id)
    known.refresh_from_db(fields=["outcome"])
    if known.outcome is not None:
        return {"state": row.state}
    Link.objects.filter(attempt=known).delete()
    known.delete()
    if row.state != DeliveryState.WAITING:
        return {"state": row.state}
    return _end(row, DeliveryState.OVERTAKEN, now=now)


def put_off(notification: int, *, why: str, now: datetime) -> Answer:
    """Note that a notification could not even be read or put into words, and try it again later, as after any failure.

    From a quarter of an hour on it is a person's task, while retries go on.
    """
    rows = Notification.objects.select_for_update(no_key=True, of=("self",)).select_related("recipient")
    row = rows.filter(pk=notification, state=DeliveryState.WAITING, due_at__lte=now).first()
    if row is None:
        return {}
    row.attempts += 1
    row.save(update_fields=["attempts"])
    row.tries.create(practice_id=row.practice_id, at=now, outcome=Outcome.DEFERRED, answer=why)
    if now - row.made_at >= HAND_OVER_LIMIT:
        _make_task(row, now=now)
    return _try_again(row, now=now)


def take_over(notification: int, *, now: datetime) -> Answer:
    """Have a message whose worker died in the middle tried again: at once the first time, then after growing pauses.

    The attempt stays without an answer. A message that kills whoever tries it must not do so over and over.
    """
    row = (
        Notification.objects.select_for_update(no_key=True)
        .filter(pk=notification, state=DeliveryState.WAITING)
        .first()
    )
    if row is None:
        return {}
    if row.tries.filter(outcome__isnull=True).update(outcome=Outcome.UNKNOWN):
        row.due_at = now if row.attempts < 2 else now + pause_after(row.attempts - 1)
        row.save(update_fields=["due_at"])
    queue([row], now=now)
    return {"state": row.state}


def _note_hand_over(notification: Notification, *, what_follows: bool, now: datetime) -> None:
    """Requests are locked before notifications, always."""
    listed = list(notification.appointments.values_list("appointment", "request"))
    locked = lock(appointments=[row[0] for row in listed], requests=[row[1] for row in listed if row[1]])
    if what_follows:
        note_hand_over(locked, now=now)
    else:
        make_tasks(TaskKind.NOT_DONE, locked.requests.values(), now=now)


def _claimed(notification: int, *, now: datetime) -> Notification | None:
    rows = Notification.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return (
        rows.select_related("recipient__client", "provider", "user", "practice")
        .filter(pk=notification, state=DeliveryState.WAITING, due_at__lte=now)
        .first()
    )


def _address(row: Notification) -> str:
    """Return where the message goes today; empty when its address or the agreement to texts is gone, or it is not the client's."""
    if row.user is not None:
        return str(row.user.email)
    if row.provider is not None:
        return str(row.provider.email)
    recipient = row.recipient
    assert recipient is not None, "a notification has one addressee"
    if row.channel == Channel.SMS:
        address = recipient.phone if recipient.gets_sms else ""
    else:
        address = recipient.email
    return "" if address and _is_not_theirs(row, address) else str(address)


def _is_not_theirs(row: Notification, address: str) -> bool:
    """Return whether somebody said "Not you?" to a link about the same matter that had come to this address."""
    told = Task.objects.filter(kind=TaskKind.LINK_NOT_THEIRS)
    if row.batch_id is not None:
        links, told = Link.objects.filter(batch=row.batch_id), told.filter(request__batch=row.batch_id)
    elif row.rebook_offer is not None:
        links = Link.objects.filter(rebook_offer=row.rebook_offer)
        told = told.filter(appointment=row.rebook_offer.appointment_id)
    else:
        return False
    revoked = links.filter(recipient=row.recipient, address=address, revoked_at__isnull=False)
    return revoked.exists() and told.exists()


def _mint_link(row: Notification, attempt: DeliveryAttempt, *, now: datetime) -> str:
    """Return the address of a fresh link to what the message is about; empty when it opens nothing by itself."""
    if row.recipient is None or (row.batch_id is None and row.rebook_offer_id is None):
        return ""
    token = secrets.token_urlsafe(32)
    Link(
        practice_id=row.practice_id,
        hash=hashlib.sha256(token.encode()).digest(),
        recipient=row.recipient,
        client_id=row.recipient.client_id,
        batch_id=row.batch_id,
        rebook_offer_id=row.rebook_offer_id,
        attempt=attempt,
        channel=row.channel,
        address=row.address,
        made_at=now,
    ).save(force_insert=True)
    return link_address(token)


def _try_again(row: Notification, *, now: datetime) -> Answer:
    again_at = now + pause_after(row.attempts)
    if again_at > row.give_up_at:
        return _fail(row, now=now)
    row.due_at = again_at
    row.save(update_fields=["due_at"])
    return {"notification": str(row.ref), "state": row.state}


def _fail(row: Notification, *, now: datetime) -> Answer:
    """End as failed, with a task for the provider."""
    _make_task(row, now=now)
    return _end(row, DeliveryState.FAILED, now=now)


def _make_task(row: Notification, *, now: datetime) -> None:
    """Tell the provider. A task about a prompt names its request, so that nobody adds another."""
    listed = row.appointments.select_related("appointment").order_by("pk").first()
    about = listed.appointment if listed else row.conversation
    if about is not None:
        make_task(
            TaskKind.NOT_DELIVERED,
            notification=row,
            request=listed.request if listed and row.moment == NotificationType.ASKED else None,
            provider_id=about.provider_id,
            client_id=about.client_id,
            now=now,
        )


def _nobody_needs_to_look(row: Notification, *, now: datetime) -> None:
    tasks = Task.objects.filter(notification=row, kind=TaskKind.NOT_DELIVERED, done_at__isnull=True)
    tasks.update(done_at=now)


def _end(row: Notification, state: DeliveryState, *, now: datetime) -> Answer:
    row.state, row.ended_at = state, now
    if row.moment == NotificationType.SIGN_IN_CODE:
        row.text = row.html = ""  # a code is kept readable no longer than it takes to hand it over
    row.save(update_fields=["state", "ended_at", "address", "text", "html"])
    return {"notification": str(row.ref), "state": row.state}

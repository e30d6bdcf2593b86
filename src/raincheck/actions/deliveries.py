"""The verbs of delivery: begin attempts to hand notifications over, say what they came to, take back those not made."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q

from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import make_task, make_tasks
from raincheck.actions.reschedule.delivered import note_hand_over
from raincheck.actions.reschedule.links import mint_links
from raincheck.data.models import DeliveryAttempt, Link, Notification, NotificationAppointment, Task
from raincheck.data.reschedule.standing import standing_appointments
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
from raincheck.notifications.quiet_hours import may_go_at
from raincheck.notifications.subjects import NoticeSubject
from raincheck.notifications.wording import (
    ADDRESSEES,
    Message,
    Rows,
    first_ever,
    has_a_point,
    listed_rows,
    message,
    zone_of,
)

LONGEST_ANSWER = 500
"""Characters kept of what a mail server or gateway said."""

CLAIM = """
UPDATE raincheck_notification n SET attempts = n.attempts + 1, due_at = %s, address = claimed.address
FROM unnest(%s::bigint[], %s::text[]) claimed (id, address) WHERE n.id = claimed.id
"""
WRITE_OUTCOMES = """
UPDATE raincheck_deliveryattempt t SET outcome = said.outcome, answer = said.answer
FROM unnest(%s::bigint[], %s::text[], %s::text[]) said (id, outcome, answer) WHERE t.id = said.id
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What an attempt came to, in the other side's words, and when they said it."""

    attempt: int
    outcome: Outcome
    answer: str
    at: datetime


def begin_attempts(
    channel: Channel,
    *,
    now: datetime,
    limit: int,
    takes: timedelta = ATTEMPT_TAKES,
    before_others_only: bool = False,
) -> Answer:
    """Claim due notifications of one channel, put them into words and mint their links; nobody else tries while it `takes`.

    Returns the address of its link by the number of each attempt, empty where the words hold none. What is due and may not
    go gets its end or a later time: texts at night, obsolete, or without an address (which ends it as failed). What a
    sweep told comes after everything else, or not at all with `before_others_only`.
    """
    waiting = Q(channel=channel, state=DeliveryState.WAITING, due_at__lte=now)
    rows = _claimed(waiting & Q(after_others=False), limit=limit)
    if len(rows) < limit and not before_others_only:
        rows += _claimed(waiting & Q(after_others=True), limit=limit - len(rows))
    return _begun(rows, now=now, takes=takes)


def begin_attempt(notification: int, *, now: datetime, takes: timedelta = ATTEMPT_TAKES) -> Answer:
    """The same for one notification: returns the attempt's number and the address of its link, or nothing."""
    rows = _claimed(Q(pk=notification, state=DeliveryState.WAITING, due_at__lte=now), limit=1)
    begun = _begun(rows, now=now, takes=takes)
    return next(({"attempt": number, "link": link} for number, link in begun.items()), {})


def end_attempts(results: Sequence[Result], *, now: datetime, what_follows: bool = True) -> Answer:
    """Write down what attempts came to, and what follows: handed over, tried again later, or failed for a person to see.

    Of an attempt that somebody else took over meanwhile only one thing still counts: that the message has arrived.
    Without `what_follows` for its requests, a person gets to see them.
    """
    known = DeliveryAttempt.objects.filter(pk__in=[result.attempt for result in results])
    notifications = dict(known.values_list("pk", "notification"))
    results = [one for one in results if one.attempt in notifications]
    accepted = {notifications[one.attempt]: one.at for one in results if one.outcome is Outcome.ACCEPTED}
    _note_hand_overs(accepted, what_follows=what_follows)
    # After the requests, which the hand-overs above have locked: the order is the same everywhere.
    locked = Notification.objects.select_for_update(no_key=True).filter(pk__in=notifications.values())
    rows = {row.pk: row for row in locked.order_by("pk")}
    # Read under the lock: until then another process could still write an outcome of its own.
    taken_over = set(known.filter(outcome__isnull=False).values_list("pk", flat=True))
    written = [one for one in results if one.attempt not in taken_over or one.outcome is Outcome.ACCEPTED]
    with connection.cursor() as cursor:
        # The other side's words are of any length.
        answers = [one.answer[:LONGEST_ANSWER] for one in written]
        outcomes = [str(one.outcome) for one in written]
        cursor.execute(WRITE_OUTCOMES, [[one.attempt for one in written], outcomes, answers])
    handed_over: list[Notification] = []
    for one in written:
        row = rows[notifications[one.attempt]]
        # Ended meanwhile by whoever took the attempt over; an end stays.
        if row.state != DeliveryState.WAITING:
            continue
        if one.outcome is Outcome.ACCEPTED:
            row.state = DeliveryState.HANDED_OVER
            handed_over.append(row)
        elif one.outcome is Outcome.REFUSED:
            _fail(row, now=now)
        else:
            _try_again(row, now=now)
    # Their facts go: a code to sign in is kept readable no longer than it takes to hand it over.
    Notification.objects.filter(pk__in=[row.pk for row in handed_over]).update(
        state=DeliveryState.HANDED_OVER, ended_at=now, facts={}
    )
    # A first attempt that succeeds leaves no task to end.
    again = [row.pk for row in handed_over if row.attempts > 1]
    if again:
        tasks = Task.objects.filter(notification__in=again, kind=TaskKind.NOT_DELIVERED, done_at__isnull=True)
        tasks.update(done_at=now)
    return {}


def drop_attempt(attempt: int, *, now: datetime) -> Answer:
    """Take an attempt back that must not be made any more, with its link, and end the notification as obsolete.

    One that somebody else took over is theirs to end.
    """
    row = _taken_back([attempt]).get(attempt)
    if row is not None and row.state == DeliveryState.WAITING:
        _end(row, DeliveryState.OBSOLETE, now=now)
    return {}


def give_back(attempts: Collection[int], *, now: datetime) -> Answer:
    """Take attempts back that were not made, with their links: their messages are due as if nobody had begun."""
    rows = _taken_back(attempts).values()
    Notification.objects.filter(
        pk__in=[row.pk for row in rows], state=DeliveryState.WAITING, attempts__gt=0
    ).update(attempts=F("attempts") - 1, due_at=now)
    return {}


def hold_on(attempts: Collection[int], *, now: datetime, takes: timedelta) -> Answer:
    """Keep messages under way from others for as long as it `takes` from now; those that somebody took over stay theirs."""
    mine = DeliveryAttempt.objects.filter(pk__in=attempts, outcome__isnull=True)
    Notification.objects.filter(pk__in=mine.values("notification"), state=DeliveryState.WAITING).update(
        due_at=now + takes
    )
    return {}


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
    _try_again(row, now=now)
    return {}


def _claimed(which: Q, *, limit: int) -> list[Notification]:
    """Lock notifications, longest due first.

    Whoever made an attempt that is still without an outcome when its time is over has died, perhaps of its message. Such a
    message is tried alone, so that it takes no other with it.
    """
    # Workers pass by what another one is claiming, so that none waits for the other.
    free = Notification.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    rows = list(free.filter(which).select_related(*ADDRESSEES).order_by("due_at", "pk")[:limit])
    tried = [row.pk for row in rows if row.attempts]
    if not tried:
        return rows
    under_way = DeliveryAttempt.objects.filter(notification__in=tried, outcome__isnull=True)
    left_behind = set(under_way.values_list("notification", flat=True))
    if rows[0].pk in left_behind:
        return rows[:1]
    return [row for row in rows if row.pk not in left_behind]


def _begun(rows: Sequence[Notification], *, now: datetime, takes: timedelta) -> Answer:
    """Make an attempt for each of the rows that may go, in its words; nothing has left when this commits."""
    if not rows:
        return {}
    # Asked for the whole claim at once: a batch costs the same few statements as one message.
    told = listed_rows(rows)
    # Addresses of whom some link was ended: nearly always none, and then nothing else is asked.
    ended = Link.objects.filter(
        recipient__in={row.recipient_id for row in rows} - {None}, revoked_at__isnull=False
    )
    revoked = set(ended.values_list("recipient", "address"))
    standing = standing_appointments(
        {row.recipient.client_id for row in rows if row.recipient is not None and told[row.pk]}, now=now
    )
    first = first_ever(rows)
    going: list[tuple[Notification, Message]] = []
    for row in rows:
        if _may_go(row, told[row.pk], revoked, now=now):
            going.append((row, message(row, told[row.pk], standing=standing, first=first, now=now)))
    attempts = DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(
            practice_id=row.practice_id,
            notification=row,
            at=now,
            address=row.address,
            subject=said.words.subject,
            text=said.words.text,
            html=said.words.html,
            calendar=said.calendar,
        )
        for row, said in going
    )
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM, [now + takes, [row.pk for row, _said in going], [row.address for row, _said in going]]
        )
    addresses = mint_links(attempts, now=now)
    return {str(attempt.pk): address for attempt, address in zip(attempts, addresses, strict=True)}


def _may_go(row: Notification, told: Rows, revoked: Collection[tuple[int, str]], *, now: datetime) -> bool:
    """Return whether a claimed notification may go now, setting its address; else it gets its end or a later time."""
    left = row.provider is not None and row.provider.left_at is not None
    if left or not has_a_point(row, told, now=now):
        _end(row, DeliveryState.OBSOLETE, now=now)
        return False
    if row.attempts and row.tries.filter(at__gt=row.give_up_at).exists():
        _fail(row, now=now)  # even its last try has no outcome: whoever makes it dies of it
        return False
    row.address = _address(row, revoked)
    if not row.address:
        _fail(row, now=now)
        return False
    left_behind = row.attempts and row.tries.filter(outcome__isnull=True).update(outcome=Outcome.UNKNOWN)
    # Its process died over it, perhaps because of it, so that it gets the pause of a failure.
    paused_until = row.due_at + pause_after(row.attempts - 1) if left_behind and row.attempts > 1 else now
    # Nobody but a client is woken at night.
    goes_at = now
    if row.recipient is not None:
        subjects = [NoticeSubject(one.appointment, one.request) for one in told]
        goes_at = may_go_at(row, subjects, zone=zone_of(row), now=now)
    row.due_at = max(goes_at, paused_until)
    if row.due_at > now:
        row.save(update_fields=["due_at"])
        return False
    return True


def _address(row: Notification, revoked: Collection[tuple[int, str]]) -> str:
    """Return where the message goes today; empty when its address or the agreement to texts is gone, or it is not the client's."""
    if row.user is not None:
        return str(row.user.email)
    if row.provider is not None:
        return str(row.provider.email)
    recipient = row.recipient
    assert recipient is not None, "a notification has one addressee"
    if row.channel == Channel.SMS:
        # Asked when it leaves: the agreement may have been taken back since the text was made.
        address = recipient.phone if recipient.gets_sms else ""
    else:
        address = recipient.email
    if (recipient.pk, address) not in revoked:
        return str(address)
    # Nothing more goes where somebody said "Not you?" to a link about the same matter; other matters still do.
    links = Link.objects.filter(recipient=recipient, address=address, revoked_at__isnull=False)
    told = Task.objects.filter(kind=TaskKind.LINK_NOT_THEIRS)
    if row.batch_id is not None:
        links, told = links.filter(batch=row.batch_id), told.filter(request__batch=row.batch_id)
    elif row.rebook_offer is not None:
        links = links.filter(rebook_offer=row.rebook_offer)
        told = told.filter(appointment=row.rebook_offer.appointment_id)
    elif row.conversation_id is not None or row.appointment_id is not None:
        # Whoever it is, they would go on reading that somebody writes, or comes; until the practice has looked.
        told = told.filter(client=recipient.client_id, done_at__isnull=True)
    else:
        return str(address)
    return "" if links.exists() and told.exists() else str(address)


def _taken_back(attempts: Collection[int]) -> dict[int, Notification]:
    """Delete attempts without an outcome, with their links, and return their locked notifications by attempt."""
    known = DeliveryAttempt.objects.filter(pk__in=attempts)
    notifications = known.values_list("notification", flat=True)
    locked = Notification.objects.select_for_update(no_key=True).filter(pk__in=list(notifications))
    rows = {row.pk: row for row in locked.order_by("pk")}
    mine = dict(known.filter(outcome__isnull=True).values_list("pk", "notification"))
    # No link outlives an attempt that was not made; its row refers to the attempt and goes first.
    Link.objects.filter(attempt__in=mine).delete()
    known.filter(pk__in=mine).delete()
    return {attempt: rows[number] for attempt, number in mine.items()}


def _note_hand_overs(accepted: Mapping[int, datetime], *, what_follows: bool) -> None:
    """Note that prompts were taken over, by notification. Requests are locked before notifications, always."""
    listed = NotificationAppointment.objects.filter(
        notification__in=list(accepted), notification__kind=NotificationType.ASKED, request__isnull=False
    )
    found = list(listed.values_list("request", "appointment", "notification"))
    if not found:
        return
    locked = lock(appointments=[row[1] for row in found], requests=[row[0] for row in found])
    at = {request: accepted[notification] for request, _appointment, notification in found}
    if what_follows:
        note_hand_over(locked, at=at)
    else:
        make_tasks(TaskKind.NOT_DONE, locked.requests.values(), now=max(at.values()))


def _try_again(row: Notification, *, now: datetime) -> None:
    again_at = now + pause_after(row.attempts)
    if again_at > row.give_up_at:
        _fail(row, now=now)
        return
    row.due_at = again_at
    row.save(update_fields=["due_at"])


def _fail(row: Notification, *, now: datetime) -> None:
    """End as failed, with a task for the provider."""
    _make_task(row, now=now)
    _end(row, DeliveryState.FAILED, now=now)


def _make_task(row: Notification, *, now: datetime) -> None:
    """Tell the provider. A task about a prompt names its request, so that nobody adds another."""
    listed = row.appointments.select_related("appointment").order_by("pk").first()
    about = listed.appointment if listed else row.conversation
    if about is not None:
        make_task(
            TaskKind.NOT_DELIVERED,
            notification=row,
            request=listed.request if listed and row.kind == NotificationType.ASKED else None,
            provider_id=about.provider_id,
            client_id=about.client_id,
            now=now,
        )


def _end(row: Notification, state: DeliveryState, *, now: datetime) -> None:
    row.state, row.ended_at, row.facts = state, now, {}
    row.save(update_fields=["state", "ended_at", "address", "facts"])

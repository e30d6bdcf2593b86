"""Steps that verbs share: a history row, a card in the conversation, a task. Never a verb by themselves."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from raincheck.data.models import (
    Appointment,
    AppointmentHistory,
    BusyCalendar,
    Conversation,
    Message,
    Notification,
    RescheduleRequest,
    Task,
)
from raincheck.domain.appointments.lifecycle import History, Status, TypeKind
from raincheck.domain.appointments.needed_by import is_in_time
from raincheck.domain.conversations import Card
from raincheck.domain.notifications import Channel, DeliveryState
from raincheck.domain.people import Actor
from raincheck.domain.reschedule.endings import CLOSES
from raincheck.domain.spans import Span
from raincheck.domain.tasks import MANAGERS_GET_IT_AFTER, TaskKind
from raincheck.domain.zones import zone_named


def history_row(
    appointment: Appointment,
    event: History,
    *,
    by: Actor,
    now: datetime,
    request: RescheduleRequest | None = None,
    former: Span | None = None,
    details: dict[str, str | int] | None = None,
) -> AppointmentHistory:
    """Return what happened as a row to write. `former` is the time it had before, when that changed."""
    return AppointmentHistory(
        practice_id=appointment.practice_id,
        appointment=appointment,
        request=request,
        event=event,
        at=now,
        sequence=appointment.ical_sequence,
        actor_kind=by.kind,
        actor=by.who,
        for_client=by.for_client,
        trace_id=by.request_id,
        from_starts_at=former.start if former else None,
        from_ends_at=former.end if former else None,
        to_starts_at=appointment.starts_at,
        to_ends_at=appointment.ends_at,
        details=details or {},
    )


def record(
    appointment: Appointment,
    event: History,
    *,
    by: Actor,
    now: datetime,
    request: RescheduleRequest | None = None,
    former: Span | None = None,
    details: dict[str, str | int] | None = None,
) -> None:
    """Write one row of the appointment's history."""
    history_row(appointment, event, by=by, now=now, request=request, former=former, details=details).save(
        force_insert=True
    )


# As `history_row` has it: ten thousand rows made one by one would keep everybody waiting for their provider.
RECORD_ALL = """
INSERT INTO raincheck_appointmenthistory
    (practice_id, appointment_id, event, at, sequence, actor_kind, actor, for_client, trace_id, to_starts_at, to_ends_at, details)
SELECT practice_id, id, %s, %s, ical_sequence, %s, %s, %s, %s, starts_at, ends_at, %s::jsonb
FROM raincheck_appointment WHERE id = ANY(%s) ORDER BY id
"""


def record_all(
    appointments: Sequence[int],
    event: History,
    *,
    by: Actor,
    now: datetime,
    details: dict[str, str | int] | None = None,
) -> None:
    """Write a row of the history of each appointment, as it stands, in one statement."""
    who = (by.kind, by.who, by.for_client, by.request_id)
    values = (event, now, *who, json.dumps(details or {}), list(appointments))
    with connection.cursor() as cursor:
        cursor.execute(RECORD_ALL, values)


@dataclass(frozen=True, slots=True)
class Shown:
    """What one card speaks of: the appointment as it is now, the request, and the time it had before, when it moved."""

    appointment: Appointment
    request: RescheduleRequest | None = None
    former: Span | None = None


def show_card(
    appointment: Appointment,
    card: Card,
    *,
    by: Actor,
    now: datetime,
    request: RescheduleRequest | None = None,
    former: Span | None = None,
    release_at: datetime | None = None,
) -> None:
    """Put an event into the conversation, with the times it speaks of."""
    show_cards(card, [Shown(appointment, request, former)], by=by, now=now, release_at=release_at)


def show_cards(
    card: Card,
    shown: Sequence[Shown],
    *,
    by: Actor,
    now: datetime,
    body: str = "",
    release_at: datetime | None = None,
) -> None:
    """Put a card for each appointment into the conversation of its provider and client, which opens where there is none.

    It stands there from `release_at` on, or at once.
    """
    at = release_at or now
    # In one order, as every lock: two batches that touch the same threads must not wait for each other.
    pairs = sorted({(one.appointment.provider_id, one.appointment.client_id) for one in shown})
    practices = {one.appointment.provider_id: one.appointment.practice_id for one in shown}
    threads = Conversation.objects.bulk_create(
        [
            Conversation(
                practice_id=practices[provider], provider_id=provider, client_id=client, latest_at=at
            )
            for provider, client in pairs
        ],
        # A thread that is there is only marked as fresh, and its number comes back all the same.
        update_conflicts=True,
        unique_fields=["provider", "client"],
        update_fields=["latest_at"],
    )
    numbers = dict(zip(pairs, (thread.pk for thread in threads), strict=True))
    Message.objects.bulk_create(
        Message(
            practice_id=one.appointment.practice_id,
            conversation_id=numbers[one.appointment.provider_id, one.appointment.client_id],
            at=at,
            author_kind=by.kind,
            author=by.who,
            body=body,
            card=card,
            batch_id=one.request.batch_id if one.request else None,
            appointment=one.appointment,
            starts_at=one.appointment.starts_at,
            former_starts_at=one.former.start if one.former else None,
        )
        for one in shown
    )


def take_back_what_waits(
    notifications: QuerySet[Notification], cards: QuerySet[Message], *, now: datetime
) -> bool:
    """Drop messages and cards that still wait for their release; return False when one has left, or is about to."""
    # Locked: of a worker that claims one of them and this, whoever is second finds what the first has done.
    rows = list(notifications.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    untouched = DeliveryState.WAITING, DeliveryState.OBSOLETE
    if any(row.channel != Channel.IN_APP and (row.state not in untouched or row.attempts) for row in rows):
        return False
    waiting = [row.pk for row in rows if row.state != DeliveryState.OBSOLETE]
    Notification.objects.filter(pk__in=waiting).update(state=DeliveryState.OBSOLETE, ended_at=now)
    shown = list(cards.filter(at__gt=now).values_list("pk", "conversation"))
    Message.objects.filter(pk__in=[card for card, _thread in shown]).delete()
    latest = Message.objects.filter(conversation=OuterRef("pk")).order_by("-at").values("at")[:1]
    threads = Conversation.objects.filter(pk__in={thread for _card, thread in shown})
    threads.update(latest_at=Coalesce(Subquery(latest), Value(now)))
    return True


def asked_together(requests: Iterable[RescheduleRequest]) -> list[list[RescheduleRequest]]:
    """Return requests by their batch: what was asked in one message is told in one, too."""
    batches: dict[int, list[RescheduleRequest]] = defaultdict(list)
    for request in requests:
        batches[request.batch_id].append(request)
    return list(batches.values())


def make_task(
    kind: TaskKind,
    *,
    now: datetime,
    appointment: Appointment | None = None,
    request: RescheduleRequest | None = None,
    notification: Notification | None = None,
    calendar: BusyCalendar | None = None,
    provider_id: int | None = None,
    client_id: int | None = None,
    for_managers_at: datetime | None = None,
) -> None:
    """Give the provider something to look at; a matter that already has its open task gets no second one.

    Managers see it after an hour, unless `for_managers_at` says when.
    """
    about = appointment or request or notification or calendar
    assert about is not None, "a task is about something"
    Task.objects.bulk_create(
        [
            Task(
                practice_id=about.practice_id,
                provider_id=provider_id or (appointment or request or calendar).provider_id,  # type: ignore[union-attr]  # given for a bare notification
                client_id=client_id
                or (appointment.client_id if appointment else request.client_id if request else None),
                kind=kind,
                appointment=appointment,
                request=request,
                notification=notification,
                calendar=calendar,
                made_at=now,
                for_managers_at=for_managers_at or now + MANAGERS_GET_IT_AFTER,
            )
        ],
        # A unique index keeps a matter to one open task, so that the second to come changes nothing.
        ignore_conflicts=True,
    )


def make_tasks(kind: TaskKind, requests: Iterable[RescheduleRequest], *, now: datetime) -> None:
    """The same for the providers of many requests at once."""
    Task.objects.bulk_create(
        (
            Task(
                practice_id=request.practice_id,
                provider_id=request.provider_id,
                client_id=request.client_id,
                kind=kind,
                request=request,
                made_at=now,
                for_managers_at=now + MANAGERS_GET_IT_AFTER,
            )
            for request in requests
        ),
        ignore_conflicts=True,
    )


CLOSE_TASKS = """
UPDATE raincheck_task SET done_at = %s
WHERE request_id = ANY(%s) AND done_at IS NULL AND kind = ANY(%s) AND (kind <> %s OR notification_id IS NULL)
"""


def close_tasks(requests: Iterable[int], *, now: datetime) -> None:
    """Take off the list what a settled request no longer needs a person for; a message that failed still does."""
    with connection.cursor() as cursor:
        cursor.execute(CLOSE_TASKS, [now, list(requests), list(CLOSES), TaskKind.NOT_DELIVERED])


def close_tasks_of_lapsed_intakes(booked: Sequence[int], *, now: datetime) -> None:
    """Clients whose first appointment lapsed and who have booked again need no call; the appointments are named by number."""
    calls = Task.objects.filter(kind=TaskKind.INTAKE_LAPSED, done_at__isnull=True)
    calls.filter(settled_by(Appointment.objects.filter(pk__in=booked))).update(done_at=now)


def close_tasks_of_need(appointment: Appointment, *, now: datetime) -> None:
    """Nobody has to look any more where a session stands on the day by which it is needed, or before it, whoever put it there."""
    zone, needed_by = zone_named(appointment.provider.zone), appointment.needed_by
    if needed_by is None or appointment.status != Status.SCHEDULED:
        return
    if is_in_time(appointment.starts_at, needed_by, zone=zone):
        missed = Task.objects.filter(kind=TaskKind.NEEDED_BY, appointment=appointment, done_at__isnull=True)
        missed.update(done_at=now)


def settled_by(booked: QuerySet[Appointment]) -> Exists:
    """Return the condition of a lapsed intake's task under which one of these appointments settles it.

    A new first appointment settles it with whomever; any other only with the provider it was missed by.
    """
    theirs = booked.filter(practice=OuterRef("practice"), client=OuterRef("client"))
    return Exists(theirs.filter(Q(type__kind=TypeKind.INTAKE) | Q(provider=OuterRef("provider"))))

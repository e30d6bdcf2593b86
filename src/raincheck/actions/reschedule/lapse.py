"""Silence: requests whose time is over lapse, wait for a person, or become void; a batch at a time, one statement a table."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, Q, QuerySet

from raincheck.actions.appointments.claims import free_holds
from raincheck.actions.appointments.moving import CANCELLED_BY, cancel_details, mark_cancelled, rebook_offer
from raincheck.actions.engine.locks import EVERY_REQUEST, lock_due
from raincheck.actions.engine.side_effects import close_tasks, history_row, make_tasks
from raincheck.data.appointments import Appointment, AppointmentHistory, Claim, Hold
from raincheck.data.conversations import Card, Conversation, Message
from raincheck.data.reschedule import RebookOffer, RescheduleBatch, RescheduleRequest
from raincheck.data.timing.outages import has_its_time
from raincheck.domain.appointments import CancelledWhy, History, Status, TypeKind
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import SYSTEM
from raincheck.domain.policy import LAPSE_GRACE
from raincheck.domain.reschedule import Due, Event, NeedsProvider, OpenRequest, State, due, settled
from raincheck.domain.tasks import TaskKind
from raincheck.notifications.notify import Dispatch, notify_many
from raincheck.notifications.subjects import NoticeSubject


@dataclass(frozen=True, slots=True)
class DueRequest:
    """A locked request whose time has brought something."""

    request: RescheduleRequest
    appointment: Appointment
    brings: Due
    why: NeedsProvider | None


def due_requests(*, now: datetime, reachable_until: datetime | None = None) -> QuerySet[RescheduleRequest]:
    """Return open requests that time may have brought something for; looked up without locking.

    A deadline after `reachable_until` waits: nobody knows yet whether the client's page could be opened until then. So does
    one whose request still has to get back what an outage took. A start that has come waits for nothing: nobody is canceled.
    """
    waiting = RescheduleRequest.objects.filter(state=State.OPEN)
    passed = min(now - LAPSE_GRACE, reachable_until or now)
    silent = waiting.filter(deadline_at__lte=passed, needs_provider__isnull=True)
    return waiting.filter(asked_starts_at__lte=now) | has_its_time(silent)


def settle_due(
    *, now: datetime, limit: int, reachable_until: datetime | None = None, among: Q = EVERY_REQUEST
) -> Counter[str]:
    """Lapse, void or hand to a person about `limit` requests whose time has come; returns how many of each."""
    over = due_requests(now=now, reachable_until=reachable_until).filter(among)
    ripe = _ripe(over, now=now, limit=limit, reachable_until=reachable_until)
    by_due: dict[Due, list[DueRequest]] = defaultdict(list)
    for one in ripe:
        by_due[one.brings].append(one)
    _lapse(by_due[Due.LAPSE], now=now)
    _void(by_due[Due.VOID], now=now)
    _hand_to_people(by_due[Due.WAIT_FOR_PROVIDER], now=now)
    words = {
        Due.LAPSE: "request lapsed",
        Due.VOID: "request void",
        Due.WAIT_FOR_PROVIDER: "request waits for provider",
    }
    return Counter({words[brings]: len(ones) for brings, ones in by_due.items() if ones})


def _ripe(
    over: QuerySet[RescheduleRequest], *, now: datetime, limit: int, reachable_until: datetime | None
) -> list[DueRequest]:
    """Return requests that something is due for, locked."""
    locked = lock_due(over, limit=limit)
    holds = _holds_that_keep(locked.requests)
    judged = (
        _judged(
            request,
            locked.appointments[request.appointment_id],
            holds,
            now=now,
            reachable_until=reachable_until,
        )
        for request in locked.requests.values()
    )
    return [one for one in judged if one.brings is not Due.NOTHING]


def _holds_that_keep(requests: dict[int, RescheduleRequest]) -> dict[int, datetime]:
    """Return by request the end of its latest hold that began before the deadline."""
    kept = Hold.objects.filter(
        request__in=list(requests), suggested=False, began_at__lt=F("request__deadline_at")
    )
    return dict(kept.values_list("request").annotate(Max("expires_at")))


def _judged(
    request: RescheduleRequest,
    appointment: Appointment,
    holds: dict[int, datetime],
    *,
    now: datetime,
    reachable_until: datetime | None,
) -> DueRequest:
    if not request.is_open:
        return DueRequest(request, appointment, Due.NOTHING, None)
    facts = OpenRequest(
        starts_at=appointment.starts_at,
        deadline_at=request.deadline_at,
        handed_over=request.handed_over_at is not None and request.handed_over_at < request.deadline_at,
        do_not_auto_cancel=appointment.client.do_not_auto_cancel,
        needs_provider=request.needs_provider is not None,
        hold_keeps_until=holds.get(request.pk),
        time_lost=request.time_lost is not None,
    )
    brings = due(facts, now=now, policy=appointment.practice.rules, reachable_until=reachable_until)
    return DueRequest(request, appointment, *brings)


def _lapse(ripe: Sequence[DueRequest], *, now: datetime) -> None:
    if not ripe:
        return
    _settle(ripe, Event.LAPSE, now=now)
    for helped in (False, True):
        _cancel(
            [one.appointment for one in ripe if (one.request.client_wrote_at is not None) is helped],
            helped=helped,
            now=now,
        )
    offers = RebookOffer.objects.bulk_create(rebook_offer(one.appointment, now=now) for one in ripe)
    _remember(ripe, History.LAPSED, Card.LAPSED, now=now)
    intakes = [one for one in ripe if one.appointment.type.kind == TypeKind.INTAKE]
    make_tasks(TaskKind.INTAKE_LAPSED, [one.request for one in intakes], now=now)
    notify_many(_tellings(ripe, offers), by=SYSTEM, now=now, queued=False)


def _settle(ripe: Sequence[DueRequest], event: Event, *, now: datetime) -> None:
    state = settled(State.OPEN, event)
    ids = [one.request.pk for one in ripe]
    free_holds(list(Hold.objects.filter(request__in=ids).values_list("pk", flat=True)))
    RescheduleRequest.objects.filter(pk__in=ids).update(
        state=state, settled_at=now, settled_by=SYSTEM.kind, remind_at=None
    )
    close_tasks(ids, now=now)
    for one in ripe:
        one.request.state, one.request.settled_at, one.request.settled_by = state, now, SYSTEM.kind


def _cancel(appointments: Sequence[Appointment], *, helped: bool, now: datetime) -> None:
    why = CancelledWhy.RESCHEDULE_NO_TIME if helped else CancelledWhy.RESCHEDULE_UNANSWERED
    ids = [row.pk for row in appointments]
    Appointment.objects.filter(pk__in=ids).update(
        status=Status.CANCELLED,
        cancelled_by=CANCELLED_BY[SYSTEM.kind],
        cancelled_why=why,
        cancelled_at=now,
        fee_allowed=False,
        ical_sequence=F("ical_sequence") + 1,
    )
    Claim.objects.filter(appointment__in=ids).delete()
    for row in appointments:
        mark_cancelled(row, why=why, by=SYSTEM, now=now, note="", asked_about=True)


def _void(ripe: Sequence[DueRequest], *, now: datetime) -> None:
    if ripe:
        _settle(ripe, Event.VOID, now=now)
        _remember(ripe, History.VOID, Card.VOID, now=now)
        make_tasks(TaskKind.WHAT_HAPPENED, [one.request for one in ripe], now=now)


def _hand_to_people(ripe: Sequence[DueRequest], *, now: datetime) -> None:
    by_why: dict[NeedsProvider | None, list[DueRequest]] = defaultdict(list)
    for one in ripe:
        by_why[one.why].append(one)
    for why, ones in by_why.items():
        RescheduleRequest.objects.filter(pk__in=[one.request.pk for one in ones]).update(
            needs_provider=why, needs_provider_at=now, remind_at=None
        )
        AppointmentHistory.objects.bulk_create(
            history_row(
                one.appointment,
                History.NEEDS_PROVIDER,
                by=SYSTEM,
                now=now,
                request=one.request,
                details={"why": str(why)},
            )
            for one in ones
        )
    make_tasks(TaskKind.NEEDS_PROVIDER, [one.request for one in ripe], now=now)


def _remember(ripe: Sequence[DueRequest], event: History, card: Card, *, now: datetime) -> None:
    AppointmentHistory.objects.bulk_create(
        history_row(
            one.appointment,
            event,
            by=SYSTEM,
            now=now,
            request=one.request,
            details=cancel_details(one.appointment) if event is History.LAPSED else None,
        )
        for one in ripe
    )
    threads = _threads(ripe)
    Message.objects.bulk_create(
        Message(
            practice_id=one.appointment.practice_id,
            conversation=threads[one.appointment.provider_id, one.appointment.client_id],
            at=now,
            author_kind=SYSTEM.kind,
            card=card,
            batch_id=one.request.batch_id,
            appointment=one.appointment,
            starts_at=one.appointment.starts_at,
        )
        for one in ripe
    )
    Conversation.objects.filter(pk__in=[thread.pk for thread in threads.values()]).update(latest_at=now)


def _threads(ripe: Sequence[DueRequest]) -> dict[tuple[int, int], Conversation]:
    """Return the conversations, which the ask has opened, by provider and client."""
    pairs = {(one.appointment.provider_id, one.appointment.client_id) for one in ripe}
    found = Conversation.objects.filter(
        provider__in={pair[0] for pair in pairs}, client__in={pair[1] for pair in pairs}
    )
    return {
        (row.provider_id, row.client_id): row for row in found if (row.provider_id, row.client_id) in pairs
    }


def _tellings(ripe: Sequence[DueRequest], offers: Sequence[RebookOffer]) -> list[Dispatch]:
    """One message for each batch, listing its appointments."""
    batches: dict[int, list[NoticeSubject]] = defaultdict(list)
    for one, offer in zip(ripe, offers, strict=True):
        batches[one.request.batch_id].append(NoticeSubject(one.appointment, one.request, offer=offer))
    return [
        Dispatch(NotificationType.LAPSED, matters, batch=_batch_of(matters)) for matters in batches.values()
    ]


def _batch_of(matters: Sequence[NoticeSubject]) -> RescheduleBatch:
    request = matters[0].request
    assert request is not None, "every lapse has its request"
    batch: RescheduleBatch = request.batch
    return batch

"""A request that waits for a person: the practice is told each half hour before the start, and hears when nobody came."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import DateTimeField, ExpressionWrapper, F, IntegerField, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest

from raincheck.actions.engine.locks import EVERY_REQUEST, lock, lock_due
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import asked_together, make_task, record
from raincheck.data.models import AppointmentHistory, RescheduleRequest
from raincheck.domain.appointments.lifecycle import History, Status
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import SYSTEM, Actor
from raincheck.domain.policy import RANGES, Policy
from raincheck.domain.reschedule.lifecycle import AlreadySettled, NotYetOver, RequestGone, State
from raincheck.domain.reschedule.silence import TELL_AGAIN_AFTER, nobody_came_from, told_of_waiting_at
from raincheck.domain.tasks import TaskKind
from raincheck.notifications.notify import Dispatch, notify, notify_many
from raincheck.notifications.subjects import NoticeSubject

SECOND = Value(timedelta(seconds=1))


def requests_that_still_wait(*, now: datetime) -> QuerySet[RescheduleRequest]:
    """Return open requests about which the practice is due to be told that they wait for a person; looked up without locking."""
    lead = Coalesce(
        Cast(KeyTextTransform("lead", "practice__policy"), IntegerField()),
        Value(int(Policy().lead.total_seconds())),
    )
    begins = ExpressionWrapper(F("asked_starts_at") - lead * SECOND, DateTimeField())
    again = ExpressionWrapper(F("told_of_waiting_at") + Value(TELL_AGAIN_AFTER), DateTimeField())
    return (
        RescheduleRequest.objects.filter(
            state=State.OPEN,
            needs_provider__isnull=False,
            # Within the longest lead that a practice can have: the others need no reckoning.
            asked_starts_at__range=(now, now + RANGES["lead"].most),
        )
        .alias(tell_at=Coalesce(again, Greatest(begins, F("needs_provider_at"))))
        .filter(tell_at__lte=now)
    )


def tell_of_waiting(*, now: datetime, limit: int, among: Q = EVERY_REQUEST) -> Counter[str]:
    """Tell providers and managers of about `limit` requests that still wait; each moment is told once, by whoever comes first.

    What is due is read under the lock of its providers, so nobody can have told of it since.
    """
    locked = lock_due(requests_that_still_wait(now=now).filter(among), limit=limit)
    told = []
    for request in locked.requests.values():
        appointment = request.appointment = locked.appointments[request.appointment_id]
        # Somebody may have decided between the look-up and the lock.
        if not request.is_open or request.needs_provider_at is None:
            continue
        moment = told_of_waiting_at(
            appointment.starts_at,
            waits_since=request.needs_provider_at,
            now=now,
            policy=appointment.practice.rules,
        )
        if moment is None:
            continue
        request.told_of_waiting_at = moment
        told.append(request)
    RescheduleRequest.objects.bulk_update(told, ["told_of_waiting_at"])
    dispatches = [
        Dispatch(
            NotificationType.STILL_WAITING,
            [NoticeSubject(row.appointment, row) for row in together],
            batch=together[0].batch,
        )
        for together in asked_together(told)
    ]
    # Queued: a session starts within hours, and nobody knows whether it takes place.
    notify_many(dispatches, by=SYSTEM, now=now)
    return Counter({"practice told that a request waits": len(told)} if told else {})


def nobody_came(ref: UUID, *, by: Actor, now: datetime) -> Answer:
    """The client says that nobody came to a session that was never settled: the practice is told at once, one time.

    Raises NotYetOver before ten minutes after the start, and AlreadySettled when the session was moved or canceled.
    """
    found = RescheduleRequest.objects.filter(ref=ref).values_list("pk", "appointment", "provider", "client")
    if not found:
        raise RequestGone
    [(pk, appointment, provider, client)] = found
    locked = lock(providers=[provider], clients=[client], appointments=[appointment], requests=[pk])
    request, row = locked.requests[pk], locked.appointments[appointment]
    # One whose start has come may still be open, until the sweep makes it void.
    if request.state not in (State.VOID, State.OPEN) or row.status != Status.SCHEDULED:
        raise AlreadySettled
    if now < nobody_came_from(row.starts_at):
        raise NotYetOver
    answer = {"request": str(request.ref)}
    if AppointmentHistory.objects.filter(request=request, event=History.NOBODY_CAME).exists():
        return answer
    request.appointment = row
    record(row, History.NOBODY_CAME, by=by, now=now, request=request)
    # The managers see it at once as well: the provider may be the one who is missing.
    make_task(TaskKind.NOBODY_CAME, request=request, now=now, for_managers_at=now)
    notify(NotificationType.NOBODY_CAME, NoticeSubject(row, request), by=by, now=now, batch=request.batch)
    return answer

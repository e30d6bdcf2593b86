"""After the session: a person says what became of it, of one or of all that a day brought."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from raincheck.actions.appointments.claims import claim
from raincheck.actions.appointments.moving import cancel, cancel_details, end_offers
from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import record, show_card
from raincheck.actions.reschedule.ending import end_requests
from raincheck.data.appointments.outcomes import first_said_at, was_asked_about
from raincheck.data.models import Appointment, RebookOffer, RescheduleRequest, Task
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.appointments.lifecycle import (
    AppointmentGone,
    CancelledWhy,
    ClientElsewhere,
    History,
    SlotTaken,
    Status,
    fee_allowed,
)
from raincheck.domain.appointments.outcomes import (
    ANSWERED_BY_AN_OUTCOME,
    OUTCOMES,
    Outcome,
    OutcomeMissing,
    TimeGivenAway,
    must_be_sayable,
)
from raincheck.domain.conversations import Card
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.reschedule.lifecycle import Event
from raincheck.notifications.notify import notify
from raincheck.notifications.subjects import NoticeSubject

OUTCOME_FIELDS = ("status", "fee_allowed", "outcome_at", "outcome_by_kind", "outcome_by")


@dataclass(frozen=True, slots=True)
class WhatHappened:
    """What somebody says of a session, and how it stood on the page where they said it."""

    outcome: Outcome | None
    seen: Status


def say_what_happened(ref: UUID, *, said: WhatHappened, by: Actor, now: datetime) -> Answer:
    """Say what became of a session that has begun, or correct it. Raises SaidMeanwhile when somebody was quicker.

    Only a late cancellation is told to the client, and that it was a mistake when it is corrected: nothing else leaves the
    practice.
    """
    if said.outcome is None:
        raise OutcomeMissing
    rows = _locked([ref])
    if not rows:
        raise AppointmentGone
    [row] = rows
    former = Status(row.status)
    must_be_sayable(
        said.outcome,
        status=former,
        seen=said.seen,
        starts_at=row.starts_at,
        first_said_at=first_said_at(row),
        now=now,
    )
    if OUTCOMES[said.outcome].status is not former:
        _void([row], by=by, now=now)
        if former is Status.PROVIDER_NO_SHOW:
            # The session was not missed by the practice after all.
            end_offers(RebookOffer.objects.filter(appointment=row), now=now)
        if said.outcome is Outcome.CANCELLED_LATE:
            _cancel_late(row, by=by, now=now)
        else:
            _stand(row, said.outcome, former=former, by=by, now=now)
        _close_questions([row], now=now)
    return {"appointment": str(row.ref), "outcome": said.outcome}


def say_all_took_place(refs: Collection[UUID], *, by: Actor, now: datetime) -> Answer:
    """Say of all these sessions that have begun that they took place; what somebody has answered meanwhile stays so."""
    rows = [row for row in _locked(refs) if row.status == Status.SCHEDULED and row.starts_at <= now]
    _void(rows, by=by, now=now)
    for row in rows:
        _stand(row, Outcome.TOOK_PLACE, former=Status.SCHEDULED, by=by, now=now)
    _close_questions(rows, now=now)
    return {"said": str(len(rows))}


def _locked(refs: Collection[UUID]) -> list[Appointment]:
    """Return sessions with their providers, clients and open requests locked, soonest first."""
    found = list(Appointment.objects.filter(ref__in=refs).only("pk", "provider", "client"))
    asked = _open_requests(found)
    locked = lock(
        providers=[row.provider_id for row in found],
        clients=[row.client_id for row in found],
        appointments=[row.pk for row in found],
        requests=asked,
    )
    rows = list(locked.appointments.values())
    if _open_requests(rows) != asked:
        raise ReadAgain  # somebody asked, or a request ended, between the look-up and the lock
    return sorted(rows, key=lambda row: (row.starts_at, row.pk))


def _open_requests(rows: Sequence[Appointment]) -> set[int]:
    asked = RescheduleRequest.objects.filter(OPEN, appointment__in=[row.pk for row in rows])
    return set(asked.values_list("pk", flat=True))


def _void(rows: Sequence[Appointment], *, by: Actor, now: datetime) -> None:
    """End what is still open about sessions that have begun, as the sweep would within the minute."""
    by_number = {row.pk: row for row in rows}
    asked = list(
        RescheduleRequest.objects.filter(OPEN, appointment__in=list(by_number)).select_related("batch")
    )
    for request in asked:
        request.appointment = by_number[request.appointment_id]
    end_requests(Event.VOID, asked, by=by, now=now)


def _attest(row: Appointment, *, by: Actor, now: datetime) -> None:
    row.outcome_at, row.outcome_by_kind, row.outcome_by = now, by.kind, by.who


def _stand(row: Appointment, outcome: Outcome, *, former: Status, by: Actor, now: datetime) -> None:
    """Write down what became of a session whose time stays its own, or is its own again."""
    brings, was_cancelled = OUTCOMES[outcome], former is Status.CANCELLED
    row.status = brings.status
    row.fee_allowed = fee_allowed(
        status=brings.status,
        why=None,
        time_was_asked_about=was_asked_about(row),
        payer_forbids_fees=row.client.payer_forbids_fees,
    )
    row.cancelled_by = row.cancelled_why = row.cancelled_at = None
    # A calendar that was told of the cancellation takes only a higher number for newer.
    row.ical_sequence += was_cancelled
    _attest(row, by=by, now=now)
    row.save(
        update_fields=[*OUTCOME_FIELDS, "cancelled_by", "cancelled_why", "cancelled_at", "ical_sequence"]
    )
    if was_cancelled:
        _take_time_back(row, by=by, now=now)
    record(row, brings.history, by=by, now=now, details={"former": former, "fee_allowed": row.fee_allowed})


def _cancel_late(row: Appointment, *, by: Actor, now: datetime) -> None:
    """Cancel a session that has begun, since the client had called it off too late; they are told, with what it may cost."""
    former = Status(row.status)
    row.status = Status.SCHEDULED
    cancel([row], why=CancelledWhy.CLIENT_LATE, by=by, now=now, asked_about=was_asked_about(row))
    _attest(row, by=by, now=now)
    row.save(update_fields=OUTCOME_FIELDS)
    details = cancel_details(row) | {"former": former}
    record(row, OUTCOMES[Outcome.CANCELLED_LATE].history, by=by, now=now, details=details)
    show_card(row, Card.CANCELLED, by=by, now=now)
    notify(NotificationType.CANCELLED, NoticeSubject(row), by=by, now=now)


def _take_time_back(row: Appointment, *, by: Actor, now: datetime) -> None:
    """Give a session that was called canceled by mistake its time again, and tell the client that it is not canceled."""
    # What is long over claims nothing any more.
    if row.claims_pruned_at is None:
        try:
            claim(row, now=now)
        except (SlotTaken, ClientElsewhere):
            raise TimeGivenAway from None
    record(row, History.REINSTATED, by=by, now=now)
    show_card(row, Card.NOT_CANCELLED, by=by, now=now)
    notify(NotificationType.NOT_CANCELLED, NoticeSubject(row), by=by, now=now)


def _close_questions(rows: Sequence[Appointment], *, now: datetime) -> None:
    """Take off the lists what asked for an answer that is given now."""
    about = [row.pk for row in rows]
    open_tasks = Task.objects.filter(kind__in=ANSWERED_BY_AN_OUTCOME, done_at__isnull=True)
    open_tasks.filter(appointment__in=about).update(done_at=now)
    open_tasks.filter(request__appointment__in=about).update(done_at=now)

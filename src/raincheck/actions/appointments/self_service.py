"""Appointments in their clients' own hands: moved or canceled until the cut-off, and reminded of, or not."""

from datetime import datetime, timedelta
from uuid import UUID

from raincheck.actions.appointments.booking import Cancellation, cancel_and_tell, locked_ahead
from raincheck.actions.appointments.moving import move
from raincheck.actions.appointments.needed_by import look_at_need
from raincheck.actions.clients.history import change_between, record_change
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import record, show_card
from raincheck.actions.reschedule.open_times import look_soon, refuse_unless_open
from raincheck.data.appointments.outcomes import was_asked_about
from raincheck.data.models import Appointment, Recipient
from raincheck.data.reschedule.own_holds import held_to_move
from raincheck.data.slots import reschedule_question
from raincheck.domain.appointments.lifecycle import (
    CancelNoteTooLong,
    CancelReason,
    History,
    SlotNotOpen,
    SlotTaken,
)
from raincheck.domain.appointments.self_service import AskedMeanwhile, TooNearToChange, self_service_ends_at
from raincheck.domain.clients.record import ClientEvent
from raincheck.domain.conversations import Card, plain_text
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.reschedule.lifecycle import NOTE_LIMIT
from raincheck.domain.spans import Span
from raincheck.notifications.notify import notify
from raincheck.notifications.subjects import NoticeSubject


def move_own_appointment(ref: UUID, *, start: datetime, sequence: int, by: Actor, now: datetime) -> Answer:
    """Move an appointment to an open time (UTC), at its client's wish; both are told.

    Raises TooNearToChange from the cut-off on, AskedMeanwhile while a request is open, ChangedMeanwhile when it is no more as
    it was at `sequence`, and SlotTaken, SlotNotOpen or ClientElsewhere for the time: then it stands as it was.
    """
    appointment, _until = changeable(ref, sequence=sequence, now=now)
    look_at_own_move(appointment, start, now=now)
    former = move(appointment, to=start, length=appointment.length, now=now)
    record(appointment, History.MOVED, by=by, now=now, former=former)
    show_card(appointment, Card.MOVED, by=by, now=now, former=former)
    notify(NotificationType.MOVED, NoticeSubject(appointment, former=former), by=by, now=now)
    look_at_need(appointment, by=by, now=now)
    look_soon([appointment.provider_id])
    return {"appointment": str(appointment.ref)}


def cancel_own_appointment(ref: UUID, *, sequence: int, by: Actor, now: datetime, words: str = "") -> Answer:
    """Cancel an appointment at its client's wish, without a fee and with a rebook offer. Raises as `move_own_appointment`."""
    words = plain_text(words)
    if len(words) > NOTE_LIMIT:
        raise CancelNoteTooLong(field="reason", count=str(len(words)), limit=str(NOTE_LIMIT))
    changeable(ref, sequence=sequence, now=now)
    # Waived, since whoever comes in time here is not late: of a time that was asked about, up to the lead before it.
    cancellation = Cancellation(CancelReason.CLIENT_ASKED, rebook_link=True, waived=True)
    appointment = cancel_and_tell(ref, cancellation=cancellation, by=by, now=now, words=words)
    look_at_need(appointment, by=by, now=now)
    return {"appointment": str(appointment.ref)}


def want_reminders(recipient_id: int, *, wanted: bool, by: Actor, now: datetime) -> Answer:
    """Send somebody reminders of appointments from now on, or none. What is on its way already is dropped."""
    client_id = Recipient.objects.values_list("client", flat=True).get(pk=recipient_id)
    client = lock(clients=[client_id]).clients[client_id]
    recipient = Recipient.objects.get(pk=recipient_id)
    stood = recipient.reminders_off_at is None
    if change := change_between({"reminders": stood}, {"reminders": wanted}):
        recipient.reminders_off_at = None if wanted else now
        recipient.save(update_fields=["reminders_off_at"])
        record_change(client, ClientEvent.CHANGED, change, by=by, now=now)
    return {"reminders": "on" if wanted else "off"}


def changeable(ref: UUID, *, sequence: int | None, now: datetime) -> tuple[Appointment, datetime]:
    """Return an appointment, locked, that its client may move or cancel by themselves, and until when. A step, not a verb."""
    appointment, request = locked_ahead(ref, sequence=sequence, now=now)
    if request is not None:
        raise AskedMeanwhile
    policy, asked_about = appointment.practice.rules, was_asked_about(appointment)
    until = self_service_ends_at(appointment.starts_at, policy=policy, asked_about=asked_about)
    if until <= now:
        raise TooNearToChange
    return appointment, until


def look_at_own_move(appointment: Appointment, start: datetime, *, now: datetime) -> None:
    """Look at a start, to which its client would move an appointment, as it is now. A step, not a verb.

    What they hold for it outlives time off that was made over it since. Raises SlotNotOpen, SlotTaken or ClientElsewhere.
    """
    if start == appointment.starts_at:
        raise SlotNotOpen
    question = reschedule_question(
        appointment,
        now=now,
        notice=appointment.practice.rules.pick_notice,
        within=Span(start, start + timedelta(seconds=1)),
        at_the_clients_wish=True,
    )
    try:
        refuse_unless_open(question, start)
    except (SlotTaken, SlotNotOpen):
        if start not in held_to_move(appointment, question, now=now):
            raise

"""A move or cancellation by staff is undone within its time to undo: the appointment is as it was, and nobody was written to."""

from datetime import datetime
from uuid import UUID

from raincheck.actions.appointments.claims import claim
from raincheck.actions.appointments.moving import open_request_number
from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import record, take_back_what_waits
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.appointments.undo import PUT_BEFORE, put_before, undo_until
from raincheck.data.models import (
    Appointment,
    AppointmentHistory,
    Message,
    Notification,
    NotificationAppointment,
    RebookOffer,
)
from raincheck.domain.appointments.lifecycle import (
    AppointmentGone,
    ChangedMeanwhile,
    ClientElsewhere,
    History,
    SlotTaken,
    Status,
)
from raincheck.domain.appointments.undo import EndedARequest, TakenBackAlready, TimeTakenSince, UndoTooLate
from raincheck.domain.conversations import Card
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor

WHAT_WAITS = (NotificationType.MOVED, NotificationType.CANCELLED)


def undo_change(ref: UUID, *, sequence: int, by: Actor, now: datetime) -> Answer:
    """Put an appointment back that staff moved or canceled as its `sequence`, before anything of that leaves.

    Raises UndoTooLate, TakenBackAlready, TimeTakenSince, EndedARequest, or ChangedMeanwhile when anything else has
    happened to it: then it stands as it is.
    """
    row = _locked(ref)
    if row.ical_sequence != sequence or open_request_number(row) is not None:
        undone = AppointmentHistory.objects.filter(
            appointment=row, event=History.UNDONE, sequence=sequence + 1, request__isnull=True
        )
        raise TakenBackAlready if undone.exists() else ChangedMeanwhile
    became = AppointmentHistory.objects.filter(appointment=row, sequence=sequence, request__isnull=False)
    if row.before is None and became.exists():
        raise EndedARequest
    until = undo_until(row)
    if until is None or until <= now:
        raise UndoTooLate
    told = Notification.objects.filter(kind__in=WHAT_WAITS).filter(
        pk__in=NotificationAppointment.objects.filter(appointment=row, sequence=sequence).values(
            "notification"
        )
    )
    cards = Message.objects.filter(appointment=row, card__in=(Card.MOVED, Card.CANCELLED))
    if not take_back_what_waits(told, cards, now=now):
        raise UndoTooLate
    former = row.span
    _put_back(row, now=now)
    moved = former != row.span
    record(row, History.UNDONE, by=by, now=now, former=former if moved else None)
    look_soon([row.provider_id])
    return {"appointment": str(row.ref)}


def _locked(ref: UUID) -> Appointment:
    found = Appointment.objects.filter(ref=ref).only("pk", "provider", "client", "before").first()
    if found is None:
        raise AppointmentGone
    locked = lock(
        providers=[found.provider_id],
        clients=[found.client_id],
        appointments=[found.pk],
        # It may go back into another room.
        places=[found.before["place_id"]] if found.before else [],
    )
    row = locked.appointments[found.pk]
    if row.provider_id != found.provider_id or row.before != found.before:
        raise ReadAgain
    return row


def _put_back(row: Appointment, *, now: datetime) -> None:
    """Give a locked appointment back what it was, with its claim; the way to book anew that came with it ends."""
    was_cancelled = row.status == Status.CANCELLED
    put_before(row)
    row.before = row.release_at = None
    # Counted on, not back: whoever has seen the change in a form has seen something that is no more.
    row.ical_sequence += 1
    row.save(update_fields=[*PUT_BEFORE, "ical_sequence", "before", "release_at"])
    try:
        claim(row, now=now)
    except (SlotTaken, ClientElsewhere):
        raise TimeTakenSince from None
    if was_cancelled:
        RebookOffer.objects.filter(appointment=row, booked__isnull=True).update(expires_at=now)

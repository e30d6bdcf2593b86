"""A client's choice changed once more: for a day after they picked a time or kept it by video, free and without being asked."""

from datetime import datetime
from uuid import UUID

from raincheck.actions.appointments.booking import locked_ahead
from raincheck.actions.appointments.moving import move
from raincheck.actions.appointments.needed_by import look_at_need
from raincheck.actions.appointments.self_service import look_at_own_move
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import record, show_card
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.models import Appointment, RescheduleRequest
from raincheck.data.reschedule.choices import choice_changes_until
from raincheck.domain.appointments.lifecycle import History, SlotNotOpen
from raincheck.domain.appointments.self_service import AskedMeanwhile
from raincheck.domain.conversations import Card
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.reschedule.lifecycle import ChoiceStands, RequestGone
from raincheck.domain.spans import Span
from raincheck.notifications.notify import notify
from raincheck.notifications.subjects import NoticeSubject


def change_choice(request: UUID, *, start: datetime, sequence: int, by: Actor, now: datetime) -> Answer:
    """Move an appointment again to `start` (UTC), with the provider it has; both are told, and the request keeps its ending.

    Raises ChoiceStands once it is too late, AskedMeanwhile while another request is open, ChangedMeanwhile when it is no
    more as it was at `sequence`, and SlotTaken, SlotNotOpen or ClientElsewhere for the time: then it stands as it was.
    """
    settled, appointment, _until = changeable_choice(request, sequence=sequence, now=now)
    look_at_changed_choice(settled, appointment, start, now=now)
    former = move(appointment, to=start, length=appointment.length, now=now)
    # Not of the request: that has had its one ending.
    record(appointment, History.MOVED, by=by, now=now, former=former, details={"choice_of": str(settled.ref)})
    show_card(appointment, Card.MOVED, by=by, now=now, former=former)
    subject = NoticeSubject(appointment, former=former)
    notify(NotificationType.MOVED, subject, by=by, now=now, batch=settled.batch)
    look_at_need(appointment, by=by, now=now)
    look_soon([appointment.provider_id])
    return {"request": str(settled.ref), "appointment": str(appointment.ref)}


def changeable_choice(
    request: UUID, *, sequence: int | None, now: datetime
) -> tuple[RescheduleRequest, Appointment, datetime]:
    """Return a settled request whose client may change what they chose, its appointment, locked, and until when.

    A step, not a verb.
    """
    settled = RescheduleRequest.objects.select_related("appointment", "batch").filter(ref=request).first()
    if settled is None:
        raise RequestGone
    appointment, asked_again = locked_ahead(settled.appointment.ref, sequence=sequence, now=now)
    if asked_again is not None:
        raise AskedMeanwhile
    # The request itself is settled, and stays as it is: nothing about it can have changed.
    if (until := choice_changes_until(settled, appointment)) is None or until <= now:
        raise ChoiceStands
    return settled, appointment, until


def look_at_changed_choice(
    settled: RescheduleRequest, appointment: Appointment, start: datetime, *, now: datetime
) -> None:
    """Look at a start that would be chosen instead, as it is now. A step, not a verb. Raises as `look_at_own_move`."""
    # Nobody goes back to the time that the provider could not make.
    if Span(start, start + appointment.length).overlaps(settled.asked_span):
        raise SlotNotOpen
    look_at_own_move(appointment, start, now=now)

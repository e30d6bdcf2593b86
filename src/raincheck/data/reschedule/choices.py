"""A client's choices after a request was settled: until when they may change one, and whether it stands as they chose."""

from datetime import datetime

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import History, Status
from raincheck.domain.people import ActorKind
from raincheck.domain.reschedule.deadlines import choice_stands_from
from raincheck.domain.reschedule.lifecycle import CHOSEN, State

BY_CLIENT = (ActorKind.CLIENT, ActorKind.CLIENT_BY_LINK)


def choice_changes_until(request: RescheduleRequest, appointment: Appointment) -> datetime | None:
    """Return until when a client may change what they chose, by themselves or on the phone; None where it stands no more.

    The appointment needs its practice at hand. Whether it is asked about again is for the caller to know.
    """
    if (
        State(request.state) not in CHOSEN
        or request.settled_at is None
        or appointment.status != Status.SCHEDULED
    ):
        return None
    if not stands_as_chosen(request, appointment):
        return None
    policy = appointment.practice.rules
    return choice_stands_from(request.settled_at, starts_at=appointment.starts_at, policy=policy)


def stands_as_chosen(request: RescheduleRequest, appointment: Appointment) -> bool:
    """Return whether an appointment has the time its client chose in a request, or chose instead since."""
    at_first = request.moved_to or request.asked_starts_at
    if appointment.starts_at == at_first and appointment.provider_id == request.provider_id:
        return True
    # Whatever else was changed of it since, as its place or its link, it has the time that they chose.
    again = AppointmentHistory.objects.filter(
        appointment=appointment, event=History.MOVED, to_starts_at=appointment.starts_at
    )
    return again.filter(details__choice_of=str(request.ref)).exists()

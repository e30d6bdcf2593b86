"""A session that has begun: whether its time was asked about, and when somebody first said what happened."""

from datetime import datetime

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.timing.zone_rules import instants_of_present_time
from raincheck.domain.appointments.outcomes import OUTCOMES
from raincheck.domain.reschedule.lifecycle import State


def was_asked_about(appointment: Appointment) -> bool:
    """Return whether any request, however it ended, was about the time the appointment has now; one undone never left."""
    asked = RescheduleRequest.objects.filter(
        appointment=appointment, asked_starts_at__in=instants_of_present_time(appointment)
    )
    return asked.exclude(state=State.UNDONE).exists()


def first_said_at(appointment: Appointment) -> datetime | None:
    """Return when somebody first said what became of it, whatever was corrected since; None while nobody has."""
    if appointment.outcome_at is None:
        return None
    events = [brings.history for brings in OUTCOMES.values()]
    said = AppointmentHistory.objects.filter(
        appointment=appointment, event__in=events, at__gte=appointment.starts_at
    )
    return said.order_by("pk").values_list("at", flat=True).first() or appointment.outcome_at

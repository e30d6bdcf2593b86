"""Appointments ahead that new zone rules touched: those that stay at their time on the clock, and those that could not."""

from datetime import datetime

from django.db.models import F, QuerySet

from raincheck.data.appointments import Appointment, AppointmentHistory
from raincheck.domain.appointments import History, Status

EVENTS = (History.ZONE_CLASH, History.ZONE_CORRECTED)


def brought_by_new_rules(
    appointments: QuerySet[Appointment], *, now: datetime
) -> QuerySet[AppointmentHistory]:
    """Return the history rows of appointments ahead that nobody has changed since, clashes first, then by time."""
    ahead = appointments.filter(status=Status.SCHEDULED, starts_at__gt=now)
    rows = AppointmentHistory.objects.filter(event__in=EVENTS, appointment__in=ahead)
    # Whatever changes an appointment raises its sequence, so an older row is about a time that it has no more.
    rows = rows.filter(sequence=F("appointment__ical_sequence"))
    about = ("appointment__client", "appointment__provider", "appointment__type", "appointment__practice")
    return rows.select_related(*about).order_by("event", "appointment__starts_at", "pk")

"""A cancelled appointment that may be put back: what was booked instead, and whether its series goes on."""

from datetime import datetime

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.domain.appointments.lifecycle import Status


def booked_anew(row: Appointment, *, now: datetime) -> Appointment | None:
    """Return the appointment that its client has booked by the offer of this one, while it is ahead."""
    offers = RebookOffer.objects.filter(
        appointment=row, booked__status=Status.SCHEDULED, booked__starts_at__gt=now
    )
    offer = offers.select_related("booked__provider", "booked__type", "booked__place").first()
    return offer.booked if offer else None


def series_has_ended(row: Appointment) -> bool:
    """Return whether the series of an occurrence ends before it, so that no calendar would know it as one."""
    if row.series is None or row.recurrence_id is None or row.series.ends_on is None:
        return False
    return bool(row.recurrence_id.date() > row.series.ends_on)

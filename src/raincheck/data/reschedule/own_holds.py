"""Times that a client holds outside a request: to move an appointment at their wish, or to book after a cancellation.

A time that is held outlives time off that is made later, for its client and as long as it is held.
"""

from datetime import datetime

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Hold
from raincheck.data.reschedule.rebooking import RebookOffer


def held_to_move(appointment: Appointment, *, now: datetime) -> list[datetime]:
    """Return the start that is held for a move of an appointment, when it still fits."""
    held = Hold.objects.filter(appointment=appointment, expires_at__gt=now)
    return [one.starts_at for one in held if one.ends_at - one.starts_at >= appointment.length]


def held_to_book(offer: RebookOffer, *, now: datetime) -> list[datetime]:
    """Return the start that is held for the booking of an offer, when it still fits."""
    held = Hold.objects.filter(offer=offer, expires_at__gt=now)
    return [one.starts_at for one in held if one.ends_at - one.starts_at >= offer.type.length]

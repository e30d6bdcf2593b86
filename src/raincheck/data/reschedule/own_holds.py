"""Times that a client holds outside a request: to move an appointment at their wish, or to book after a cancellation.

A time that is held outlives time off that is made later, for its client and as long as it is held; what they have themselves
by then, at that time or where it closes the day, it does not outlive.
"""

from collections.abc import Iterable
from datetime import datetime

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Hold
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.domain.slots import Question, comes_that_day
from raincheck.domain.spans import Span


def held_to_move(appointment: Appointment, question: Question, *, now: datetime) -> list[datetime]:
    """Return the start that is held for a move of an appointment, the question's, when it still fits."""
    held = Hold.objects.filter(appointment=appointment, expires_at__gt=now)
    return _that_fit(held, question)


def held_to_book(offer: RebookOffer, question: Question, *, now: datetime) -> list[datetime]:
    """Return the start that is held for the booking of an offer, the question's, when it still fits."""
    held = Hold.objects.filter(offer=offer, expires_at__gt=now)
    return _that_fit(held, question)


def _that_fit(held: Iterable[Hold], question: Question) -> list[datetime]:
    return [
        one.starts_at
        for one in held
        if one.ends_at - one.starts_at >= question.length
        and not comes_that_day(question, one.starts_at)
        and not any(
            Span(one.starts_at, one.starts_at + question.length).overlaps(span)
            for span in question.client_appointments
        )
    ]

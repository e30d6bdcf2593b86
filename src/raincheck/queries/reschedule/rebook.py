"""The page behind "Book a new time": the offer, and the times that are open for it."""

from datetime import datetime
from uuid import UUID

from raincheck.data.models import Appointment, RebookOffer
from raincheck.data.slots import rebook_question
from raincheck.domain.slots import open_slots


def offer_named(ref: UUID) -> RebookOffer | None:
    """Return a rebook offer with its people, type and place; None when there is none."""
    offers = RebookOffer.objects.select_related(
        "practice", "provider", "client", "type", "place", "appointment"
    )
    return offers.filter(ref=ref).first()


def booked_with(offer: RebookOffer) -> Appointment | None:
    """Return the appointment that was booked by an offer, as it is now."""
    if offer.booked_id is None:
        return None
    return Appointment.objects.select_related("place", "type").get(pk=offer.booked_id)


def rebook_starts(offer: RebookOffer, *, now: datetime) -> list[datetime]:
    """Return the starts that can be booked, soonest first."""
    return open_slots(rebook_question(offer, now=now))

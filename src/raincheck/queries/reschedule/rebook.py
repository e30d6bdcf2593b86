"""The page behind "Book a new time": the offer, and the times that are open for it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from raincheck.data.compiled import Compiled
from raincheck.data.models import Appointment, RebookOffer
from raincheck.data.reschedule.own_holds import held_to_book
from raincheck.data.slots import rebook_question
from raincheck.domain.appointments.lifecycle import TypeKind
from raincheck.domain.clients.never_works import times_of_week
from raincheck.domain.ranking import nearest_good_times, usual_time
from raincheck.domain.slots import open_slots
from raincheck.domain.zones import zone_named
from raincheck.queries.reschedule.choose import kept_starts


def offer_named(ref: UUID) -> RebookOffer | None:
    """Return a rebook offer with its people, type and place; None when there is none."""
    return next(iter(_offers(ref=ref)), None)


@Compiled
def _offers(ref: UUID) -> QuerySet[RebookOffer]:
    at_hand = ("practice", "provider", "client", "type", "place", "appointment")
    return RebookOffer.objects.filter(ref=ref).select_related(*at_hand)


def booked_with(offer: RebookOffer) -> Appointment | None:
    """Return the appointment that was booked by an offer, as it is now."""
    if offer.booked_id is None:
        return None
    return Appointment.objects.select_related("place", "type").get(pk=offer.booked_id)


def good_times(offer: RebookOffer, starts: Sequence[datetime], *, zone: str, now: datetime) -> list[datetime]:
    """Return the best of the starts, near the time that was canceled; `zone` is where whoever reads them has their clock."""
    of_provider = zone_named(offer.provider.zone)
    kept = kept_starts(provider=offer.provider_id, client=offer.client_id, now=now)
    return nearest_good_times(
        starts,
        asked_at=offer.appointment.starts_at,
        usual=None if offer.type.kind == TypeKind.INTAKE else usual_time(kept, zone=of_provider),
        zone=of_provider,
        client_zone=zone_named(zone),
        never_works=times_of_week(offer.client.never_works),
        needed_by=offer.appointment.needed_by,
    )


def rebook_starts(offer: RebookOffer, *, now: datetime) -> list[datetime]:
    """Return the starts that can be booked, soonest first."""
    question = rebook_question(offer, now=now)
    return sorted({*open_slots(question), *held_to_book(offer, question, now=now)})

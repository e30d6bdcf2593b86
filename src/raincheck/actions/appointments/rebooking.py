"""Booking a new time after a cancellation, or a session that the practice could not hold, by the client's rebook offer."""

from datetime import datetime
from uuid import UUID

from raincheck.actions.appointments.booking import Booking, make_appointment, must_be_in_care
from raincheck.actions.appointments.claims import free_holds
from raincheck.actions.appointments.moving import offer_to_rebook
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import record, show_card
from raincheck.actions.reschedule.open_times import look_soon, refuse_unless_open
from raincheck.data.models import Appointment, Hold, RebookOffer
from raincheck.data.reschedule.own_holds import held_to_book
from raincheck.data.slots import rebook_question
from raincheck.domain.appointments.lifecycle import (
    AppointmentGone,
    History,
    OfferEnded,
    OfferUsed,
    SlotNotOpen,
    SlotTaken,
    Status,
)
from raincheck.domain.appointments.outcomes import LinkSentAlready, NotMissedByUs
from raincheck.domain.conversations import Card
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.policy import REBOOK_LINK_LIVES
from raincheck.notifications.notify import notify
from raincheck.notifications.subjects import NoticeSubject


def send_rebook_link(ref: UUID, *, by: Actor, now: datetime) -> Answer:
    """Offer the client of a session that the practice could not hold one new booking, and send them the link to it.

    An offer that has expired unused is renewed: there is one for each session.
    """
    found = Appointment.objects.filter(ref=ref).only("pk", "provider", "client").first()
    if found is None:
        raise AppointmentGone
    locked = lock(providers=[found.provider_id], clients=[found.client_id], appointments=[found.pk])
    row = locked.appointments[found.pk]
    if row.status != Status.PROVIDER_NO_SHOW:
        raise NotMissedByUs
    must_be_in_care(locked.clients[row.client_id])
    offer = RebookOffer.objects.filter(appointment=row).first()
    if offer is None:
        offer = offer_to_rebook([row], now=now)[row.pk]
    elif offer.booked_id is not None or offer.expires_at > now:
        raise LinkSentAlready
    else:
        offer.expires_at = now + REBOOK_LINK_LIVES
        offer.save(update_fields=["expires_at"])
    record(row, History.REBOOK_LINK_SENT, by=by, now=now)
    notify(NotificationType.REBOOK_LINK, NoticeSubject(row, offer=offer), by=by, now=now)
    return {"offer": str(offer.ref), "appointment": str(row.ref)}


def rebook(ref: UUID, *, start: datetime, by: Actor, now: datetime) -> Answer:
    """Use a rebook offer, which works once: a new booking with the same provider, type and place, at an open time (UTC)."""
    offer = open_offer(ref, now=now)
    look_at_booking(offer, start, now=now)
    booking = Booking(offer.provider_id, offer.client_id, offer.type_id, offer.place_id, start)
    appointment = make_appointment(booking, now=now)
    offer.booked, offer.booked_at = appointment, now
    offer.save(update_fields=["booked", "booked_at"])
    free_holds(list(Hold.objects.filter(offer=offer).values_list("pk", flat=True)))
    record(appointment, History.BOOKED, by=by, now=now, details={"rebooked_from": str(offer.appointment.ref)})
    show_card(appointment, Card.BOOKED, by=by, now=now)
    notify(NotificationType.BOOKED, NoticeSubject(appointment), by=by, now=now)
    look_soon([appointment.provider_id])
    return {"offer": str(offer.ref), "appointment": str(appointment.ref)}


def open_offer(ref: UUID, *, now: datetime) -> RebookOffer:
    """Return a rebook offer that can be used, with its provider and client locked. A step, not a verb."""
    found = RebookOffer.objects.filter(ref=ref).values_list("pk", "provider", "client").first()
    if found is None:
        raise OfferEnded
    pk, provider, client = found
    # Two presses of one link meet here: whoever is second finds the offer used.
    lock(providers=[provider], clients=[client])
    offer = RebookOffer.objects.select_related("practice", "provider", "type", "place", "appointment").get(
        pk=pk
    )
    if offer.booked_id is not None:
        raise OfferUsed
    if offer.expires_at <= now:
        raise OfferEnded
    return offer


def look_at_booking(offer: RebookOffer, start: datetime, *, now: datetime) -> None:
    """Look at a start that would be booked, as it is now. A step, not a verb.

    What the client holds for it outlives time off that was made over it since. Raises SlotNotOpen, SlotTaken or ClientElsewhere.
    """
    question = rebook_question(offer, now=now)
    try:
        refuse_unless_open(question, start)
    except (SlotTaken, SlotNotOpen):
        if start not in held_to_book(offer, question, now=now):
            raise

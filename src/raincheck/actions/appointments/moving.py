"""Steps that change an appointment's time or end it, with its claims; shared by every verb that does so."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Case, F, QuerySet, When

from raincheck.actions.appointments.claims import AT_ONCE, claim, free_all, free_holds, give_room_back
from raincheck.data.models import Appointment, Hold, Place, RebookOffer, RescheduleRequest
from raincheck.domain.appointments.lifecycle import (
    CancelledBy,
    CancelledWhy,
    NotScheduled,
    StartsInThePast,
    Status,
    fee_allowed,
)
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.policy import REBOOK_LINK_LIVES
from raincheck.domain.reschedule.lifecycle import State
from raincheck.domain.spans import Span
from raincheck.domain.zones import local_time, zone_named

CANCELLED_BY = {
    ActorKind.CLIENT: CancelledBy.CLIENT,
    ActorKind.CLIENT_BY_LINK: CancelledBy.CLIENT,
    ActorKind.PROVIDER: CancelledBy.PROVIDER,
    ActorKind.MANAGER: CancelledBy.MANAGER,
    # To everybody outside it was the practice; who it was stands in the history.
    ActorKind.SCHEDULER: CancelledBy.MANAGER,
    ActorKind.SYSTEM: CancelledBy.SYSTEM,
    ActorKind.OPERATOR: CancelledBy.SYSTEM,
}


def must_be_scheduled(appointment: Appointment) -> None:
    if appointment.status != Status.SCHEDULED:
        raise NotScheduled


def set_time(appointment: Appointment, *, start: datetime, length: timedelta) -> None:
    """Give the row its instant, wall time, offset and zone. Nothing is saved."""
    # The wall time is what was agreed; the instant follows it when zone rules change.
    shown = local_time(start, zone=zone_named(appointment.provider.zone))
    appointment.starts_at = shown.instant
    appointment.ends_at = shown.instant + length
    appointment.starts_wall = shown.wall
    appointment.utc_offset = shown.offset
    appointment.zone = shown.zone


TIME_FIELDS = ("starts_at", "ends_at", "starts_wall", "utc_offset", "zone", "ical_sequence")


def move(appointment: Appointment, *, to: datetime, length: timedelta, now: datetime) -> Span:
    """Move a locked appointment and return the time it had. One claim replaces another, or SlotTaken."""
    must_be_scheduled(appointment)
    if to <= now:
        raise StartsInThePast
    former = appointment.span
    set_time(appointment, start=to, length=length)
    # Calendars take an update of the same entry only with a higher number.
    appointment.ical_sequence += 1
    appointment.save(update_fields=[*TIME_FIELDS, "buffer_before", "buffer_after", "type"])
    claim(appointment, now=now)
    return former


def go_by_video(appointment: Appointment, place: Place) -> None:
    """Hold a locked appointment by video, at its time: its provider's join link and nothing else changes."""
    must_be_scheduled(appointment)
    appointment.place, appointment.join_url = place, appointment.provider.join_url
    # Calendars take an update of the same entry only with a higher number.
    appointment.ical_sequence += 1
    appointment.save(update_fields=["place", "join_url", "ical_sequence"])
    give_room_back(appointment)


def cancel(
    appointments: Sequence[Appointment],
    *,
    why: CancelledWhy,
    by: Actor,
    now: datetime,
    note: str = "",
    asked_about: bool,
) -> None:
    """Cancel locked appointments for one reason and give their time back. `asked_about` leaves no fee to be allowed."""
    for row in appointments:
        must_be_scheduled(row)
    values = {
        "status": Status.CANCELLED,
        "cancelled_by": CANCELLED_BY[by.kind],
        "cancelled_why": why,
        "cancelled_at": now,
        "cancel_note": "",
    }
    for row in appointments:
        for name, value in values.items():
            setattr(row, name, value)
        row.ical_sequence += 1
        row.fee_allowed = fee_allowed(
            status=Status.CANCELLED,
            why=why,
            time_was_asked_about=asked_about,
            # Of a time that was asked about no client has to be read: an import is undone with thousands.
            payer_forbids_fees=not asked_about and row.client.payer_forbids_fees,
        )
    # Only what all of them share goes into one statement; each row counts on from its own sequence.
    ids = [row.pk for row in appointments]
    with_fee = [row.pk for row in appointments if row.fee_allowed]
    Appointment.objects.filter(pk__in=ids).update(
        **values,
        ical_sequence=F("ical_sequence") + 1,
        fee_allowed=Case(When(pk__in=with_fee, then=True), default=False),
    )
    for row in appointments if note else ():
        # Sealed for one row each; what lapses by the hundred has no note.
        row.cancel_note = note
        row.save(update_fields=["cancel_note"])
    free_all(ids)


CANCEL_MANY = """
UPDATE raincheck_appointment SET status = %s, cancelled_by = %s, cancelled_why = %s, cancelled_at = %s, cancel_note = '',
    fee_allowed = false, ical_sequence = ical_sequence + 1
WHERE id = ANY(%s) AND status = %s
"""


def cancel_many(appointments: Sequence[int], *, why: CancelledWhy, by: Actor, now: datetime) -> None:
    """Cancel thousands of locked appointments, none of them at a fee, and give their time back; nothing of them is read."""
    said = (Status.CANCELLED, CANCELLED_BY[by.kind], why, now)
    with connection.cursor() as cursor:
        for first in range(0, len(appointments), AT_ONCE):
            ids = list(appointments[first : first + AT_ONCE])
            cursor.execute(CANCEL_MANY, [*said, ids, Status.SCHEDULED])
            if cursor.rowcount != len(ids):
                raise NotScheduled
            free_all(ids)


def cancel_details(appointment: Appointment) -> dict[str, str | int]:
    """Return what the history keeps of a cancellation beside who and when: why, and whether a fee was allowed."""
    assert appointment.cancelled_why is not None, "a cancelled appointment says why"
    return {"why": str(appointment.cancelled_why), "fee_allowed": appointment.fee_allowed}


def offer_to_rebook(appointments: Iterable[Appointment], *, now: datetime) -> dict[int, RebookOffer]:
    """Offer the clients of cancelled appointments one new booking each; return the offers by appointment.

    Of one that was put back and cancelled again the offer it had is renewed, at its address: there is one for each.
    """
    made = RebookOffer.objects.bulk_create(
        [
            RebookOffer(
                practice_id=row.practice_id,
                appointment=row,
                provider_id=row.provider_id,
                client_id=row.client_id,
                type_id=row.type_id,
                place_id=row.place_id,
                expires_at=now + REBOOK_LINK_LIVES,
            )
            for row in appointments
        ],
        update_conflicts=True,
        unique_fields=["appointment"],
        update_fields=["provider", "client", "type", "place", "expires_at", "booked", "booked_at"],
    )
    refs = dict(RebookOffer.objects.filter(pk__in=[offer.pk for offer in made]).values_list("pk", "ref"))
    for offer in made:
        offer.ref = refs[offer.pk]
    return {offer.appointment_id: offer for offer in made}


def end_offers(offers: QuerySet[RebookOffer], *, now: datetime) -> None:
    """End those of some offers to book anew that were not used, with the times that are held on them."""
    unused = list(offers.filter(booked__isnull=True, expires_at__gt=now).values_list("pk", flat=True))
    RebookOffer.objects.filter(pk__in=unused).update(expires_at=now)
    free_holds(list(Hold.objects.filter(offer__in=unused).values_list("pk", flat=True)))


def open_request_number(appointment: Appointment) -> int | None:
    """Return the number of the appointment's open request, looked up without locking."""
    return (
        RescheduleRequest.objects.filter(appointment=appointment, state=State.OPEN)
        .values_list("pk", flat=True)
        .first()
    )

"""Booking, changing and cancelling an appointment, by the practice."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from raincheck.actions.appointments.claims import claim, claim_holds_anew
from raincheck.actions.appointments.moving import (
    cancel,
    cancel_details,
    move,
    must_be_scheduled,
    offer_to_rebook,
    open_request_number,
    set_time,
)
from raincheck.actions.clients.record import write_down
from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import (
    Shown,
    close_tasks_of_lapsed_intakes,
    close_tasks_of_need,
    record,
    show_card,
    show_cards,
)
from raincheck.actions.reschedule.ending import end_requests
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.appointments.outcomes import was_asked_about
from raincheck.data.appointments.undo import Before, as_before, keep_until, undo_until
from raincheck.data.models import Appointment, AppointmentType, Client, Place, Provider, RescheduleRequest
from raincheck.domain.access.people import ProviderLeft
from raincheck.domain.appointments.lifecycle import (
    AlreadyStarted,
    AppointmentGone,
    CancelNoteTooLong,
    CancelReason,
    CancelReasonMissing,
    ChangedMeanwhile,
    History,
    NothingChanged,
    StartsInThePast,
    cancelled_why,
)
from raincheck.domain.appointments.undo import released_at
from raincheck.domain.clients.leaving import NotInCare
from raincheck.domain.clients.record import ClientDetails
from raincheck.domain.conversations import Card, plain_text
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor, NotInThisPractice
from raincheck.domain.reschedule.lifecycle import NOTE_LIMIT, Event
from raincheck.domain.spans import Span
from raincheck.notifications.notify import Dispatch, notify, notify_many
from raincheck.notifications.subjects import NoticeSubject


@dataclass(frozen=True, slots=True)
class Booking:
    """What is to be booked; ids within the practice, `start` in UTC."""

    provider_id: int
    client_id: int
    type_id: int
    place_id: int
    start: datetime


def book(booking: Booking, *, by: Actor, now: datetime) -> Answer:
    """Book an appointment. Staff may book outside working hours; nobody can be booked twice (SlotTaken)."""
    return _booked(booking, by=by, now=now)


def add_and_book(
    details: ClientDetails, booking: Booking, *, practice_id: int, by: Actor, now: datetime
) -> Answer:
    """Write a new client down and book an appointment for them: both, or neither. `booking` names no client yet."""
    # First, as in every verb: whoever else books with this provider waits before anything is written.
    lock(providers=[booking.provider_id])
    client = write_down(practice_id, details=details, by=by, now=now)
    return _booked(replace(booking, client_id=client.pk), by=by, now=now)


def _booked(booking: Booking, *, by: Actor, now: datetime) -> Answer:
    appointment = make_appointment(booking, now=now)
    record(appointment, History.BOOKED, by=by, now=now)
    show_card(appointment, Card.BOOKED, by=by, now=now)
    confirmed = appointment.practice.rules.confirm_bookings
    told = Dispatch(NotificationType.BOOKED, [NoticeSubject(appointment)], client_too=confirmed)
    notify_many([told], by=by, now=now)
    look_soon([appointment.provider_id])
    return {"appointment": str(appointment.ref)}


def must_be_in_care(client: Client) -> None:
    """Refuse to book for somebody whose care has ended."""
    if client.discharged_at is not None or client.archived_at is not None:
        raise NotInCare(name=client.known_as)


def make_appointment(booking: Booking, *, now: datetime) -> Appointment:
    """Write an appointment with its claim, under the provider's and the client's lock. A step, not a verb."""
    if booking.start <= now:
        raise StartsInThePast
    provider, client = locked_pair(booking.provider_id, booking.client_id, booking.place_id)
    kind, place = type_and_place(provider, booking.type_id, booking.place_id)
    # The calendar UID carries the ref, and both stay through every move.
    ref = uuid.uuid4()
    appointment = Appointment(
        ref=ref,
        practice=provider.practice,
        provider=provider,
        client=client,
        type=kind,
        place=place,
        buffer_before=kind.buffer_before,
        buffer_after=kind.buffer_after,
        join_url=provider.join_url if place.kind == "telehealth" else "",
        ical_uid=f"{ref}@raincheck",
        booked_at=now,
    )
    set_time(appointment, start=booking.start, length=kind.length)
    # The row first: a claim names it. Without its claim the deferred trigger would refuse it at the commit.
    appointment.save(force_insert=True)
    claim(appointment, now=now)
    close_tasks_of_lapsed_intakes([appointment.pk], now=now)
    return appointment


def locked_pair(provider_id: int, client_id: int, place_id: int) -> tuple[Provider, Client]:
    """Return a provider and a client who can be booked together, locked, as is the room."""
    locked = lock(providers=[provider_id], clients=[client_id], places=[place_id])
    provider, client = locked.providers[provider_id], locked.clients[client_id]
    if provider.left_at is not None:
        raise ProviderLeft(name=provider.short_name)
    must_be_in_care(client)
    return provider, client


def type_and_place(
    whose: Provider | Appointment, type_id: int, place_id: int
) -> tuple[AppointmentType, Place]:
    """Return a type and a place of the same practice; the form's numbers may be anybody's."""
    kind = AppointmentType.objects.filter(pk=type_id, practice=whose.practice_id).first()
    place = Place.objects.filter(pk=place_id, practice=whose.practice_id).first()
    if kind is None or place is None:
        raise NotInThisPractice
    return kind, place


@dataclass(frozen=True, slots=True)
class Details:
    """What an appointment shall be: everything the form shows, changed or not. `start` is in UTC; a form that was
    made at another `sequence` of the appointment changes nothing."""

    start: datetime
    type_id: int
    place_id: int
    join_url: str
    sequence: int | None = None


def change_appointment_details(ref: UUID, *, details: Details, by: Actor, now: datetime) -> Answer:
    """Change what was agreed. While a request is open, a new time ends it as moved; a new type or length supersedes it.

    Place and join link may change without ending a request. Raises SlotTaken, and then nothing has changed.
    """
    appointment, request = locked_ahead(ref, sequence=details.sequence, now=now, places=[details.place_id])
    before, waits_until = as_before(appointment), undo_until(appointment)
    kind, place = type_and_place(appointment, details.type_id, details.place_id)
    time_changes, type_changes = details.start != appointment.starts_at, kind.pk != appointment.type_id
    place_changes = details.place_id != appointment.place_id
    link_changes = details.join_url != appointment.join_url
    if not (time_changes or type_changes or place_changes or link_changes):
        raise NothingChanged
    appointment.place, appointment.join_url = place, details.join_url
    appointment.save(update_fields=["place", "join_url"])
    if request is not None and time_changes and not type_changes:
        # They have found a time together, and that is what the request was about.
        by = by.answering_for(appointment.client_id)
        end_requests(Event.PICK, [request], by=by, now=now, to=details.start)
        close_tasks_of_need(appointment, now=now)
        return {"appointment": str(appointment.ref)}
    superseded = request if type_changes else None
    if superseded is not None:
        end_requests(Event.SUPERSEDE, [superseded], by=by, now=now)
    length = kind.length if type_changes else appointment.ends_at - appointment.starts_at
    if type_changes:
        appointment.type = kind
        appointment.buffer_before, appointment.buffer_after = kind.buffer_before, kind.buffer_after
    if time_changes or type_changes:
        former = move(appointment, to=details.start, length=length, now=now)
        close_tasks_of_need(appointment, now=now)
    else:
        if place_changes:
            claim(appointment, now=now)
        # A calendar takes an entry for newer only by a higher number (RFC 5546, 2.1.4).
        appointment.ical_sequence += 1
        appointment.save(update_fields=["ical_sequence"])
    if request is not None and place_changes:
        claim_holds_anew(request, now=now)
    # Never told before a move that still waits: it would name a time that nobody has heard of.
    release_at = waits_until if waits_until and waits_until > now else None
    # What ended a request can't be undone, so that nobody waits for it.
    if time_changes and request is None and by.is_staff:
        release_at = _hold_back(appointment, before, soonest=min(former.start, details.start), now=now)
    _tell_changed(
        appointment, superseded, former if time_changes else None, by=by, now=now, release_at=release_at
    )
    return {"appointment": str(appointment.ref)}


def _hold_back(
    appointment: Appointment, before: Before, *, soonest: datetime, now: datetime
) -> datetime | None:
    """Keep how an appointment was for as long as what was done can be undone; return from when that leaves, None: at once."""
    release_at = released_at(soonest, policy=appointment.practice.rules, now=now)
    if release_at <= now:
        return None
    keep_until([(appointment, before)], release_at=release_at)
    return release_at


def _tell_changed(
    appointment: Appointment,
    superseded: RescheduleRequest | None,
    former: Span | None,
    *,
    by: Actor,
    now: datetime,
    release_at: datetime | None,
) -> None:
    """Write down and tell what the practice has changed; `former` is the time it had before, when that changed."""
    record(appointment, History.DETAILS_CHANGED, by=by, now=now, request=superseded, former=former)
    moved = former is not None
    if moved or superseded is not None:
        card = Card.MOVED if moved else Card.SUPERSEDED
        show_card(
            appointment,
            card,
            by=by,
            now=now,
            request=superseded,
            former=former,
            release_at=release_at,
        )
    notify(
        NotificationType.MOVED if moved else NotificationType.DETAILS_CHANGED,
        NoticeSubject(appointment, superseded, former=former),
        by=by,
        now=now,
        batch=superseded.batch if superseded else None,
        release_at=release_at,
    )
    look_soon([appointment.provider_id])


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What the cancel flow's form says. `waived` forgives a late cancellation; `sequence` as in Details."""

    reason: CancelReason | None
    note: str = ""
    rebook_link: bool = False
    waived: bool = False
    sequence: int | None = None


def cancel_appointment(ref: UUID, *, cancellation: Cancellation, by: Actor, now: datetime) -> Answer:
    """Cancel for clinical or other reasons; an open request is superseded, and only this act is told."""
    sound_cancellation(cancellation)
    appointment = cancel_and_tell(ref, cancellation=cancellation, by=by, now=now, can_be_undone=True)
    return {"appointment": str(appointment.ref)}


def sound_cancellation(cancellation: Cancellation) -> CancelReason:
    """Return the reason of a cancellation that can be carried out."""
    if cancellation.reason is None:
        raise CancelReasonMissing
    if len(cancellation.note) > NOTE_LIMIT:
        raise CancelNoteTooLong(count=str(len(cancellation.note)), limit=str(NOTE_LIMIT))
    return cancellation.reason


def cancel_and_tell(
    ref: UUID,
    *,
    cancellation: Cancellation,
    by: Actor,
    now: datetime,
    words: str = "",
    can_be_undone: bool = False,
) -> Appointment:
    """Cancel an appointment that is ahead, with all that it brings. A step, not a verb; a reason was given.

    `words` are what a client says with it, for the conversation. What `can_be_undone` leaves after its time to undo.
    """
    assert cancellation.reason is not None
    appointment, request = locked_ahead(ref, sequence=cancellation.sequence, now=now)
    if request is not None:
        # Before the cancellation: no open request may be about a canceled appointment, even for a moment.
        end_requests(Event.SUPERSEDE, [request], by=by, now=now)
    policy, before = appointment.practice.rules, as_before(appointment)
    why = cancelled_why(
        cancellation.reason,
        start=appointment.starts_at,
        now=now,
        cut_off=policy.self_service_cut_off,
        waived=cancellation.waived,
    )
    cancel(
        [appointment],
        why=why,
        by=by,
        now=now,
        note=plain_text(cancellation.note),
        asked_about=was_asked_about(appointment),
    )
    offers = offer_to_rebook([appointment] if cancellation.rebook_link else [], now=now)
    release_at = None
    if can_be_undone and request is None and by.is_staff:
        release_at = _hold_back(appointment, before, soonest=appointment.starts_at, now=now)
    details = cancel_details(appointment)
    record(appointment, History.CANCELLED, by=by, now=now, request=request, details=details)
    shown = [Shown(appointment, request)]
    show_cards(Card.CANCELLED, shown, by=by, now=now, body=words, release_at=release_at)
    subject = NoticeSubject(appointment, request, offer=offers.get(appointment.pk))
    notify(NotificationType.CANCELLED, subject, by=by, now=now, release_at=release_at)
    look_soon([appointment.provider_id])
    return appointment


def locked_ahead(
    ref: UUID, *, sequence: int | None, now: datetime, places: Collection[int] = ()
) -> tuple[Appointment, RescheduleRequest | None]:
    """Return an appointment that is ahead, as it was at `sequence`, and its open request, if any, locked in order.

    `places` are where it may go. A step, not a verb.
    """
    found = Appointment.objects.filter(ref=ref).first()
    if found is None:
        raise AppointmentGone
    request = open_request_number(found)
    locked = lock(
        providers=[found.provider_id],
        clients=[found.client_id],
        appointments=[found.pk],
        requests=[request] if request else [],
        places=places,
    )
    appointment = locked.appointments[found.pk]
    if appointment.provider_id != found.provider_id or open_request_number(appointment) != request:
        raise ReadAgain  # somebody asked, or the request ended, between the look-up and the lock
    must_be_scheduled(appointment)
    if sequence not in (None, appointment.ical_sequence):
        raise ChangedMeanwhile
    if appointment.starts_at <= now:
        raise AlreadyStarted
    if request is None:
        return appointment, None
    locked.requests[request].appointment = appointment
    return appointment, locked.requests[request]

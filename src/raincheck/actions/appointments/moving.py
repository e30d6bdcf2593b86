"""Steps that change an appointment's time or end it, with its claims; shared by every verb that does so."""

from __future__ import annotations

from datetime import datetime, timedelta

from raincheck.actions.appointments.claims import claim, free, free_holds
from raincheck.data.appointments import Appointment, Hold
from raincheck.data.reschedule import RebookOffer, RescheduleRequest
from raincheck.data.timing.zone_rules import instants_of_present_time
from raincheck.domain.appointments import (
    CancelledBy,
    CancelledWhy,
    NotScheduled,
    StartsInThePast,
    Status,
    fee_allowed,
)
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.policy import REBOOK_LINK_LIVES
from raincheck.domain.reschedule import Event, State, settled
from raincheck.domain.spans import Span
from raincheck.domain.zones import local_time, zone_named

CANCELLED_BY = {
    ActorKind.CLIENT: CancelledBy.CLIENT,
    ActorKind.CLIENT_BY_LINK: CancelledBy.CLIENT,
    ActorKind.PROVIDER: CancelledBy.PROVIDER,
    ActorKind.MANAGER: CancelledBy.MANAGER,
    ActorKind.SYSTEM: CancelledBy.SYSTEM,
    ActorKind.OPERATOR: CancelledBy.SYSTEM,
}


def must_be_scheduled(appointment: Appointment) -> None:
    if appointment.status != Status.SCHEDULED:
        raise NotScheduled


def set_time(appointment: Appointment, *, start: datetime, length: timedelta) -> None:
    """Give the row its instant, wall time, offset and zone. Nothing is saved."""
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
    appointment.ical_sequence += 1
    appointment.save(update_fields=[*TIME_FIELDS, "buffer_before", "buffer_after", "type"])
    free(appointment)
    claim(appointment, now=now)
    return former


def cancel(
    appointment: Appointment,
    *,
    why: CancelledWhy,
    by: Actor,
    now: datetime,
    note: str = "",
    asked_about: bool,
) -> None:
    """Cancel a locked appointment and give its time back."""
    must_be_scheduled(appointment)
    mark_cancelled(appointment, why=why, by=by, now=now, note=note, asked_about=asked_about)
    appointment.save(update_fields=CANCEL_FIELDS)
    free(appointment)


CANCEL_FIELDS = [
    "status",
    "cancelled_by",
    "cancelled_why",
    "cancelled_at",
    "cancel_note",
    "fee_allowed",
    "ical_sequence",
]


def mark_cancelled(
    appointment: Appointment, *, why: CancelledWhy, by: Actor, now: datetime, note: str, asked_about: bool
) -> None:
    appointment.status = Status.CANCELLED
    appointment.cancelled_by = CANCELLED_BY[by.kind]
    appointment.cancelled_why = why
    appointment.cancelled_at = now
    appointment.cancel_note = note
    appointment.fee_allowed = fee_allowed(status=Status.CANCELLED, why=why, time_was_asked_about=asked_about)
    appointment.ical_sequence += 1


def cancel_details(appointment: Appointment) -> dict[str, str | int]:
    """Return what the history keeps of a cancellation beside who and when: why, and whether a fee was allowed."""
    assert appointment.cancelled_why is not None, "a cancelled appointment says why"
    return {"why": str(appointment.cancelled_why), "fee_allowed": appointment.fee_allowed}


def was_asked_about(appointment: Appointment) -> bool:
    """Return whether any request, however it ended, was about the time the appointment has now."""
    return RescheduleRequest.objects.filter(
        appointment=appointment, asked_starts_at__in=instants_of_present_time(appointment)
    ).exists()


def settle(
    request: RescheduleRequest, event: Event, *, by: Actor, now: datetime, moved_to: datetime | None = None
) -> None:
    """Give a locked request its one ending and end its holds. Raises AlreadySettled."""
    mark_settled(request, event, by=by, now=now, moved_to=moved_to)
    request.save(update_fields=SETTLE_FIELDS)
    free_holds(list(Hold.objects.filter(request=request).values_list("pk", flat=True)))


SETTLE_FIELDS = ["state", "settled_at", "settled_by", "moved_to", "remind_at"]


def mark_settled(
    request: RescheduleRequest, event: Event, *, by: Actor, now: datetime, moved_to: datetime | None = None
) -> None:
    request.state = settled(State(request.state), event)
    request.settled_at = now
    request.settled_by = by.kind
    request.moved_to = moved_to
    request.remind_at = None


def rebook_offer(appointment: Appointment, *, now: datetime) -> RebookOffer:
    """Return the row of a cancelled appointment's one rebook offer, to be written."""
    return RebookOffer(
        practice_id=appointment.practice_id,
        appointment=appointment,
        provider_id=appointment.provider_id,
        client_id=appointment.client_id,
        type_id=appointment.type_id,
        place_id=appointment.place_id,
        expires_at=now + REBOOK_LINK_LIVES,
    )


def open_request(appointment: Appointment) -> int | None:
    """Return the number of the appointment's open request, looked up without locking."""
    return (
        RescheduleRequest.objects.filter(appointment=appointment, state=State.OPEN)
        .values_list("pk", flat=True)
        .first()
    )

"""A cancelled appointment is put back, while its start is ahead and its time free; a request keeps the ending it had."""

from datetime import datetime
from uuid import UUID

from raincheck.actions.appointments.booking import must_be_in_care
from raincheck.actions.appointments.claims import claim
from raincheck.actions.appointments.moving import end_offers
from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import (
    close_tasks_of_lapsed_intakes,
    close_tasks_of_need,
    record,
    show_card,
)
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.appointments.reinstating import booked_anew, series_has_ended
from raincheck.data.appointments.undo import undo_until
from raincheck.data.models import Appointment, RebookOffer
from raincheck.domain.access.people import ProviderLeft
from raincheck.domain.appointments.lifecycle import (
    AppointmentGone,
    ChangedMeanwhile,
    ClientElsewhere,
    History,
    SlotTaken,
    Status,
)
from raincheck.domain.appointments.reinstating import (
    NewTimeNotConfirmed,
    NotGoneOutYet,
    SeriesEndedBefore,
    must_be_cancelled_and_ahead,
)
from raincheck.domain.appointments.undo import TimeTakenSince
from raincheck.domain.conversations import Card
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.notifications.notify import notify
from raincheck.notifications.subjects import NoticeSubject


def reinstate(
    ref: UUID, *, by: Actor, now: datetime, sequence: int | None = None, new_time_confirmed: bool = False
) -> Answer:
    """Let an appointment stand again that was cancelled or lapsed, at the time it had; both are told.

    The client's way to book anew ends. An appointment they have booked by it stands beside this one: that has to be
    confirmed (NewTimeNotConfirmed). Raises NotToPutBack, NotGoneOutYet, SeriesEndedBefore, ChangedMeanwhile or TimeTakenSince.
    """
    row = _locked(ref)
    if sequence not in (None, row.ical_sequence):
        raise ChangedMeanwhile
    must_be_cancelled_and_ahead(
        status=Status(row.status), why=row.cancelled_why, starts_at=row.starts_at, now=now
    )
    # Else the word that it was canceled would come after the one that it stands.
    if (until := undo_until(row)) is not None and until > now:
        raise NotGoneOutYet
    if series_has_ended(row):
        raise SeriesEndedBefore
    if booked_anew(row, now=now) is not None and not new_time_confirmed:
        raise NewTimeNotConfirmed(name=row.client.known_as)
    _stand_again(row, now=now)
    end_offers(RebookOffer.objects.filter(appointment=row), now=now)
    record(row, History.REINSTATED, by=by, now=now)
    show_card(row, Card.REINSTATED, by=by, now=now)
    notify(NotificationType.REINSTATED, NoticeSubject(row), by=by, now=now)
    close_tasks_of_lapsed_intakes([row.pk], now=now)
    close_tasks_of_need(row, now=now)
    look_soon([row.provider_id])
    return {"appointment": str(row.ref)}


def _locked(ref: UUID) -> Appointment:
    found = Appointment.objects.filter(ref=ref).only("pk", "provider", "client").first()
    if found is None:
        raise AppointmentGone
    # The provider's and the client's: whoever books anew by the offer of this one takes the same.
    locked = lock(providers=[found.provider_id], clients=[found.client_id], appointments=[found.pk])
    row = locked.appointments[found.pk]
    if row.provider_id != found.provider_id:
        raise ReadAgain
    provider = locked.providers[row.provider_id]
    if provider.left_at is not None:
        raise ProviderLeft(name=provider.short_name)
    must_be_in_care(locked.clients[row.client_id])
    return row


def _stand_again(row: Appointment, *, now: datetime) -> None:
    row.status, row.fee_allowed, row.cancel_note = Status.SCHEDULED, False, ""
    row.cancelled_by = row.cancelled_why = row.cancelled_at = None
    # A calendar that has removed the entry takes it back with a higher number only (RFC 5546, 2.1.4).
    row.ical_sequence += 1
    cleared = ("cancelled_by", "cancelled_why", "cancelled_at", "cancel_note")
    row.save(update_fields=["status", "fee_allowed", *cleared, "ical_sequence"])
    try:
        claim(row, now=now)
    except (SlotTaken, ClientElsewhere):
        raise TimeTakenSince from None

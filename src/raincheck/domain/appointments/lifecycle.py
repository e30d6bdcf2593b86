"""The life of an appointment, and what a cancellation says about itself.

    SCHEDULED -- complete --------> COMPLETED
    SCHEDULED -- client absent ---> CLIENT_NO_SHOW
    SCHEDULED -- provider absent -> PROVIDER_NO_SHOW
    SCHEDULED -- cancel ----------> CANCELLED -- reinstate -> SCHEDULED

An open reschedule request is not a status: the appointment stays scheduled and keeps its time.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _


class Status(StrEnum):
    SCHEDULED = "scheduled"
    COMPLETED = "completed"
    CLIENT_NO_SHOW = "client_no_show"
    PROVIDER_NO_SHOW = "provider_no_show"
    CANCELLED = "cancelled"


class TypeKind(StrEnum):
    INTAKE = "intake"
    FOLLOW_UP = "follow_up"


class PlaceKind(StrEnum):
    TELEHEALTH = "telehealth"
    ROOM = "room"


class CancelledBy(StrEnum):
    CLIENT = "client"
    PROVIDER = "provider"
    MANAGER = "manager"
    SYSTEM = "system"


class CancelledWhy(StrEnum):
    CLIENT = "client"
    CLIENT_LATE = "client_late"
    PROVIDER_CLINICAL = "provider_clinical"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    NO_LONGER_NEEDED = "no_longer_needed"
    PROVIDER_OTHER = "provider_other"
    DISCHARGED = "discharged"
    SERIES_ENDED = "series_ended"
    RESCHEDULE_UNANSWERED = "reschedule_unanswered"
    RESCHEDULE_NO_TIME = "reschedule_no_time"
    RESCHEDULE_DECLINED = "reschedule_declined"
    IMPORT_UNDONE = "import_undone"


AT_THE_CLIENTS_WISH = frozenset({CancelledWhy.CLIENT, CancelledWhy.CLIENT_LATE})
"""What a client asked for, whoever of them or the practice pressed the button."""
NEVER_REAL = CancelledWhy.IMPORT_UNDONE
"""Came in by mistake and was taken back untouched: no list shows it as a canceled session, and nobody puts it back."""


class CancelReason(StrEnum):
    """What a provider chooses in the cancel flow."""

    CLINICAL = "clinically_necessary"
    CLIENT_ASKED = "client_asked"
    NO_LONGER_NEEDED = "no_longer_needed"
    UNAVAILABLE = "provider_unavailable"
    OTHER = "other"


class History(StrEnum):
    """What happened to an appointment; each is one row of its history."""

    BOOKED = "booked"
    DETAILS_CHANGED = "details_changed"
    ASKED = "asked"
    MOVED = "moved"
    KEPT = "kept"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    VOID = "void"
    CANCELLED = "cancelled"
    NONE_WORK = "none_work"
    CLIENT_WROTE = "client_wrote"
    NEEDS_PROVIDER = "needs_provider"
    NOBODY_CAME = "nobody_came"
    DEADLINE_MOVED = "deadline_moved"
    OUTAGE = "outage"
    REINSTATED = "reinstated"
    COMPLETED = "completed"
    CLIENT_NO_SHOW = "client_no_show"
    PROVIDER_NO_SHOW = "provider_no_show"
    ZONE_CORRECTED = "zone_corrected"
    ZONE_CLASH = "zone_clash"
    IMPORT_UNDONE = "import_undone"
    REBOOK_LINK_SENT = "rebook_link_sent"
    NEEDED_BY = "needed_by"
    REMINDED = "reminded"
    LOCATED = "located"
    UNDONE = "undone"
    SUGGESTED = "suggested"
    SUGGESTION_TAKEN_BACK = "suggestion_taken_back"


class NotScheduled(Refusal):
    kind = Kind.CONFLICT
    code = "not_scheduled"
    sentence = _(
        "This appointment is no longer scheduled, so nothing was changed. Its history shows what happened."
    )


class AlreadyStarted(Refusal):
    kind = Kind.CONFLICT
    code = "already_started"
    sentence = _(
        "This appointment's time has come or gone, so it can't be changed any more. Nothing was changed."
    )


class StartsInThePast(Refusal):
    kind = Kind.BAD_INPUT
    code = "starts_in_the_past"
    sentence = _("That time is already past. Nothing was changed; please choose a time that is still ahead.")
    field = "start"


class AppointmentGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "appointment_gone"
    sentence = _("We can't find that appointment. Nothing was changed.")


class ChangedMeanwhile(Refusal):
    kind = Kind.CONFLICT
    code = "changed_meanwhile"
    sentence = _(
        "This appointment has changed since you opened the form, so nothing was changed now. "
        "Please look at how it stands and send again."
    )


class NothingChanged(Refusal):
    kind = Kind.BAD_INPUT
    code = "nothing_changed"
    sentence = _(
        "Everything is as it was, so there is nothing to save. Change the time, type, place or link first."
    )


class CancelReasonMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "cancel_reason_missing"
    sentence = _("Please choose a reason. The appointment still stands, and what you wrote is still here.")
    field = "reason"


class CancelNoteTooLong(Refusal):
    kind = Kind.BAD_INPUT
    code = "cancel_note_too_long"
    sentence = _(
        "Your note has {count} characters; {limit} fit. The appointment still stands; please shorten the note."
    )
    field = "note"


class SlotTaken(Refusal):
    kind = Kind.CONFLICT
    code = "slot_taken"
    sentence = _("That time was just taken. Your appointment stands as it was; please choose another time.")
    field = "start"


class RoomTaken(SlotTaken):
    """A kind of taken time, so that whoever chose it is offered others in the same way."""

    code = "room_taken"
    sentence = _(
        "The room is taken at that time, and it holds one session at a time. "
        "Nothing was changed; please choose another time or another place."
    )


class SlotNotOpen(Refusal):
    kind = Kind.CONFLICT
    code = "slot_not_open"
    sentence = _("That time isn't open. Nothing was changed; please choose one of the times shown.")
    field = "start"


class ClientElsewhere(Refusal):
    kind = Kind.CONFLICT
    code = "client_elsewhere"
    sentence = _(
        "That time meets another appointment of the same client. Nothing was changed; please choose another time."
    )
    field = "start"


class OfferEnded(Refusal):
    kind = Kind.NOT_FOUND
    code = "offer_ended"
    sentence = _("This way to book has ended. Nothing was booked; please call the practice for a new time.")


class OfferUsed(Refusal):
    kind = Kind.CONFLICT
    code = "offer_used"
    sentence = _(
        "A new time was already booked with this link, so nothing was booked now. It is shown below."
    )


def cancelled_why(
    reason: CancelReason, *, start: datetime, now: datetime, cut_off: timedelta, waived: bool
) -> CancelledWhy:
    """Return the reason a cancellation carries. "Client asked" inside the cut-off is late unless waived."""
    if reason is CancelReason.CLIENT_ASKED:
        late = start - now < cut_off and not waived
        return CancelledWhy.CLIENT_LATE if late else CancelledWhy.CLIENT
    return {
        CancelReason.CLINICAL: CancelledWhy.PROVIDER_CLINICAL,
        CancelReason.NO_LONGER_NEEDED: CancelledWhy.NO_LONGER_NEEDED,
        CancelReason.UNAVAILABLE: CancelledWhy.PROVIDER_UNAVAILABLE,
        CancelReason.OTHER: CancelledWhy.PROVIDER_OTHER,
    }[reason]


def fee_allowed(
    *, status: Status, why: CancelledWhy | None, time_was_asked_about: bool, payer_forbids_fees: bool
) -> bool:
    """Return whether a practice may charge, as far as we know: a late cancellation or no-show.

    Never for a time that was asked about, nor of a client whose payer forbids it.
    """
    # The practice wanted another time first, so that nobody pays for not keeping this one.
    if time_was_asked_about or payer_forbids_fees:
        return False
    return why is CancelledWhy.CLIENT_LATE or status is Status.CLIENT_NO_SHOW

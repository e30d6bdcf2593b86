"""The life of a reschedule request: a provider asks, and the client has until the deadline to answer.

    OPEN -- pick -------> MOVED          OPEN -- withdraw ---> WITHDRAWN
    OPEN -- keep -------> KEPT
    OPEN -- decline ----> DECLINED       OPEN -- supersede --> SUPERSEDED
    OPEN -- lapse ------> LAPSED         OPEN -- void -------> VOID
    OPEN -- undo -------> UNDONE

The clock decides, never the job that happens to notice first. What each of these brings is the table in `endings.py`.
"""

from datetime import timedelta
from enum import StrEnum

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _


class State(StrEnum):
    OPEN = "open"
    MOVED = "moved"
    KEPT = "kept"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    VOID = "void"
    UNDONE = "undone"


class Event(StrEnum):
    PICK = "pick"
    KEEP = "keep"
    DECLINE = "decline"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"
    VOID = "void"
    UNDO = "undo"


class Reason(StrEnum):
    """Why the provider asks. It stays with the practice: whatever it is, the client reads one and the same sentence."""

    SCHEDULING_CONFLICT = "scheduling_conflict"
    TRAINING = "training"
    LEGAL_DUTY = "legal_duty"
    TRAVEL = "travel"
    HOLIDAY = "holiday"
    ILLNESS = "illness"
    PERSONAL = "personal"
    OTHER = "other"


class NeedsProvider(StrEnum):
    """Why a request stays open past its deadline and waits for a person instead.

    RESTORED and PROVIDER_LEFT come at once, before the deadline: an answer that was given after the backup is gone, or
    nobody is there any more who could offer times.
    """

    NOT_HANDED_OVER = "not_handed_over"
    DO_NOT_AUTO_CANCEL = "do_not_auto_cancel"
    SPARED = "spared"
    OUTAGE = "outage"
    SWEPT_TOO_LATE = "swept_too_late"
    NO_ROOM_AFTER_ZONE_CHANGE = "no_room_after_zone_change"
    RESTORED = "restored"
    PROVIDER_LEFT = "provider_left"


NOTE_LIMIT = 500
"""Characters of the note to the client."""


class TooLateToAsk(Refusal):
    kind = Kind.CONFLICT
    code = "too_late_to_ask"
    sentence = _(
        "Too late to ask: {name} would have less than {shortest} to answer between {morning} and {evening}, {zone}. "
        "Nothing was sent. If you have already agreed on a time, change the appointment details; otherwise use the cancel flow."
    )


class AlreadyAsked(Refusal):
    kind = Kind.CONFLICT
    code = "already_asked"
    sentence = _(
        "{name} has already been asked about this appointment, so nothing new was sent. The open request still stands."
    )


class AlreadySettled(Refusal):
    kind = Kind.CONFLICT
    code = "already_settled"
    sentence = _("This request has already ended. Nothing was changed; this page shows how things stand now.")


class ReasonMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "reason_missing"
    sentence = _("Please choose a reason. Nothing was sent yet, and what you wrote is still here.")
    field = "reason"


class NoteTooLong(Refusal):
    kind = Kind.BAD_INPUT
    code = "note_too_long"
    sentence = _("Your note has {count} characters; {limit} fit. Nothing was sent yet; please shorten it.")
    field = "note"


class LastMinuteNotConfirmed(Refusal):
    kind = Kind.BAD_INPUT
    code = "last_minute_not_confirmed"
    sentence = _(
        "This is less than {mark} ahead. Please tick “I know this is last-minute” to send anyway. Nothing was sent yet."
    )
    field = "last_minute"


class RepeatNotConfirmed(Refusal):
    kind = Kind.BAD_INPUT
    code = "repeat_not_confirmed"
    sentence = _(
        "You have asked {name} before in the last 90 days. Please tick the box to confirm asking again. Nothing was sent yet."
    )
    field = "repeat"


class NoOpenTimes(Refusal):
    kind = Kind.CONFLICT
    code = "no_open_times"
    sentence = _(
        "You have no open times; open some first. Nothing was sent yet, and what you wrote is still here."
    )


class NotReachable(Refusal):
    kind = Kind.CONFLICT
    code = "not_reachable"
    sentence = _(
        "{name} can't be reached by e-mail or text, so nothing was sent. Add an e-mail, or pick a time with {name} by phone."
    )


class NotYetOver(Refusal):
    kind = Kind.CONFLICT
    code = "not_yet_over"
    sentence = _(
        "Please wait until ten minutes after the start. Nothing was sent; if you need us before then, please call."
    )


class NothingChosen(Refusal):
    kind = Kind.BAD_INPUT
    code = "nothing_chosen"
    sentence = _("Please choose a time first. Nothing was changed.")
    field = "start"


class WhatWorksMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "what_works_missing"
    sentence = _(
        "Please tick what would work, or write a few words. Nothing was sent yet, and you can still choose a time."
    )
    field = "words"


class NoAppointmentChosen(Refusal):
    kind = Kind.BAD_INPUT
    code = "no_appointment_chosen"
    sentence = _(
        "Please tick at least one appointment. Nothing was sent yet, and what you wrote is still here."
    )
    field = "appointments"


class RequestGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "request_gone"
    sentence = _("We can't find that request. Nothing was changed.")


class BlockWasEdited(Refusal):
    kind = Kind.BAD_INPUT
    code = "block_was_edited"
    sentence = _(
        "The time off that was blocked with this request has been edited since. Please say whether to keep or remove it. Nothing was changed yet."
    )
    field = "edited_block"


class ChoiceStands(Refusal):
    kind = Kind.CONFLICT
    code = "choice_stands"
    sentence = _(
        "It is too late to change your choice here, so your appointment stands as it was. If it doesn't suit you, please write to us or call."
    )


class TookTooLong(Refusal):
    kind = Kind.UNAVAILABLE
    code = "took_too_long"
    sentence = _("That took too long, nothing has changed, please try again.")


CHOSEN = (State.MOVED, State.KEPT)
"""Endings in which a client chose when and how they come."""


def repeats_to_confirm(earlier: int) -> bool:
    """Return whether the ask must be confirmed: from the second request to one client within REPEAT_WINDOW."""
    return earlier >= 1


REPEAT_WINDOW = timedelta(days=90)
MANY_ASKS = 3
"""From so many requests to one client within REPEAT_WINDOW on, a call may do more than another, and managers see it."""

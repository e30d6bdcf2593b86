"""The time to undo: what staff have just asked, canceled or moved stands at once, and leaves the practice when it is over."""

from datetime import datetime

from raincheck.domain.policy import HOUR, Policy
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

NO_WAIT_WITHIN = 2 * HOUR
"""So close to a start nothing waits: whoever is about to leave home has to know."""


class UndoTooLate(Refusal):
    kind = Kind.CONFLICT
    code = "undo_too_late"
    sentence = _("The time to undo is over, and what you did has gone out. Nothing was changed now.")


class NotSentYet(Refusal):
    kind = Kind.CONFLICT
    code = "not_sent_yet"
    sentence = _(
        "Nothing of this request has been sent yet, so there is nothing to withdraw. Press Undo: then nobody is written to."
    )


class TakenBackAlready(Refusal):
    kind = Kind.CONFLICT
    code = "taken_back_already"
    sentence = _("This was undone already, and nobody was written to. Nothing was changed now.")


class ClientWasQuicker(Refusal):
    kind = Kind.CONFLICT
    code = "client_was_quicker"
    sentence = _("{name} has seen it or answered it already, so it can't be undone. Nothing was changed.")


class TimeTakenSince(Refusal):
    kind = Kind.CONFLICT
    code = "time_taken_since"
    sentence = _("Its time has been taken meanwhile, so it can't be put back. Nothing was changed.")


class EndedARequest(Refusal):
    kind = Kind.CONFLICT
    code = "ended_a_request"
    sentence = _(
        "This ended a request, which is told at once, so it can't be undone. Nothing was changed; a canceled appointment can be put back."
    )


def released_at(starts_at: datetime, *, policy: Policy, now: datetime) -> datetime:
    """Return from when what staff do now leaves the practice: after the time to undo, or at once close to a start.

    `starts_at` is the soonest start that it is about.
    """
    return now if starts_at - now < NO_WAIT_WITHIN else now + policy.undo

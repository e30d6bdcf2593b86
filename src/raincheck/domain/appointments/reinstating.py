"""Putting a cancelled appointment back: when that can be done, and what has to be known first."""

from datetime import datetime

from raincheck.domain.appointments.lifecycle import NEVER_REAL, Status
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _


class NotToPutBack(Refusal):
    kind = Kind.CONFLICT
    code = "not_to_put_back"
    sentence = _("Only a canceled appointment that is still ahead can be put back. Nothing was changed.")


class NotGoneOutYet(Refusal):
    kind = Kind.CONFLICT
    code = "not_gone_out_yet"
    sentence = _(
        "The cancellation has not gone out yet. Please use Undo instead; then nobody is told anything."
    )


class SeriesEndedBefore(Refusal):
    kind = Kind.CONFLICT
    code = "series_ended_before"
    sentence = _(
        "Its series has ended before it, so it can't be put back. Nothing was changed; please book it as a new appointment."
    )


class NewTimeNotConfirmed(Refusal):
    kind = Kind.BAD_INPUT
    code = "new_time_not_confirmed"
    sentence = _(
        "{name} has booked a new time instead. Please tick the box if both appointments shall stand. Nothing was changed yet."
    )
    field = "new_time"


def must_be_cancelled_and_ahead(
    *, status: Status, why: str | None, starts_at: datetime, now: datetime
) -> None:
    """Refuse what stands already, has begun, or was never real. Raises NotToPutBack."""
    if status is not Status.CANCELLED or why == NEVER_REAL or starts_at <= now:
        raise NotToPutBack

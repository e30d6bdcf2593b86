"""After the session: a person says what became of it, and may correct that for two weeks. Nothing counts by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from raincheck.domain.appointments.lifecycle import History, Status
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.domain.tasks import TaskKind

CORRECTABLE_FOR = timedelta(days=14)
"""So long after it was first said it can be corrected."""


class Outcome(StrEnum):
    """What became of a session, as whoever was there says it."""

    TOOK_PLACE = "took_place"
    CLIENT_ABSENT = "client_absent"
    PROVIDER_ABSENT = "provider_absent"
    CANCELLED_LATE = "cancelled_late"


@dataclass(frozen=True, slots=True)
class Said:
    """The status an outcome gives the appointment, and the row it leaves in the history."""

    status: Status
    history: History


OUTCOMES = {
    Outcome.TOOK_PLACE: Said(Status.COMPLETED, History.COMPLETED),
    Outcome.CLIENT_ABSENT: Said(Status.CLIENT_NO_SHOW, History.CLIENT_NO_SHOW),
    Outcome.PROVIDER_ABSENT: Said(Status.PROVIDER_NO_SHOW, History.PROVIDER_NO_SHOW),
    # The client took back their word after the last minute; the one outcome that frees the time.
    Outcome.CANCELLED_LATE: Said(Status.CANCELLED, History.CANCELLED),
}

ANSWERED_BY_AN_OUTCOME = (TaskKind.WHAT_HAPPENED, TaskKind.NOBODY_CAME)
"""Tasks that ask what became of a session."""


class OutcomeMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "outcome_missing"
    sentence = _("Please choose what happened. Nothing was changed.")


class NotBegun(Refusal):
    kind = Kind.CONFLICT
    code = "not_begun"
    sentence = _(
        "This session has not begun. From its start on you can say what happened. Nothing was changed."
    )


class OverForGood(Refusal):
    kind = Kind.CONFLICT
    code = "over_for_good"
    sentence = _("This appointment was canceled before its time, so there is nothing to say about it.")


class SaidMeanwhile(Refusal):
    kind = Kind.CONFLICT
    code = "said_meanwhile"
    sentence = _(
        "Somebody has said meanwhile what happened, so nothing was changed now. It is shown here; you can correct it."
    )


class TooLateToCorrect(Refusal):
    kind = Kind.CONFLICT
    code = "too_late_to_correct"
    sentence = _("What happened could be corrected for {days} days, and they are over. Nothing was changed.")


class NotMissedByUs(Refusal):
    kind = Kind.CONFLICT
    code = "not_missed_by_us"
    sentence = _(
        "Nobody says any more that you couldn't be there, so no link was sent. Its history shows what happened."
    )


class LinkSentAlready(Refusal):
    kind = Kind.CONFLICT
    code = "link_sent_already"
    sentence = _(
        "A link to book a new time was sent already. It was used or still works, so nothing more was sent."
    )


class TimeGivenAway(Refusal):
    kind = Kind.CONFLICT
    code = "time_given_away"
    sentence = _(
        "Once this was canceled, the time was given to somebody else, so it can't be corrected any more. Nothing was changed."
    )


def outcome_of(status: Status, *, said: bool) -> Outcome | None:
    """Return what was said of a session; None while nobody has, and for what was canceled before it."""
    if not said:
        return None
    return next(outcome for outcome, brings in OUTCOMES.items() if brings.status is status)


def correctable_until(first_said_at: datetime) -> datetime:
    """Return until when an answer may be corrected."""
    return first_said_at + CORRECTABLE_FOR


def must_be_sayable(
    outcome: Outcome,
    *,
    status: Status,
    seen: Status,
    starts_at: datetime,
    first_said_at: datetime | None,
    now: datetime,
) -> None:
    """Refuse what can't be said of a session now; `seen` is how it stood when the page was made."""
    if status is Status.CANCELLED and first_said_at is None:
        raise OverForGood
    if now < starts_at:
        raise NotBegun
    if status is not seen and OUTCOMES[outcome].status is not status:
        raise SaidMeanwhile
    if first_said_at is not None and now >= correctable_until(first_said_at):
        raise TooLateToCorrect(days=str(CORRECTABLE_FOR.days))

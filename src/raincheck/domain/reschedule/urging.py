"""More time for an open request, once, and reminders of it by hand, twice: when each is possible."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from raincheck.domain.policy import HOUR, Policy
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.reschedule.deadlines import latest_deadline
from raincheck.domain.reschedule.lifecycle import NeedsProvider
from raincheck.domain.sentences import _

EXTENSIONS = (12 * HOUR, 24 * HOUR, 48 * HOUR)
"""By how much a deadline may be moved, once."""
BY_EXTENDING = "extended"
"""Why a deadline moved, as the history keeps it."""
REMINDERS_BY_HAND = 2
BETWEEN_REMINDERS_BY_HAND = 12 * HOUR
STAYS_WITH_A_PERSON = (NeedsProvider.RESTORED, NeedsProvider.PROVIDER_LEFT)
"""Why a request waits that more time doesn't settle: an answer may be lost, or nobody is there who could offer times."""


class AlreadyExtended(Refusal):
    kind = Kind.CONFLICT
    code = "already_extended"
    sentence = _("The deadline was extended before, which is possible once. It stays as it is.")


class NoRoomToExtend(Refusal):
    kind = Kind.CONFLICT
    code = "no_room_to_extend"
    sentence = _(
        "There is no room for that: a deadline is never later than {lead} before the start. It stays as it is."
    )
    field = "by"


class MoreTimeSettlesNothing(Refusal):
    kind = Kind.CONFLICT
    code = "more_time_settles_nothing"
    sentence = _(
        "This request waits for a person whatever its deadline. More time would settle nothing, so it stays as it is."
    )


class LengthMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "length_missing"
    sentence = _("Please choose how much more time {name} gets. Nothing was changed yet.")
    field = "by"


class RemindedTwice(Refusal):
    kind = Kind.CONFLICT
    code = "reminded_twice"
    sentence = _("{name} was reminded twice by hand, and isn't a third time. A call may do more.")


class RemindedJustNow(Refusal):
    kind = Kind.CONFLICT
    code = "reminded_just_now"
    sentence = _(
        "{name} was reminded by hand less than {pause} ago. Another reminder can go out from {at} on."
    )


class NotArrivedYet(Refusal):
    kind = Kind.CONFLICT
    code = "not_arrived_yet"
    sentence = _("The request has not reached {name} yet, so there is nothing to remind of.")


class DeadlineHasPassed(Refusal):
    kind = Kind.CONFLICT
    code = "deadline_has_passed"
    sentence = _(
        "The deadline has passed, so there is nothing to remind of. Where there is room, extend it first."
    )


@dataclass(frozen=True, slots=True)
class Urged:
    """How an open request stands for whoever would give more time or remind: instants are aware, None is never."""

    starts_at: datetime
    deadline_at: datetime
    handed_over_at: datetime | None
    needs_provider: NeedsProvider | None
    extended_at: datetime | None
    reminded_by_hand: int
    reminded_by_hand_at: datetime | None


def extended(request: Urged, by: timedelta, *, now: datetime, policy: Policy) -> datetime:
    """Return the deadline `by` later, counted from now where it has passed.

    Raises AlreadyExtended, MoreTimeSettlesNothing, or NoRoomToExtend when that would be past the lead before the start.
    """
    if request.extended_at is not None:
        raise AlreadyExtended
    if request.needs_provider in STAYS_WITH_A_PERSON:
        raise MoreTimeSettlesNothing
    # In UTC: Python adds on the wall of a zone, where a night of a clock change is an hour longer or shorter.
    later = max(request.deadline_at, now).astimezone(UTC) + by
    if later > latest_deadline(request.starts_at, policy=policy):
        raise NoRoomToExtend
    return later


def refuse_to_remind(request: Urged, *, now: datetime) -> None:
    """Look whether the client may be reminded by hand now.

    Raises NotArrivedYet, DeadlineHasPassed, RemindedTwice, or RemindedJustNow with the instant from which on it may be.
    """
    if request.handed_over_at is None:
        raise NotArrivedYet
    if request.deadline_at <= now:
        raise DeadlineHasPassed
    if request.reminded_by_hand >= REMINDERS_BY_HAND:
        raise RemindedTwice
    again = request.reminded_by_hand_at and request.reminded_by_hand_at + BETWEEN_REMINDERS_BY_HAND
    if again and now < again:
        raise RemindedJustNow(at=again.isoformat())

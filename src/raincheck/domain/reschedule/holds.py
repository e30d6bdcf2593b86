"""Holds: a chosen time is set aside for its client for some minutes, so that nobody takes it while they still read.

Choosing makes one, a person may renew it ten times, and it ends by itself. Nothing is lost when it ends: a pick needs none.
"""

from dataclasses import dataclass
from datetime import datetime

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

MOST_RENEWALS = 10
MOST_HELD = 2
"""Chosen times that one client holds at once; what a provider suggested to them is counted apart."""


class TooManyHeld(Refusal):
    kind = Kind.CONFLICT
    code = "too_many_held"
    sentence = _(
        "Two of your times are held already, so this one isn't. You can still move to it while it is open."
    )


class TooManyHolds(Refusal):
    kind = Kind.TOO_MANY
    code = "too_many_holds"
    sentence = _(
        "You have looked at many times in a row, so this one isn't held. You can still move to it while it is open."
    )


class HoldingIsOver(Refusal):
    """The deadline has passed: a hold that began later would keep a request open without an end."""

    kind = Kind.CONFLICT
    code = "holding_is_over"
    sentence = _(
        "Your time to choose has passed, so times are no longer held. You can still move to this one while it is open."
    )


class HoldEnded(Refusal):
    kind = Kind.CONFLICT
    code = "hold_ended"
    sentence = _("This time is no longer held for you. You can still move to it while it is open.")


class HeldAsLongAsCanBe(Refusal):
    kind = Kind.CONFLICT
    code = "held_as_long_as_can_be"
    sentence = _("A time can't be held longer than this. You can still move to it while it is open.")


@dataclass(frozen=True, slots=True)
class Held:
    """A chosen hold, as the rules of renewing look at it."""

    expires_at: datetime
    renewals: int

    def is_live(self, *, now: datetime) -> bool:
        return now < self.expires_at


def refuse_to_hold(*, others: int, deadline_at: datetime, now: datetime) -> None:
    """Raise HoldingIsOver or TooManyHeld when a client may hold no time; `others` are their live holds in other requests."""
    if now >= deadline_at:
        raise HoldingIsOver
    if others >= MOST_HELD:
        raise TooManyHeld


def refuse_to_renew(held: Held | None, *, deadline_at: datetime, now: datetime) -> None:
    """Raise HoldEnded, HoldingIsOver or HeldAsLongAsCanBe when a hold can't be renewed; it then ends when it would have."""
    if held is None or not held.is_live(now=now):
        raise HoldEnded
    if now >= deadline_at:
        raise HoldingIsOver
    if held.renewals >= MOST_RENEWALS:
        raise HeldAsLongAsCanBe


def may_renew(held: Held, *, deadline_at: datetime, now: datetime) -> bool:
    try:
        refuse_to_renew(held, deadline_at=deadline_at, now=now)
    except Refusal:
        return False
    return True

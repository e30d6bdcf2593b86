"""Outages: stretches in which nobody could open a page. An outage must not eat the client's time.

Web processes give signs of life; a stretch of more than five minutes without any, between two of them, is an outage. Its
length is given back to every open request whose time to answer was running, as far as the start allows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from raincheck.domain.health import OUTAGE_AFTER
from raincheck.domain.policy import HAND_OVER_SLACK, Policy
from raincheck.domain.reschedule.deadlines import latest_deadline
from raincheck.domain.spans import Span

WORTH_A_MESSAGE = timedelta(hours=1)
"""People are written to when an outage took more than this from them; a shorter one stands on the pages only."""

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True, order=True)
class Served:
    """A stretch in which pages were served, both ends included; it may be a single instant."""

    begin: datetime
    end: datetime


def outages(served: Iterable[Served], *, noted: Iterable[Span], now: datetime) -> list[Span]:
    """Return the outages that are over at `now` and not noted yet, soonest first.

    What lies after `now` was written by a clock that has been set back since, and counts for nothing. What was noted before
    the first stretch that is still kept tells nothing either: the signs of life that followed it are forgotten.
    """
    kept = [one for one in served if one.begin <= now]
    first = min((one.begin for one in kept), default=now)
    known = [Served(span.start, span.end) for span in noted if first <= span.end and span.start <= now]
    past = sorted([*kept, *known])
    found, until = [], None
    for one in past:
        if until is not None and one.begin - until > OUTAGE_AFTER:
            found.append(Span(until, one.begin))
        until = max(until or one.end, one.end)
    return found


def latest_sign(served: Iterable[Served], *, now: datetime) -> datetime | None:
    """Return until when pages were surely served, None when never."""
    return max((min(one.end, now) for one in served if one.begin <= now), default=None)


@dataclass(frozen=True, slots=True)
class TimeToAnswer:
    """What an outage must know of an open request."""

    asked_at: datetime
    handed_over_at: datetime | None
    deadline_at: datetime
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Credit:
    """What an outage brings a request: its deadline, how far that moved, and what could not be given back."""

    deadline: datetime
    given: timedelta
    lost: timedelta

    @property
    def is_worth_a_message(self) -> bool:
        return self.given > NOTHING and self.given + self.lost > WORTH_A_MESSAGE


def credit(request: TimeToAnswer, outage: Span, *, policy: Policy) -> Credit:
    """Return what `outage` brings a request: the part of it in which the client's time was running.

    That is from the ask on, or from the hand-over when its delay was given back already; not at all before the prompt was
    handed over, since the delay will be; and not once the deadline had passed before. The deadline moves by that part, so
    that after an outage as much time is left as before it, but never past the lead.
    """
    if request.handed_over_at is None:
        return Credit(request.deadline_at, NOTHING, NOTHING)
    # What came before a late hand-over was given back with it.
    late = request.handed_over_at - request.asked_at > HAND_OVER_SLACK
    running_from = request.handed_over_at if late else request.asked_at
    begin = max(outage.start, running_from.astimezone(UTC))
    if begin >= outage.end or request.deadline_at <= begin:
        return Credit(request.deadline_at, NOTHING, NOTHING)
    # What is left after the outage equals what was left before it.
    due = outage.end - begin
    latest = latest_deadline(request.starts_at, policy=policy)
    deadline = max(request.deadline_at, min(request.deadline_at + due, latest))
    given = deadline - request.deadline_at
    return Credit(deadline, given, due - given)

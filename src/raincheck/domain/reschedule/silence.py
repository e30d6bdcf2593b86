"""Silence: what it brings when the time to answer is over, and what keeps it from canceling."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from raincheck.domain.policy import LAPSE_GRACE, Policy
from raincheck.domain.reschedule.deadlines import moved_for_hand_over
from raincheck.domain.reschedule.lifecycle import NeedsProvider


def silence_spares(
    *, do_not_auto_cancel: bool, needed: bool, of_its_type: bool | None, policy: Policy
) -> bool:
    """Return whether silence will cancel nothing of a request that is sent now: by the client's mark or a day by which it is `needed`, else by policy.

    `of_its_type` is whether the appointment type says that silence cancels; None is as the practice says.
    """
    cancels = policy.silence_cancels if of_its_type is None else of_its_type
    return do_not_auto_cancel or needed or not cancels


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What the sweep must know of an open request to say what its time has brought."""

    starts_at: datetime
    deadline_at: datetime
    handed_over: bool
    do_not_auto_cancel: bool
    """Whether the client's record says so now."""
    needs_provider: bool
    hold_keeps_until: datetime | None
    """The end of a live hold that began before the deadline, when there is one."""
    time_lost: bool = False
    """Whether an outage took time that could not be given back."""
    spared: bool = False
    """Whether the client was told that silence cancels nothing, whatever record and policy say by now."""


class Due(StrEnum):
    """What the passing of time asks of an open request."""

    NOTHING = "nothing"
    LAPSE = "lapse"
    WAIT_FOR_PROVIDER = "wait_for_provider"
    VOID = "void"


class Silence(StrEnum):
    """What becomes of an open request, as it stands, when its deadline passes without an answer."""

    CANCELS = "cancels"
    ASKS_A_PERSON = "asks_a_person"
    WAITS = "waits"
    """It waits for a person already, whatever the deadline."""


def silence(request: OpenRequest) -> Silence:
    """Return what silence brings: what the sweep will do, so that every sentence about silence asks here."""
    if request.needs_provider:
        return Silence.WAITS
    return Silence.ASKS_A_PERSON if _why_silence_spares(request) else Silence.CANCELS


def once_handed_over(
    request: OpenRequest,
    *,
    asked_at: datetime,
    handed_over_at: datetime,
    policy: Policy,
    waits_for_that: bool = False,
) -> OpenRequest:
    """Return a request as its first hand-over leaves it; `waits_for_that` says that nothing else keeps it waiting for a person."""
    deadline = moved_for_hand_over(
        request.deadline_at,
        asked_at=asked_at,
        handed_over_at=handed_over_at,
        starts_at=request.starts_at,
        policy=policy,
    )
    in_time = handed_over_at < deadline
    waits = request.needs_provider and not (waits_for_that and in_time)
    return replace(request, deadline_at=deadline, handed_over=in_time, needs_provider=waits)


def due(
    request: OpenRequest, *, now: datetime, policy: Policy, reachable_until: datetime | None = None
) -> tuple[Due, NeedsProvider | None]:
    """Return what `now` brings for an open request, and why when it must wait for a person.

    At its start a request is void: a session that may have begun is never cancelled. Otherwise it lapses once the
    grace after its deadline (or after the hold that keeps it) is over, unless silence must not cancel it. Nothing comes of
    a deadline after `reachable_until`, the latest instant at which the client's page could surely be opened: what followed
    may turn out to be an outage.
    """
    # Before everything else: whatever kept it open, a session that may have begun is not ended by silence.
    if now >= request.starts_at:
        return Due.VOID, None
    unsure = reachable_until is not None and request.deadline_at > reachable_until
    if now < ripe_at(request) or unsure or request.needs_provider:
        return Due.NOTHING, None
    why = _why_silence_spares(request) or _why_too_late(request, now=now, policy=policy)
    return (Due.WAIT_FOR_PROVIDER, why) if why else (Due.LAPSE, None)


TELL_AGAIN_AFTER = timedelta(minutes=30)
NOBODY_CAME_AFTER = timedelta(minutes=10)


def told_of_waiting_at(
    starts_at: datetime, *, waits_since: datetime, now: datetime, policy: Policy
) -> datetime | None:
    """Return the latest moment up to `now` at which the practice is told that a request still waits; None before the first.

    The first is the lead before the start, or when it began to wait, if that is later; then one each half hour until the
    start, whoever looks when: a moment that was missed is not made up for, and none comes twice.
    """
    first = max(starts_at - policy.lead, waits_since)
    if not first <= now < starts_at:
        return None
    return first + (now - first) // TELL_AGAIN_AFTER * TELL_AGAIN_AFTER


def nobody_came_from(starts_at: datetime) -> datetime:
    """Return from when a client may say that nobody came to a session that was never settled."""
    return starts_at + NOBODY_CAME_AFTER


def ripe_at(request: OpenRequest) -> datetime:
    """Return when the request may lapse at the earliest."""
    kept = request.hold_keeps_until
    return max(request.deadline_at, kept or request.deadline_at) + LAPSE_GRACE


def _why_silence_spares(request: OpenRequest) -> NeedsProvider | None:
    if not request.handed_over:
        return NeedsProvider.NOT_HANDED_OVER
    if request.do_not_auto_cancel:
        return NeedsProvider.DO_NOT_AUTO_CANCEL
    if request.spared:
        return NeedsProvider.SPARED
    if request.time_lost:
        return NeedsProvider.OUTAGE
    return None


def _why_too_late(request: OpenRequest, *, now: datetime, policy: Policy) -> NeedsProvider | None:
    # A deadline that was set under a shorter lead lapses as it was told: a longer one counts for later asks.
    lead = min(policy.lead, request.starts_at - request.deadline_at)
    # Too little time is left to tell a client that nobody comes.
    if now >= request.starts_at - lead / 2:
        return NeedsProvider.SWEPT_TOO_LATE
    return None

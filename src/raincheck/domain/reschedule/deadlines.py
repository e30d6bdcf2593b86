"""How long a client has to answer, and what moves a deadline that was set."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from raincheck.domain.notifications import waking_time
from raincheck.domain.policy import HAND_OVER_SLACK, WORD_FROM_CLIENT_LEAVES, Policy
from raincheck.domain.reschedule.lifecycle import TooLateToAsk
from raincheck.domain.spans import Span


def deadline_for(appointment: Span, *, asked_at: datetime, zone: ZoneInfo, policy: Policy) -> datetime:
    """Return when silence cancels: the answer window, cut short so that it ends `policy.lead` before the start.

    The window is elapsed time, whatever the clocks do meanwhile: Python would add it on the wall of a zone.
    Raises TooLateToAsk when less than `policy.shortest_window` would remain, counted while it is day in the client's `zone`:
    nobody loses a session asleep.
    """
    # In UTC: Python adds 48 h on the wall of a zone, which is 47 or 49 where the clocks change.
    asked_at = asked_at.astimezone(UTC)
    deadline = min(asked_at + policy.answer_window, appointment.start - policy.lead)
    if deadline <= asked_at or waking_time(Span(asked_at, deadline), zone=zone) < policy.shortest_window:
        raise TooLateToAsk
    return deadline


def whole_window(
    deadline: datetime, *, asked_at: datetime, prompted_at: datetime | None = None, window: timedelta
) -> timedelta | None:
    """Return the practice's answer window where the client had all of it, so that it may be named; else None.

    A deadline that the start cut short, or that was moved since, is named by its instant alone.
    """
    # From the ask, or from its hand-over when that took so long that it was given back.
    began = (asked_at, prompted_at or asked_at)
    return window if any(deadline - since.astimezone(UTC) == window for since in began) else None


def is_last_minute(appointment: Span, *, asked_at: datetime, policy: Policy) -> bool:
    return appointment.start - asked_at < policy.last_minute


def latest_deadline(starts_at: datetime, *, policy: Policy) -> datetime:
    """Return the instant no deadline may pass, whatever moves it: the lead before the start."""
    return starts_at - policy.lead


def moved_for_hand_over(
    deadline: datetime, *, asked_at: datetime, handed_over_at: datetime, starts_at: datetime, policy: Policy
) -> datetime:
    """Return the deadline after the first hand-over: a delay above five minutes is given back to the client."""
    delay = handed_over_at.astimezone(UTC) - asked_at.astimezone(UTC)
    if delay <= HAND_OVER_SLACK:
        return deadline
    return max(deadline, min(deadline + delay, latest_deadline(starts_at, policy=policy)))


def clock_stands(
    *, asked_at: datetime, handed_over_at: datetime | None, failed: bool = False, now: datetime
) -> bool:
    """Return whether a client's time to answer does not run, since nobody has taken the request message over.

    Up to five minutes are no delay and on the client's account, unless every message has failed for good.
    """
    return handed_over_at is None and (failed or now - asked_at > HAND_OVER_SLACK)


def moved_for_word(deadline: datetime, *, word_at: datetime, starts_at: datetime, policy: Policy) -> datetime:
    """Return the deadline after a word from the client: at least 24 h are left, as far as the start allows.

    Where the start allows nothing any more, the deadline stays where it is: nobody is given time that has passed.
    """
    latest = latest_deadline(starts_at, policy=policy)
    if latest <= word_at:
        return deadline
    return max(deadline, min(word_at.astimezone(UTC) + WORD_FROM_CLIENT_LEAVES, latest))


def moved_for_zone_rules(
    deadline: datetime, *, asked_at: datetime, former_start: datetime, starts_at: datetime, policy: Policy
) -> datetime | None:
    """Return the deadline after zone rules took the start to another instant; None when there is no room for it.

    One that the start had cut short follows a later start, within the answer window; none ever comes earlier.
    """
    latest = latest_deadline(starts_at, policy=policy)
    if deadline > latest:
        return None
    if deadline < latest_deadline(former_start, policy=policy):
        return deadline
    return max(deadline, min(asked_at.astimezone(UTC) + policy.answer_window, latest))


CHOICE_CHANGES_FOR = timedelta(hours=24)


def choice_stands_from(settled_at: datetime, *, starts_at: datetime, policy: Policy) -> datetime:
    """Return from when on a client can't change what they chose: a day after they did, or the lead before the start."""
    return min(settled_at + CHOICE_CHANGES_FOR, latest_deadline(starts_at, policy=policy))

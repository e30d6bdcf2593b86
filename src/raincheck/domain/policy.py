"""A practice's policy: the numbers that every sentence and every deadline is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Policy:
    """Section 9 of the product's law: the defaults, each within the range a practice may choose."""

    answer_window: timedelta = 48 * HOUR
    lead: timedelta = 2 * HOUR
    shortest_window: timedelta = 4 * HOUR
    last_minute: timedelta = 24 * HOUR
    booking_notice: timedelta = 24 * HOUR
    pick_notice: timedelta = 12 * HOUR
    suggestion_notice: timedelta = 2 * HOUR
    hold: timedelta = 5 * MINUTE
    horizon: timedelta = timedelta(days=60)
    self_service_cut_off: timedelta = 24 * HOUR
    reminders: tuple[timedelta, ...] = (24 * HOUR, 4 * HOUR)


@dataclass(frozen=True, slots=True)
class Range:
    """The smallest and largest value a practice may set, both allowed."""

    least: timedelta
    most: timedelta

    def nearest(self, length: timedelta) -> timedelta:
        return min(max(length, self.least), self.most)


RANGES = {
    "answer_window": Range(12 * HOUR, 120 * HOUR),
    "lead": Range(2 * HOUR, 48 * HOUR),
    "hold": Range(2 * MINUTE, 15 * MINUTE),
    "self_service_cut_off": Range(0 * HOUR, 72 * HOUR),
}


def policy_from(chosen: Mapping[str, int]) -> Policy:
    """Return the defaults with what a practice chose instead: seconds by name, names as in RANGES.

    What lies outside its range counts as the nearest value inside it: no deadline is ever made of anything else.
    """

    def length(name: str, default: timedelta) -> timedelta:
        return RANGES[name].nearest(timedelta(seconds=chosen[name])) if name in chosen else default

    policy = Policy()
    return replace(
        policy,
        answer_window=length("answer_window", policy.answer_window),
        lead=length("lead", policy.lead),
        hold=length("hold", policy.hold),
        self_service_cut_off=length("self_service_cut_off", policy.self_service_cut_off),
    )


# Fixed by the product, not by a practice.
LAPSE_GRACE = 1 * MINUTE
"""How long after its deadline a request may lapse at the earliest; longer than ANSWER_COMMIT_LIMIT on purpose."""
ANSWER_COMMIT_LIMIT = timedelta(seconds=30)
"""An answer stamped on arrival must be committed within this time, or it is refused."""
HAND_OVER_SLACK = 5 * MINUTE
"""A first hand-over later than this moves the deadline by its delay."""
HAND_OVER_LIMIT = 15 * MINUTE
"""A prompt not handed over within this time becomes the provider's task."""
WORD_FROM_CLIENT_LEAVES = 24 * HOUR
"""Any word from the client leaves at least this much time to find a slot together, once."""
LINK_LIVES_AFTER_SETTLING = timedelta(days=30)
REBOOK_LINK_LIVES = timedelta(days=30)
KEYS_KEPT = timedelta(days=7)
CLAIMS_KEPT_AFTER_END = timedelta(days=30)

"""A practice's policy: the numbers that every sentence and every deadline is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from raincheck.domain.notifications import most_waking_time
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAYS_BEFORE, HOURS_BEFORE = 48 * HOUR, 2 * HOUR
"""How long before its start a client may be reminded of an appointment."""


class OneADay(StrEnum):
    """On which local days a client is offered no time, since they already have another session then."""

    WITH_PROVIDER = "with_provider"
    WITH_ANYONE = "with_anyone"
    NO_RULE = "no_rule"


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
    idle: timedelta = 15 * MINUTE
    undo: timedelta = 1 * MINUTE
    reminders: tuple[timedelta, ...] = (24 * HOUR, 4 * HOUR)
    remind_days_before: bool = True
    remind_hours_before: bool = True
    confirm_bookings: bool = True
    silence_cancels: bool = True
    one_a_day: OneADay = OneADay.WITH_PROVIDER

    @property
    def appointment_reminders(self) -> tuple[timedelta, ...]:
        """How long before its start a client is reminded of an appointment, the earliest first; empty: never."""
        early = (DAYS_BEFORE,) if self.remind_days_before else ()
        return (*early, HOURS_BEFORE) if self.remind_hours_before else early


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
    "shortest_window": Range(2 * HOUR, 24 * HOUR),
    "last_minute": Range(4 * HOUR, 120 * HOUR),
    "booking_notice": Range(0 * HOUR, 336 * HOUR),
    "pick_notice": Range(2 * HOUR, 72 * HOUR),
    "suggestion_notice": Range(1 * HOUR, 24 * HOUR),
    "hold": Range(2 * MINUTE, 15 * MINUTE),
    "horizon": Range(timedelta(days=7), timedelta(days=180)),
    "self_service_cut_off": Range(0 * HOUR, 72 * HOUR),
    "idle": Range(5 * MINUTE, 60 * MINUTE),
    "undo": Range(0 * MINUTE, 5 * MINUTE),
}
"""Every length a practice may choose for itself; the others are the same for all."""
SWITCHES = ("remind_days_before", "remind_hours_before", "confirm_bookings", "silence_cancels")
"""What a practice may do or leave."""


class RuleOutsideRange(Refusal):
    kind = Kind.BAD_INPUT
    code = "rule_outside_range"
    sentence = _("This can be {least} to {most}. Nothing was changed; please choose a length between them.")


class ShortestAboveWindow(Refusal):
    kind = Kind.BAD_INPUT
    code = "shortest_above_window"
    sentence = _(
        "Clients have {answer_window} to answer, nights included, so {shortest_window} by day can't be the least they have. "
        "Nothing was changed; please make this shorter, or give them longer to answer."
    )
    field = "shortest_window"


class MarkNeverSeen(Refusal):
    kind = Kind.BAD_INPUT
    code = "mark_never_seen"
    sentence = _(
        "Nobody can be asked later than {latest_ask} before the start: {shortest_window} to answer and {lead} after it. "
        "A mark at {last_minute} would never be seen. Nothing was changed; please choose {latest_ask} or more here."
    )
    field = "last_minute"


class NoticeBeyondHorizon(Refusal):
    kind = Kind.BAD_INPUT
    code = "notice_beyond_horizon"
    sentence = _(
        "With {booking_notice} of notice and times only {horizon} ahead, nothing could ever be booked. "
        "Nothing was changed; please make the notice shorter, or look further ahead."
    )
    field = "booking_notice"


def policy_from(chosen: Mapping[str, int | str]) -> Policy:
    """Return the defaults with what a practice chose instead: seconds, 0 and 1, or the value of a choice, by name.

    What lies outside its range counts as the nearest value inside it: no deadline is ever made of anything else.
    """
    known = {name: timedelta(seconds=int(chosen[name])) for name in RANGES if name in chosen}
    lengths = {name: RANGES[name].nearest(length) for name, length in known.items()}
    policy = with_switches(
        with_lengths(Policy(), lengths), {name: bool(chosen[name]) for name in SWITCHES if name in chosen}
    )
    return replace(policy, one_a_day=OneADay(str(chosen.get("one_a_day", policy.one_a_day))))


def with_switches(policy: Policy, switches: Mapping[str, bool]) -> Policy:
    """Return a policy with other switches by name, names as in SWITCHES; those not named stay."""
    return replace(
        policy,
        remind_days_before=switches.get("remind_days_before", policy.remind_days_before),
        remind_hours_before=switches.get("remind_hours_before", policy.remind_hours_before),
        confirm_bookings=switches.get("confirm_bookings", policy.confirm_bookings),
        silence_cancels=switches.get("silence_cancels", policy.silence_cancels),
    )


def with_lengths(policy: Policy, lengths: Mapping[str, timedelta]) -> Policy:
    """Return a policy with other lengths by name, names as in RANGES; those not named stay."""
    return replace(
        policy,
        answer_window=lengths.get("answer_window", policy.answer_window),
        lead=lengths.get("lead", policy.lead),
        shortest_window=lengths.get("shortest_window", policy.shortest_window),
        last_minute=lengths.get("last_minute", policy.last_minute),
        booking_notice=lengths.get("booking_notice", policy.booking_notice),
        pick_notice=lengths.get("pick_notice", policy.pick_notice),
        suggestion_notice=lengths.get("suggestion_notice", policy.suggestion_notice),
        hold=lengths.get("hold", policy.hold),
        horizon=lengths.get("horizon", policy.horizon),
        self_service_cut_off=lengths.get("self_service_cut_off", policy.self_service_cut_off),
        idle=lengths.get("idle", policy.idle),
        undo=lengths.get("undo", policy.undo),
    )


def chosen_in(policy: Policy) -> dict[str, int | str]:
    """Return what differs from the defaults, as `policy_from` reads it."""
    defaults = Policy()
    lengths: dict[str, timedelta] = {name: getattr(policy, name) for name in RANGES}
    chosen = {
        name: int(length.total_seconds())
        for name, length in lengths.items()
        if length != getattr(defaults, name)
    }
    switched = {
        name: int(getattr(policy, name))
        for name in SWITCHES
        if getattr(policy, name) != getattr(defaults, name)
    }
    others = {} if policy.one_a_day is defaults.one_a_day else {"one_a_day": str(policy.one_a_day)}
    return chosen | switched | others


def refuse_unless_sound(policy: Policy) -> None:
    """Look at a policy before it is kept: each rule in its range, and none that takes another's meaning away.

    Raises a refusal; its `field` is the rule that has to change.
    """
    for name, allowed in RANGES.items():
        if not allowed.least <= getattr(policy, name) <= allowed.most:
            raise RuleOutsideRange(field=name)
    # Nights don't count, so that of a day no more than the waking hours are ever left.
    if policy.shortest_window > most_waking_time(policy.answer_window):
        raise ShortestAboveWindow
    # Every ask later than this mark is refused anyway.
    if policy.last_minute < latest_ask(policy):
        raise MarkNeverSeen
    if policy.booking_notice >= policy.horizon:
        raise NoticeBeyondHorizon


def latest_ask(policy: Policy) -> timedelta:
    """Return how long before a start the last ask about it is possible."""
    return policy.lead + policy.shortest_window


# Fixed by the product, not by a practice.
# Longer than ANSWER_COMMIT_LIMIT: an answer that came in time is committed, or refused, before anything lapses.
LAPSE_GRACE = 1 * MINUTE
"""How long after its deadline a request may lapse at the earliest."""
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
REFUSED_FORMS_KEPT = timedelta(hours=1)
"""What was typed into a form that was refused waits so long to be corrected."""
UNSENT_WORDS_KEPT = 12 * HOUR
"""What was typed into a form before its session ended waits so long for its person to come back."""
STRANGERS_FORMS_KEPT = timedelta(minutes=10)
CLAIMS_KEPT_AFTER_END = timedelta(days=30)

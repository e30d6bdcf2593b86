"""A practice's numbers: the product's defaults, and what a practice may choose instead."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest

from raincheck.domain.policy import (
    ANSWER_COMMIT_LIMIT,
    HAND_OVER_LIMIT,
    HAND_OVER_SLACK,
    KEYS_KEPT,
    LAPSE_GRACE,
    LINK_LIVES_AFTER_SETTLING,
    RANGES,
    REBOOK_LINK_LIVES,
    WORD_FROM_CLIENT_LEAVES,
    OneADay,
    Policy,
    chosen_in,
    policy_from,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def test_the_defaults_are_those_of_the_law() -> None:
    assert asdict(Policy()) == {
        "answer_window": 48 * HOUR,
        "lead": 2 * HOUR,
        "shortest_window": 4 * HOUR,
        "last_minute": 24 * HOUR,
        "booking_notice": 24 * HOUR,
        "pick_notice": 12 * HOUR,
        "suggestion_notice": 2 * HOUR,
        "hold": 5 * MINUTE,
        "horizon": 60 * DAY,
        "self_service_cut_off": 24 * HOUR,
        "idle": 15 * MINUTE,
        "undo": 1 * MINUTE,
        "reminders": (24 * HOUR, 4 * HOUR),
        "remind_days_before": True,
        "remind_hours_before": True,
        "confirm_bookings": True,
        "silence_cancels": True,
        "one_a_day": OneADay.WITH_PROVIDER,
    }


def test_what_no_practice_chooses_is_as_the_law_says() -> None:
    fixed = {
        "grace after a deadline": LAPSE_GRACE,
        "commit of an answer": ANSWER_COMMIT_LIMIT,
        "delay of a hand-over that is none": HAND_OVER_SLACK,
        "hand-over until it is a task": HAND_OVER_LIMIT,
        "time left by a word": WORD_FROM_CLIENT_LEAVES,
        "life of a link": LINK_LIVES_AFTER_SETTLING,
        "life of a rebook link": REBOOK_LINK_LIVES,
        "memory for keys": KEYS_KEPT,
    }
    assert fixed == {
        "grace after a deadline": MINUTE,
        "commit of an answer": MINUTE / 2,
        "delay of a hand-over that is none": 5 * MINUTE,
        "hand-over until it is a task": 15 * MINUTE,
        "time left by a word": 24 * HOUR,
        "life of a link": 30 * DAY,
        "life of a rebook link": 30 * DAY,
        "memory for keys": 7 * DAY,
    }


def test_an_answer_in_time_has_longer_to_be_committed_than_the_sweep_waits() -> None:
    """The reason why who answered in time never loses."""
    assert ANSWER_COMMIT_LIMIT < LAPSE_GRACE <= 2 * MINUTE


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("answer_window", 12 * HOUR, 120 * HOUR),
        ("lead", 2 * HOUR, 48 * HOUR),
        ("shortest_window", 2 * HOUR, 24 * HOUR),
        ("last_minute", 4 * HOUR, 120 * HOUR),
        ("booking_notice", 0 * HOUR, 14 * DAY),
        ("pick_notice", 2 * HOUR, 72 * HOUR),
        ("suggestion_notice", HOUR, 24 * HOUR),
        ("hold", 2 * MINUTE, 15 * MINUTE),
        ("horizon", 7 * DAY, 180 * DAY),
        ("self_service_cut_off", 0 * HOUR, 72 * HOUR),
        ("idle", 5 * MINUTE, 60 * MINUTE),
        ("undo", 0 * MINUTE, 5 * MINUTE),
    ],
)
def test_a_practice_chooses_within_a_range(name: str, least: timedelta, most: timedelta) -> None:
    def chosen(length: timedelta) -> timedelta:
        value: timedelta = getattr(policy_from({name: int(length.total_seconds())}), name)
        return value

    assert (chosen(least), chosen(most)) == (least, most)
    assert (chosen(least - MINUTE), chosen(most + MINUTE)) == (least, most)
    assert chosen((least + most) / 2) == (least + most) / 2


@pytest.mark.parametrize("rule", list(OneADay))
def test_what_a_practice_says_of_one_session_a_day_is_kept(rule: OneADay) -> None:
    chosen = chosen_in(Policy(one_a_day=rule))
    assert chosen == ({} if rule is OneADay.WITH_PROVIDER else {"one_a_day": rule.value})
    assert policy_from(chosen).one_a_day is rule


def test_what_is_not_chosen_stays_as_it_is() -> None:
    assert policy_from({}) == Policy()
    assert policy_from({"lead": 10_800}) == Policy(lead=3 * HOUR)


def test_every_default_lies_within_its_range() -> None:
    outside = [
        name
        for name, allowed in RANGES.items()
        if not allowed.least <= getattr(Policy(), name) <= allowed.most
    ]
    assert outside == []

"""Outages: found between signs of life, and given back minute for minute. The arithmetic is held against a walk through time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from raincheck.domain.policy import Policy
from raincheck.domain.reschedule.lifecycle import NeedsProvider
from raincheck.domain.reschedule.silence import Due, OpenRequest, due
from raincheck.domain.spans import Span
from raincheck.domain.timing.outages import Credit, Served, TimeToAnswer, credit, latest_sign, outages

MINUTE, HOUR, INSTANT = timedelta(minutes=1), timedelta(hours=1), timedelta(microseconds=1)
NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)
POLICY = Policy()
NONE = timedelta(0)


def at(minutes: float) -> datetime:
    return NOW + minutes * MINUTE


def served(*stretches: tuple[float, float]) -> list[Served]:
    return [Served(at(begin), at(end)) for begin, end in stretches]


def spans(*stretches: tuple[float, float]) -> list[Span]:
    return [Span(at(begin), at(end)) for begin, end in stretches]


@pytest.mark.parametrize(
    ("signs", "noted", "found"),
    [
        ([], [], []),
        ([(0, 100)], [], []),
        ([(0, 10), (15, 20)], [], []),
        ([(0, 10), (15.1, 20)], [], [(10, 15.1)]),
        ([(0, 10), (20, 20), (40, 50)], [], [(10, 20), (20, 40)]),
        ([(0, 50), (10, 20), (52, 60)], [], []),
        ([(30, 60), (0, 10), (5, 40)], [], []),
        ([(0, 10), (20, 30), (50, 60)], [(10, 20)], [(30, 50)]),
        ([(0, 10), (70, 80)], [], [(10, 70)]),
        ([(0, 10), (150, 160)], [], []),
        ([(0, 10), (30, 60)], [(10, 2890)], []),
        ([(50, 60)], [(0, 10)], []),
        ([(50, 60), (80, 90)], [(0, 10), (20, 50)], [(60, 80)]),
    ],
    ids=[
        "nobody ever",
        "always",
        "five minutes are none",
        "more are one",
        "two in a row around a single sign",
        "another process went on",
        "in any order",
        "noted ones stay noted",
        "over at its first sign",
        "still under way, or of a clock that was set back",
        "noted by a clock that was ahead",
        "what was served after a noted one is forgotten",
        "of several noted ones, too",
    ],
)
def test_an_outage_is_a_silence_of_more_than_five_minutes_between_two_signs(
    signs: list[tuple[float, float]], noted: list[tuple[float, float]], found: list[tuple[float, float]]
) -> None:
    assert outages(served(*signs), noted=spans(*noted), now=at(100)) == spans(*found)


def test_the_latest_sign_is_never_later_than_now() -> None:
    assert latest_sign([], now=NOW) is None
    assert latest_sign(served((5, 6)), now=NOW) is None
    assert latest_sign(served((-9, -3), (-20, -5)), now=NOW) == at(-3)
    assert latest_sign(served((-9, 3)), now=NOW) == NOW


def asked(
    deadline: float, *, ask: float = 0, handed_over: float | None = 0, starts: float = 100_000
) -> TimeToAnswer:
    return TimeToAnswer(at(ask), None if handed_over is None else at(handed_over), at(deadline), at(starts))


@pytest.mark.parametrize(
    ("request_", "outage", "deadline", "given", "lost"),
    [
        (asked(2880), (60, 120), 2940, 60, 0),
        (asked(2880), (-60, 30), 2910, 30, 0),
        (asked(2880), (-60, 0), 2880, 0, 0),
        (asked(2880, handed_over=4), (-10, 30), 2910, 30, 0),
        (asked(2930, handed_over=50), (0, 70), 2950, 20, 0),
        (asked(2930, handed_over=50), (0, 50), 2930, 0, 0),
        (asked(2880, handed_over=None), (60, 120), 2880, 0, 0),
        (asked(100), (90, 150), 160, 60, 0),
        (asked(90), (90, 150), 90, 0, 0),
        (asked(1000, starts=1150), (60, 80), 1020, 20, 0),
        (asked(1000, starts=1130), (60, 80), 1010, 10, 10),
        (asked(1000, starts=1120), (60, 80), 1000, 0, 20),
        (asked(1000, starts=1060), (60, 80), 1000, 0, 20),
    ],
    ids=[
        "all of it",
        "what came after the ask",
        "over at the ask",
        "a prompt that took four minutes came at once",
        "a late hand-over was given back already",
        "over at the hand-over",
        "the hand-over is still to come, and will give it back",
        "the deadline passed meanwhile",
        "the deadline had passed before",
        "just room enough",
        "room for half",
        "no room",
        "a lead that is longer than at the ask takes nothing away",
    ],
)
def test_an_outage_gives_back_what_it_took(
    request_: TimeToAnswer, outage: tuple[float, float], deadline: float, given: float, lost: float
) -> None:
    [span] = spans(outage)
    assert credit(request_, span, policy=POLICY) == Credit(at(deadline), given * MINUTE, lost * MINUTE)


def test_people_are_written_to_above_an_hour_when_there_is_more_time_at_all() -> None:
    hour = Credit(NOW, HOUR, NONE)
    assert not hour.is_worth_a_message
    assert Credit(NOW, HOUR + INSTANT, NONE).is_worth_a_message
    assert Credit(NOW, MINUTE, HOUR).is_worth_a_message
    assert not Credit(NOW, NONE, 3 * HOUR).is_worth_a_message


def walked(minutes: int, silent: Sequence[tuple[int, int]]) -> int:
    """Return the deadline by walking through time: each minute in which pages could be opened uses one up."""
    minute = 0
    while minutes:
        minutes -= not any(begin <= minute < end for begin, end in silent)
        minute += 1
    return minute


@pytest.mark.parametrize("seed", range(300))
def test_after_any_row_of_outages_as_much_time_is_left_as_a_walk_through_time_says(seed: int) -> None:
    """Sweeps find and credit outages as they end; the walk knows them all at once."""
    chance = random.Random(seed)
    edges = sorted(chance.sample(range(-30, 400), 2 * chance.randint(1, 5)))
    silent = list(zip(edges[::2], edges[1::2], strict=True))
    minutes = chance.randint(60, 300)
    latest = minutes + chance.choice([0, 5, 30, 1000])
    request, noted, lost = asked(minutes, starts=latest + 120), list[Span](), NONE
    signs = list(pairwise([-100, *edges, 2000]))[::2]
    for sweep in range(-50, 1000, chance.choice([1, 7, 90])):
        seen = served(*((begin, min(end, sweep)) for begin, end in signs if begin <= sweep))
        for outage in outages(seen, noted=noted, now=at(sweep)):
            noted.append(outage)
            brings = credit(request, outage, policy=POLICY)
            request, lost = replace(request, deadline_at=brings.deadline), lost + brings.lost
    wanted = walked(minutes, [(begin, end) for begin, end in silent if end - begin > 5])
    assert request.deadline_at == at(min(wanted, latest))
    assert (lost > NONE) == (wanted > latest)


WAITING = OpenRequest(
    starts_at=at(240),
    deadline_at=at(120),
    handed_over=True,
    do_not_auto_cancel=False,
    needs_provider=False,
    hold_keeps_until=None,
)


def test_nothing_lapses_before_a_sign_of_life_came_after_its_deadline() -> None:
    ripe = at(121)
    assert due(WAITING, now=ripe, policy=POLICY, reachable_until=at(120) - INSTANT) == (Due.NOTHING, None)
    assert due(WAITING, now=ripe, policy=POLICY, reachable_until=at(120)) == (Due.LAPSE, None)
    assert due(WAITING, now=at(240), policy=POLICY, reachable_until=at(0)) == (Due.VOID, None)


def test_time_that_could_not_be_given_back_keeps_silence_from_canceling() -> None:
    short = OpenRequest(at(240), at(120), True, False, False, None, time_lost=True)
    assert due(short, now=at(121), policy=POLICY) == (Due.WAIT_FOR_PROVIDER, NeedsProvider.OUTAGE)

"""Nearest good times: which of the open times a client reads first, and the counts a provider reads before sending."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from raincheck.domain.clients.never_works import codes_of, time_of_week, times_of_week
from raincheck.domain.ranking import (
    Fit,
    UsualTime,
    around_asked_time,
    count_fitting,
    nearest_good_times,
    usual_time,
)
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named

SCENARIOS = json.loads((Path(__file__).parent / "data" / "nearest_good_times.json").read_text())
NEW_YORK = zone_named("America/New_York")
LOS_ANGELES = zone_named("America/Los_Angeles")
TUESDAY = 1
TUESDAYS_AT_ELEVEN = UsualTime(weekday=TUESDAY, hour=11)
HOUR = timedelta(hours=1)


def at(day: str) -> datetime:
    """An instant of July 2027 by New York's clock, such as "6 11:00"; the 6th is a Tuesday."""
    number, clock = day.split()
    shown = datetime.fromisoformat(f"2027-07-{int(number):02}T{clock}")
    return shown.replace(tzinfo=NEW_YORK).astimezone(UTC)


ASKED = at("6 11:00")


def nearest(starts: list[datetime], **said: object) -> list[datetime]:
    parts = {"asked_at": ASKED, "usual": None, "zone": NEW_YORK, "client_zone": NEW_YORK} | said
    return nearest_good_times(starts, **parts)  # type: ignore[arg-type]  # names as in the dictionary above


@pytest.mark.parametrize(
    ("clock", "part"),
    [
        ("00:00", "morning"),
        ("11:59", "morning"),
        ("12:00", "afternoon"),
        ("16:59", "afternoon"),
        ("17:00", "evening"),
        ("23:59", "evening"),
    ],
)
def test_a_time_of_the_week_is_read_on_the_clients_clock(clock: str, part: str) -> None:
    assert str(time_of_week(at(f"6 {clock}"), zone=NEW_YORK)) == f"tuesday-{part}"


def test_times_that_never_work_are_shown_only_where_nothing_else_is_open() -> None:
    mornings, afternoon = [at("6 09:00"), at("6 10:30"), at("7 09:00")], at("19 14:00")
    never = times_of_week("wednesday-morning no-such-time tuesday-morning")
    assert nearest([*mornings, afternoon]) == [*mornings, afternoon]
    assert nearest([*mornings, afternoon], never_works=never) == [afternoon]
    assert nearest(mornings, never_works=never) == mornings
    # Three hours west the afternoon of one is the morning of the other.
    assert nearest([at("6 14:00"), at("6 16:00")], never_works=never, client_zone=LOS_ANGELES) == [
        at("6 16:00")
    ]


def test_a_column_of_times_that_never_work_is_in_order_and_each_stands_once() -> None:
    said = "sunday-evening monday-morning sunday-evening"
    assert codes_of(times_of_week(said)) == "monday-morning sunday-evening"
    assert codes_of(times_of_week("")) == ""


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario["id"] for scenario in SCENARIOS])
def test_the_scenarios(scenario: dict) -> None:
    zone, client_zone = zone_named(scenario["zone"]), zone_named(scenario["client_zone"])

    def instant(shown: str) -> datetime:
        return datetime.fromisoformat(shown).replace(tzinfo=zone).astimezone(UTC)

    starts = [instant(shown) for shown in scenario["open"]]
    usual = UsualTime(**scenario["usual"]) if scenario["usual"] else None
    for listed in (starts, starts[::-1]):
        found = nearest_good_times(
            listed, asked_at=instant(scenario["asked"]), usual=usual, zone=zone, client_zone=client_zone
        )
        assert [f"{start.astimezone(zone):%Y-%m-%dT%H:%M}" for start in found] == scenario["nearest"]


# A small world around Tuesday the 6th at 11:00: neighbours of the asked time, odd hours, usual times near and far.
WORLD = [
    at(day)
    for day in (
        *("5 06:30", "6 06:00", "6 10:00", "6 12:00", "6 12:30", "7 11:00"),
        *("9 09:00", "9 09:30", "13 11:00", "13 11:30", "20 11:00", "27 11:15"),
    )
]


def close(one: datetime, other: datetime) -> bool:
    return one != other and abs(one - other) <= HOUR


def away(start: datetime) -> tuple[timedelta, datetime]:
    return abs(start - ASKED), start


def is_usual(start: datetime) -> bool:
    shown = start.astimezone(NEW_YORK)
    return (shown.weekday(), shown.hour) == (TUESDAY, 11)


def is_odd(start: datetime) -> bool:
    return not 7 <= start.astimezone(NEW_YORK).hour + start.astimezone(NEW_YORK).minute / 60 <= 21


def is_beside(start: datetime) -> bool:
    return abs(start.astimezone(NEW_YORK).date() - ASKED.astimezone(NEW_YORK).date()) <= timedelta(days=1)


@pytest.mark.parametrize("habit", [True, False])
def test_every_small_set_of_open_times_is_chosen_from_by_the_rule(habit: bool) -> None:
    for number in range(len(WORLD) + 1):
        for starts in combinations(WORLD, number):
            usual = TUESDAYS_AT_ELEVEN if habit else None
            hold_to_the_rule(list(starts), nearest(list(starts), usual=usual), habit=habit)


def hold_to_the_rule(starts: list[datetime], found: list[datetime], *, habit: bool) -> None:
    usual = [start for start in starts if habit and is_usual(start)]
    left = [start for start in starts if start not in found]
    assert (found, len(set(found)) <= 5, set(found) <= set(starts)) == (sorted(set(found)), True, True)
    beside = [start for start in starts if is_beside(start)]
    assert bool(beside) == any(is_beside(start) for start in found)
    # No odd hour while others exist; one alone where nothing else is open on the asked day or beside it.
    odd, waking = [start for start in found if is_odd(start)], [one for one in starts if not is_odd(one)]
    if waking and odd:
        assert (len(odd), [one for one in beside if not is_odd(one)]) == (1, [])
    # Two usual times, however far, where there are two apart.
    chosen = [start for start in found if start in usual]
    assert len(chosen) <= 2
    apart = any(not close(*pair) for pair in combinations(usual, 2))
    assert len(chosen) >= (2 if apart else min(len(usual), 1))
    # Whoever could still be shown: not odd beside others, and no third usual one.
    free = [one for one in left if not (one in usual and len(chosen) == 2) and not (waking and is_odd(one))]
    if any(close(*pair) for pair in combinations(found, 2)):
        assert [one for one in free if not any(close(one, other) for other in found)] == []
    assert len(found) == 5 or free == []
    # A nearer one that is left out is close to one that is shown.
    others = [start for start in found if start not in chosen and not (waking and is_odd(start))]
    for one in free:
        farther = [other for other in others if away(other) > away(one)]
        assert one in usual or not farther or any(close(one, other) for other in found)


STARTS = st.lists(
    st.integers(-14 * 48, 60 * 48).map(lambda half: ASKED + half * timedelta(minutes=30)), unique=True
)


@given(STARTS, st.booleans())
def test_any_open_times_are_chosen_from_by_the_rule_in_whichever_order_they_come(
    starts: list[datetime], habit: bool
) -> None:
    usual = TUESDAYS_AT_ELEVEN if habit else None
    found = nearest(starts, usual=usual)
    assert found == nearest(starts[::-1], usual=usual)
    hold_to_the_rule(starts, found, habit=habit)


@pytest.mark.parametrize(
    ("kept", "usual"),
    [
        ([], None),
        # One session is no habit, and neither are several that have nothing in common.
        (["6 11:00"], None),
        (["6 11:00", "14 15:00"], None),
        (["6 11:00", "13 12:00"], None),
        (["6 11:00", "13 11:30"], UsualTime(TUESDAY, 11)),
        (["1 09:00", "6 11:00", "13 11:30", "15 16:00"], UsualTime(TUESDAY, 11)),
        # Of equals the latest: people's habits change.
        (["6 11:00", "13 11:00", "14 15:00", "21 15:00"], UsualTime(TUESDAY + 1, 15)),
        (["7 15:00", "14 15:00", "20 11:00", "27 11:00"], UsualTime(TUESDAY, 11)),
    ],
)
def test_the_usual_time_is_that_of_most_kept_sessions(kept: list[str], usual: UsualTime | None) -> None:
    for starts in (kept, kept[::-1]):
        assert usual_time([at(start) for start in starts], zone=NEW_YORK) == usual


def test_before_sending_counts_from_7_days_before_to_14_days_after():
    asked = at("13 11:00")
    inside = [at("6 11:00"), at("13 09:00"), at("14 11:00"), at("27 11:00")]
    outside = [at("6 10:30"), at("27 11:30")]

    counted = count_fitting([*inside, *outside], asked_at=asked, usual=TUESDAYS_AT_ELEVEN, zone=NEW_YORK)
    assert counted == Fit(starts=4, on_usual_weekday=3)


def test_without_a_usual_time_no_start_is_on_its_weekday():
    assert count_fitting([ASKED], asked_at=ASKED, usual=None, zone=NEW_YORK) == Fit(
        starts=1, on_usual_weekday=0
    )


def test_around_the_asked_time_is_counted_on_the_wall_clock():
    # Asked: Tuesday, 9 March 2027, 11:00; the clocks change on the 14th.
    asked = datetime(2027, 3, 9, 16, tzinfo=UTC)

    assert around_asked_time(asked, zone=NEW_YORK) == Span(
        datetime(2027, 3, 2, 16, tzinfo=UTC), datetime(2027, 3, 23, 15, tzinfo=UTC)
    )

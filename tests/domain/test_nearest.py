"""Nearest good times: the order in which a client reads them, and the counts a provider reads before sending."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raincheck.domain.nearest import (
    Fit,
    UsualTime,
    around_asked_time,
    count_fitting,
    nearest_good_times,
    usual_time,
)
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named

NEW_YORK = zone_named("America/New_York")
TUESDAY = 1
TUESDAYS_AT_ELEVEN = UsualTime(weekday=TUESDAY, hour=11)


def at(day: str) -> datetime:
    """An instant of July 2027 by New York's clock, such as "6 11:00"; the 6th is a Tuesday."""
    number, clock = day.split()
    shown = datetime.fromisoformat(f"2027-07-{int(number):02}T{clock}")
    return shown.replace(tzinfo=NEW_YORK).astimezone(UTC)


ASKED = at("6 11:00")


def nearest(*days: str, usual: UsualTime | None = None) -> list[str]:
    found = nearest_good_times([at(day) for day in days], asked_at=ASKED, usual=usual, zone=NEW_YORK)
    return [f"{start.astimezone(NEW_YORK):%-d %H:%M}" for start in found]


def test_the_nearest_to_the_asked_time_come_first_whether_before_or_after():
    assert nearest("5 11:00", "6 13:00", "6 10:00", "8 09:00") == ["6 10:00", "6 13:00", "5 11:00", "8 09:00"]


def test_of_equals_the_sooner_comes_first():
    assert nearest("7 11:00", "6 12:00", "6 10:00", "5 11:00") == ["6 10:00", "6 12:00", "5 11:00", "7 11:00"]


def test_at_most_five_are_shown():
    assert nearest("7 09:00", "7 10:00", "7 11:00", "7 12:00", "7 13:00", "7 14:00") == [
        "7 09:00",
        "7 10:00",
        "7 11:00",
        "7 12:00",
        "7 13:00",
    ]


def test_without_open_times_there_are_none():
    assert nearest(usual=TUESDAYS_AT_ELEVEN) == []


@pytest.mark.parametrize(
    ("open_times", "read"),
    [
        # The usual weekday and hour beat nearer times, and any minute of the hour is usual.
        (["6 13:00", "13 11:00"], ["13 11:00", "6 13:00"]),
        (["6 13:00", "13 11:45"], ["13 11:45", "6 13:00"]),
        # The nearer of two usual times comes first; of equals the sooner.
        (["6 13:00", "20 11:00", "13 11:00"], ["13 11:00", "20 11:00", "6 13:00"]),
        # The weekday or the hour alone is not usual.
        (["6 10:00", "7 11:00", "13 12:00"], ["6 10:00", "7 11:00", "13 12:00"]),
        (["7 09:00", "13 10:30"], ["7 09:00", "13 10:30"]),
        # More than 14 days after the asked time they count like any other.
        (["21 09:00", "27 11:00", "22 09:00"], ["21 09:00", "22 09:00", "27 11:00"]),
    ],
)
def test_the_usual_weekday_and_hour_beat_others_around_the_asked_time(open_times, read):
    assert nearest(*open_times, usual=TUESDAYS_AT_ELEVEN) == read


def test_a_usual_time_of_the_week_before_counts_too():
    found = nearest_good_times(
        [at("13 10:00"), at("6 11:00")], asked_at=at("13 11:00"), usual=TUESDAYS_AT_ELEVEN, zone=NEW_YORK
    )

    assert found == [at("6 11:00"), at("13 10:00")]


def test_what_is_usual_is_read_on_the_providers_clock_not_in_utc():
    # 23:00 on Tuesday in New York is Wednesday in UTC.
    late = UsualTime(weekday=TUESDAY, hour=23)

    assert nearest("6 12:00", "6 23:00", usual=late) == ["6 23:00", "6 12:00"]


STARTS = st.lists(
    st.integers(-14 * 48, 60 * 48).map(lambda half: ASKED + half * timedelta(minutes=30)), unique=True
)


@given(STARTS)
def test_the_order_in_which_open_times_are_given_does_not_matter(starts):
    parts = {"asked_at": ASKED, "usual": TUESDAYS_AT_ELEVEN, "zone": NEW_YORK}
    found = nearest_good_times(starts, **parts)

    assert found == nearest_good_times(reversed(starts), **parts)
    assert (len(found), set(found) <= set(starts)) == (min(5, len(starts)), True)


@pytest.mark.parametrize(
    ("starts", "usual"),
    [
        ([], None),
        (["6 11:00"], UsualTime(TUESDAY, 11)),
        (["1 09:00", "6 11:00", "13 11:30"], UsualTime(TUESDAY, 11)),
        (["6 11:00", "13 11:00", "14 15:00"], UsualTime(TUESDAY, 11)),
        # Of equals the latest: people's habits change.
        (["6 11:00", "14 15:00"], UsualTime(TUESDAY + 1, 15)),
        (["14 15:00", "6 11:00"], UsualTime(TUESDAY + 1, 15)),
    ],
)
def test_the_usual_time_is_that_of_most_appointments(starts, usual):
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

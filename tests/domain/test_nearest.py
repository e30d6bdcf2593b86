"""Nearest good times: the order in which a client reads them, and the counts a provider reads before sending."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from raincheck.domain.ranking import (
    Fit,
    Rank,
    Ranking,
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


def in_march(day: str) -> datetime:
    """An instant of March 2027 by New York's clock, which jumps at 2:00 on Sunday the 14th; the 9th is a Tuesday."""
    number, clock = day.split()
    return datetime.fromisoformat(f"2027-03-{int(number):02}T{clock}").replace(tzinfo=NEW_YORK)


def in_november(day: str) -> datetime:
    """An instant of November 2027 by New York's clock, which goes back at 2:00 on Sunday the 7th; the 2nd is a Tuesday."""
    number, clock = day.split()
    return datetime.fromisoformat(f"2027-11-{int(number):02}T{clock}").replace(tzinfo=NEW_YORK)


TUESDAYS_AT_ELEVEN_PM = UsualTime(weekday=TUESDAY, hour=23)

CASES = {
    # What is asked about is Tuesday the 6th at 11:00 unless said otherwise; times are listed as they are to be read.
    "nothing is open": (ASKED, None, [], at),
    "one time is open, far away": (ASKED, None, ["30 09:00"], at),
    "before or after the asked time, the nearer first": (ASKED, None, ["6 10:00", "6 13:00", "5 11:00", "8 09:00"], at),
    "of two as near the sooner": (ASKED, None, ["6 10:00", "6 12:00", "5 11:00", "7 11:00"], at),
    "of two weeks as near the sooner": (at("13 11:00"), None, ["6 11:00", "20 11:00"], at),
    "no usual time: only nearness counts": (ASKED, None, ["6 13:00", "7 09:00", "13 11:00"], at),
    "the asked time itself, where it is open": (ASKED, None, ["6 11:00", "6 10:30", "6 11:30"], at),
    "a usual time beats a nearer one": (ASKED, TUESDAYS_AT_ELEVEN, ["13 11:00", "6 13:00"], at),
    "any minute of the usual hour is usual": (ASKED, TUESDAYS_AT_ELEVEN, ["13 11:45", "6 13:00"], at),
    "the last minute of the hour, and the first after it": (ASKED, TUESDAYS_AT_ELEVEN, ["13 11:59", "13 12:00"], at),
    "of two usual times the nearer": (ASKED, TUESDAYS_AT_ELEVEN, ["13 11:00", "20 11:00", "6 13:00"], at),
    "of two usual times of a day the nearer to the clock of the asked time": (ASKED, TUESDAYS_AT_ELEVEN, ["13 11:00", "13 11:30", "20 11:00"], at),
    "of two usual times as near the sooner": (at("13 11:00"), TUESDAYS_AT_ELEVEN, ["6 11:00", "20 11:00", "13 13:00"], at),
    "the weekday alone is not usual": (ASKED, TUESDAYS_AT_ELEVEN, ["6 10:00", "7 10:00", "13 12:00"], at),
    "the hour alone is not usual": (ASKED, TUESDAYS_AT_ELEVEN, ["6 13:00", "7 11:00", "13 10:30"], at),
    "a usual time before the asked one": (at("13 11:00"), TUESDAYS_AT_ELEVEN, ["6 11:00", "13 10:00"], at),
    "usual times seven days before and fourteen after still count": (at("13 11:00"), TUESDAYS_AT_ELEVEN, ["6 11:00", "27 11:00", "13 10:00"], at),
    "a minute further back a usual time is like any other": (at("13 11:30"), TUESDAYS_AT_ELEVEN, ["12 09:00", "6 11:29"], at),
    "more than fourteen days after it too": (ASKED, TUESDAYS_AT_ELEVEN, ["21 09:00", "22 09:00", "27 11:00"], at),
    "the asked time was another than the usual one": (at("8 15:00"), TUESDAYS_AT_ELEVEN, ["6 11:00", "13 11:00", "8 14:00", "8 17:00"], at),
    "overnight: usual is read on the provider's clock, where it is still Tuesday": (ASKED, TUESDAYS_AT_ELEVEN_PM, ["6 23:00", "6 12:00"], at),
    "overnight: half an hour later it is another day": (at("6 23:30"), TUESDAYS_AT_ELEVEN_PM, ["13 23:00", "7 00:00", "6 22:30"], at),
    "only times late in the horizon": (ASKED, TUESDAYS_AT_ELEVEN, ["28 16:00", "28 17:00", "29 09:00"], at),
    "the week in which the clocks go forward: as near on the calendar, the sooner": (in_march("9 11:00"), None, ["2 11:00", "16 11:00"], in_march),
    "the clocks go forward: the usual hour is the one shown": (in_march("9 11:00"), TUESDAYS_AT_ELEVEN, ["16 11:30", "9 12:00", "16 12:00"], in_march),
    "the week in which the clocks go back: as near on the calendar, the sooner": (in_november("9 11:00"), None, ["2 11:00", "16 11:00"], in_november),
    "the clocks go back: fourteen days are counted on the calendar": (in_november("2 11:00"), TUESDAYS_AT_ELEVEN, ["16 11:00", "2 12:00"], in_november),
}  # fmt: skip


@pytest.mark.parametrize(("asked_at", "usual", "read", "instant"), CASES.values(), ids=CASES.keys())
def test_open_times_are_read_best_first(asked_at, usual, read, instant):
    best_first = [instant(day).astimezone(UTC) for day in read]

    for listed in (best_first, best_first[::-1], sorted(best_first)):
        found = nearest_good_times(listed, asked_at=asked_at, usual=usual, zone=NEW_YORK)
        assert [f"{start.astimezone(NEW_YORK):%-d %H:%M}" for start in found] == read


def test_at_most_five_are_shown():
    assert nearest("7 09:00", "7 10:00", "7 11:00", "7 12:00", "7 13:00", "7 14:00") == [
        "7 09:00",
        "7 10:00",
        "7 11:00",
        "7 12:00",
        "7 13:00",
    ]


def test_a_rank_says_what_it_is_made_of():
    ranking = Ranking.about(ASKED, usual=TUESDAYS_AT_ELEVEN, zone=NEW_YORK)

    assert ranking.rank(at("13 11:30")) == Rank(False, timedelta(days=7, minutes=30), at("13 11:30"))
    assert ranking.rank(at("5 11:00")) == Rank(True, timedelta(days=1), at("5 11:00"))


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

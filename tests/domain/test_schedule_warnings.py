"""What is odd about a schedule is said, each thing once, and nothing that is sound."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from raincheck.domain.availability.hours import Availability, Window
from raincheck.domain.availability.overrides import OtherDays
from raincheck.domain.availability.schedule import Schedule
from raincheck.domain.availability.warnings import (
    NoOpenTimes,
    NowhereOffered,
    OffTheGrid,
    Overlapping,
    ScheduleWarning,
    TooShort,
    warnings_about,
)
from raincheck.domain.zones import zone_named

HOUR = timedelta(hours=1)
TODAY = date(2026, 11, 16)
MONDAY, TUESDAY, SUNDAY = 0, 1, 6
PLACES = ("room-1", "room-2")
LENGTHS = (timedelta(minutes=50), timedelta(minutes=80))


def window(start: float, end: float, *places: str) -> Window:
    return Window(start * HOUR, end * HOUR, frozenset(places))


def week(
    *, dates: tuple[tuple[date, tuple[Window, ...]], ...] = (), **days: tuple[Window, ...]
) -> Availability:
    names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    return Availability(tuple(days.get(name, ()) for name in names), dates)


def found(
    availability: Availability, *, step: timedelta = HOUR / 2, lengths: tuple[timedelta, ...] = LENGTHS
) -> list[ScheduleWarning]:
    schedule = Schedule(availability, step, zone_named("America/New_York"))
    return warnings_about(schedule, lengths=lengths, places=PLACES, has_open_times=True, today=TODAY)


def test_ordinary_hours_are_not_odd() -> None:
    assert found(week(mon=(window(9, 12), window(13, 17)), tue=(window(9, 10),), sun=(window(20, 26),))) == []


def test_no_open_times_are_said_first_and_only_when_something_can_be_booked() -> None:
    schedule = Schedule(Availability(), HOUR, zone_named("America/New_York"))
    assert warnings_about(schedule, lengths=LENGTHS, places=PLACES, has_open_times=False, today=TODAY) == [
        NoOpenTimes()
    ]
    assert warnings_about(schedule, lengths=(), places=PLACES, has_open_times=False, today=TODAY) == []


def test_a_window_shorter_than_every_session_is_too_short() -> None:
    short = window(9, 9.5)
    assert found(week(tue=(short, window(13, 14)))) == [TooShort(TUESDAY, short)]
    assert found(week(tue=(short,)), lengths=()) == []
    assert found(week(tue=(short,)), lengths=(HOUR / 2,)) == []


@pytest.mark.parametrize(
    "availability",
    [
        week(tue=(window(9, 9.5), window(9.5, 10))),
        week(mon=(window(23, 24),), tue=(window(0, 0.5),)),
        week(sun=(window(23.5, 24),), mon=(window(0, 0.5),)),
        week(mon=(window(22, 24.5),), tue=(window(0.5, 1),)),
    ],
    ids=["same day", "over midnight", "Sunday to Monday", "from the night before"],
)
def test_windows_that_touch_are_long_enough_together(availability: Availability) -> None:
    assert found(availability) == []


def test_windows_at_different_places_do_not_add_up() -> None:
    one, other, anywhere = window(9, 9.5, "room-1"), window(9.5, 10, "room-2"), window(9.5, 10)
    assert found(week(tue=(one, other))) == [TooShort(TUESDAY, one), TooShort(TUESDAY, other)]
    assert found(week(tue=(one, anywhere))) == []


def test_a_window_that_misses_the_grid_fits_nothing() -> None:
    off = window(9.25, 10.25)
    assert found(week(tue=(off,))) == [OffTheGrid(TUESDAY, off)]
    assert found(week(tue=(off,)), step=HOUR / 4) == []
    late = window(23.25, 24)
    assert found(week(tue=(late,), wed=(window(0, 0.25),)), lengths=(HOUR / 2,)) == []


def test_windows_that_overlap_are_named_and_those_that_touch_are_not() -> None:
    early, late = window(9, 12), window(11, 15)
    assert found(week(tue=(late, early))) == [Overlapping(TUESDAY, early, late)]
    assert found(week(tue=(window(9, 11), late))) == []


def test_a_night_that_reaches_into_the_next_days_hours_overlaps_them() -> None:
    night, morning = window(20, 32), window(7, 12)
    assert found(week(sun=(night,), mon=(morning,))) == [Overlapping(SUNDAY, night, morning)]


def test_hours_at_different_places_may_overlap() -> None:
    assert found(week(tue=(window(9, 12, "room-1"), window(11, 15, "room-2")))) == []
    early, late = window(9, 12, "room-1"), window(11, 15)
    assert found(week(tue=(early, late))) == [Overlapping(TUESDAY, early, late)]


def test_other_hours_of_dates_ahead_are_looked_at_once_a_range() -> None:
    short = window(9, 9.5)
    dates = tuple((date(2026, 11, day), (short,)) for day in (12, 26, 27, 30))
    assert found(week(dates=dates)) == [
        TooShort(OtherDays(date(2026, 11, 26), date(2026, 11, 27), (short,)), short),
        TooShort(OtherDays(date(2026, 11, 30), date(2026, 11, 30), (short,)), short),
    ]


def test_other_hours_add_up_with_the_weekly_hours_beside_them() -> None:
    dates = ((date(2026, 11, 24), (window(0, 0.5),)),)
    assert found(week(mon=(window(23, 24),), dates=dates)) == []


def test_a_window_only_for_places_that_are_offered_no_more_is_named() -> None:
    closed, half_open = window(9, 12, "room-9"), window(13, 17, "room-9", "room-1")
    assert found(week(tue=(closed, half_open))) == [NowhereOffered(TUESDAY, closed)]

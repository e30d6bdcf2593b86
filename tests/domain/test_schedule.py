"""A schedule is told from another one by its mark, and sessions inside it from those outside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from raincheck.domain.availability.hours import Availability, Window
from raincheck.domain.availability.schedule import Booked, Schedule, no_longer_inside, outside
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named

HOUR = timedelta(hours=1)
NINE_TO_FIVE = Availability(((Window(9 * HOUR, 17 * HOUR),), *((),) * 6))
SCHEDULE = Schedule(NINE_TO_FIVE, HOUR, zone_named("America/New_York"))


def test_equal_schedules_have_one_mark_and_others_another() -> None:
    others = [
        replace(SCHEDULE, step=HOUR / 2),
        replace(SCHEDULE, zone=zone_named("America/Chicago")),
        replace(SCHEDULE, availability=Availability()),
        replace(SCHEDULE, availability=replace(NINE_TO_FIVE, overrides=((date(2026, 11, 26), ()),))),
    ]
    assert replace(SCHEDULE).mark == SCHEDULE.mark
    assert len({schedule.mark for schedule in [SCHEDULE, *others]}) == 5


@pytest.mark.parametrize("step", [timedelta(), -HOUR, timedelta(days=1, minutes=1)])
def test_sessions_start_some_time_apart(step: timedelta) -> None:
    with pytest.raises(ValueError, match="some time apart"):
        replace(SCHEDULE, step=step)


# Monday, 30 November 2026; New York is five hours behind UTC.
def monday(hour: float, length: timedelta = HOUR, *, place: str = "room-1", number: int = 1) -> Booked:
    start = datetime(2026, 11, 30, 5, tzinfo=UTC) + hour * HOUR
    return Booked(number, Span(start, start + length), place)


@pytest.mark.parametrize(
    ("session", "inside"),
    [
        (monday(9), True),
        (monday(16), True),
        (monday(9.25), True),
        (monday(8.5), False),
        (monday(16.5), False),
        (monday(20), False),
        (monday(33), False),
    ],
)
def test_a_session_is_inside_when_all_of_it_lies_in_working_hours(session: Booked, inside: bool) -> None:
    assert outside([session], SCHEDULE) == (frozenset() if inside else {1})


def test_windows_that_touch_hold_a_session_together_unless_one_is_elsewhere() -> None:
    def day(*places: str) -> Schedule:
        windows = (Window(9 * HOUR, 10 * HOUR), Window(10 * HOUR, 12 * HOUR, frozenset(places)))
        return replace(SCHEDULE, availability=Availability((windows, *((),) * 6)))

    across = monday(9.5)
    assert outside([across], day()) == outside([across], day("room-1")) == frozenset()
    assert outside([across], day("room-2")) == {1}


def test_only_sessions_that_fitted_before_no_longer_fit() -> None:
    sessions = [monday(9, number=1), monday(12, number=2), monday(20, number=3)]
    mornings = replace(SCHEDULE, availability=Availability(((Window(9 * HOUR, 12 * HOUR),), *((),) * 6)))
    assert outside(sessions, mornings) == {2, 3}
    assert no_longer_inside(sessions, former=SCHEDULE, schedule=mornings) == {2}
    assert no_longer_inside(sessions, former=mornings, schedule=SCHEDULE) == frozenset()


def test_another_zone_leaves_sessions_outside_hours_that_read_the_same() -> None:
    chicago = replace(SCHEDULE, zone=zone_named("America/Chicago"))
    sessions = [monday(9, number=1), monday(10, number=2)]
    assert no_longer_inside(sessions, former=SCHEDULE, schedule=chicago) == {1}


def test_no_sessions_are_outside_nothing() -> None:
    assert outside([], SCHEDULE) == frozenset()

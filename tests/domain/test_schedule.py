"""A schedule is told from another one by its mark."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from raincheck.domain.availability import Availability, Window
from raincheck.domain.schedule import Schedule
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

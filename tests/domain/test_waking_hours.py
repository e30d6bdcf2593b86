"""The waking hours of a stretch of time, against a count of its minutes by the wall clock of every zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.sampling import sample

from raincheck.domain.notifications import most_waking_time, waking_time
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_names

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
# Around these a clock somewhere changes in spring, in autumn, by half an hour, by a whole day or for good.
CHANGES = [
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
]


def by_minutes(start: datetime, minutes: int, zone: ZoneInfo) -> timedelta:
    shown = ((start + count * MINUTE).astimezone(zone).time() for count in range(minutes))
    return sum(time(8) <= at < time(21) for at in shown) * MINUTE


@pytest.mark.parametrize("name", sample(sorted(zone_names()), every=40))
def test_waking_hours_are_those_that_the_wall_clock_shows(name: str) -> None:
    """Two days around each change of clocks, from an odd minute on."""
    zone = ZoneInfo(name)
    for change in CHANGES:
        start = change - 25 * HOUR - 17 * MINUTE
        minutes = 50 * 60
        expected = by_minutes(start, minutes, zone)
        assert waking_time(Span(start, start + minutes * MINUTE), zone=zone) == expected, change


@pytest.mark.parametrize(
    "name", ["America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"]
)
@pytest.mark.parametrize("length", [1, 59, 60, 240, 601, 720, 1439, 2880, 7200])
def test_short_and_long_stretches_from_every_hour(name: str, length: int) -> None:
    zone = ZoneInfo(name)
    for hour in range(24):
        start = datetime(2026, 10, 3, 13, 7, tzinfo=UTC) + hour * HOUR
        assert waking_time(Span(start, start + length * MINUTE), zone=zone) == by_minutes(start, length, zone)


@pytest.mark.parametrize(
    ("hours", "most"), [(2, 2), (12, 12), (13, 13), (20, 13), (24, 13), (30, 19), (48, 26), (120, 65)]
)
def test_no_stretch_holds_more_waking_time_than_its_days(hours: int, most: int) -> None:
    zone, length = ZoneInfo("America/New_York"), hours * HOUR
    found = [
        waking_time(Span(start, start + length), zone=zone)
        for start in (datetime(2026, 6, 1, tzinfo=UTC) + count * HOUR for count in range(24))
    ]
    assert max(found) == most_waking_time(length) == most * HOUR

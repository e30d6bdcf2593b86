"""How times, zones and lengths are said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from raincheck.notifications.formats import (
    clock_time,
    duration,
    instant_with_day,
    long_day_and_time,
    short_day_and_time,
    short_time_left,
    time_left,
    with_zone,
    zone_city,
    zone_letters,
)

LOS_ANGELES = "America/Los_Angeles"
TUESDAY = datetime(2026, 11, 24, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_an_instant_is_said_in_the_readers_zone() -> None:
    assert long_day_and_time(TUESDAY, LOS_ANGELES) == "Tuesday, November 24 at 8:00 AM"
    assert short_day_and_time(TUESDAY, "America/New_York") == "Tue, Nov 24 · 11:00 AM"
    assert instant_with_day(TUESDAY, "Asia/Tokyo") == "Wed, 1:00 AM"
    assert with_zone(clock_time(TUESDAY, LOS_ANGELES), LOS_ANGELES) == "8:00 AM (Los Angeles time)"


@pytest.mark.parametrize(
    ("zone", "letters"),
    [
        (LOS_ANGELES, "PST"),
        ("Asia/Kathmandu", "UTC+5:45"),
        ("America/Sao_Paulo", "UTC-3"),
        ("Pacific/Marquesas", "UTC-9:30"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_has_letters_where_there_is_no_room_for_its_city(zone: str, letters: str) -> None:
    assert zone_letters(TUESDAY, zone) == letters


@pytest.mark.parametrize(
    ("instant", "now", "said"),
    [
        (
            datetime(2027, 1, 5, 16, tzinfo=UTC),
            datetime(2026, 11, 16, tzinfo=UTC),
            "Tuesday, January 5 at 8:00 AM",
        ),
        (
            datetime(2027, 1, 5, 16, tzinfo=UTC),
            datetime(2026, 2, 1, tzinfo=UTC),
            "Tuesday, January 5, 2027 at 8:00 AM",
        ),
        (
            datetime(2026, 1, 6, 16, tzinfo=UTC),
            datetime(2026, 11, 16, tzinfo=UTC),
            "Tuesday, January 6 at 8:00 AM",
        ),
        (
            datetime(2025, 1, 7, 16, tzinfo=UTC),
            datetime(2026, 11, 16, tzinfo=UTC),
            "Tuesday, January 7, 2025 at 8:00 AM",
        ),
    ],
)
def test_the_year_is_said_only_where_one_would_think_of_another(
    instant: datetime, now: datetime, said: str
) -> None:
    assert long_day_and_time(instant, LOS_ANGELES, now=now) == said


@pytest.mark.parametrize(
    ("zone", "city"),
    [
        (LOS_ANGELES, "Los Angeles"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires"),
        ("Europe/Isle_of_Man", "Isle of Man"),
        ("US/Pacific", "Pacific"),
        ("UTC", "UTC"),
        ("Etc/GMT+5", "UTC-5"),
        ("Etc/GMT-3", "UTC+3"),
        ("Etc/GMT", "GMT"),
    ],
)
def test_a_zone_is_called_by_its_city(zone: str, city: str) -> None:
    assert zone_city(zone) == city


@pytest.mark.parametrize(
    ("left", "long", "short"),
    [
        (120 * HOUR, "120 hours", "120 h"),
        (144 * HOUR, "6 days", "6 d"),
        (42 * HOUR - timedelta(seconds=1), "41 hours", "41 h"),
        (HOUR, "1 hour", "1 h"),
        (HOUR - timedelta(seconds=1), "59 minutes", "59 min"),
        (timedelta(minutes=1), "1 minute", "1 min"),
        (timedelta(seconds=59), "less than a minute", "0 min"),
        (timedelta(0), "no time", "0 min"),
        (-HOUR, "no time", "0 min"),
    ],
)
def test_time_left_is_rounded_down(left: timedelta, long: str, short: str) -> None:
    assert (time_left(left), short_time_left(left)) == (long, short)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (48 * HOUR, "48 hours"),
        (HOUR, "1 hour"),
        (1.5 * HOUR, "90 minutes"),
        (timedelta(days=30), "30 days"),
        (timedelta(days=7, hours=1), "169 hours"),
        (timedelta(minutes=5), "5 minutes"),
    ],
)
def test_a_length_is_said_as_it_was_set(length: timedelta, said: str) -> None:
    assert duration(length) == said

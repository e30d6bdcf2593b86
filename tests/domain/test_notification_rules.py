"""When a message may go, how long it is tried, and which ones lose their point."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from raincheck.domain.notifications import (
    ATTEMPT_TAKES,
    RETRIED_FOR,
    is_quiet,
    pause_after,
    sms_due_at,
)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def los_angeles(month: int, day: int, hour: int, minute: int = 0, *, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=LOS_ANGELES).astimezone(UTC)


@pytest.mark.parametrize(
    ("kind", "quiet"),
    [
        (los_angeles(11, 16, 7, 59, second=59), True),
        (los_angeles(11, 16, 8), False),
        (los_angeles(11, 16, 12), False),
        (los_angeles(11, 16, 20, 59, second=59), False),
        (los_angeles(11, 16, 21), True),
        (los_angeles(11, 16, 0), True),
        (los_angeles(11, 16, 3), True),
    ],
)
def test_nights_last_from_21_to_8_on_the_readers_clock(kind: datetime, quiet: bool) -> None:
    assert is_quiet(kind, zone=LOS_ANGELES) is quiet


@pytest.mark.parametrize(
    ("kind", "due_at"),
    [
        (los_angeles(11, 16, 12), los_angeles(11, 16, 12)),
        (los_angeles(11, 16, 21), los_angeles(11, 17, 8)),
        (los_angeles(11, 16, 23, 59), los_angeles(11, 17, 8)),
        (los_angeles(11, 17, 0), los_angeles(11, 17, 8)),
        (los_angeles(11, 17, 7, 59), los_angeles(11, 17, 8)),
        (los_angeles(11, 17, 8), los_angeles(11, 17, 8)),
        (los_angeles(12, 31, 22), datetime(2027, 1, 1, 8, tzinfo=LOS_ANGELES)),
        # The nights in which the clocks change are an hour shorter or longer.
        (los_angeles(3, 7, 22), los_angeles(3, 7, 22) + 9 * HOUR),
        (los_angeles(10, 31, 22), los_angeles(10, 31, 22) + 11 * HOUR),
    ],
)
def test_a_text_at_night_waits_for_the_morning(kind: datetime, due_at: datetime) -> None:
    assert sms_due_at(kind, zone=LOS_ANGELES, urgent=False) == due_at


def test_an_urgent_text_waits_for_nothing() -> None:
    night = los_angeles(11, 17, 3)
    assert sms_due_at(night, zone=LOS_ANGELES, urgent=True) == night


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [
        (1, 1),
        (2, 2),
        (3, 4),
        (4, 8),
        (5, 16),
        (6, 32),
        (7, 64),
        (8, 120),
        (9, 120),
        (100, 120),
        (10_000, 120),
    ],
)
def test_pauses_double_from_a_minute_to_two_hours(attempts: int, minutes: int) -> None:
    assert pause_after(attempts) == minutes * MINUTE


def test_a_day_of_tries_has_about_twenty() -> None:
    tries, at = 1, timedelta(0)
    while at + pause_after(tries) <= RETRIED_FOR:
        at += pause_after(tries)
        tries += 1
    assert (tries, RETRIED_FOR, ATTEMPT_TAKES) == (18, 24 * HOUR, 2 * MINUTE)

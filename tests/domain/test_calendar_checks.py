"""When a calendar is looked at again: every 15 minutes, more rarely while it fails, and whole once a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from raincheck.domain.calendars.busy import READING_REFUSALS
from raincheck.domain.calendars.checks import (
    is_failing_too_long,
    must_be_read_whole,
    next_check,
    reading_window,
)
from raincheck.domain.calendars.faults import CalendarFault, CalendarWantsPassword, why

NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_a_calendar_that_can_be_read_is_looked_at_every_quarter_of_an_hour() -> None:
    assert next_check(now=NOW) == NOW + 15 * MINUTE


def test_one_that_fails_waits_twice_as_long_up_to_four_hours_and_goes_on() -> None:
    at, pauses = NOW, []
    for _ in range(8):
        due = next_check(now=at, failing_since=NOW)
        pauses.append((due - at) // MINUTE)
        at = due
    assert pauses == [15, 15, 30, 60, 120, 240, 240, 240]
    assert next_check(now=NOW + 400 * DAY, failing_since=NOW) == NOW + 400 * DAY + 4 * HOUR


def test_failing_for_a_day_is_too_long() -> None:
    days = [is_failing_too_long(NOW, now=NOW + length) for length in (DAY - MINUTE, DAY)]
    assert (days, is_failing_too_long(None, now=NOW)) == ([False, True], False)


def test_what_was_read_a_day_ago_is_read_whole() -> None:
    assert [must_be_read_whole(NOW, now=NOW + length) for length in (DAY - MINUTE, DAY)] == [False, True]


def test_a_reading_reaches_well_past_what_anybody_can_be_offered() -> None:
    window = reading_window(NOW)
    assert (window.start, window.end) == (NOW - 30 * DAY, NOW + 400 * DAY)


def test_every_fault_says_why_in_half_a_sentence() -> None:
    codes = [fault.code for fault in (*CalendarFault.__subclasses__(), *READING_REFUSALS)]
    said = [why(code) for code in codes]
    assert [half for half in said if half[0].isupper() or half.endswith(".")] == []
    assert len(set(said)) == len(said) > 20
    assert why("nobody_knows") == CalendarFault.why
    assert why("calendar_wants_password") == CalendarWantsPassword.why == "the address wants a password"

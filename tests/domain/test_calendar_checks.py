"""Checks of a calendar: every 15 minutes, more rarely while it fails, and whole once a day."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from raincheck.domain.calendars import faults
from raincheck.domain.calendars.checks import (
    is_failing_too_long,
    must_be_read_whole,
    next_check,
    reading_window,
)
from raincheck.domain.calendars.faults import (
    BY_CODE,
    NEEDING_CREDENTIALS,
    CalendarFault,
    CalendarWantsPassword,
    fault_of_status,
    why,
)

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


@pytest.mark.parametrize("fault", BY_CODE.values(), ids=lambda fault: fault.code)
def test_a_fault_is_a_row_with_a_sentence_and_half_of_one(fault: type[CalendarFault]) -> None:
    assert re.fullmatch(r"[A-Z“].*[.]", fault.sentence), "whole, for a form"
    assert re.fullmatch(r"[a-z].*[^.]", fault.why), "half, after a colon"
    assert "{" not in fault.sentence + fault.why, "nothing of a stranger's server is quoted"
    assert getattr(faults, fault.__name__) is fault, "its name is its code's"


def test_no_two_faults_say_the_same_or_come_from_the_same_status() -> None:
    rows = [*BY_CODE.values(), CalendarFault]
    for said in ([fault.why for fault in rows], [fault.sentence for fault in rows]):
        assert sorted(set(said)) == sorted(said)
    statuses = [status for fault in rows for status in fault.statuses]
    assert (len(rows), sorted(set(statuses))) == (34, sorted(statuses))


def test_why_is_known_by_code_and_for_codes_of_former_times() -> None:
    assert why("nobody_knows") == CalendarFault.why
    assert why("calendar_wants_password") == CalendarWantsPassword.why == "the address wants a password"


def test_statuses_that_no_row_names_are_judged_by_their_class() -> None:
    found = {status: fault_of_status(status).code for status in (401, 404, 410, 418, 429, 500, 599, 204)}
    assert found == {
        401: "calendar_wants_password",
        404: "calendar_not_there",
        410: "calendar_not_there",
        418: "calendar_answer_strange",
        429: "calendar_server_trouble",
        500: "calendar_server_trouble",
        599: "calendar_server_trouble",
        204: "calendar_answer_strange",
    }


def test_only_lost_and_wrong_secrets_have_to_be_entered_again() -> None:
    assert {"calendar_secret_lost", "calendar_wants_password"} == NEEDING_CREDENTIALS

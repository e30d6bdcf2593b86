"""Rows of a spreadsheet that say how often they repeat and until when, in the file's own order of dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from raincheck.domain.appointments.series import MADE_AHEAD, MOST, WEEK
from raincheck.domain.imports.appointments import AppointmentsRead
from raincheck.domain.imports.columns import Field, Kind, columns_in, matched
from raincheck.domain.imports.reading import Reading, Settings, read_sheets
from raincheck.domain.imports.tables import Sheet

NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2026, 11, 16)
HEADER = ["Client", "Provider", "Start", "End", "Repeats", "Repeats until"]


def read(*rows: str, header: list[str] = HEADER) -> Reading:
    """Rows of a client, a start, how it repeats and until when; a | between them."""
    lines = [header, *(row.split("|") for row in rows)]
    return read_sheets([Sheet(lines)], Settings(kind=Kind.APPOINTMENTS, zone=NEW_YORK, today=TODAY))


def row(repeats: str, until: str = "", *, start: str = "11/24/2026 11:00 AM", end: str = "11:50 AM") -> str:
    return f"Riley Brooks|Dr. Jo Okafor|{start}|{end}|{repeats}|{until}"


def read_as(*rows: str) -> list[tuple[int, str, str] | list[date]]:
    """What each row came to: its problem, or the days of its appointments."""
    found = read(*rows).rows
    assert isinstance(found, AppointmentsRead)
    said: dict[int, tuple[int, str, str] | list[date]] = {
        one.row: [start.astimezone(NEW_YORK).date() for start, _end in one.spans] for one in found.good
    }
    said |= {one.row: (one.row, one.column, one.code.value) for one in found.problems}
    return [said[number] for number in sorted(said)]


def weeks(first: date, last: date, *, every: int = 1) -> list[date]:
    return [first + number * every * WEEK for number in range((last - first) // (every * WEEK) + 1)]


TUESDAY, MARCH_2 = date(2026, 11, 24), date(2027, 3, 2)


@pytest.mark.parametrize(
    ("repeats", "until", "every"),
    [
        ("weekly", "3/2/2027", 1),
        ("Weekly", "2027-03-02", 1),
        ("every week until 3/2/2027", "", 1),
        ("weekly until 2027-03-02", "", 1),
        ("weekly until", "March 2, 2027", 1),
        ("every 2 weeks", "3/2/2027", 2),
        ("Every two weeks, until Mar 2, 2027", "", 2),
        ("biweekly", "3/2/27", 2),
        ("every other week (until 3/2/2027)", "", 2),
        ("every 3 weeks", "3/8/2027", 3),
        ("alle 2 Wochen bis 2027-03-02", "", 2),
        ("wöchentlich", "2027-03-02", 1),
        ("toutes les 2 semaines jusqu’au 2027-03-02", "", 2),
        ("cada semana hasta 2027-03-02", "", 1),
    ],
)
def test_how_often_is_read_in_the_words_people_write(repeats: str, until: str, every: int) -> None:
    assert read_as(row(repeats, until)) == [weeks(TUESDAY, MARCH_2, every=every)]


@pytest.mark.parametrize("nothing", ["", "no", "once", "never", "-", "Does not repeat"])
def test_a_row_that_does_not_repeat_is_one_appointment(nothing: str) -> None:
    assert read_as(row(nothing)) == [[TUESDAY]]
    (one,) = read(row(nothing)).rows.good
    assert one.repeats is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("repeats", "until", "column", "code"),
    [
        ("weekly until", "", "Repeats", "missing_until"),
        ("", "3/2/2027", "Repeats until", "missing_repeats"),
        ("monthly", "", "Repeats", "bad_repeats"),
        ("yes", "3/2/2027", "Repeats", "bad_repeats"),
        ("every 0 weeks", "", "Repeats", "bad_repeats"),
        ("every 53 weeks", "", "Repeats", "bad_repeats"),
        ("every 99999999999 weeks", "", "Repeats", "bad_repeats"),
        ("weekly until soon", "", "Repeats", "bad_date"),
        ("weekly", "2/30/2027", "Repeats until", "bad_date"),
        ("weekly", "11/3/2026", "Repeats until", "repeats_too_short"),
        ("weekly until 11/24/2026", "", "Repeats", "repeats_too_short"),
        ("weekly", "11/30/2026", "Repeats until", "repeats_too_short"),
        ("weekly", "12/31/2099", "Repeats until", "repeats_too_long"),
        ("weekly", "12/31/9999", "Repeats until", "bad_date"),
        ("=weekly", "", "Repeats", "formula"),
    ],
)
def test_odd_words_are_a_problem_at_their_cell(repeats: str, until: str, column: str, code: str) -> None:
    assert read_as(row(repeats, until)) == [(2, column, code)]


def test_until_is_read_in_the_order_of_the_file() -> None:
    assert read_as(row("weekly", "3/2/2027"), row("no", start="11/25/2026 9:00 AM", end="9:50 AM"))[
        0
    ] == weeks(TUESDAY, MARCH_2)
    german = [
        "Riley Brooks|Dr. Jo Okafor|24.11.2026 11:00|11:50|wöchentlich bis 02.03.2027|",
        "Maya Chen|Dr. Jo Okafor|25.11.2026 11:00|11:50||",
    ]
    assert read_as(*german)[0] == weeks(TUESDAY, MARCH_2)
    # The end of a series may be all that tells the order.
    told = read("Riley Brooks|Dr. Jo Okafor|2026-11-24 11:00|11:50|weekly|13/03/2027")
    assert (told.dates.order.value, told.told_order) == ("dmy", True)


def test_without_an_end_a_series_is_read_as_far_ahead_as_one_is_made() -> None:
    (days,) = read_as(row("weekly"))
    assert isinstance(days, list)
    assert (days[0], days[-1] > TODAY + MADE_AHEAD, len(days)) == (TUESDAY, True, 53)


def test_a_series_that_began_long_ago_has_what_is_still_ahead() -> None:
    old = row("weekly", "12/15/2026", start="1/2/2018 11:00 AM")
    assert read_as(old) == [weeks(date(2026, 11, 17), date(2026, 12, 15))]
    over = read(row("weekly", "6/30/2026", start="1/6/2026 11:00 AM")).rows
    assert [one.spans for one in over.good] == [[]]  # type: ignore[union-attr]
    last = read(row("weekly", "11/17/2026", start="1/6/2026 11:00 AM")).rows.good[0]
    assert (last.repeats, last.starts_at) == (None, datetime(2026, 11, 17, 16, tzinfo=UTC))  # type: ignore[union-attr]


def test_a_session_that_repeats_lasts_no_nine_hours() -> None:
    assert read_as(row("weekly", start="11/24/2026 8:00 AM", end="5:00 PM")) == [
        (2, "Repeats", "repeats_length")
    ]


def test_of_a_canceled_row_nobody_asks_how_it_repeats() -> None:
    header = [*HEADER, "Status"]
    (one,) = read(row("monthly") + "|canceled", header=header).rows.good
    assert one.repeats is None  # type: ignore[union-attr]


def test_dates_that_meet_an_earlier_row_are_named_and_others_meet_the_series() -> None:
    single = "Maya Chen|Dr. Jo Okafor|12/1/2026 11:30 AM|12:20 PM||"
    weekly, late = row("weekly", "3/2/2027"), "Maya Chen|Dr. Jo Okafor|12/8/2026 11:30 AM|12:20 PM||"
    found = read(single, weekly).rows.problems
    assert [(one.code, one.value, one.other) for one in found] == [("dates_taken", "2026-12-01", 2)]
    found = read(weekly, late).rows.problems
    assert [(one.code, one.other) for one in found] == [("overlap", 2)]


@given(
    first=st.dates(date(2026, 6, 1), date(2027, 6, 1)),
    every=st.integers(1, 8),
    days=st.integers(0, 800),
    hour=st.integers(4, 22),
)
def test_a_series_has_the_days_that_counting_gives(first: date, every: int, days: int, hour: int) -> None:
    last = first + timedelta(days=days)
    start = f"{first} {hour}:00"
    expected = [day for day in weeks(first, last, every=every) if day >= TODAY]
    (said,) = read_as(row(f"every {every} weeks", str(last), start=start, end=f"{hour}:50"))
    if last < first + every * WEEK:
        assert said == (2, "Repeats until", "repeats_too_short")
    elif len(expected) > MOST:
        assert said == (2, "Repeats until", "repeats_too_long")
    else:
        assert said == expected


def test_until_beside_an_end_is_the_end_of_the_series() -> None:
    names = ["Client", "Provider", "Start", "Minutes", "Repeats", "Until"]
    assert matched(columns_in(names), kind=Kind.APPOINTMENTS)["Until"] is Field.REPEATS_UNTIL
    assert matched(columns_in([*names[:3], "Until"]), kind=Kind.APPOINTMENTS)["Until"] is Field.ENDS_AT

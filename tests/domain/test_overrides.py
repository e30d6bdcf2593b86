"""Days with other hours: ranges as people type them, the dates they stand for, and what is wrong with them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from raincheck.domain.availability.hours import Availability, DateTwice, Window
from raincheck.domain.availability.overrides import (
    FURTHEST,
    DateInThePast,
    DateTooFarAhead,
    LastDateBeforeFirst,
    OtherDays,
    other_days,
    refuse_dates,
    with_other_days,
)
from raincheck.domain.refusals import Refusal

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TODAY = date(2026, 11, 16)
MORNING = (Window(9 * HOUR, 12 * HOUR),)
EVENING = (Window(18 * HOUR, 21 * HOUR),)
NEVER = Availability()


def kept(**overrides: tuple[Window, ...]) -> Availability:
    """Return hours with overrides named like nov26."""
    dates = {date(2026, 11, int(name[3:])): windows for name, windows in overrides.items()}
    return Availability(overrides=tuple(sorted(dates.items())))


def nov(first: int, last: int | None = None, windows: tuple[Window, ...] = ()) -> OtherDays:
    return OtherDays(date(2026, 11, first), date(2026, 11, last or first), windows)


def test_dates_in_a_row_with_the_same_windows_are_one_range() -> None:
    hours = kept(nov20=MORNING, nov21=MORNING, nov22=EVENING, nov24=EVENING, nov25=(), nov26=())
    assert other_days(hours, today=TODAY) == [
        nov(20, 21, MORNING),
        nov(22, 22, EVENING),
        nov(24, 24, EVENING),
        nov(25, 26),
    ]


def test_past_dates_are_not_shown_and_a_range_under_way_begins_today() -> None:
    assert other_days(kept(nov12=MORNING, nov15=(), nov16=(), nov17=()), today=TODAY) == [nov(16, 17)]


def test_entries_replace_all_dates_ahead_and_none_of_the_past() -> None:
    hours = kept(nov12=MORNING, nov20=MORNING, nov21=())
    entries = [nov(26, 27), nov(20, 20, EVENING)]
    assert with_other_days(entries, kept=hours, today=TODAY) == (
        (date(2026, 11, 12), MORNING),
        (date(2026, 11, 20), EVENING),
        (date(2026, 11, 26), ()),
        (date(2026, 11, 27), ()),
    )


def test_a_date_of_two_entries_is_refused_at_the_second() -> None:
    with pytest.raises(DateTwice) as refused:
        with_other_days([nov(20), nov(24, 26), nov(26, 27)], kept=NEVER, today=TODAY)
    assert (refused.value.values, refused.value.field) == ({"value": "2026-11-26"}, "2")


@pytest.mark.parametrize(
    ("entry", "refusal", "values"),
    [
        (nov(27, 26), LastDateBeforeFirst, {}),
        (nov(15, 20), DateInThePast, {"day": "2026-11-15"}),
        (
            OtherDays(TODAY, TODAY + FURTHEST + DAY),
            DateTooFarAhead,
            {"day": (TODAY + FURTHEST + DAY).isoformat()},
        ),
    ],
)
def test_dates_that_cannot_be_meant_are_named(
    entry: OtherDays, refusal: type[Refusal], values: dict[str, str]
) -> None:
    with pytest.raises(refusal) as refused:
        refuse_dates(entry, kept=NEVER, today=TODAY)
    assert refused.value.values == values


@pytest.mark.parametrize("entry", [nov(16), nov(16, 30), OtherDays(TODAY + FURTHEST, TODAY + FURTHEST)])
def test_dates_from_today_up_to_two_years_ahead_are_fine(entry: OtherDays) -> None:
    refuse_dates(entry, kept=NEVER, today=TODAY)


def test_a_kept_date_may_pass_while_the_form_stands_open() -> None:
    hours = kept(nov15=MORNING, nov16=MORNING)
    refuse_dates(nov(15, 16), kept=hours, today=TODAY)
    assert with_other_days([nov(15, 16)], kept=hours, today=TODAY) == (
        (date(2026, 11, 15), MORNING),
        (date(2026, 11, 16), ()),
    )


OVERRIDES = st.dictionaries(
    st.integers(-20, 40).map(lambda days: TODAY + days * DAY), st.sampled_from([(), MORNING, EVENING])
)


@given(OVERRIDES)
def test_what_the_form_shows_is_saved_as_it_was(overrides: dict[date, tuple[Window, ...]]) -> None:
    hours = Availability(overrides=tuple(sorted(overrides.items())))
    assert with_other_days(other_days(hours, today=TODAY), kept=hours, today=TODAY) == hours.overrides

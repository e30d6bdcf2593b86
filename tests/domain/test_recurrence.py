"""The weight of a recurrence, and its shortcut over the past, against rules written out in full."""

# ruff: noqa: DTZ001  (times on the wall have no zone)

from __future__ import annotations

from datetime import datetime, timedelta

from dateutil.rrule import rrulestr
from hypothesis import given, settings, strategies as st

from raincheck.domain.calendars.recurrence import Frequency, Recurrence, fast_forwarded

FIRST = datetime(2019, 1, 1)
LAST = datetime(2023, 1, 1)
BEFORE = datetime(2022, 1, 1)


NO_RULES = {(Frequency.WEEKLY, "BYMONTHDAY"), (Frequency.HOURLY, "BYHOUR")}
"""The standard forbids the first; the second may name hours that are never reached, which dateutil refuses."""


@st.composite
def rules(draw: st.DrawFn) -> tuple[str, Recurrence]:
    """A rule as text and as the domain weighs it, of the kinds that are common and some that are not."""
    frequency = draw(
        st.sampled_from(
            [Frequency.HOURLY, Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY, Frequency.YEARLY]
        )
    )
    interval = draw(st.integers(1, 7))
    parts = [f"FREQ={frequency}", f"INTERVAL={interval}"]
    values: dict[str, list[str]] = {}
    choices = {
        "BYMONTH": st.integers(1, 12),
        "BYMONTHDAY": st.integers(-31, 31).filter(bool),
        "BYDAY": st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]),
        "BYHOUR": st.integers(0, 23),
    }
    for name in draw(st.sets(st.sampled_from(sorted(choices)), max_size=2)):
        if (frequency, name) not in NO_RULES:
            values[name] = [
                str(value) for value in draw(st.lists(choices[name], min_size=1, max_size=3, unique=True))
            ]
            parts.append(f"{name}={','.join(values[name])}")
    return ";".join(parts), Recurrence(
        frequency,
        interval,
        months=tuple(int(month) for month in values.get("BYMONTH", [])),
        month_days=tuple(int(day) for day in values.get("BYMONTHDAY", [])),
        weekdays=len(values.get("BYDAY", [])),
        hours=len(values.get("BYHOUR", ["0"])),
    )


def starts() -> st.SearchStrategy[datetime]:
    days = st.datetimes(FIRST, FIRST + timedelta(days=500)).map(
        lambda at: at.replace(minute=0, second=0, microsecond=0)
    )
    return days | st.just(datetime(2016, 2, 29, 9))


def written_out(rule: str, start: datetime, last: datetime) -> list[datetime]:
    return rrulestr(f"{rule};UNTIL={last:%Y%m%dT%H%M%S}", dtstart=start).between(start, last, inc=True)


@settings(max_examples=40, deadline=None)
@given(rules(), starts())
def test_a_rule_goes_on_from_nearby_as_it_would_have_from_its_beginning(
    rule: tuple[str, Recurrence], start: datetime
) -> None:
    text, recurrence = rule
    if recurrence.never_happens:
        return
    near = fast_forwarded(start, recurrence, before=BEFORE)
    assert (near <= max(start, BEFORE), [at for at in written_out(text, near, LAST) if at >= BEFORE]) == (
        True,
        [at for at in written_out(text, start, LAST) if at >= BEFORE],
    )


@settings(max_examples=40, deadline=None)
@given(rules(), starts())
def test_no_rule_takes_place_more_often_than_weighed(rule: tuple[str, Recurrence], start: datetime) -> None:
    text, recurrence = rule
    found = [] if recurrence.never_happens else written_out(text, start, LAST)
    assert len(found) <= recurrence.most_times(LAST - start)


def test_a_rule_with_a_count_stays_where_it_begins() -> None:
    daily = Recurrence(Frequency.DAILY, count=1_000)
    assert fast_forwarded(FIRST, daily, before=BEFORE) == FIRST


def test_a_leap_day_is_brought_to_a_leap_year() -> None:
    yearly = Recurrence(Frequency.YEARLY)
    assert fast_forwarded(datetime(1948, 2, 29), yearly, before=datetime(2026, 9, 1)) == datetime(2024, 2, 29)


def test_an_event_every_nine_minutes_is_too_close_and_one_every_ten_is_not() -> None:
    every = {minutes: Recurrence(Frequency.MINUTELY, interval=minutes).too_close for minutes in (9, 10)}
    assert every == {9: True, 10: False}


def test_days_that_no_month_has_never_happen() -> None:
    cases = {
        ((2,), (30,)): True,
        ((2,), (29,)): False,
        ((4, 6), (31, -31)): True,
        ((4, 5), (31,)): False,
        ((), (31,)): False,
        ((13,), (1,)): True,
    }
    found = {
        case: Recurrence(Frequency.YEARLY, months=case[0], month_days=case[1]).never_happens for case in cases
    }
    assert found == cases

"""Patterns of series: which times they name, counted again the slow way, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from raincheck.domain.appointments.series import (
    MOST,
    CountOutOfRange,
    EveryWeeksOutOfRange,
    NothingLeft,
    Occurrence,
    OccurrencesMeet,
    Pattern,
    SeriesTooLong,
    SeriesTooShort,
    decided,
    made_until,
    occurrences,
    sound_pattern,
)
from raincheck.domain.refusals import Refusal
from raincheck.domain.zones import is_skipped

NEW_YORK = ZoneInfo("America/New_York")
ZONES = st.sampled_from(
    [NEW_YORK, ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]
)
A_WEEK = timedelta(weeks=1)
TUESDAY = datetime.fromisoformat("2026-11-24T11:00")
patterns = st.builds(
    Pattern,
    first=st.builds(
        datetime.combine,
        st.dates(date(2025, 1, 1), date(2028, 1, 1)),
        st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30])),
    ),
    every_weeks=st.integers(1, 6),
    zone=ZONES,
    count=st.none() | st.integers(1, MOST),
    ends_on=st.none() | st.dates(date(2025, 1, 1), date(2030, 1, 1)),
)


def counted(pattern: Pattern, *, until: date) -> list[datetime]:
    """Return the wall times of a pattern, day by day."""
    found, day = [], pattern.first.date()
    while day <= until:
        days = (day - pattern.first.date()).days
        ended = pattern.ends_on is not None and day > pattern.ends_on
        if days % (7 * pattern.every_weeks) == 0 and not ended and len(found) != pattern.count:
            found.append(datetime.combine(day, pattern.first.time()))
        day += timedelta(days=1)
    return found


@given(patterns, st.integers(0, 900))
def test_a_pattern_names_the_times_that_counting_the_days_gives(pattern: Pattern, days: int) -> None:
    until = pattern.first.date() + timedelta(days=days)
    walls = counted(pattern, until=until)
    assert list(pattern.walls(until=until)) == walls
    assert all(pattern.names(wall) for wall in walls)
    assert not pattern.names(pattern.first - pattern.every_weeks * A_WEEK)
    assert not pattern.names(pattern.first + timedelta(minutes=1))


@given(patterns)
def test_every_time_keeps_its_wall_time_whatever_the_clock_does(pattern: Pattern) -> None:
    found = occurrences(pattern, until=pattern.first.date() + timedelta(days=500))
    for one in found:
        shown = one.start.astimezone(pattern.zone).replace(tzinfo=None, fold=0)
        if is_skipped(one.recurrence_id, zone=pattern.zone):
            assert one.recurrence_id < shown <= one.recurrence_id + timedelta(hours=1)
        else:
            assert shown == one.recurrence_id
            assert one.start.astimezone(pattern.zone).fold == 0


@given(patterns, st.integers(0, 400), st.integers(0, 400))
def test_two_parts_of_a_series_are_the_whole(pattern: Pattern, middle: int, rest: int) -> None:
    day = pattern.first.date() + timedelta(days=middle)
    until = day + timedelta(days=rest)
    assert occurrences(pattern, until=day) + occurrences(pattern, until=until, after=day) == occurrences(
        pattern, until=until
    )


def test_a_series_goes_over_the_clock_change_at_its_wall_time() -> None:
    weekly = Pattern(datetime.fromisoformat("2026-10-27T11:00"), 1, NEW_YORK, count=2)
    assert occurrences(weekly, until=date.max) == [
        Occurrence(datetime.fromisoformat("2026-10-27T11:00"), datetime(2026, 10, 27, 15, tzinfo=UTC)),
        Occurrence(datetime.fromisoformat("2026-11-03T11:00"), datetime(2026, 11, 3, 16, tzinfo=UTC)),
    ]


def test_a_time_that_the_clock_skips_begins_with_the_jump_and_keeps_its_name() -> None:
    nightly = Pattern(datetime.fromisoformat("2027-03-07T02:30"), 1, NEW_YORK, count=2)
    assert occurrences(nightly, until=date.max)[1] == Occurrence(
        datetime.fromisoformat("2027-03-14T02:30"), datetime(2027, 3, 14, 7, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"every_weeks": 0, "count": 8}, EveryWeeksOutOfRange),
        ({"every_weeks": 53, "count": 8}, EveryWeeksOutOfRange),
        ({"count": 1}, CountOutOfRange),
        ({"count": 105}, CountOutOfRange),
        ({"ends_on": date(2028, 11, 21)}, SeriesTooLong),
        ({"ends_on": date(9999, 12, 31)}, SeriesTooLong),
        ({"ends_on": date(2026, 11, 30)}, SeriesTooShort),
        ({"ends_on": date(2026, 11, 1)}, SeriesTooShort),
    ],
)
def test_odd_patterns_are_refused(said: dict[str, int], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        sound_pattern(Pattern(TUESDAY, **{"every_weeks": 1, "zone": NEW_YORK, **said}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "said",
    [{"count": 2}, {"count": 104}, {"ends_on": date(2028, 11, 14)}, {"ends_on": date(2026, 12, 1)}, {}],
)
def test_the_longest_and_the_shortest_patterns_are_sound(said: dict[str, int]) -> None:
    pattern = Pattern(TUESDAY, **{"every_weeks": 1, "zone": NEW_YORK, **said})  # type: ignore[arg-type]
    assert sound_pattern(pattern) == pattern


def test_a_series_without_an_end_is_made_at_least_53_weeks_ahead() -> None:
    today = date(2026, 11, 16)
    assert made_until(Pattern(TUESDAY, 1, NEW_YORK), today=today) >= today + timedelta(weeks=53)
    assert made_until(Pattern(TUESDAY, 1, NEW_YORK, count=8), today=today) == date.max


def test_dates_are_left_out_or_moved_and_never_onto_each_other() -> None:
    found = occurrences(Pattern(TUESDAY, 1, NEW_YORK, count=3), until=date.max)
    first, second, third = found
    elsewhere = second.start + timedelta(hours=2)
    assert decided(
        found,
        skipped={first.recurrence_id},
        moved={second.recurrence_id: elsewhere},
        length=timedelta(minutes=50),
    ) == [Occurrence(second.recurrence_id, elsewhere), third]
    with pytest.raises(NothingLeft):
        decided(found, skipped={one.recurrence_id for one in found}, moved={}, length=timedelta(minutes=50))
    for minutes, meets in ((-50, False), (-49, True), (49, True), (50, False)):
        moved = {second.recurrence_id: third.start + timedelta(minutes=minutes)}
        try:
            decided(found, skipped=set(), moved=moved, length=timedelta(minutes=50))
        except OccurrencesMeet:
            assert meets
        else:
            assert not meets

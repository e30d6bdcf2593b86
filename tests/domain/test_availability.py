"""Availability: what is stored comes back, what is wrong is named, and hours become working time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from raincheck.domain.availability.hours import (
    Availability,
    DateTwice,
    HoursUnreadable,
    NotADate,
    NotATime,
    NotAWeekday,
    StartsAtDayEnd,
    Window,
    as_stored,
    availability_from,
    working_spans,
)
from raincheck.domain.refusals import Kind
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named

NEW_YORK = zone_named("America/New_York")
AZORES = zone_named("Atlantic/Azores")
KOLKATA = zone_named("Asia/Kolkata")
MONDAY, SATURDAY, SUNDAY = 0, 5, 6
HOUR = timedelta(hours=1)
NEVER = Availability()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def weekly(*windows: tuple[int, str, str, *tuple[str, ...]]) -> Availability:
    return availability_from(
        {
            "weekly": [
                {"weekday": weekday, "start": start, "end": end, "places": list(places)}
                for weekday, start, end, *places in windows
            ],
            "overrides": [],
        }
    )


def with_override(availability: Availability, day: str, *windows: tuple[str, str]) -> Availability:
    override = {"date": day, "windows": [{"start": start, "end": end} for start, end in windows]}
    return availability_from({**as_stored(availability), "overrides": [override]})


def worked(availability, start, end, *, zone=NEW_YORK, place=None) -> list[tuple[datetime, datetime]]:
    spans = working_spans(availability, within=Span(start, end), zone=zone, place=place)
    return [(span.start, span.end) for span in spans]


# The week of Monday, 30 November 2026; New York is five hours behind UTC.
WEEK = (utc(2026, 11, 30), utc(2026, 12, 7))


def test_weekly_hours_are_read_on_the_providers_clock():
    assert worked(weekly((MONDAY, "09:00", "17:00")), *WEEK) == [
        (utc(2026, 11, 30, 14), utc(2026, 11, 30, 22))
    ]
    assert worked(weekly((MONDAY, "09:00", "17:00")), *WEEK, zone=KOLKATA) == [
        (utc(2026, 11, 30, 3, 30), utc(2026, 11, 30, 11, 30))
    ]


def test_a_provider_without_hours_never_works():
    assert worked(NEVER, *WEEK) == []


def test_a_day_may_have_several_windows():
    assert worked(weekly((MONDAY, "13:00", "17:00"), (MONDAY, "09:00", "12:00")), *WEEK) == [
        (utc(2026, 11, 30, 14), utc(2026, 11, 30, 17)),
        (utc(2026, 11, 30, 18), utc(2026, 11, 30, 22)),
    ]


@pytest.mark.parametrize("second", [("12:00", "17:00"), ("10:00", "17:00"), ("09:00", "17:00")])
def test_windows_that_touch_or_overlap_are_one(second):
    assert worked(weekly((MONDAY, "09:00", "12:00"), (MONDAY, *second)), *WEEK) == [
        (utc(2026, 11, 30, 14), utc(2026, 11, 30, 22))
    ]


def test_24_00_ends_the_day_and_touches_the_next():
    assert worked(weekly((MONDAY, "22:00", "24:00"), (MONDAY + 1, "00:00", "02:00")), *WEEK) == [
        (utc(2026, 12, 1, 3), utc(2026, 12, 1, 7))
    ]


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [("22:00", "06:00", 8), ("22:00", "00:00", 2), ("00:00", "00:00", 24), ("09:00", "09:00", 24)],
)
def test_a_window_that_ends_no_later_than_it_starts_ends_the_next_day(start, end, length):
    [(opens_at, closes_at)] = worked(weekly((MONDAY, start, end)), *WEEK)

    assert closes_at - opens_at == length * HOUR


def test_the_night_before_the_time_asked_for_reaches_into_it():
    assert worked(weekly((SUNDAY, "22:00", "06:00")), utc(2026, 11, 30, 8), utc(2026, 12, 1)) == [
        (utc(2026, 11, 30, 8), utc(2026, 11, 30, 11))
    ]


def test_working_time_is_cut_to_the_time_asked_for():
    assert worked(weekly((MONDAY, "09:00", "17:00")), utc(2026, 11, 30, 15), utc(2026, 11, 30, 16)) == [
        (utc(2026, 11, 30, 15), utc(2026, 11, 30, 16))
    ]


def test_other_hours_of_a_date_replace_its_weekly_hours():
    shorter = with_override(
        weekly((MONDAY, "09:00", "17:00")), "2026-11-30", ("10:00", "11:00"), ("12:00", "13:00")
    )

    assert worked(shorter, *WEEK) == [
        (utc(2026, 11, 30, 15), utc(2026, 11, 30, 16)),
        (utc(2026, 11, 30, 17), utc(2026, 11, 30, 18)),
    ]


def test_a_date_without_windows_is_a_day_off_that_leaves_the_night_before_whole():
    nights = weekly((SUNDAY, "22:00", "06:00"), (MONDAY, "22:00", "06:00"))

    assert worked(with_override(nights, "2026-11-30"), utc(2026, 11, 29), utc(2026, 12, 2)) == [
        (utc(2026, 11, 30, 3), utc(2026, 11, 30, 11))
    ]


def test_a_place_is_offered_by_its_windows_and_by_those_that_name_none():
    hours = weekly(
        (MONDAY, "09:00", "10:00", "room-1"), (MONDAY, "10:00", "11:00", "room-2"), (MONDAY, "12:00", "13:00")
    )
    anywhere = (utc(2026, 11, 30, 17), utc(2026, 11, 30, 18))

    assert worked(hours, *WEEK, place="room-1") == [(utc(2026, 11, 30, 14), utc(2026, 11, 30, 15)), anywhere]
    assert worked(hours, *WEEK, place="elsewhere") == [anywhere]
    assert worked(hours, *WEEK) == [(utc(2026, 11, 30, 14), utc(2026, 11, 30, 16)), anywhere]


@pytest.mark.parametrize(
    ("zone", "window", "day", "opens_at", "closes_at"),
    [
        # New York, 14 March 2027: 2:00 jumps to 3:00 (07:00 UTC).
        (NEW_YORK, ("00:00", "06:00"), utc(2027, 3, 14), utc(2027, 3, 14, 5), utc(2027, 3, 14, 10)),
        (NEW_YORK, ("02:30", "06:00"), utc(2027, 3, 14), utc(2027, 3, 14, 7), utc(2027, 3, 14, 10)),
        (NEW_YORK, ("00:00", "02:30"), utc(2027, 3, 14), utc(2027, 3, 14, 5), utc(2027, 3, 14, 7)),
        # New York, 1 November 2026: 2:00 turns back to 1:00 (06:00 UTC).
        (NEW_YORK, ("00:00", "06:00"), utc(2026, 11, 1), utc(2026, 11, 1, 4), utc(2026, 11, 1, 11)),
        (NEW_YORK, ("01:30", "06:00"), utc(2026, 11, 1), utc(2026, 11, 1, 5, 30), utc(2026, 11, 1, 11)),
        (NEW_YORK, ("00:00", "01:30"), utc(2026, 11, 1), utc(2026, 11, 1, 4), utc(2026, 11, 1, 6, 30)),
        (NEW_YORK, ("01:15", "01:45"), utc(2026, 11, 1), utc(2026, 11, 1, 5, 15), utc(2026, 11, 1, 6, 45)),
        # Azores, 25 October 2026: 1:00 turns back to midnight (01:00 UTC); 24:00 is the first midnight.
        (AZORES, ("20:00", "24:00"), utc(2026, 10, 24), utc(2026, 10, 24, 20), utc(2026, 10, 25, 0)),
        (AZORES, ("20:00", "00:00"), utc(2026, 10, 24), utc(2026, 10, 24, 20), utc(2026, 10, 25, 0)),
        (AZORES, ("20:00", "00:30"), utc(2026, 10, 24), utc(2026, 10, 24, 20), utc(2026, 10, 25, 1, 30)),
        (AZORES, ("00:00", "01:00"), utc(2026, 10, 25), utc(2026, 10, 25, 0), utc(2026, 10, 25, 2)),
    ],
)
def test_a_shift_across_a_clock_change_is_shorter_or_longer_in_real_time(
    zone, window, day, opens_at, closes_at
):
    hours = with_override(NEVER, day.date().isoformat(), window)

    assert worked(hours, day - 24 * HOUR, day + 72 * HOUR, zone=zone) == [(opens_at, closes_at)]


def test_a_window_inside_a_skipped_hour_never_opens():
    assert worked(weekly((SUNDAY, "02:00", "03:00")), utc(2027, 3, 14), utc(2027, 3, 15)) == []


def test_a_window_lies_within_its_day_and_within_24_hours():
    for start, end in [(-1, 5), (24, 25), (5, 5), (6, 5), (9, 34)]:
        with pytest.raises(ValueError, match="within 24 hours"):
            Window(start * HOUR, end * HOUR)


def test_a_week_has_seven_days():
    with pytest.raises(ValueError, match="seven days"):
        Availability(weekly=((),) * 6)


MINUTES = st.integers(0, 24 * 60 - 1)
WINDOWS = st.builds(
    lambda start, length, places: Window(
        timedelta(minutes=start), timedelta(minutes=start + length), frozenset(places)
    ),
    MINUTES,
    st.integers(1, 24 * 60),
    st.sets(st.sampled_from(["telehealth", "room-1", "room-2"])),
)
AVAILABILITIES = st.builds(
    lambda weekly, overrides: Availability(tuple(map(tuple, weekly)), tuple(sorted(overrides.items()))),
    st.lists(st.lists(WINDOWS, max_size=3), min_size=7, max_size=7),
    st.dictionaries(
        st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.lists(WINDOWS, max_size=2).map(tuple), max_size=3
    ),
)


@given(AVAILABILITIES)
def test_what_is_stored_comes_back(availability):
    assert availability_from(as_stored(availability)) == availability


def test_the_stored_shape_is_the_one_on_the_providers_row():
    stored = {
        "weekly": [{"weekday": 0, "start": "09:00", "end": "24:00", "places": ["room-1", "telehealth"]}],
        "overrides": [
            {"date": "2026-11-26", "windows": []},
            {"date": "2026-11-27", "windows": [{"start": "22:00", "end": "06:00", "places": []}]},
        ],
    }

    assert as_stored(availability_from(stored)) == stored


def test_nothing_stored_is_no_hours():
    assert availability_from({}) == NEVER


def one_window(**changed: object) -> dict[str, object]:
    window = {"weekday": 0, "start": "09:00", "end": "17:00", "places": []}
    return {"weekly": [{**window, **changed}], "overrides": []}


def one_override(**changed: object) -> dict[str, object]:
    return {"weekly": [], "overrides": [{"date": "2026-11-27", "windows": [], **changed}]}


@pytest.mark.parametrize(
    "time", ["", "9:00", "09:00:00", "24:01", "25:00", "09:60", "0900", "٠٩:٠٠", "09:00\n", 9, None, True]
)
@pytest.mark.parametrize("edge", ["start", "end"])
def test_what_is_not_a_time_of_day_is_named(edge, time):
    with pytest.raises(NotATime) as refused:
        availability_from(one_window(**{edge: time}))

    assert refused.value.values == {"value": "" if time is None else str(time)}
    assert refused.value.field == f"weekly.0.{edge}"


@pytest.mark.parametrize("weekday", [-1, 7, "0", "Monday", 1.0, True, None])
def test_what_is_not_a_weekday_is_named(weekday):
    with pytest.raises(NotAWeekday) as refused:
        availability_from(one_window(weekday=weekday))

    assert refused.value.values == {"value": "" if weekday is None else str(weekday)}
    assert refused.value.field == "weekly.0.weekday"


@pytest.mark.parametrize(
    "day", ["", "2026-02-30", "20261127", "2026-W48-5", "27.11.2026", "2026-11-27T09:00", 20261127, None]
)
def test_what_is_not_a_date_is_named(day):
    with pytest.raises(NotADate) as refused:
        availability_from(one_override(date=day))

    assert refused.value.values == {"value": "" if day is None else str(day)}
    assert refused.value.field == "overrides.0.date"


def test_a_date_with_two_entries_is_named():
    twice = {"weekly": [], "overrides": [{"date": "2026-11-27", "windows": []}] * 2}

    with pytest.raises(DateTwice) as refused:
        availability_from(twice)

    assert (refused.value.values, refused.value.field) == ({"value": "2026-11-27"}, "overrides")


def test_hours_cannot_start_at_the_end_of_the_day():
    with pytest.raises(StartsAtDayEnd) as refused:
        availability_from(one_override(windows=[{"start": "24:00", "end": "24:00"}]))

    assert refused.value.field == "overrides.0.windows.0.start"


@pytest.mark.parametrize(
    ("stored", "where"),
    [
        (None, "hours"),
        ([], "hours"),
        ("09:00", "hours"),
        ({"weekly": None}, "weekly"),
        ({"weekly": {}}, "weekly"),
        ({"weekly": ["09:00"]}, "weekly.0"),
        ({"overrides": "none"}, "overrides"),
        ({"overrides": [None]}, "overrides.0"),
        (one_override(windows=None), "overrides.0.windows"),
        (one_override(windows=[5]), "overrides.0.windows.0"),
        (one_window(places="room-1"), "weekly.0.places"),
        (one_window(places=[1]), "weekly.0.places.0"),
        (one_window(places=[""]), "weekly.0.places.0"),
    ],
)
def test_what_has_another_shape_is_pointed_at(stored, where):
    with pytest.raises(HoursUnreadable) as refused:
        availability_from(stored)

    assert (refused.value.values, refused.value.field) == ({"where": where}, where)


@pytest.mark.parametrize(
    "refusal", [HoursUnreadable, NotATime, NotAWeekday, NotADate, DateTwice, StartsAtDayEnd]
)
def test_every_refusal_of_hours_is_bad_input_with_a_whole_sentence(refusal):
    values = {"value": "5", "where": "weekly.0"}

    assert refusal.kind == Kind.BAD_INPUT
    assert refusal.sentence.format(**values).endswith(".")
    assert "Nothing was changed" in refusal.sentence

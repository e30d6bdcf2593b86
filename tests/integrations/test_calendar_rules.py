"""Every rule by which a calendar file's lines become busy time, one by one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.integrations.calendar_cases import NEW_YORK, busy, calendar, event, read, sentences, times

from raincheck.domain.spans import Span
from raincheck.integrations.ics.reading import read_busy

NINE_NEW_YORK = "DTSTART;TZID=America/New_York:20260901T090000\nDTEND;TZID=America/New_York:20260901T100000"
NINE_UTC = "DTSTART:20260901T090000Z\nDTEND:20260901T100000Z"
WHOLE_DAY = "DTSTART;VALUE=DATE:20260901"


# What keeps its owner busy


def test_floating_times_and_whole_days_are_read_in_the_zone_of_the_provider() -> None:
    assert busy(event("DTSTART:20260901T090000", "DTEND:20260901T100000"), event(WHOLE_DAY)) == [
        "09-01 04:00 - 09-02 04:00",
        "09-01 13:00 - 09-01 14:00",
    ]


def test_a_whole_day_that_names_a_zone_is_still_a_day_of_the_provider() -> None:
    assert busy(event("DTSTART;TZID=Asia/Tokyo;VALUE=DATE:20260901")) == ["09-01 04:00 - 09-02 04:00"]


def test_a_whole_day_that_ends_on_its_own_day_lasts_that_day() -> None:
    assert busy(event(WHOLE_DAY, "DTEND;VALUE=DATE:20260901")) == ["09-01 04:00 - 09-02 04:00"]


def test_a_whole_day_across_the_clock_change_is_an_hour_longer() -> None:
    assert busy(event("DTSTART;VALUE=DATE:20261101")) == ["11-01 04:00 - 11-02 05:00"]


@pytest.mark.parametrize("line", ["STATUS:CANCELLED", "STATUS:cancelled", "TRANSP:TRANSPARENT"])
def test_cancelled_and_transparent_events_keep_nobody_busy(line: str) -> None:
    assert busy(event(NINE_UTC, line)) == []


@pytest.mark.parametrize("line", ["STATUS:TENTATIVE", "STATUS:CONFIRMED", "TRANSP:OPAQUE", "STATUS:IN DOUBT"])
def test_every_other_event_keeps_its_owner_busy(line: str) -> None:
    assert busy(event(NINE_UTC, line)) == ["09-01 09:00 - 09-01 10:00"]


def test_an_event_without_length_keeps_nobody_busy() -> None:
    assert busy(event("DTSTART:20260901T090000Z"), event("DTSTART:20260901T090000Z", "DURATION:PT0S")) == []


def test_days_of_a_duration_are_days_of_the_wall_and_hours_are_real_hours() -> None:
    start = "DTSTART;TZID=America/New_York:20261031T120000"
    assert busy(event(start, "DURATION:P1D"), event(start, "DURATION:P1DT1H")) == [
        "10-31 16:00 - 11-01 17:00",
        "10-31 16:00 - 11-01 18:00",
    ]


def test_hours_across_the_clock_change_are_counted_by_the_clock_that_runs() -> None:
    assert busy(event("DTSTART;TZID=America/New_York:20261101T003000", "DURATION:PT3H")) == [
        "11-01 04:30 - 11-01 07:30"
    ]


def test_an_event_counts_when_it_overlaps_the_window_at_all() -> None:
    assert busy(
        event("DTSTART:20260831T230000Z", "DTEND:20260901T000000Z"),
        event("DTSTART:20260831T230000Z", "DTEND:20260901T000001Z"),
        event("DTSTART:20261130T235959Z", "DTEND:20261201T010000Z"),
        event("DTSTART:20261201T000000Z", "DTEND:20261201T010000Z"),
        event("DTSTART:20200101T000000Z", "DTEND:20300101T000000Z"),
    ) == ["01-01 00:00 - 01-01 00:00", "08-31 23:00 - 09-01 00:00", "11-30 23:59 - 12-01 01:00"]


def test_busy_periods_count_and_free_ones_do_not() -> None:
    periods = [
        "BEGIN:VFREEBUSY",
        "FREEBUSY:20260901T090000Z/20260901T100000Z",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260902T090000Z/PT1H",
        "FREEBUSY;FBTYPE=X-LUNCH:20260903T090000Z/PT1H",
        "FREEBUSY;FBTYPE=FREE:20260904T090000Z/PT1H",
        "END:VFREEBUSY",
    ]
    assert busy("\n".join(periods)) == [
        "09-01 09:00 - 09-01 10:00",
        "09-02 09:00 - 09-02 10:00",
        "09-03 09:00 - 09-03 10:00",
    ]


def test_busy_periods_that_cannot_be_read_are_told_and_the_others_stay() -> None:
    reading = read("BEGIN:VFREEBUSY\nFREEBUSY:2026901T090000Z/PT1H,20260902T090000Z/PT1H\nEND:VFREEBUSY")
    assert (times(reading), sentences(reading)) == (
        ["09-02 09:00 - 09-02 10:00"],
        ["The busy time “2026901T090000Z/PT1H” can't be read, so it is left out."],
    )


def test_working_hours_and_tasks_are_no_busy_time() -> None:
    reading = read(
        event(NINE_UTC),
        "BEGIN:VTODO\nDTSTART:20260902T090000Z\nEND:VTODO",
        "BEGIN:VAVAILABILITY\nEND:VAVAILABILITY",
    )
    assert (times(reading), sentences(reading)) == (
        ["09-01 09:00 - 09-01 10:00"],
        ["Working hours in this file are not read as busy time; set yours under Availability."],
    )


def test_a_quote_that_is_never_closed_is_passed_over() -> None:
    assert busy(
        event(
            'DTSTART;TZID="W. Europe Standard Time:20260901T090000"',
            "DTEND;TZID=W. Europe Standard Time:20260901T100000",
        )
    ) == ["09-01 07:00 - 09-01 08:00"]


def test_titles_are_one_clean_line() -> None:
    reading = read(event(NINE_UTC, "SUMMARY:Lunch\\, \x00with\x1b[31m\\n\u202eReilly  \\; co"))
    assert [event.title for event in reading.events] == ["Lunch, with [31m Reilly ; co"]


# Repeating


def test_the_start_counts_even_when_the_rule_does_not_name_it() -> None:
    assert busy(event(NINE_UTC, "RRULE:FREQ=WEEKLY;BYDAY=WE;UNTIL=20260910T000000Z")) == [
        "09-01 09:00 - 09-01 10:00",
        "09-02 09:00 - 09-02 10:00",
        "09-09 09:00 - 09-09 10:00",
    ]


def test_the_start_counts_even_when_the_rule_ended_before_it() -> None:
    assert busy(event(NINE_UTC, "RRULE:FREQ=DAILY;UNTIL=20200101T000000Z")) == ["09-01 09:00 - 09-01 10:00"]


def test_a_series_keeps_its_wall_time_across_the_clock_change() -> None:
    assert busy(
        event(
            "DTSTART;TZID=America/New_York:20261031T090000",
            "DTEND;TZID=America/New_York:20261031T100000",
            "RRULE:FREQ=DAILY;COUNT=2",
        )
    ) == ["10-31 13:00 - 10-31 14:00", "11-01 14:00 - 11-01 15:00"]


def test_across_a_clock_change_a_night_is_busy_by_either_reading_of_its_end() -> None:
    """Programs disagree on whether its length or its end stands: in autumn the end is later, in spring the length."""
    night = event(
        "DTSTART;TZID=America/New_York:20261030T220000",
        "DTEND;TZID=America/New_York:20261031T060000",
        "RRULE:FREQ=DAILY",
    )
    windows = [
        Span(datetime(2026, 11, 1, 6, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC)),
        Span(datetime(2027, 3, 14, 6, tzinfo=UTC), datetime(2027, 3, 14, 7, tzinfo=UTC)),
    ]
    assert [times(read_busy(calendar(night), window=window, zone=NEW_YORK)) for window in windows] == [
        ["11-01 02:00 - 11-01 11:00"],
        ["03-14 03:00 - 03-14 11:00"],
    ]


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE;TZID=America/New_York:20260902T090000",
        "EXDATE:20260902T130000Z",
        "EXDATE;TZID=Europe/Berlin:20260902T150000",
        "EXDATE;VALUE=DATE:20260902",
        "EXDATE:20260902",
        "EXDATE:20260830T090000,20260902T090000",
    ],
)
def test_an_exception_is_compared_as_an_instant_or_as_a_day(line: str) -> None:
    assert busy(event(NINE_NEW_YORK, "RRULE:FREQ=DAILY;COUNT=3", line)) == [
        "09-01 13:00 - 09-01 14:00",
        "09-03 13:00 - 09-03 14:00",
    ]


def test_an_exception_in_utc_strikes_out_no_other_time_of_the_same_wall_clock() -> None:
    # 13:00 UTC is 9:00 in New York; the 13:00 by the wall stays, as does the 17:00 UTC that it is.
    assert busy(event(NINE_NEW_YORK, "RRULE:FREQ=HOURLY;INTERVAL=4;COUNT=3", "EXDATE:20260901T130000Z")) == [
        "09-01 17:00 - 09-01 18:00",
        "09-01 21:00 - 09-01 22:00",
    ]


def test_an_exception_at_another_hour_strikes_out_nothing() -> None:
    assert busy(event(NINE_UTC, "EXDATE:20260901T080000Z", "RRULE:FREQ=DAILY;COUNT=1")) == [
        "09-01 09:00 - 09-01 10:00"
    ]


def test_an_exception_in_utc_strikes_out_a_whole_day_that_begins_then() -> None:
    assert busy(event(WHOLE_DAY, "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260901T040000Z")) == [
        "09-02 04:00 - 09-03 04:00"
    ]


@pytest.mark.parametrize(
    "replaced", ["RECURRENCE-ID:20260902T130000Z", "RECURRENCE-ID;TZID=Europe/Berlin:20260902T150000"]
)
def test_a_moved_time_replaces_the_one_at_the_same_instant(replaced: str) -> None:
    assert busy(
        event("UID:1", NINE_NEW_YORK, "RRULE:FREQ=DAILY;COUNT=2"),
        event("UID:1", replaced, "DTSTART:20260905T090000Z", "DTEND:20260905T100000Z"),
    ) == ["09-01 13:00 - 09-01 14:00", "09-05 09:00 - 09-05 10:00"]


def test_a_cancelled_time_is_free_and_its_series_goes_on() -> None:
    assert busy(
        event("UID:1", NINE_NEW_YORK, "RRULE:FREQ=DAILY;COUNT=3"),
        event("UID:1", "RECURRENCE-ID:20260902T130000Z", "DTSTART:20260902T130000Z", "STATUS:CANCELLED"),
    ) == ["09-01 13:00 - 09-01 14:00", "09-03 13:00 - 09-03 14:00"]


def test_a_change_of_this_and_all_later_times_moves_them_all() -> None:
    assert busy(
        event("UID:1", NINE_UTC, "RRULE:FREQ=DAILY;COUNT=4"),
        event(
            "UID:1",
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260903T090000Z",
            "DTSTART:20260903T110000Z",
            "DTEND:20260903T123000Z",
        ),
    ) == [
        "09-01 09:00 - 09-01 10:00",
        "09-02 09:00 - 09-02 10:00",
        "09-03 11:00 - 09-03 12:30",
        "09-04 11:00 - 09-04 12:30",
    ]


def test_a_change_of_all_later_times_of_an_old_series_moves_those_of_today() -> None:
    reading = read(
        event("UID:1", "DTSTART:20200101T090000Z", "DTEND:20200101T100000Z", "RRULE:FREQ=DAILY"),
        event(
            "UID:1",
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20200102T090000Z",
            "DTSTART:20200801T110000Z",
            "DTEND:20200801T120000Z",
        ),
    )
    assert (len(reading.events), times(reading)[0]) == (91, "09-01 11:00 - 09-01 12:00")


def test_a_time_that_was_struck_out_and_moved_is_busy_where_it_moved() -> None:
    assert busy(
        event("UID:1", NINE_UTC, "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260902T090000Z"),
        event(
            "UID:1", "RECURRENCE-ID:20260902T090000Z", "DTSTART:20260905T090000Z", "DTEND:20260905T100000Z"
        ),
    ) == ["09-01 09:00 - 09-01 10:00", "09-05 09:00 - 09-05 10:00"]


def test_a_moved_time_without_its_series_is_busy() -> None:
    assert busy(event("UID:1", "RECURRENCE-ID:20260902T090000Z", NINE_UTC)) == ["09-01 09:00 - 09-01 10:00"]


def test_a_moved_time_of_a_series_that_cannot_be_read_is_busy() -> None:
    reading = read(
        event("UID:1", "DTSTART:soon", "RRULE:FREQ=DAILY"),
        event("UID:1", "RECURRENCE-ID:20260902T090000Z", NINE_UTC),
    )
    assert times(reading) == ["09-01 09:00 - 09-01 10:00"]


def test_a_busy_time_of_a_transparent_series_is_busy() -> None:
    assert busy(
        event("UID:1", NINE_UTC, "RRULE:FREQ=DAILY;COUNT=2", "TRANSP:TRANSPARENT"),
        event(
            "UID:1", "RECURRENCE-ID:20260902T090000Z", "DTSTART:20260902T090000Z", "DTEND:20260902T100000Z"
        ),
    ) == ["09-02 09:00 - 09-02 10:00"]


def test_more_dates_add_times_of_the_same_length_and_periods_bring_their_own() -> None:
    assert busy(
        event(
            NINE_NEW_YORK,
            "RDATE:20260902T130000Z",
            "RDATE;VALUE=PERIOD:20260903T130000Z/PT3H,20260904T130000Z/20260904T133000Z",
            "RDATE;VALUE=DATE:20260905",
        )
    ) == [
        "09-01 13:00 - 09-01 14:00",
        "09-02 13:00 - 09-02 14:00",
        "09-03 13:00 - 09-03 16:00",
        "09-04 13:00 - 09-04 13:30",
        "09-05 13:00 - 09-05 14:00",
    ]


def test_several_rules_of_one_event_add_up() -> None:
    assert busy(event(NINE_UTC, "RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=WEEKLY;COUNT=2")) == [
        "09-01 09:00 - 09-01 10:00",
        "09-02 09:00 - 09-02 10:00",
        "09-08 09:00 - 09-08 10:00",
    ]


@pytest.mark.parametrize(
    ("start", "until"),
    [
        (NINE_NEW_YORK, "20260902T130000Z"),
        (NINE_NEW_YORK, "20260902T090000"),
        (NINE_NEW_YORK, "20260902"),
    ],
    ids=["in UTC", "by the wall", "a day"],
)
def test_a_rule_ends_with_the_last_time_it_allows(start: str, until: str) -> None:
    assert busy(event(start, f"RRULE:FREQ=DAILY;UNTIL={until}")) == [
        "09-01 13:00 - 09-01 14:00",
        "09-02 13:00 - 09-02 14:00",
    ]


@pytest.mark.parametrize("until", ["20260902", "20260902T000000Z", "20260902T235959Z"])
def test_a_rule_of_whole_days_ends_with_the_day_it_names(until: str) -> None:
    assert busy(event(WHOLE_DAY, f"RRULE:FREQ=DAILY;UNTIL={until}")) == [
        "09-01 04:00 - 09-02 04:00",
        "09-02 04:00 - 09-03 04:00",
    ]


def test_a_rule_with_both_an_end_and_a_count_is_busy_until_its_end() -> None:
    assert busy(event(NINE_UTC, "RRULE:FREQ=DAILY;COUNT=1;UNTIL=20260902T090000Z")) == [
        "09-01 09:00 - 09-01 10:00",
        "09-02 09:00 - 09-02 10:00",
    ]


def test_words_that_no_standard_knows_are_passed_over_in_a_rule() -> None:
    assert busy(event(NINE_UTC, "RRULE;X-OURS=1:RRULE:Anything;FREQ=DAILY;X-OURS=2;COUNT=2;")) == [
        "09-01 09:00 - 09-01 10:00",
        "09-02 09:00 - 09-02 10:00",
    ]


def test_series_from_long_ago_are_where_they_would_be_today() -> None:
    assert busy(
        event(
            "DTSTART:19010101T090000Z",
            "DTEND:19010101T100000Z",
            "RRULE:FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1",
        ),
        event("DTSTART;VALUE=DATE:19480229", "RRULE:FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=9"),
        event("DTSTART:19700101T090000Z", "DTEND:19700101T100000Z", "RRULE:FREQ=DAILY;INTERVAL=50"),
    ) == [
        "09-04 09:00 - 09-04 10:00",
        "09-09 04:00 - 09-10 04:00",
        "10-24 09:00 - 10-24 10:00",
        "11-30 09:00 - 11-30 10:00",
    ]


def test_of_two_versions_of_an_event_the_later_one_counts() -> None:
    assert busy(
        event("UID:1", "SEQUENCE:3", "DTSTART:20260902T090000Z", "DTEND:20260902T100000Z"),
        event("UID:1", "SEQUENCE:2", NINE_UTC),
        event("UID:2", "SEQUENCE:1", NINE_UTC, "STATUS:CANCELLED"),
        event("UID:2", NINE_UTC),
    ) == ["09-02 09:00 - 09-02 10:00"]


def test_two_events_with_one_name_by_mistake_both_count() -> None:
    assert busy(event("UID:1", NINE_UTC), event("UID:1", NINE_NEW_YORK)) == [
        "09-01 09:00 - 09-01 10:00",
        "09-01 13:00 - 09-01 14:00",
    ]


def test_events_without_a_name_are_events_of_their_own() -> None:
    assert busy(event(NINE_UTC), event(NINE_NEW_YORK)) == [
        "09-01 09:00 - 09-01 10:00",
        "09-01 13:00 - 09-01 14:00",
    ]


# Rules that are refused or bounded


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=9",
        "FREQ=DAILY;BYHOUR=1,2;BYMINUTE=" + ",".join(map(str, range(60))) + ";BYSECOND=1,2",
    ],
)
def test_what_repeats_too_often_to_follow_is_busy_all_the_time_and_told(rule: str) -> None:
    reading = read(event(NINE_UTC, f"RRULE:{rule}"))
    assert (times(reading), sentences(reading)) == (
        ["09-01 09:00 - 12-01 00:00"],
        [f"Event 1 repeats too often to follow (“{rule[:60]}”); all the time it lasts counts as busy."],
    )


def test_what_repeats_too_often_is_busy_until_it_ends() -> None:
    assert times(read(event(NINE_UTC, "RRULE:FREQ=SECONDLY;UNTIL=20260903T090000Z"))) == [
        "09-01 09:00 - 09-03 10:00"
    ]


@pytest.mark.parametrize(
    "rule", ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=4,6;BYMONTHDAY=31,-31"]
)
def test_a_day_that_does_not_exist_is_told_at_once(rule: str) -> None:
    reading = read(event(NINE_UTC, f"RRULE:{rule}"))
    assert (times(reading), sentences(reading)) == (
        ["09-01 09:00 - 09-01 10:00"],
        [f"Event 1 repeats on a day that does not exist (“{rule}”); only the times it names count as busy."],
    )


def test_a_rule_that_searches_for_ever_is_stopped_and_its_named_times_stay() -> None:
    reading = read(
        event(NINE_UTC, "RRULE:FREQ=HOURLY;BYMONTH=2;BYYEARDAY=200", "RDATE:20260905T090000Z"),
        event(NINE_NEW_YORK),
    )
    assert (times(reading), sentences(reading)) == (
        ["09-01 09:00 - 09-01 10:00", "09-01 13:00 - 09-01 14:00", "09-05 09:00 - 09-05 10:00"],
        ["How event 1 repeats can't be followed; only the times it names count as busy."],
    )


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=0",
        "COUNT=3",
        "FREQ=DAILY;UNTIL=soon",
        "FREQ=DAILY;INTERVAL=99999999999",
    ],
)
def test_a_rule_that_means_nothing_is_told_and_the_event_stays(rule: str) -> None:
    reading = read(event(NINE_UTC, f"RRULE:{rule}"))
    assert (times(reading), sentences(reading)) == (
        ["09-01 09:00 - 09-01 10:00"],
        [f"How event 1 repeats (“{rule}”) can't be read; only the times it names count as busy."],
    )


def test_times_past_the_end_of_all_calendars_are_told() -> None:
    reading = read(event("DTSTART:99991231T235959Z", "DURATION:P9999W"), event(NINE_UTC))
    assert (times(reading), sentences(reading)) == (
        ["09-01 09:00 - 09-01 10:00"],
        ["Event 1 is left out: its times are too far away."],
    )


def test_an_event_that_never_ends_is_busy_for_ever() -> None:
    assert busy(event("DTSTART:00010101T000000Z", "DTEND:99991231T235959Z"))[0].endswith("01-01 00:00")


def test_what_never_ends_and_repeats_is_busy_once() -> None:
    reading = read(
        event("DTSTART:00010101T000000Z", "DTEND;TZID=Europe/Berlin:99991231T235959", "RRULE:FREQ=DAILY")
    )
    assert (len(reading.events), sentences(reading)) == (
        1,
        ["How event 1 repeats can't be followed; only the times it names count as busy."],
    )

"""What others have reported of calendars in use: each file is as busy as its owner is, and so are its neighbors."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.integrations.calendar_cases import (
    AUTUMN,
    NEW_YORK,
    OURS,
    busy,
    calendar,
    event,
    read,
    sentences,
    times,
)

from raincheck.domain.spans import Span
from raincheck.integrations.ics.files import read_busy_safely
from raincheck.integrations.ics.reading import read_busy
from raincheck.integrations.ics.values import Unreadable, value_of

YEAR = Span(datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
FIELD = OURS / "field"
BUSY = {
    "01-tzone-microsoft-utc.ics": ["01-12 20:30 - 01-12 21:00"],
    "02-exdate-without-tzid.ics": ["01-11 09:00 - 01-11 10:00", "01-13 09:00 - 01-13 10:00"],
    "03-recurrence-id-without-tzid.ics": [
        "01-11 09:00 - 01-11 10:00",
        "01-12 14:00 - 01-12 15:00",
        "01-13 09:00 - 01-13 10:00",
    ],
    "05-rails-zone-name.ics": [
        "01-12 17:00 - 01-12 18:00",
        "01-13 17:00 - 01-13 18:00",
        "01-14 17:00 - 01-14 18:00",
    ],
    "07-custom-zone-two-objects.ics": ["01-12 08:00 - 01-12 09:00", "01-12 17:00 - 01-12 18:00"],
    "08-est-defined-with-summer-time.ics": ["07-06 13:00 - 07-06 14:00"],
    "12-date-in-wild-shapes.ics": [
        "01-12 14:00 - 01-12 15:00",
        "01-13 14:00 - 01-13 15:00",
        "01-14 09:00 - 01-14 10:00",
        "01-15 05:00 - 01-16 05:00",
        "01-18 14:00 - 01-19 05:00",
        "01-19 08:00 - 01-19 09:00",
    ],
    "13-unescaped-lines-in-description.ics": ["01-12 09:00 - 01-12 10:00", "01-13 09:00 - 01-13 10:00"],
    "14-exrule.ics": [
        f"{day} 09:00 - {day} 10:00" for day in ("01-11", "01-18", "01-25", "02-08", "02-15", "02-22")
    ],
    "36-floating-series-exdate-with-z.ics": [
        f"{day} 13:25 - {day} 14:10" for day in ("01-08", "01-22", "01-29")
    ],
    "41-kerio-list-of-places.ics": ["01-12 05:00 - 01-13 05:00", "01-19 15:00 - 01-19 16:00"],
}
BERLIN = "DTSTART;TZID=Europe/Berlin:20260901T100000\nDTEND;TZID=Europe/Berlin:20260901T110000"
NINE = "DTSTART:20260901T090000Z\nDTEND:20260901T100000Z"
FIRST, SECOND, THIRD = (f"09-0{day} 08:00 - 09-0{day} 09:00" for day in (1, 2, 3))
ONE_HOUR = ["09-01 09:00 - 09-01 10:00"]


@pytest.mark.parametrize("file", sorted(FIELD.glob("*.ics")), ids=lambda file: file.name)
def test_a_file_that_was_reported_is_as_busy_as_its_owner(file) -> None:  # type: ignore[no-untyped-def]
    reading = read_busy_safely(file.read_bytes(), window=YEAR, zone=NEW_YORK)
    assert (times(reading), sentences(reading)) == (BUSY[file.name], [])


def clock(name: str, offset: str) -> str:
    """The definition of a clock that never changes."""
    lines = ["DTSTART:16010101T000000", f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}"]
    return "\n".join(
        ["BEGIN:VTIMEZONE", f"TZID:{name}", "BEGIN:STANDARD", *lines, "END:STANDARD", "END:VTIMEZONE"]
    )


def nine_in(name: str, day: int = 1) -> str:
    at = f"TZID={name}:2026090{day}T"
    return event(f"DTSTART;{at}090000", f"DTEND;{at}100000")


# Zones


def test_a_definition_is_good_for_its_own_calendar_only() -> None:
    west, other = calendar(clock("Ours", "-0800"), nine_in("Ours")), calendar(nine_in("Ours", 2))
    reading = read_busy(west + other, window=AUTUMN, zone=NEW_YORK)
    assert (times(reading), sentences(reading)) == (
        ["09-01 17:00 - 09-01 18:00", "09-02 13:00 - 09-02 14:00"],
        ["The time zone “Ours” is not known; its times were read as America/New_York and may be wrong."],
    )


def test_the_zone_of_a_whole_calendar_is_good_for_that_calendar_only() -> None:
    files = [calendar(f"X-WR-TIMEZONE:{zone}", nine_in("Ours")) for zone in ("Europe/Berlin", "Asia/Tokyo")]
    reading = read_busy(b"".join(files), window=AUTUMN, zone=NEW_YORK)
    assert times(reading) == ["09-01 00:00 - 09-01 01:00", "09-01 07:00 - 09-01 08:00"]


@pytest.mark.parametrize("name", ["EST", "MST", "GMT", "UTC", "Etc/GMT+5", "CET"])
def test_a_clock_that_is_no_place_is_what_the_file_says_of_it(name: str) -> None:
    assert busy(clock(name, "-0300"), nine_in(name)) == ["09-01 12:00 - 09-01 13:00"]


@pytest.mark.parametrize("name", ["Ours", " ours ", "OURS", '"Ours"'])
def test_a_definition_is_found_however_its_name_is_spelled(name: str) -> None:
    assert busy(clock("Ours", "-0300"), nine_in(name)) == ["09-01 12:00 - 09-01 13:00"]


@pytest.mark.parametrize("offset", ["-0300", "-03:00", "-300", "-030000", "- 0300"])
def test_an_offset_is_read_in_every_shape(offset: str) -> None:
    assert busy(clock("Ours", offset), nine_in("Ours")) == ["09-01 12:00 - 09-01 13:00"]


def test_a_definition_that_means_nothing_may_still_name_a_place() -> None:
    broken = clock("Ours", "none").replace("END:VTIMEZONE", "X-LIC-LOCATION:Europe/Berlin\nEND:VTIMEZONE")
    assert busy(broken, nine_in("Ours")) == ["09-01 07:00 - 09-01 08:00"]


@pytest.mark.parametrize(
    ("name", "hour"),
    [
        ("tzone://Microsoft/Utc", 9),
        ("tzone://microsoft/UTC", 9),
        ("Z", 9),
        ('"Eastern Time (US & Canada)"', 13),
        ('"Eastern Time (US and Canada)"', 13),
        ("Eastern Daylight Time", 13),
        ("eastern standard time", 13),
        ("Eastern Standard Time 1", 13),
        ("US-Eastern", 13),
        ("US Eastern", 13),
        ("America/New York", 13),
        ("America-New_York", 13),
        ("freeassociation.sourceforge.net/America/New_York", 13),
        ('"(GMT-05.00) Eastern Time (US & Canada)"', 13),
        ("W. Europe Daylight Time", 7),
        ("Central European Summer Time", 7),
        ("Mitteleuropäische Sommerzeit", 7),
        ("British Summer Time", 8),
        ("America/NewYork", 13),
        ("America/New_York (EST)", 13),
        ("urn:tz:America/New_York", 13),
        ("Europe/Berlin GMT+1", 7),
        ("Asia/Beijing", 1),
        ("US/Pacific-New", 16),
        ("(UTC) Coordinated Universal Time", 9),
        ('"Athens, Bucharest, Istanbul"', 6),
        ("(UTC-05:00) Eastern Time (US & Canada)", 13),
        ("(GMT+01:00) Amsterdam, Berlin", 7),
        ("Berlin", 7),
        ("New Delhi", 3),
        ('"Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', 7),
        ('"Brussels; Copenhagen, Madrid, Paris"', 7),
    ],
)
def test_names_outside_the_tables_are_understood(name: str, hour: int) -> None:
    shown = [time[6:11] for time in busy(nine_in(name))]
    assert shown == [f"{hour:02}:{30 if name == 'New Delhi' else 0:02}"]


@pytest.mark.parametrize(
    ("name", "start", "zone"),
    [
        ("PDT", "16:00", "America/Los_Angeles"),
        ("EST/EDT", "13:00", "America/New_York"),
        ("BST", "08:00", "Europe/London"),
        ("IST", "03:30", "Asia/Kolkata"),
    ],
)
def test_letters_that_mean_several_clocks_are_read_as_the_likely_one_and_told(
    name: str, start: str, zone: str
) -> None:
    reading = read(nine_in(name))
    assert ([time[6:11] for time in times(reading)], sentences(reading)) == (
        [start],
        [f"The time zone “{name}” is not known; its times were read as {zone} and may be wrong."],
    )


@pytest.mark.parametrize(("name", "hour"), [("GMT+3", 6), ("UTC-0500", 14), ("+02:00", 7), ("GMT −4", 13)])
def test_a_name_that_is_an_offset_is_read_by_it_and_told(name: str, hour: int) -> None:
    reading = read(nine_in(name))
    assert ([time[6:11] for time in times(reading)], len(reading.problems)) == ([f"{hour:02}:00"], 1)


def test_places_that_do_not_agree_are_read_as_the_first_and_told() -> None:
    reading = read(nine_in('"London, Tokyo"'))
    assert (times(reading), sentences(reading)) == (
        ["09-01 08:00 - 09-01 09:00"],
        [
            "The time zone “London, Tokyo” is not known; its times were read as Europe/London and may be wrong."
        ],
    )


# Exceptions and moved times in another form than the start


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE:20260902T100000",
        "EXDATE:20260902T100000Z",
        "EXDATE:20260902T080000Z",
        "EXDATE;TZID=America/New_York:20260902T100000",
        "EXDATE;TZID=America/New_York:20260902T040000",
        "EXDATE:20260902T040000",
        "EXDATE;VALUE=DATE:20260902",
        "EXDATE:2026-09-02T10:00:00+02:00",
        "EXDATE:20260905T100000,20260902T100000",
        "EXDATE;TZID=:20260902T100000",
    ],
)
def test_an_exception_strikes_out_what_it_names_by_instant_digits_or_date(line: str) -> None:
    assert times(read(event(BERLIN, "RRULE:FREQ=DAILY;COUNT=3", line))) == [FIRST, THIRD]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("EXDATE:20260901T110000", [8]),
        ("EXDATE:20260901T050000", [8]),
        ("EXDATE:20260901T090000Z", [8]),
        ("EXDATE:20260901T100000Z", [9]),
        ("EXDATE:20260901", []),
        ("EXDATE:20260901T120000", [8, 9]),
    ],
)
def test_of_several_hours_an_exception_strikes_out_those_it_names(line: str, left: list[int]) -> None:
    """By the instant first: 05:00 in New York is 11:00 in Berlin, and only what no instant names goes by its digits."""
    assert busy(event(BERLIN, "RRULE:FREQ=DAILY;COUNT=2;BYHOUR=10,11", line)) == [
        f"09-01 {hour:02}:00 - 09-01 {hour + 1:02}:00" for hour in left
    ]


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE:20260902T000000",
        "EXDATE:20260902T000000Z",
        "EXDATE:20260902T040000Z",
        "EXDATE:20260902T093000Z",
        "EXDATE;TZID=Europe/Berlin:20260902T000000",
    ],
)
def test_an_exception_with_a_time_strikes_out_a_whole_day(line: str) -> None:
    assert busy(event("DTSTART;VALUE=DATE:20260901", "RRULE:FREQ=DAILY;COUNT=3", line)) == [
        "09-01 04:00 - 09-02 04:00",
        "09-03 04:00 - 09-04 04:00",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "RECURRENCE-ID:20260902T100000",
        "RECURRENCE-ID:20260902T100000Z",
        "RECURRENCE-ID:20260902T080000Z",
        "RECURRENCE-ID;VALUE=DATE:20260902",
        "RECURRENCE-ID;TZID=America/New_York:20260902T040000",
        'RECURRENCE-ID;TZID="Romance Standard Time":20260902T100000',
    ],
)
@pytest.mark.parametrize("first", [True, False], ids=["series first", "change first"])
def test_a_moved_time_replaces_what_it_names_by_instant_digits_or_date(line: str, first: bool) -> None:
    series = event("UID:1", BERLIN, "RRULE:FREQ=DAILY;COUNT=3")
    moved = event("UID:1", line, "DTSTART:20260902T140000Z", "DTEND:20260902T150000Z")
    assert busy(*([series, moved] if first else [moved, series])) == [
        FIRST,
        "09-02 14:00 - 09-02 15:00",
        THIRD,
    ]


def test_a_time_is_cancelled_by_its_name_alone() -> None:
    assert busy(
        event("UID:1", BERLIN, "RRULE:FREQ=DAILY;COUNT=3"),
        event("UID:1", "RECURRENCE-ID:20260902T100000", "STATUS:CANCELLED"),
    ) == [FIRST, THIRD]


def test_all_later_times_move_with_one_that_is_named_without_its_zone() -> None:
    assert busy(
        event("UID:1", BERLIN, "RRULE:FREQ=DAILY;COUNT=3"),
        event(
            "UID:1",
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260902T100000",
            "DTSTART;TZID=Europe/Berlin:20260902T160000",
            "DTEND;TZID=Europe/Berlin:20260902T170000",
        ),
    ) == [FIRST, "09-02 14:00 - 09-02 15:00", "09-03 14:00 - 09-03 15:00"]


@pytest.mark.parametrize(
    ("start", "until", "days"),
    [
        (BERLIN, "20260903T100000Z", 3),
        (BERLIN, "20260903T080000Z", 3),
        (BERLIN, "20260903T075959Z", 2),
        (BERLIN, "20260903T040000", 3),
        (BERLIN, "20260903T100000", 3),
        (BERLIN, "20260902T215959Z", 2),
        (BERLIN, "20260903", 3),
        (BERLIN, "2026-09-03", 3),
        (BERLIN, "20260903T1000", 3),
        ("DTSTART:20260901T040000\nDURATION:PT1H", "20260903T040000Z", 3),
        ("DTSTART:20260901T040000\nDURATION:PT1H", "20260903T080000Z", 3),
        ("DTSTART:20260901T080000Z\nDURATION:PT1H", "20260903T080000", 3),
        ("DTSTART:20260901T080000Z\nDURATION:PT1H", "20260903T040000", 3),
    ],
)
def test_a_rule_ends_with_the_later_of_two_readings(start: str, until: str, days: int) -> None:
    assert busy(event(start, f"RRULE:FREQ=DAILY;UNTIL={until}")) == [FIRST, SECOND, THIRD][:days]


@pytest.mark.parametrize(
    ("line", "added"),
    [
        ("RDATE:20260902T100000", [SECOND]),
        ("RDATE:20260902T040000", [SECOND]),
        ("RDATE:20260902T080000Z", [SECOND]),
        ("RDATE;VALUE=DATE:20260902", [SECOND]),
        ("RDATE;VALUE=PERIOD:20260902T100000/PT1H", [SECOND]),
        ("RDATE;VALUE=PERIOD:20260902T080000Z/20260902T090000Z", [SECOND]),
        ("RDATE:20260902T120000", ["09-02 10:00 - 09-02 11:00", "09-02 16:00 - 09-02 17:00"]),
    ],
)
def test_a_time_that_is_added_is_read_in_every_way_it_can_be(line: str, added: list[str]) -> None:
    assert busy(event(BERLIN, line)) == [FIRST, *added]


# Rules of exception


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ("FREQ=DAILY;INTERVAL=2", [2]),
        ("FREQ=WEEKLY;BYDAY=WE", [1, 3]),
        ("FREQ=DAILY;UNTIL=20260902T080000Z", [3]),
        ("freq=daily;count=1", [2, 3]),
    ],
)
def test_times_that_a_rule_leaves_out_are_free(rule: str, left: list[int]) -> None:
    shown = [FIRST, SECOND, THIRD]
    assert busy(event(BERLIN, "RRULE:FREQ=DAILY;COUNT=3", f"EXRULE:{rule}")) == [
        shown[day - 1] for day in left
    ]


def test_a_time_that_a_rule_leaves_out_is_busy_where_it_moved() -> None:
    assert busy(
        event("UID:1", BERLIN, "RRULE:FREQ=DAILY;COUNT=3", "EXRULE:FREQ=WEEKLY;BYDAY=WE"),
        event(
            "UID:1", "RECURRENCE-ID:20260902T080000Z", "DTSTART:20260902T140000Z", "DTEND:20260902T150000Z"
        ),
    ) == [FIRST, "09-02 14:00 - 09-02 15:00", THIRD]


@pytest.mark.parametrize("rule", ["FREQ=SOMETIMES", "FREQ=SECONDLY", "FREQ=HOURLY;BYMONTH=2;BYYEARDAY=200"])
def test_a_rule_of_exception_that_means_nothing_leaves_nothing_out_and_is_told(rule: str) -> None:
    reading = read(event(BERLIN, "RRULE:FREQ=DAILY;COUNT=3", f"EXRULE:{rule}"))
    assert (times(reading), sentences(reading)) == (
        [FIRST, SECOND, THIRD],
        [f"Event 1 leaves out times by a rule that can't be followed (“{rule}”); those times count as busy."],
    )


# Text that looks like lines of a calendar


@pytest.mark.parametrize(
    "text",
    [
        "Status: Cancelled",
        "status:cancelled",
        "STATUS: CANCELLED",
        "Transp: transparent",
        "Begin: Monday",
        "BEGIN:MONDAY",
        "Begin: Standard",
        "End: vevent",
        "END:VEVENT",
        "END:VCALENDAR",
        "BEGIN:VCALENDAR",
        "End: vcalendar",
        "Duration: 5 minutes",
        "Dtstart: soon",
        "Sequence: 7",
        "Rrule: every day",
        "Exdate: none",
        "Recurrence-Id: 4",
    ],
)
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_line_of_text_frees_no_time(text: str, before: bool) -> None:
    lines = ["DESCRIPTION:Notes", text, NINE] if before else [NINE, "DESCRIPTION:Notes", text]
    assert times(read(event("UID:1", *lines, "STATUS:CONFIRMED"))) == ONE_HOUR


def test_an_event_that_was_pasted_into_a_description_counts_beside_its_event() -> None:
    pasted = event("DTSTART:20260902T090000Z", "DTEND:20260902T100000Z")
    reading = read(event("UID:1", "DESCRIPTION:See", pasted, NINE), event("UID:2", BERLIN))
    assert times(reading) == [FIRST, *ONE_HOUR, "09-02 09:00 - 09-02 10:00"]


@pytest.mark.parametrize("others", [["STATUS:CONFIRMED"], ["TRANSP:OPAQUE", "TRANSP:TRANSPARENT"]])
def test_of_two_words_on_being_free_the_busier_counts(others: list[str]) -> None:
    assert (
        busy(event(NINE, "STATUS:CANCELLED" if "TRANSP" not in others[0] else "STATUS:CONFIRMED", *others))
        == ONE_HOUR
    )


@pytest.mark.parametrize(
    ("word", "shown"),
    [("BUSY", ONE_HOUR), ("OOF", ONE_HOUR), ("TENTATIVE", ONE_HOUR), ("FREE", []), ("", [])],
)
def test_what_outlook_calls_busy_is_busy(word: str, shown: list[str]) -> None:
    assert busy(event(NINE, "TRANSP:TRANSPARENT", f"X-MICROSOFT-CDO-BUSYSTATUS:{word}")) == shown


def test_a_small_file_means_its_small_words() -> None:
    lines = event(NINE, "STATUS:CANCELLED").lower().split("\n")
    assert read_busy(calendar(*lines).lower(), window=AUTUMN, zone=NEW_YORK).busy == []


# Values in strange shapes


@pytest.mark.parametrize(
    "start",
    [
        "20260901T0900Z",
        "20260901T09Z",
        "20260901T900Z",
        "2026-09-01T09:00:00Z",
        "2026-09-01 09:00:00Z",
        "2026-9-1 9:00 AM UTC",
        "2026/09/01 09:00Z",
        "20260901T090000.000Z",
        "20260901t090000z",
        "20260901T090000+0000",
        "20260901T050000-04:00",
        "20260901T090000 Z",
        '"20260901T090000Z"',
        "20260901090000Z",
        "202609010900Z",
        "2026-09-01T11:00:00+02:00[Europe/Berlin]",
        "Tue, 01 Sep 2026 09:00:00 GMT",
        "Tue, 1 Sep 2026 05:00:00 -0400",
        "1788253200",
        "1788253200000",
        "20260831T330000Z",
    ],
)
def test_a_time_is_read_in_every_shape(start: str) -> None:
    shown = ONE_HOUR if not start.startswith("20260831") else []
    assert (
        times_or_none(event(f"DTSTART:{start}", "DURATION:PT1H"), event("DTSTART:20261101T090000Z")) == shown
    )


def times_or_none(*components: str) -> list[str]:
    return times(read(*components))


@pytest.mark.parametrize(
    "line",
    [
        "DTSTART:TZID=Europe/Berlin:20260901T110000",
        'DTSTART:TZID="Europe/Berlin":20260901T110000',
        "DTSTART ; TZID = Europe/Berlin :20260901T110000",
        "dtstart;tzid=europe/berlin:20260901T110000",
    ],
)
def test_a_zone_that_stands_in_the_wrong_place_counts(line: str) -> None:
    assert busy(event(line, "DURATION:PT1H")) == ONE_HOUR


@pytest.mark.parametrize(
    "length",
    ["PT1H", "1H", "PT60M", "PT3600S", "P0DT1H", "P0DT1H0M0S", "pt1h", "+PT1H", "P1H", "PT0.5H30M", " PT1H "],
)
def test_a_length_is_read_in_every_shape(length: str) -> None:
    assert busy(event("DTSTART:20260901T090000Z", f"DURATION:{length}")) == ONE_HOUR


@pytest.mark.parametrize("length", ["-PT3H", "soon", "PT", "P30M"])
def test_a_length_that_means_nothing_is_an_hour_and_told(length: str) -> None:
    reading = read(event("DTSTART:20260901T090000Z", f"DURATION:{length}"))
    assert (times(reading), len(reading.problems)) == (ONE_HOUR, 1)


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("DTSTART;VALUE=DATE:20260901T090000", "", "09-01 04:00 - 09-02 04:00"),
        ("DTSTART;VALUE=DATE:20260901T000000", "DTEND;VALUE=DATE:20260902T000000", "09-01 04:00 - 09-02 04:00"),
        ("DTSTART;VALUE=DATE:20260901T220000", "DTEND;VALUE=DATE:20260902T020000", "09-01 04:00 - 09-03 04:00"),
        ("DTSTART;VALUE=DATE:20260901", "DTEND:20260901T170000", "09-01 04:00 - 09-02 04:00"),
        ("DTSTART;VALUE=DATE:20260901", "DTEND:20260902T010000Z", "09-01 04:00 - 09-02 04:00"),
        ("DTSTART:20260901", "DTEND:20260903", "09-01 04:00 - 09-03 04:00"),
        ("DTSTART;VALUE=DATE:20260901", "DURATION:P2D", "09-01 04:00 - 09-03 04:00"),
        ("DTSTART;VALUE=DATE:20260901", "DURATION:PT24H", "09-01 04:00 - 09-02 04:00"),
        ("DTSTART;VALUE=DATE:20260901", "DURATION:PT1H", "09-01 04:00 - 09-02 04:00"),
        ("DTSTART:20260901T090000Z", "DTEND;VALUE=DATE:20260901", "09-01 09:00 - 09-02 04:00"),
        ("DTSTART:20260901T090000Z", "DTEND;VALUE=DATE:20260902", "09-01 09:00 - 09-02 04:00"),
        ("DTSTART:20260901T090000Z", "DTEND:20260901T093000Z\nDURATION:PT1H", ONE_HOUR[0]),
        ("DTSTART:20260901T090000Z", "DURATION:PT5M\nDTEND:20260901T100000Z", ONE_HOUR[0]),
        ("DTSTART:20260901T090000Z", "DTEND:PT1H", ONE_HOUR[0]),
        ("DTSTART:20260901T090000Z", "DURATION:20260901T100000Z", ONE_HOUR[0]),
    ],
)  # fmt: skip
def test_days_and_hours_that_are_mixed_are_busy_by_the_longer_reading(
    start: str, end: str, shown: str
) -> None:
    assert busy(event(start, *([end] if end else []))) == [shown]


def test_an_event_with_two_starts_is_busy_at_both() -> None:
    assert times(read(event("DTSTART:20260901T090000Z", "DTSTART:20260902T090000Z", "DURATION:PT1H"))) == [
        *ONE_HOUR,
        "09-02 09:00 - 09-02 10:00",
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY; COUNT=2",
        "freq=daily;count=2",
        '"FREQ=DAILY;COUNT=2"',
        "FREQ=DAILY;COUNT=2;;",
        "COUNT=2;FREQ=DAILY",
        "FREQ=DAILY,COUNT=2",
        "FREQ=DAILY;INTERVAL=;COUNT=2;UNTIL=",
        "RRULE:FREQ=DAILY;COUNT=2",
        "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,;COUNT=2",
    ],
)
def test_a_rule_is_read_in_every_shape(rule: str) -> None:
    assert busy(event(NINE, f"RRULE:{rule}")) == [*ONE_HOUR, "09-02 09:00 - 09-02 10:00"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026",
        "20260230",
        "20260901T250000",
        "P",
        "1" * 5000,
        "20260901" + " " * 5000 + "x",
        "+" * 5000,
    ],
)
def test_what_is_no_value_is_refused_at_once(text: str) -> None:
    with pytest.raises(Unreadable):
        value_of(text)


# Files that are written differently

PLAIN = calendar(event("UID:1", "SUMMARY:Pier", NINE))


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.replace(b"DTSTART:2026", b"DTSTART:20\r\n 26").replace(b"\r\n", b"\r"),
        PLAIN.replace(b"DTSTART:2026", b"DTSTART:20\r\n 26").replace(b"\r\n", b"\r\r\n"),
        PLAIN.decode().encode("utf-16-le"),
        PLAIN.decode().encode("utf-16-be"),
        calendar() + b"\xef\xbb\xbf" + PLAIN,
        PLAIN.replace(b"BEGIN:VCALENDAR", b"begin:vcalendar").replace(b"END:VEVENT", b"end:vevent"),
    ],
    ids=["CR and folded", "doubled CR", "UTF-16 LE", "UTF-16 BE", "a mark inside", "mixed letters"],
)
def test_the_same_file_written_differently_is_as_busy(data: bytes) -> None:
    reading = read_busy(data, window=AUTUMN, zone=NEW_YORK)
    assert (times(reading), reading.problems) == (ONE_HOUR, ())


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("DTSTART:20260901T090000", "DTEND:20260901T120000Z", "09-01 13:00 - 09-01 16:00"),
        ("DTSTART:20260901T090000", "DTEND;TZID=Europe/Berlin:20260901T100000", "09-01 13:00 - 09-01 14:00"),
        ("DTSTART;TZID=Europe/Berlin:20260901T100000", "DTEND:20260901T110000", "09-01 08:00 - 09-01 15:00"),
        ("DTSTART;TZID=Europe/Berlin:20260901T100000", "DTEND:20260901T090000Z", "09-01 08:00 - 09-01 09:00"),
    ],
)
def test_an_end_in_another_form_than_its_start_is_the_later_of_two_readings(
    start: str, end: str, shown: str
) -> None:
    assert busy(event(start, end)) == [shown]


@pytest.mark.parametrize(
    "period",
    [
        "20260901T090000Z/20260901T100000Z",
        "20260901T100000Z/20260901T090000Z",
        "20260901T090000Z/1H",
        "20260901T100000Z/-PT1H",
        "2026-09-01T09:00:00Z/2026-09-01T10:00:00Z",
    ],
)
def test_a_period_is_busy_whichever_way_round_it_is_written(period: str) -> None:
    two = "20260902T090000Z/PT1H"
    assert busy(f"BEGIN:VFREEBUSY\nFREEBUSY:{period}\\,{two}\nEND:VFREEBUSY") == [
        *ONE_HOUR,
        "09-02 09:00 - 09-02 10:00",
    ]
    assert busy(event("DTSTART:20260902T090000Z", "DURATION:PT1H", f"RDATE;VALUE=PERIOD:{period}")) == [
        *ONE_HOUR,
        "09-02 09:00 - 09-02 10:00",
    ]


@pytest.mark.parametrize("line", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
@pytest.mark.parametrize("text", ["of the whole team", "Topics: budget", "Who is coming?", "12:30 lunch"])
def test_a_line_among_lines_of_text_frees_no_time_however_it_is_written(line: str, text: str) -> None:
    assert busy(event(NINE, "DESCRIPTION:Notes", text, line, "DTSTAMP:20260101T000000Z")) == ONE_HOUR
    assert busy(event(NINE, "DESCRIPTION:Notes", text, "DTSTAMP:20260101T000000Z", line)) == []


@pytest.mark.parametrize(
    "before", ["COLOR:red", "X-OURS:1", "CONFERENCE;VALUE=URI:https://meet.example", "LOCATION:Pier\\n", ""]
)
def test_a_line_after_what_an_event_may_say_means_what_it_says(before: str) -> None:
    assert busy(event(NINE, *([before] if before else []), "STATUS:CANCELLED")) == []


def test_an_exception_in_a_text_strikes_out_nothing() -> None:
    assert busy(
        event(BERLIN, "RRULE:FREQ=DAILY;COUNT=2", "DESCRIPTION:Not on", "Exdate: 20260902T080000Z")
    ) == [FIRST, SECOND]


def test_an_exception_that_could_name_two_starts_names_the_one_at_its_instant() -> None:
    """05:00 in New York is 11:00 in Berlin, and the series takes place at 5:00 in Berlin as well."""
    rule = "RRULE:FREQ=DAILY;COUNT=5;BYHOUR=5,10,11"
    assert busy(event(BERLIN, rule, "EXDATE:20260902T050000")) == [
        FIRST,
        *ONE_HOUR,
        "09-02 03:00 - 09-02 04:00",
        SECOND,
    ]

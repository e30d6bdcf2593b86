"""The zones of calendar files: which name means what, and clocks that only the file itself defines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st
from tests.integrations.calendar_cases import AUTUMN, NEW_YORK, busy, calendar, event, read, sentences, times

from raincheck.integrations.ics.text import components_in
from raincheck.integrations.ics.zone_names import iana_zone, zone_by_places
from raincheck.integrations.ics.zones import Zones
from raincheck.notifications.calendar_entries import timezone_entry

BERLIN_BY_RULE = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""
NINE = "DTSTART;TZID={name}:20260902T090000\nDTEND;TZID={name}:20260902T100000"


def nine_in(name: str) -> str:
    return event(NINE.format(name=name))


@pytest.mark.parametrize(
    ("name", "hour"),
    [
        ("America/Chicago", "14:00"),
        ("america/chicago", "14:00"),
        ("/mozilla.org/20070129_1/America/Chicago", "14:00"),
        ("/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires", "12:00"),
        ("Central Standard Time", "14:00"),
        ('"(UTC-06:00) Central Time (US & Canada)"', "14:00"),
        ('"(GMT+10:00) Canberra, Melbourne, Sydney"', "23:00"),
        ('"(UTC-07:00) Arizona"', "16:00"),
        ('"(UTC-04:00) Atlantic Time (Canada)"', "12:00"),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', "07:00"),
        ("UTC", "09:00"),
    ],
)
def test_a_known_name_needs_no_definition(name: str, hour: str) -> None:
    (time,) = [time.split(" - ")[0] for time in busy(nine_in(name))]
    assert time in {f"09-02 {hour}", f"09-01 {hour}"}


def test_a_known_name_wins_over_what_the_file_says_of_it() -> None:
    assert busy(BERLIN_BY_RULE.format(name="America/New_York"), nine_in("America/New_York")) == [
        "09-02 13:00 - 09-02 14:00"
    ]


@pytest.mark.parametrize(
    "name", ["Customized Time Zone", "Kuala Lumpur\\, Singapore", "(no TZ description)", "Zürich", ""]
)
def test_an_unknown_name_means_what_the_file_says_of_it(name: str) -> None:
    used = f'"{name.replace(chr(92), "")}"' if "," in name else name
    assert busy(BERLIN_BY_RULE.format(name=name), nine_in(used)) == ["09-02 07:00 - 09-02 08:00"]


def test_what_the_file_says_wins_over_the_windows_table() -> None:
    assert busy(BERLIN_BY_RULE.format(name="Central Standard Time"), nine_in("Central Standard Time")) == [
        "09-02 07:00 - 09-02 08:00"
    ]


@pytest.mark.parametrize(
    ("name", "own", "start", "sentence"),
    [
        (
            '"(UTC+03:30) Somewhere"',
            "X-WR-TIMEZONE:Europe/Berlin",
            "09-02 05:30",
            "The time zone “(UTC+03:30) Somewhere” is not known; its times were read as UTC+03:30 and may be an hour off.",
        ),
        (
            "Somewhere",
            "X-WR-TIMEZONE:Europe/Berlin",
            "09-02 07:00",
            "The time zone “Somewhere” is not known; its times were read as Europe/Berlin, the calendar's own, and may be wrong.",
        ),
        (
            "Somewhere",
            "X-WR-TIMEZONE:Nowhere",
            "09-02 13:00",
            "The time zone “Somewhere” is not known; its times were read as America/New_York and may be wrong.",
        ),
    ],
    ids=["offset in the text", "the calendar's own zone", "the provider's zone"],
)
def test_a_guess_is_told_once(name: str, own: str, start: str, sentence: str) -> None:
    reading = read(own, nine_in(name), nine_in(name))
    assert ([time[:11] for time in times(reading)], sentences(reading)) == ([start], [sentence])


@pytest.mark.parametrize(
    "broken",
    [
        BERLIN_BY_RULE.replace("YEARLY", "SECONDLY"),
        BERLIN_BY_RULE.replace("TZOFFSETTO:+0200", "TZOFFSETTO:+9900"),
        BERLIN_BY_RULE.replace("DTSTART:16010101T020000\n", ""),
        BERLIN_BY_RULE.replace("BYMONTH=3", "BYMONTH=3;COUNT=none"),
        "BEGIN:VTIMEZONE\nTZID:{name}\nEND:VTIMEZONE",
    ],
    ids=["changes every second", "impossible offset", "no start", "unreadable rule", "empty"],
)
def test_a_definition_that_means_nothing_is_as_if_absent(broken: str) -> None:
    reading = read(broken.format(name="Somewhere"), nine_in("Somewhere"))
    assert (times(reading), sentences(reading)) == (
        ["09-02 13:00 - 09-02 14:00"],
        ["The time zone “Somewhere” is not known; its times were read as America/New_York and may be wrong."],
    )


def test_a_definition_of_dates_only_is_one_of_midnights() -> None:
    definition = "\n".join(
        [
            "BEGIN:VTIMEZONE",
            "TZID:UTC+11",
            "BEGIN:STANDARD",
            "DTSTART;VALUE=DATE:20170101",
            "TZOFFSETFROM:+1100",
            "TZOFFSETTO:+1100",
            "END:STANDARD",
            "END:VTIMEZONE",
        ]
    )
    assert busy(definition, nine_in("UTC+11")) == ["09-01 22:00 - 09-01 23:00"]


def test_repeated_wall_times_are_the_first_and_skipped_ones_go_by_the_clock_before() -> None:
    """RFC 5545, 3.3.5: as Python reads them in a zone of the tz database."""
    defined = Zones(
        components_in(calendar(BERLIN_BY_RULE.format(name="Ours"))), window=AUTUMN, zone=NEW_YORK
    ).find("Ours")
    berlin = ZoneInfo("Europe/Berlin")
    written = ["2026-03-29 02:30", "2026-10-25 02:00", "2026-10-25 02:59", "2026-10-25 03:00"]
    walls = [datetime.fromisoformat(text) for text in written]
    assert [wall.replace(tzinfo=defined).astimezone(UTC) for wall in walls] == [
        wall.replace(tzinfo=berlin).astimezone(UTC) for wall in walls
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        [
            "America/New_York",
            "Europe/Dublin",
            "Africa/Casablanca",
            "Australia/Lord_Howe",
            "Asia/Kolkata",
            "Pacific/Apia",
            "America/Santiago",
        ]
    ),
    st.integers(-300 * 24 * 60, 300 * 24 * 60),
)
def test_a_definition_of_ours_read_back_is_the_zone_itself(name: str, minutes: int) -> None:
    zone = ZoneInfo(name)
    written = (
        timezone_entry(zone, around=AUTUMN.start)
        .to_ical()
        .decode()
        .replace(f"TZID:{name}", "TZID:Ours")
        .strip()
    )
    read_back = Zones(components_in(calendar(*written.splitlines())), window=AUTUMN, zone=NEW_YORK).find(
        "Ours"
    )
    instant = AUTUMN.start + timedelta(minutes=minutes)
    wall = instant.astimezone(zone).replace(tzinfo=None, fold=0)
    assert (
        instant.astimezone(read_back).replace(tzinfo=None),
        wall.replace(tzinfo=read_back).astimezone(UTC),
    ) == (
        wall,
        wall.replace(tzinfo=zone).astimezone(UTC),
    )


def test_words_are_no_zone() -> None:
    assert (
        iana_zone(""),
        iana_zone("../UTC"),
        zone_by_places("Sydney"),
        zone_by_places("(GMT+09:00) Sydney"),
    ) == (
        None,
        None,
        None,
        None,
    )

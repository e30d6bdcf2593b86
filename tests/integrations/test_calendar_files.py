"""Calendar files as busy time: whole files of ours, and those that two other programs read the same way."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from tests.integrations.calendar_cases import AUTUMN, NEW_YORK, OURS, SHARED, sentences, times

from raincheck.domain.calendars.busy import BusyEvent, CalendarReading
from raincheck.domain.calendars.faults import CalendarUnreadable, NotACalendar
from raincheck.domain.spans import Span
from raincheck.integrations.ics.reading import read_busy

if SHARED.exists():
    FILES = sorted(SHARED.glob("*.ics"))
    EXPECTED = json.loads((SHARED / "expected_busy.json").read_text(encoding="utf-8"))["files"]
else:
    FILES, EXPECTED = [], {}

needs_shared = pytest.mark.skipif(
    not FILES, reason="The collected calendar files are not beside this checkout (../shared)."
)
NOTHING_TO_READ = {
    "ci-broken_dtstart.ics",
    "ci-rfc_7953_1.ics",
    "ci-rfc_7953_2.ics",
    "ci-rfc_7953_3.ics",
    "dav5-latin1.ics",
    "i4j-boeing.ics",
}
"""Files without one sound entry: broken starts, working hours, and free-busy times without a month."""


LONG = Span(datetime.fromisoformat("2000-01-01T00:00Z"), datetime.fromisoformat("2030-01-01T00:00Z"))


def ours(name: str) -> CalendarReading:
    return read_busy((OURS / name).read_bytes(), window=AUTUMN, zone=NEW_YORK)


def test_an_everyday_calendar_is_busy_where_its_owner_is() -> None:
    reading = ours("everyday.ics")
    assert (times(reading), reading.problems, reading.entries_read) == (
        [
            "09-01 15:00 - 09-01 16:00",
            "09-07 04:00 - 09-08 04:00",
            "09-09 13:00 - 09-09 13:45",
            "09-10 13:00 - 09-10 14:00",
            "09-17 13:00 - 09-17 14:00",
            "09-17 15:00 - 09-17 16:00",
        ],
        (),
        9,
    )


def test_titles_and_whole_days_are_kept_with_the_busy_time() -> None:
    first, second, *_ = ours("everyday.ics").events
    assert (first.title, first.all_day, second.title, second.all_day) == (
        "Supervision with Marcus Bell, Pier 4",
        False,
        "Labor Day",
        True,
    )


def test_a_series_leaves_out_moves_and_adds_its_times() -> None:
    reading = ours("repeating.ics")
    assert (times(reading), reading.problems) == (
        [
            "09-01 13:00 - 09-01 14:00",
            "09-16 14:00 - 09-16 15:00",
            "09-29 13:00 - 09-29 14:00",
            "10-06 13:00 - 10-06 14:00",
            "10-12 04:00 - 10-13 04:00",
            "11-02 17:00 - 11-02 18:00",
            "11-03 17:00 - 11-03 19:00",
        ],
        (),
    )


def test_zones_are_found_by_every_name_that_programs_write() -> None:
    reading = ours("zones.ics")
    assert (times(reading), sentences(reading)) == (
        [
            "09-02 07:00 - 09-02 08:00",
            "09-03 16:00 - 09-03 17:00",
            "09-04 13:00 - 09-04 14:00",
            "10-31 13:00 - 10-31 14:00",
            "11-01 14:00 - 11-01 15:00",
        ],
        [
            "The time zone “Ship's clock” is not known; its times were read as America/New_York and may be wrong."
        ],
    )


def test_one_bad_event_never_loses_the_good_ones() -> None:
    reading = ours("broken.ics")
    assert (times(reading), sorted(sentences(reading))) == (
        [
            "09-02 13:00 - 09-02 14:00",
            "09-03 13:00 - 09-03 14:00",
            "09-04 13:00 - 09-04 14:00",
            "09-05 13:00 - 09-05 14:00",
            "09-06 13:00 - 09-06 14:00",
            "09-08 13:00 - 09-08 14:00",
            "09-09 13:00 - 09-09 14:00",
        ],
        [
            "Event 1 is left out: its start “soon” is not a time.",
            "Event 3 ends before it starts; one hour counts as busy, or the day if it is all day.",
            "Event 5 names “never”, which is not a time; it is read without it.",
            "Event 6 has no start, so it is left out.",
            "Event 7 has no proper end in the file; what it says was read.",
            "How event 4 repeats (“FREQ=SOMETIMES”) can't be read; only the times it names count as busy.",
            "The end “later” of event 2 is not a time; one hour counts as busy, or the day if it is all day.",
        ],
    )


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize("name", EXPECTED)
def test_what_two_other_programs_agree_on_is_read_the_same(name: str) -> None:
    window = Span(*(datetime.fromisoformat(instant) for instant in EXPECTED[name]["window"]))
    reading = read_busy((SHARED / name).read_bytes(), window=window, zone=NEW_YORK)
    written = [
        [f"{span.start:%Y-%m-%dT%H:%M:%SZ}", f"{span.end:%Y-%m-%dT%H:%M:%SZ}"] for span in reading.busy
    ]
    assert (written, [event.all_day for event in reading.events]) == (
        EXPECTED[name]["busy"],
        [all_day for _, _, all_day in EXPECTED[name]["instances"]],
    )


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize(
    "name", [file.name for file in FILES if file.name not in {*EXPECTED, *NOTHING_TO_READ}]
)
def test_every_other_file_is_sound(name: str) -> None:
    assert read_busy((SHARED / name).read_bytes(), window=LONG, zone=NEW_YORK).sound


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize("name", sorted(NOTHING_TO_READ))
def test_a_file_without_one_sound_entry_says_why(name: str) -> None:
    with pytest.raises(CalendarUnreadable) as refused:
        read_busy((SHARED / name).read_bytes(), window=LONG, zone=NEW_YORK)
    assert refused.value.problems != ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n \r\n",
        b"<!doctype html><title>Sign in</title>",
        b"<pre>BEGIN:VCALENDAR\r\nEND:VCALENDAR</pre>",
        b'{"error": "not signed in"}',
        b"BEGIN:VCARD\r\nFN:Eve\r\nEND:VCARD\r\n",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    ],
    ids=["nothing", "blank", "sign-in page", "page about calendars", "JSON", "address card", "picture"],
)
def test_what_is_not_a_calendar_is_never_taken_for_an_empty_one(data: bytes) -> None:
    with pytest.raises(NotACalendar):
        read_busy(data, window=AUTUMN, zone=NEW_YORK)


def test_a_calendar_without_events_is_empty_and_sound() -> None:
    reading = read_busy(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", window=AUTUMN, zone=NEW_YORK)
    assert (reading, reading.sound) == (CalendarReading(), True)


PLAIN = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Pier\nDTSTART:20260901T130000Z\nDTEND:20260901T140000Z\nEND:VEVENT\nEND:VCALENDAR"


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + PLAIN,
        b"\n\n" + PLAIN + b"\n\n",
        PLAIN.decode().encode("utf-16"),
        PLAIN.lower().replace(b"pier", b"Pier"),
        PLAIN.replace(b"DTSTART:2026", b"DTSTART:20\r\n 26"),
        PLAIN.replace(b"BEGIN:VCALENDAR\n", b"").replace(b"\nEND:VCALENDAR", b""),
        PLAIN + b"\n" + PLAIN,
    ],
    ids=[
        "LF",
        "CRLF",
        "CR",
        "mark",
        "blank lines",
        "UTF-16",
        "small letters",
        "folded",
        "bare event",
        "twice",
    ],
)
def test_the_same_file_written_differently_is_read_the_same(data: bytes) -> None:
    reading = read_busy(data, window=AUTUMN, zone=NEW_YORK)
    one_hour = Span(datetime.fromisoformat("2026-09-01T13:00Z"), datetime.fromisoformat("2026-09-01T14:00Z"))
    assert (reading.events, reading.problems) == ((BusyEvent(one_hour, "Pier"),), ())

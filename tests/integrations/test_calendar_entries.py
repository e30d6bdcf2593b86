"""Appointments as calendar entries: every byte of one, and what holds for all of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pytest
from hypothesis import given, settings, strategies as st
from icalendar import Calendar, Timezone

from raincheck.domain.spans import Span
from raincheck.integrations.ics.reading import read_busy
from raincheck.notifications.calendar_entries import calendar_entry, timezone_entry

TUESDAY = datetime(2026, 9, 1, 15, 0, tzinfo=UTC)

ENTRY = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Raincheck//Raincheck//EN
CALSCALE:GREGORIAN
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:STANDARD
DTSTART:20251102T020000
TZNAME:EST
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20260308T020000
TZNAME:EDT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20261101T020000
TZNAME:EST
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20270314T020000
TZNAME:EDT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Appointment
DTSTART;TZID=America/New_York:20260901T110000
DTEND;TZID=America/New_York:20260901T115000
DTSTAMP:20260820T093000Z
UID:5f0c2f9e-1f0e-4a53-9d0f-0f6a4f1f7f11@raincheck
SEQUENCE:2
ATTENDEE;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:riley@br
 ooks.example
CLASS:PRIVATE
LOCATION:Room 2\\, 12 Pier Street
ORGANIZER;CN="Harbor, Front Desk":mailto:hello@harbor.example
STATUS:CONFIRMED
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
"""


def entry(**changes: Any) -> str:
    values: dict[str, Any] = {
        "uid": "5f0c2f9e-1f0e-4a53-9d0f-0f6a4f1f7f11@raincheck",
        "sequence": 2,
        "method": "REQUEST",
        "start": TUESDAY,
        "end": TUESDAY + timedelta(minutes=50),
        "zone": "America/New_York",
        "organizer_email": "hello@harbor.example",
        "organizer_name": "Harbor, Front Desk",
        "attendee_email": "riley@brooks.example",
        "location": "Room 2, 12 Pier Street",
        "made_at": datetime(2026, 8, 20, 9, 30, tzinfo=UTC),
    }
    return calendar_entry(**{**values, **changes})


def lines(text: str) -> list[str]:
    """The lines of an entry, unfolded."""
    return text.replace("\r\n ", "").split("\r\n")


def test_an_entry_is_this_to_the_letter() -> None:
    assert entry() == ENTRY.replace("\n", "\r\n")


def test_a_cancelled_entry_has_the_same_name_and_frees_the_time() -> None:
    assert set(lines(entry(method="CANCEL", sequence=3))) ^ set(lines(entry())) == {
        *("METHOD:REQUEST", "METHOD:CANCEL", "SEQUENCE:2", "SEQUENCE:3"),
        *("STATUS:CONFIRMED", "STATUS:CANCELLED", "TRANSP:OPAQUE", "TRANSP:TRANSPARENT"),
    }


def test_a_published_entry_names_no_attendee() -> None:
    published = set(lines(entry(method="PUBLISH")))
    assert published ^ set(lines(entry())) == {
        *("METHOD:REQUEST", "METHOD:PUBLISH"),
        "ATTENDEE;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:riley@brooks.example",
    }


def test_without_a_place_there_is_no_empty_one() -> None:
    assert [line for line in lines(entry(location=None)) if "LOCATION" in line] == []


def test_a_long_join_link_stays_whole() -> None:
    link = f"https://meet.harbor.example/{'room' * 100}?key=1"
    assert f"LOCATION:{link}" in lines(entry(location=link))


def test_no_line_is_longer_than_75_octets_and_every_line_ends_in_crlf() -> None:
    text = entry(location="Große Straße über dem Fluß, 医院 " * 5, organizer_name="Ü" * 90)
    assert [line for line in text.encode().split(b"\r\n") if len(line) > 75 or b"\n" in line] == []
    assert text.endswith("END:VCALENDAR\r\n")


def test_what_people_type_cannot_add_a_line() -> None:
    evil = 'x"\r\nATTENDEE:mailto:eve@evil.example\nX:^n\x00'
    text = entry(organizer_name=evil, location=evil)
    read_back = Calendar.from_ical(text).walk("VEVENT")[0]
    assert (read_back["LOCATION"], read_back["ORGANIZER"].params["CN"], len(lines(text))) == (
        'x" ATTENDEE:mailto:eve@evil.example X:^n',
        'x" ATTENDEE:mailto:eve@evil.example X:^n',
        len(lines(entry())),
    )


@pytest.mark.parametrize("address", ["eve", "eve@evil.example\r\nX:1", "eve @evil.example", ""])
@pytest.mark.parametrize("whose", ["organizer_email", "attendee_email"])
def test_what_is_no_address_is_refused(whose: str, address: str) -> None:
    with pytest.raises(ValueError, match="an e-mail address has an @ and no spaces"):
        entry(**{whose: address})


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        entry(zone="America/Nowhere")


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC"])
def test_utc_needs_no_zone_of_its_own(zone: str) -> None:
    written = lines(entry(zone=zone))
    assert [line for line in written if line.startswith(("DTSTART", "DTEND", "BEGIN"))] == [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "DTSTART:20260901T150000Z",
        "DTEND:20260901T155000Z",
    ]


def test_a_time_that_the_clock_shows_twice_is_written_in_utc() -> None:
    second_half_past_one = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    written = lines(entry(start=second_half_past_one, end=second_half_past_one + timedelta(minutes=50)))
    assert [line for line in written if line.startswith(("DTSTART", "DTEND"))] == [
        "DTSTART:20261101T063000Z",
        "DTEND:20261101T072000Z",
    ]


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(sorted(available_timezones())),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 600),
)
def test_an_entry_read_back_is_the_same_time_by_its_name_and_by_its_own_definition(
    zone: str, start: datetime, minutes: int
) -> None:
    start = start.replace(second=0, microsecond=0)
    span = Span(start, start + timedelta(minutes=minutes))
    by_name = entry(zone=zone, start=span.start, end=span.end)
    by_definition = re.sub(r"(TZID[:=])[^:\r]+", r"\1Ours", by_name)
    found = [
        read_busy(text.encode(), window=span, zone=ZoneInfo("Asia/Tokyo")).busy
        for text in (by_name, by_definition)
    ]
    assert found == [[span], [span]]


def test_a_definition_begins_before_the_entry_without_a_clock_change_for_years() -> None:
    pyongyang = timezone_entry(ZoneInfo("Asia/Pyongyang"), around=datetime(2018, 3, 1, tzinfo=UTC))
    found = [(str(part["DTSTART"].dt), part.TZOFFSETTO) for part in pyongyang.subcomponents]
    assert found == [
        ("1970-01-01 08:30:00", timedelta(hours=8.5)),
        ("2018-05-04 23:30:00", timedelta(hours=9)),
    ]


@pytest.mark.parametrize("name", ["America/New_York", "Europe/Berlin", "Australia/Sydney", "Asia/Kolkata"])
def test_another_reader_of_zones_reads_ours_as_the_zone_itself(name: str) -> None:
    zone = ZoneInfo(name)
    other = Timezone.from_ical(timezone_entry(zone, around=TUESDAY).to_ical()).to_tz(lookup_tzid=False)
    instants = [TUESDAY + timedelta(hours=7 * step) for step in range(-1000, 1000)]
    assert [instant.astimezone(other).replace(tzinfo=None, fold=0) for instant in instants] == [
        instant.astimezone(zone).replace(tzinfo=None, fold=0) for instant in instants
    ]


@pytest.mark.parametrize("zone", ["America/New_York", "Etc/GMT+5", "Asia/Pyongyang", "UTC"])
@pytest.mark.parametrize("start", [TUESDAY, datetime(2026, 11, 1, 5, 30, tzinfo=UTC)])
@pytest.mark.parametrize(
    "words", ["Room 2; 12, Pier \\ Street", 'x"\r\nX:^n\x00é', "Große Straße 医院 " * 9, ""]
)
@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH"])
def test_entries_are_written_as_icalendar_writes_them(
    zone: str, start: datetime, words: str, method: str
) -> None:
    """Our own lines, for speed, are the library's: read and written again by it, not an octet differs."""
    text = entry(
        zone=zone,
        start=start,
        end=start + timedelta(hours=1),
        location=words,
        organizer_name=words,
        uid=f"{words.strip()[:5]},;@raincheck",
        method=method,
        attendee_email=f"{'riley' * 12}@brooks.example",
    )
    assert Calendar.from_ical(text).to_ical().decode() == text

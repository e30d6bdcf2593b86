"""The importer against files that chance has damaged: it refuses or reads, and never breaks, hangs or goes backwards."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st
from tests.integrations.calendar_cases import AUTUMN, NEW_YORK, OURS, calendar, event
from tests.sampling import examples

from raincheck.domain.calendars.busy import CalendarReading
from raincheck.domain.calendars.faults import READING_FAULTS
from raincheck.domain.refusals import Refusal
from raincheck.integrations.ics.reading import read_busy

NAMES = ("everyday.ics", "repeating.ics", "zones.ics", "broken.ics")
FILES = [(OURS / name).read_bytes() for name in NAMES]
FIELD = [file.read_bytes() for file in sorted((OURS / "field").glob("*.ics"))]
LINES = sorted({line for file in FILES for line in file.split(b"\r\n") if line})
PIECES = [
    b"\r\n", b"\r\n ", b":", b";", b'"', b",", b"=", b"\\", b"\x00", b"\xff", b"T", b"Z", b"-", b"/", b"P", b"0", b"9999",
    b"BEGIN:VEVENT", b"END:VEVENT", b"END:VCALENDAR", b"BEGIN:VALARM", b"VALUE=DATE", b"VALUE=PERIOD", b"TZID=",
    b"RRULE:FREQ=YEARLY;BYDAY=53MO", b"RRULE:FREQ=HOURLY", b"COUNT=", b"UNTIL=", b"INTERVAL=", b"BYSETPOS=-1",
]  # fmt: skip
DATES = [
    "20260901T090000",
    "20260901T090000Z",
    "20260901",
    "20261101T013000",
    "00010101T000000",
    "99991231T235959Z",
    "soon",
    "",
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """One of our files with some stretches cut out, doubled, moved or overwritten."""
    data = draw(st.sampled_from(FILES + FIELD))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 60)))
        piece = draw(st.sampled_from(PIECES) | st.sampled_from(LINES) | st.binary(max_size=8))
        data = (
            data[:start]
            + draw(st.sampled_from([piece, b"", data[start:end] * 2, data[end : end + 40]]))
            + data[end:]
        )
    return data


@st.composite
def strange_events(draw: st.DrawFn) -> bytes:
    """Events whose every line is a line of some event, with values that fit or do not."""
    dates = st.sampled_from(DATES)
    zones = st.sampled_from(
        ["", ";TZID=Europe/Berlin", ";TZID=Harbor Time", ";TZID=", ";VALUE=DATE", ";RANGE=THISANDFUTURE"]
    )
    named = st.builds(
        "{}{}:{}".format,
        st.sampled_from(["DTSTART", "DTEND", "EXDATE", "RDATE", "RECURRENCE-ID"]),
        zones,
        dates,
    )
    lengths = st.sampled_from(
        [
            "DURATION:PT1H",
            "DURATION:-P1D",
            "DURATION:P99999W",
            "DURATION:P1DT1H",
            "RDATE;VALUE=PERIOD:20260901T090000/PT1H",
        ]
    )
    rules = st.builds(
        "RRULE:FREQ={};INTERVAL={};{}={}".format,
        st.sampled_from(["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "MINUTELY"]),
        st.integers(0, 40),
        st.sampled_from(
            ["COUNT", "BYMONTHDAY", "BYDAY", "BYSETPOS", "BYWEEKNO", "BYYEARDAY", "BYHOUR", "UNTIL"]
        ),
        st.integers(-60, 400).map(str) | st.sampled_from(["MO", "-1SU", "20260910", "20261001T000000Z"]),
    )
    others = st.sampled_from(["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "SEQUENCE:2", "SEQUENCE:x"])
    lines = st.lists(named | lengths | rules | others, max_size=7)
    uids = st.sampled_from(["UID:1", "UID:2", "X-NONE:"])
    zone = FILES[2][FILES[2].index(b"BEGIN:VTIMEZONE") : FILES[2].index(b"BEGIN:VEVENT")].decode().strip()
    return calendar(
        *zone.split("\r\n"), *(event(draw(uids), *draw(lines)) for _ in range(draw(st.integers(1, 3))))
    )


def ended(data: bytes) -> CalendarReading | type[Refusal]:
    try:
        return read_busy(data, window=AUTUMN, zone=NEW_YORK)
    except READING_FAULTS as refusal:
        return type(refusal)


def check(data: bytes) -> None:
    result = ended(data)
    if isinstance(result, CalendarReading):
        assert all(event.span.overlaps(AUTUMN) for event in result.events)
        assert all(problem.sentence.isprintable() for problem in result.problems)
        assert all((event.title or "x").isprintable() for event in result.events)


@pytest.mark.sampled
@settings(max_examples=examples(250, sampled=40), deadline=None)
@given(damaged())
def test_a_damaged_file_is_read_or_refused(data: bytes) -> None:
    check(data)


@pytest.mark.sampled
@settings(max_examples=examples(250, sampled=40), deadline=None)
@given(strange_events())
def test_strange_events_are_read_or_refused(data: bytes) -> None:
    check(data)


@pytest.mark.sampled
@settings(max_examples=examples(150, sampled=30), deadline=None)
@given(st.binary(max_size=400))
def test_noise_is_read_or_refused(data: bytes) -> None:
    check(data)
    check(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + data + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")

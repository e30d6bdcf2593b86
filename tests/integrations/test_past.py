"""Large files without their past: what can matter is read as it was, whatever it looks like."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings, strategies as st
from tests.integrations.calendar_cases import AUTUMN, NEW_YORK, OURS, calendar, event, times
from tests.sampling import examples

from raincheck.domain.calendars.faults import CalendarTooLarge
from raincheck.integrations.ics.past import LARGEST_FEED, Sieve, slimmed
from raincheck.integrations.ics.reading import read_busy
from raincheck.integrations.ics.text import LARGEST_FILE

OLD = "DTSTART:20200901T090000Z\nDTEND:20200901T100000Z"
FILES = [file for folder in (OURS, OURS / "field") for file in sorted(folder.glob("*.ics"))]


def left_of(data: bytes, *, piece: int = 1_000_000) -> bytes:
    sieve = Sieve(AUTUMN.start)
    for start in range(0, len(data), piece):
        sieve.take(data[start : start + piece])
    return sieve.left()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_is_left_is_as_busy_as_the_whole(file) -> None:  # type: ignore[no-untyped-def]
    data = file.read_bytes()
    assert read_busy(left_of(data), window=AUTUMN, zone=NEW_YORK).busy == (
        read_busy(data, window=AUTUMN, zone=NEW_YORK).busy
    )


@pytest.mark.parametrize(
    ("lines", "stays"),
    [
        ([OLD], False),
        (["DTSTART;VALUE=DATE:20200901"], False),
        ([OLD, "DESCRIPTION:RRULE"], False),
        (["DTSTART;TZID=Europe/Berlin:20200901T090000", "SUMMARY:Long\n  ago"], False),
        ([OLD, "RRULE:FREQ=DAILY"], True),
        ([OLD, "RDATE:20260901T090000Z"], True),
        ([OLD, "RECURRENCE-ID:20260901T090000Z"], True),
        (["DTSTART:20200901T090000Z", "DTEND:20260901T100000Z"], True),
        (["DTSTART:20200901T090000Z", "DURATION:P2500D"], True),
        (["DTSTART:20200901T090000Z", "DTEND:2026-09-01T10:00:00Z"], True),
        (["DTSTART:20200901T090000Z", "DTEND:later"], True),
        (["DTSTART:202\n 60901T090000Z"], True),
        (["DTSTART:20260830T090000Z"], True),
        (["DTSTART:soon"], True),
        (["SUMMARY:Nothing"], True),
    ],
)
def test_an_event_is_dropped_only_when_it_is_surely_over(lines: list[str], stays: bool) -> None:
    assert (b"BEGIN:VEVENT" in left_of(calendar(event("UID:1", *lines)))) == stays


def test_words_go_and_what_decides_stays() -> None:
    lines = [
        "UID:1",
        "DTSTART:20260901T090000Z",
        "RRULE:FREQ=DAILY",
        "EXDATE:20260902T090000Z",
        "STATUS:CONFIRMED",
    ]
    data = calendar(
        event(
            *lines,
            "DESCRIPTION:Many\n  words",
            "X-ALT-DESC:<p>",
            "BEGIN:VALARM",
            "TRIGGER:-PT5M",
            "END:VALARM",
        )
    )
    assert left_of(data).decode().split("\r\n")[1:-2] == ["BEGIN:VEVENT", *lines, "END:VEVENT"]


def test_a_line_among_lines_of_text_frees_no_time_in_a_large_file_either() -> None:
    data = calendar(
        event("DTSTART:20260901T090000Z", "DURATION:PT1H", "DESCRIPTION:Notes", "of all", "STATUS:CANCELLED")
    )
    assert times(read_busy(left_of(data), window=AUTUMN, zone=NEW_YORK)) == ["09-01 09:00 - 09-01 10:00"]


def test_what_is_small_enough_is_left_alone() -> None:
    data = calendar(event(OLD, "DESCRIPTION:Notes"))
    assert slimmed(data, before=AUTUMN.start) == data


@pytest.mark.parametrize(
    "data", [b"x" * (LARGEST_FILE + 1), b"BEGIN:VEVENT\n" * 500_000, b"\n" * (LARGEST_FEED + 1)]
)
def test_what_is_too_large_all_the_same_is_refused(data: bytes) -> None:
    with pytest.raises(CalendarTooLarge):
        slimmed(data, before=AUTUMN.start)


@pytest.mark.sampled
@settings(max_examples=examples(150, sampled=30), deadline=None)
@given(
    st.lists(
        st.builds(
            lambda day, length, more: event(
                f"DTSTART:{day:%Y%m%d}T090000Z", f"DTEND:{day:%Y%m%d}T{10 + length}0000Z", *more
            ),
            st.datetimes(datetime(2026, 8, 20), datetime(2026, 9, 10)),  # noqa: DTZ001
            st.integers(0, 9),
            st.lists(
                st.sampled_from(
                    [
                        "RRULE:FREQ=DAILY;COUNT=5",
                        "DESCRIPTION:a\n  b",
                        "STATUS:CANCELLED",
                        "UID:1",
                        "SEQUENCE:1",
                        "X-A:b",
                    ]
                ),
                max_size=3,
            ),
        ),
        max_size=12,
    ),
    st.integers(1, 400),
)
def test_nothing_ahead_is_ever_lost_however_it_arrives(events: list[str], piece: int) -> None:
    data = calendar(*events)
    whole, left = (read_busy(one, window=AUTUMN, zone=NEW_YORK) for one in (data, left_of(data, piece=piece)))
    assert set(times(whole)) <= set(times(left))

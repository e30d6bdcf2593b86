"""Calendar files made to break readers: each ends within bounds, in a refusal or in what can be believed of it."""

from __future__ import annotations

import json
import subprocess
import sys
from zoneinfo import ZoneInfo

import pytest
from tests.integrations.calendar_cases import AUTUMN, NEW_YORK, OURS, calendar, event, read, sentences, times

from raincheck.domain.calendars.busy import CalendarReading
from raincheck.domain.calendars.faults import (
    CalendarCutOff,
    CalendarTakesTooLong,
    CalendarTooLarge,
    CalendarUnreadable,
    NotACalendar,
)
from raincheck.domain.refusals import Refusal
from raincheck.integrations.ics import child_process as calendar_reader, reading as calendar_reading
from raincheck.integrations.ics.child_process import MEMORY, answer_to, question, reading_from
from raincheck.integrations.ics.files import READER, read_busy_safely
from raincheck.integrations.ics.reading import read_busy

HOSTILE = OURS / "hostile"
LIMITS = json.loads((HOSTILE / "expected.json").read_text(encoding="utf-8"))["limits"]
WHOLE_AUTUMN = ["09-01 14:00 - 12-01 00:00"]
ONE_HOUR = ["09-01 14:00 - 09-01 15:00"]

READ = {
    "s01-secondly-forever.ics": (
        WHOLE_AUTUMN,
        ["Event 1 repeats too often to follow (“FREQ=SECONDLY”); all the time it lasts counts as busy."],
    ),
    "s02-minutely-count-2e9.ics": (
        WHOLE_AUTUMN,
        [
            "Event 1 repeats too often to follow (“FREQ=MINUTELY;COUNT=2000000000”); all the time it lasts counts as busy."
        ],
    ),
    "s03-folded-12000-lines.ics": (ONE_HOUR, []),
    "s04-invalid-utf8.ics": (ONE_HOUR, []),
    "s05-vtimezone-secondly.ics": (
        ["09-01 13:00 - 09-01 14:00"],
        ["The time zone “Evil” is not known; its times were read as America/New_York and may be wrong."],
    ),
    "s06-rdate-40000.ics": (
        WHOLE_AUTUMN,
        [
            "Event 1 repeats too often to follow (“20260901T000000Z,20260902T000000Z,20260903T000000Z,20260904T”); "
            "all the time it lasts counts as busy."
        ],
    ),
    "s09-control-and-nul.ics": (ONE_HOUR, []),
    "s10-end-before-start.ics": (
        [*ONE_HOUR, *ONE_HOUR, "09-01 15:00 - 09-01 16:00"],
        [
            "Event 1 ends before it starts; one hour counts as busy, or the day if it is all day.",
            "Event 2 ends before it starts; one hour counts as busy, or the day if it is all day.",
        ],
    ),
    "s11-never-matches.ics": (
        ONE_HOUR,
        [
            "Event 1 repeats on a day that does not exist (“FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30”); "
            "only the times it names count as busy."
        ],
    ),
    "s14-html-and-formula.ics": (ONE_HOUR, []),
    "s16-empty-calendar.ics": ([], []),
}
REFUSED = {
    "s07-nested-3000.ics": CalendarUnreadable,
    "s08-year-9999.ics": CalendarUnreadable,
    "s12-truncated.ics": CalendarCutOff,
    "s15-html-login-page.ics": NotACalendar,
}


def safely(data: bytes) -> CalendarReading:
    return read_busy_safely(data, window=AUTUMN, zone=NEW_YORK)


def in_full_within(seconds: int, data: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run the reader with so much processor time and no patience beyond the limits' own."""
    return subprocess.run(
        [sys.executable, "-m", READER],
        input=question(data, window=AUTUMN, zone=NEW_YORK, seconds=seconds),
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", READ)
def test_a_hostile_file_is_read_as_far_as_it_can_be_believed(name: str) -> None:
    reading = safely((HOSTILE / name).read_bytes())
    assert (times(reading), sentences(reading)) == READ[name]


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_that_says_nothing_is_refused(name: str) -> None:
    with pytest.raises(REFUSED[name]):
        safely((HOSTILE / name).read_bytes())


def test_a_large_honest_calendar_is_read_in_full() -> None:
    reading = safely((HOSTILE / "s13-3000-events.ics").read_bytes())
    assert (reading.entries_read, len(reading.events), reading.problems) == (3000, 750, ())


def test_every_hostile_file_is_tried() -> None:
    tried = {*READ, *REFUSED, "s13-3000-events.ics"}
    assert {file.name for file in HOSTILE.glob("*.ics")} == tried


@pytest.mark.parametrize("name", sorted({*READ, *REFUSED, "s13-3000-events.ics"}))
def test_a_hostile_file_stays_within_the_time_and_memory_it_may_take(name: str) -> None:
    """The kernel holds the limits: the reader would be dead if it had needed more processor time or memory."""
    ended = in_full_within(LIMITS["seconds"], (HOSTILE / name).read_bytes())
    assert (ended.returncode, ended.stderr, MEMORY) == (0, b"", LIMITS["peak_mb"] * 1024 * 1024)


def test_titles_from_outside_are_stored_without_control_signs() -> None:
    titles = [
        safely((HOSTILE / name).read_bytes()).events[0].title
        for name in ("s09-control-and-nul.ics", "s14-html-and-formula.ics")
    ]
    assert titles == ["a b [31mred", '=HYPERLINK("http://evil.test","x")']


def test_a_file_that_keeps_the_reader_busy_is_stopped_by_its_processor_time() -> None:
    endless = "RRULE:FREQ=HOURLY;BYMONTH=2;BYYEARDAY=200"
    events = [event(f"UID:{number}", "DTSTART:20260901T140000Z", endless) for number in range(50)]
    with pytest.raises(CalendarTakesTooLong):
        safely(calendar(*events))


def test_a_reader_that_gets_no_answer_in_time_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("raincheck.integrations.limited_process.PATIENCE", 0.001)
    with pytest.raises(CalendarTakesTooLong):
        safely((HOSTILE / "s16-empty-calendar.ics").read_bytes())


def test_a_file_of_more_than_five_mebibytes_is_refused_unread() -> None:
    with pytest.raises(CalendarTooLarge):
        safely(b" " * (5 * 1024 * 1024 + 1))


@pytest.mark.parametrize(
    "data",
    [
        b"BEGIN:VCALENDAR\r\n" + b"\r\n" * 2_000_000 + b"END:VCALENDAR",
        b"BEGIN:VCALENDAR\r\nX:" + b"\r\n " * 1_500_000 + b"\r\nEND:VCALENDAR",
        b"BEGIN:VCALENDAR\r\nX" + b';A="' * 1_000_000 + b"\r\nEND:VCALENDAR",
        b"BEGIN:VCALENDAR\r\nX" + b";A" * 2_000_000 + b"\r\nEND:VCALENDAR",
        b"BEGIN:VCALENDAR\r\n" + b"END:VEVENT\r\n" * 400_000 + b"END:VCALENDAR",
    ],
    ids=["blank lines", "folds", "quotes", "parameters", "ends"],
)
def test_five_mebibytes_of_nothing_are_an_empty_calendar(data: bytes) -> None:
    assert safely(data) == CalendarReading()


def test_components_within_components_without_end_are_refused_at_once() -> None:
    depth = 50_000
    with pytest.raises(CalendarUnreadable):
        safely(b"BEGIN:X-OURS\r\n" * depth + b"END:X-OURS\r\n" * depth)


@pytest.mark.parametrize(
    "data",
    [
        b"BEGIN:VCALENDAR\r\n" + b"BEGIN:X-OURS\r\nEND:X-OURS\r\n" * 100_000 + b"END:VCALENDAR",
        b"BEGIN:VCALENDAR\r\n" + b"UID:1\r\n" * 700_000 + b"END:VCALENDAR",
    ],
    ids=["components", "lines"],
)
def test_more_than_can_be_held_is_refused_whole(data: bytes) -> None:
    with pytest.raises(CalendarTooLarge):
        safely(data)


def test_more_busy_times_than_can_be_held_are_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_reading, "MOST_EVENTS", 90)
    with pytest.raises(CalendarTooLarge):
        read(event("DTSTART:20260901T140000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"))


def test_a_reader_without_enough_memory_says_that_the_file_is_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_memory(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(calendar_reader, "read_busy", no_memory)
    with pytest.raises(CalendarTooLarge):
        reading_from(answer_to(b"", window=AUTUMN, zone=NEW_YORK))


@pytest.mark.parametrize("name", ["everyday.ics", "repeating.ics", "zones.ics", "broken.ics"])
def test_what_the_process_says_is_what_was_read(name: str) -> None:
    data = (OURS / name).read_bytes()
    assert safely(data) == read_busy(data, window=AUTUMN, zone=NEW_YORK)


def test_what_was_wrong_with_each_event_comes_back_with_the_refusal() -> None:
    with pytest.raises(CalendarUnreadable) as refused:
        safely(calendar(event("DTSTART:soon"), event()))
    assert [problem.sentence for problem in refused.value.problems] == [
        "Event 1 is left out: its start “soon” is not a time.",
        "Event 2 has no start, so it is left out.",
    ]


def test_many_problems_are_counted_after_the_first_fifty() -> None:
    reading = read(event("DTSTART:20260901T140000Z"), *[event("DTSTART:soon") for _ in range(70)])
    assert (len(reading.problems), sentences(reading)[-1]) == (
        51,
        "20 more things in this file could not be read.",
    )


def test_the_process_starts_without_django_and_knows_no_settings() -> None:
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import {READER}, sys; print(sorted({{'django', 'psycopg', 'socket'}} & set(sys.modules)))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout == "[]\n"


def test_every_refusal_of_a_file_is_one_whole_sentence() -> None:
    refusals: list[type[Refusal]] = [
        NotACalendar,
        CalendarCutOff,
        CalendarTooLarge,
        CalendarTakesTooLong,
        CalendarUnreadable,
    ]
    assert [refusal.sentence[-1] for refusal in refusals] == ["."] * 5


def test_a_zone_of_the_provider_is_any_of_the_tz_database() -> None:
    reading = read_busy_safely(
        calendar(event("DTSTART:20260901T090000", "DURATION:PT1H")),
        window=AUTUMN,
        zone=ZoneInfo("Asia/Kathmandu"),
    )
    assert times(reading) == ["09-01 03:15 - 09-01 04:15"]

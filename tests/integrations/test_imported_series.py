"""Events of a calendar that repeat as a series here can, and those that can't: each with every time it has ahead."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st
from tests.integrations.calendar_cases import NEW_YORK, calendar, event
from tests.integrations.test_imported_calendars import SESSION, Series, series
from tests.sampling import examples

from raincheck.domain.appointments.series import MOST
from raincheck.domain.imports.calendar_files import CalendarFile, rows_of
from raincheck.domain.imports.repeating import Repeats, Singly, as_kept, repeats_from
from raincheck.integrations.ics.occurrences import read_occurrences

NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)
AT = ";TZID=America/New_York:"
LOOKED_AT = timedelta(days=1100)
"""As far as the model counts the days of a series."""


def read(*components: str) -> CalendarFile:
    return read_occurrences(calendar(*components), now=NOW, zone=NEW_YORK)


def session(
    rule: str,
    *more: str,
    start: str = "20261117T110000",
    zone: str = "America/New_York",
    title: str = "Riley",
) -> str:
    at = f"{start[:9]}{int(start[9:11]):02d}5000"
    return event(
        "UID:a", f"DTSTART;TZID={zone}:{start}", f"DTEND;TZID={zone}:{at}", rule, f"SUMMARY:{title}", *more
    )


def moved(was: str, start: str, *more: str, title: str = "Riley") -> str:
    end = f"{start[:11]}5000"
    return event(
        "UID:a",
        f"RECURRENCE-ID{AT}{was}",
        f"DTSTART{AT}{start}",
        f"DTEND{AT}{end}",
        f"SUMMARY:{title}",
        *more,
    )


def the_series(file: CalendarFile) -> Repeats:
    assert file.singly == {}
    ((_number, one),) = file.series.items()
    return one.repeats


@pytest.mark.sampled
@settings(max_examples=examples(300, sampled=40), deadline=None)
@given(
    one=series(),
    now=st.integers(0, 24 * 500).map(lambda hours: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hours)),
)
def test_a_series_has_every_time_its_event_has_ahead_and_no_other(one: Series, now: datetime) -> None:
    file = read_occurrences(one.file(), now=now, zone=NEW_YORK)
    for whole in file.series.values():
        repeats = whole.repeats
        zone = repeats.pattern.zone
        there = {
            was: start
            for was, start in one.expected().items()
            if start > now and was.astimezone(zone).date() <= repeats.made_until
        }
        assert {
            known.recurrence_id.replace(tzinfo=zone).astimezone(UTC): known.start
            for known in repeats.times
            if known.recurrence_id < one.times[0] + LOOKED_AT
        } == there
        assert {known.span.length for known in repeats.times} == {SESSION}
        assert 2 <= len(repeats.times) <= MOST
        assert repeats_from(as_kept(repeats)) == repeats
        (row,) = rows_of(file, zone=NEW_YORK)
        assert row.repeats == repeats


def test_until_on_the_last_day_but_before_its_hour_leaves_that_day_out() -> None:
    until = the_series(read(session("RRULE:FREQ=WEEKLY;UNTIL=20261201T155900Z")))
    assert [one.recurrence_id.day for one in until.times] == [17, 24]
    assert the_series(read(session("RRULE:FREQ=WEEKLY;UNTIL=20261201T160000Z"))).last_day == date(2026, 12, 1)


def test_every_fourteen_days_is_every_two_weeks() -> None:
    daily = the_series(read(session("RRULE:FREQ=DAILY;INTERVAL=14;COUNT=3")))
    assert (daily.pattern.every_weeks, daily.last_day) == (2, date(2026, 12, 15))


@pytest.mark.parametrize(
    ("why", "rule", "more"),
    [
        (Singly.RULE, "RRULE:FREQ=MONTHLY;BYDAY=TU;BYSETPOS=3", ()),
        (Singly.RULE, "RRULE:FREQ=WEEKLY;BYDAY=TU,TH", ()),
        (Singly.RULE, "RRULE:FREQ=WEEKLY;BYDAY=TH", ()),
        (Singly.RULE, "RRULE:FREQ=DAILY;COUNT=5000", ()),
        (Singly.RULE, "RRULE:FREQ=WEEKLY;INTERVAL=53", ()),
        (Singly.RULE, "RRULE:FREQ=WEEKLY;COUNT=4", (f"RDATE{AT}20261118T110000",)),
        (Singly.RULE, "RRULE:FREQ=WEEKLY", ("EXRULE:FREQ=WEEKLY;INTERVAL=3",)),
        (Singly.LONG, "RRULE:FREQ=WEEKLY;COUNT=5000", ()),
        (Singly.LONG, "RRULE:FREQ=WEEKLY;UNTIL=20991231T000000Z", ()),
        (Singly.LATER, "RRULE:FREQ=WEEKLY", (f"EXDATE{AT}20280104T110000",)),
    ],
)
def test_what_a_series_cannot_say_comes_in_time_by_time_and_says_why(
    why: Singly, rule: str, more: tuple[str, ...]
) -> None:
    file = read(session(rule, *more))
    assert (file.series, file.singly) == ({}, {1: why})
    assert len(rows_of(file, zone=NEW_YORK)) == len(file.times) > 0


def test_a_session_of_nine_hours_is_no_series() -> None:
    file = read(
        event(
            "UID:a",
            f"DTSTART{AT}20261117T080000",
            f"DTEND{AT}20261117T170000",
            "RRULE:FREQ=WEEKLY;COUNT=3",
            "SUMMARY:x",
        )
    )
    assert file.singly == {1: Singly.RULE}


def test_a_long_past_counts_for_nothing_and_one_last_time_is_no_series() -> None:
    old = the_series(read(session("RRULE:FREQ=WEEKLY;COUNT=1300", start="20020101T110000")))
    assert [one.recurrence_id.date() for one in old.times] == [date(2026, 11, 17), date(2026, 11, 24)]
    last = read(session("RRULE:FREQ=WEEKLY;COUNT=3", start="20261103T110000"))
    assert (last.series, last.singly, len(last.times)) == ({}, {}, 1)


def test_a_time_moved_beyond_the_weeks_of_single_times_stays_in_its_series() -> None:
    far = the_series(
        read(
            session("RRULE:FREQ=WEEKLY"),
            moved("20261201T110000", "20280301T150000"),
            moved("20270803T110000", "20261202T090000"),
        )
    )
    assert far.moved == 2
    assert {one.recurrence_id.date(): one.start for one in far.times if one.start.hour not in (15, 16)} == {
        date(2026, 12, 1): datetime(2028, 3, 1, 20, tzinfo=UTC),
        date(2027, 8, 3): datetime(2026, 12, 2, 14, tzinfo=UTC),
    }


def test_a_change_further_ahead_than_a_series_is_made_is_no_series() -> None:
    file = read(session("RRULE:FREQ=WEEKLY"), moved("20280104T110000", "20261202T090000"))
    assert file.singly == {1: Singly.LATER}


def test_a_canceled_time_is_left_out_and_one_of_somebody_else_stands_by_itself() -> None:
    file = read(
        session("RRULE:FREQ=WEEKLY;COUNT=4"),
        moved("20261124T110000", "20261124T110000", "STATUS:CANCELLED"),
        moved("20261201T110000", "20261201T120000", title="Maya"),
    )
    known = the_series(file)
    assert ([one.recurrence_id.day for one in known.times], known.moved, known.left_out) == ([17, 8], 0, 2)
    assert [(row.cells["SUMMARY"], row.recurrence_id) for row in rows_of(file, zone=NEW_YORK)] == [
        ("Riley", "20261117T160000Z"),
        ("Maya", "20261201T160000Z"),
    ]


def test_a_person_whom_only_one_time_names_is_somebody_else() -> None:
    file = read(
        session("RRULE:FREQ=WEEKLY;COUNT=3", "ATTENDEE:mailto:riley@clients.example"),
        moved("20261124T110000", "20261124T120000", "ATTENDEE:mailto:maya@clients.example"),
    )
    assert (len(the_series(file).times), len(rows_of(file, zone=NEW_YORK))) == (2, 2)


def test_this_and_all_later_ones_moved_is_no_series() -> None:
    onwards = event(
        "UID:a", f"RECURRENCE-ID;RANGE=THISANDFUTURE{AT}20261201T110000", f"DTSTART{AT}20261201T130000", f"DTEND{AT}20261201T135000", "SUMMARY:Riley",
    )  # fmt: skip
    assert read(session("RRULE:FREQ=WEEKLY;COUNT=6"), onwards).singly == {1: Singly.RULE}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Phoenix", "Australia/Sydney", "America/New_York"])
def test_a_series_keeps_its_wall_time_in_its_own_zone(zone: str) -> None:
    known = the_series(read(session("RRULE:FREQ=WEEKLY", zone=zone)))
    own = ZoneInfo(zone)
    assert known.pattern.zone == own
    assert {f"{one.start.astimezone(own):%a %H:%M}" for one in known.times} == {"Tue 11:00"}


def test_a_series_in_utc_stays_in_utc_whatever_other_clocks_do() -> None:
    known = the_series(
        read(
            event(
                "UID:a",
                "DTSTART:20261117T160000Z",
                "DTEND:20261117T165000Z",
                "RRULE:FREQ=WEEKLY",
                "SUMMARY:x",
            )
        )
    )
    assert (known.pattern.zone.key, {one.start.hour for one in known.times}) == ("UTC", {16})


def test_an_hour_that_programs_read_in_two_ways_is_no_series() -> None:
    skipped = session("RRULE:FREQ=WEEKLY;COUNT=20", start="20261122T023000")
    assert read(skipped).singly == {1: Singly.RULE}


def test_a_zone_that_a_file_defines_in_its_own_way_is_no_known_place() -> None:
    odd = "\n".join(
        ["BEGIN:VTIMEZONE", "TZID:Eastern Standard Time", "BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:-0430", "TZOFFSETTO:-0430", "END:STANDARD", "END:VTIMEZONE"]
    )  # fmt: skip
    assert read(odd, session("RRULE:FREQ=WEEKLY;COUNT=5", zone="Eastern Standard Time")).singly == {
        1: Singly.RULE
    }

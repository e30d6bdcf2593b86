"""Zones and wall times: names that are safe to open, and every clock change of 2026 to 2028."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from raincheck.domain.refusals import Kind
from raincheck.domain.spans import Span
from raincheck.domain.zones import (
    DAY,
    LOOK,
    LocalTime,
    Run,
    UnknownZone,
    clock_runs,
    end_at,
    instant_of,
    is_skipped,
    local_time,
    seconds_after,
    seconds_before,
    start_at,
    wall,
    whole_days,
    zone_named,
    zone_names,
)

CHANGES = json.loads((Path(__file__).parent / "data" / "clock_changes.json").read_text())
SKIPPED = [case for case in CHANGES["cases"] if case["kind"] == "gap"]
REPEATED = [case for case in CHANGES["cases"] if case["kind"] == "fold"]
NEW_YORK = zone_named("America/New_York")
AZORES = zone_named("Atlantic/Azores")
HOUR = timedelta(hours=1)


def on_the_wall(shown: str) -> datetime:
    return datetime.fromisoformat(shown)


def named(case: dict[str, str]) -> str:
    return f"{case['zone']} {case['local']}"


@pytest.mark.parametrize("case", SKIPPED, ids=named)
def test_an_edge_inside_a_skipped_stretch_is_the_instant_after_it(case):
    zone, shown = zone_named(case["zone"]), on_the_wall(case["local"])
    after = datetime.fromisoformat(case["utc_first_valid_instant"])

    assert is_skipped(shown, zone=zone)
    assert (start_at(shown, zone=zone), end_at(shown, zone=zone)) == (after, after)


@pytest.mark.parametrize("case", REPEATED, ids=named)
def test_a_repeated_time_starts_with_the_first_and_ends_with_the_last(case):
    zone, shown = zone_named(case["zone"]), on_the_wall(case["local"])
    first, last = datetime.fromisoformat(case["utc_first"]), datetime.fromisoformat(case["utc_second"])

    assert not is_skipped(shown, zone=zone)
    assert (start_at(shown, zone=zone), end_at(shown, zone=zone)) == (first, last)


@pytest.mark.parametrize("case", CHANGES["cases"], ids=named)
def test_the_clock_runs_up_to_a_change_and_after_it_once(case):
    zone, change = zone_named(case["zone"]), datetime.fromisoformat(case["transition_utc"])
    second, two_hours = seconds_before(change), 2 * 60 * 60
    again = 60 * case.get("fold_minutes", 0)

    before, after = clock_runs(second - two_hours, second + two_hours, zone=zone)

    assert (before.start, before.end) == (second - two_hours, second)
    assert (after.start, after.end) == (second + again, second + two_hours)
    assert after.offset - before.offset == 60 * case.get("gap_minutes", 0) - again


@pytest.mark.parametrize(("name", "offset"), CHANGES["no_transitions"].items())
def test_a_zone_without_changes_keeps_its_offset(name, offset):
    hours, minutes = offset[1:].split(":")
    ahead = (1 if offset[0] == "+" else -1) * (int(hours) * 3600 + int(minutes) * 60)
    first = seconds_before(datetime(2026, 1, 1, tzinfo=UTC))
    last = seconds_before(datetime(2029, 1, 1, tzinfo=UTC))

    assert clock_runs(first, last, zone=zone_named(name)) == [Run(first, last, ahead)]


def test_a_stretch_inside_a_second_pass_has_no_run():
    second_pass = seconds_before(datetime(2026, 11, 1, 6, 10, tzinfo=UTC))

    assert clock_runs(second_pass, second_pass + 600, zone=NEW_YORK) == []


def test_two_changes_within_a_week_are_both_seen():
    # The closest pair of the database: Gaza takes up summer time again after Ramadan and leaves it a week later.
    first, last = (seconds_before(datetime(2040, 10, day, tzinfo=UTC)) for day in (19, 28))
    change, back = datetime(2040, 10, 20, 0, tzinfo=UTC), datetime(2040, 10, 26, 23, tzinfo=UTC)

    assert clock_runs(first, last, zone=zone_named("Asia/Gaza")) == [
        Run(first, seconds_before(change), 2 * 3600),
        Run(seconds_before(change), seconds_before(back), 3 * 3600),
        Run(seconds_before(back) + 3600, last, 2 * 3600),
    ]


def test_no_zone_changes_twice_between_two_looks():
    days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(3 * 365)]
    too_close = set()
    for name in zone_names():
        offsets = [day.astimezone(zone_named(name)).utcoffset() for day in days]
        changes = [number for number in range(1, len(days)) if offsets[number] != offsets[number - 1]]
        if any(later - sooner <= LOOK // DAY + 1 for sooner, later in pairwise(changes)):
            too_close.add(name)

    assert too_close == set()


@given(
    name=st.sampled_from(sorted(zone_names())),
    instant=st.datetimes(on_the_wall("1975-01-01"), on_the_wall("2099-01-01"), timezones=st.just(UTC)),
)
def test_what_the_clock_shows_leads_back_to_the_instant(name, instant):
    zone = zone_named(name)
    shown = wall(instant, zone=zone)

    back = end_at if shown.fold else start_at
    assert back(shown.replace(tzinfo=None, fold=0), zone=zone) == instant


@pytest.mark.parametrize(
    "name",
    [
        "../etc/passwd",
        "/etc/passwd",
        "/usr/share/zoneinfo/UTC",
        "America/../UTC",
        "..",
        ".",
        "",
        " UTC",
        "UTC ",
        "UTC\n",
        "UTC\0",
        "America",
        "America/",
        "america/new_york",
        "America/New_York/",
        "America/Springfield",
        "posix/UTC",
        "localtime",
        "Factory",
        "zone.tab",
        "tzdata.zi",
        "__init__.py",
        "\ud800",
        "a" * 5000,
        None,
        5,
        b"UTC",
        ["UTC"],
    ],
)
def test_only_names_of_the_database_are_zones(name):
    with pytest.raises(UnknownZone) as refused:
        zone_named(name)

    assert (refused.value.kind, refused.value.field) == (Kind.BAD_INPUT, "zone")
    assert refused.value.values == {"name": str(name)[:60]}


@pytest.mark.parametrize("name", ["UTC", "America/New_York", "Asia/Kathmandu", "Etc/GMT+5", "EST5EDT"])
def test_a_name_of_the_database_is_its_zone(name):
    assert zone_named(name) == ZoneInfo(name)


def test_zones_come_from_the_package_not_from_the_operating_system():
    # Vancouver stays on summer time from 2026 on; older copies of the database do not know it yet.
    november = start_at(on_the_wall("2026-12-01T12:00"), zone=zone_named("America/Vancouver"))

    assert november == datetime(2026, 12, 1, 19, tzinfo=UTC)


def test_an_appointment_keeps_instant_wall_time_offset_and_zone():
    second_half_past_one = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)

    assert local_time(second_half_past_one, zone=NEW_YORK) == LocalTime(
        instant=second_half_past_one,
        wall=on_the_wall("2026-11-01T01:30"),
        offset=-5 * HOUR,
        zone="America/New_York",
    )


def test_an_appointment_keeps_its_instant_in_utc_whatever_zone_it_came_in():
    kept = local_time(datetime(2026, 7, 7, 11, tzinfo=NEW_YORK), zone=zone_named("America/Los_Angeles"))

    assert (kept.instant, kept.instant.tzinfo) == (datetime(2026, 7, 7, 15, tzinfo=UTC), UTC)
    assert (kept.wall, kept.offset) == (on_the_wall("2026-07-07T08:00"), -7 * HOUR)


def test_whole_days_last_from_midnight_to_midnight_on_the_wall():
    changing = whole_days(date(2026, 3, 8), date(2026, 3, 8), zone=NEW_YORK)
    three_days = whole_days(date(2026, 11, 1), date(2026, 11, 3), zone=NEW_YORK)

    assert changing == Span(datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 3, 9, 4, tzinfo=UTC))
    assert three_days.length == timedelta(days=3) + HOUR


def test_a_day_ends_before_its_midnight_is_repeated():
    # The Azores turn 1:00 back to 0:00: the hour after midnight belongs to the new day, both times.
    day = whole_days(date(2026, 10, 24), date(2026, 10, 24), zone=AZORES)

    assert day == Span(datetime(2026, 10, 24, 0, tzinfo=UTC), datetime(2026, 10, 25, 0, tzinfo=UTC))


def test_a_last_day_before_the_first_is_an_error():
    with pytest.raises(ValueError, match="ends after it starts"):
        whole_days(date(2026, 3, 8), date(2026, 3, 6), zone=NEW_YORK)


@pytest.mark.parametrize(("micro", "before", "after"), [(0, 10, 10), (1, 10, 11), (999_999, 10, 11)])
def test_instants_are_counted_in_whole_seconds_on_either_side(micro, before, after):
    instant = instant_of(10) + timedelta(microseconds=micro)

    assert (seconds_before(instant), seconds_after(instant)) == (before, after)

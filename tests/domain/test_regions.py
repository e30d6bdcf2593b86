"""Regions by ISO 3166: which there are, which clocks they have, and when somebody is asked where they will be."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest

from raincheck.domain.regions import (
    PROVINCES,
    STATES,
    UnknownRegion,
    asks_where,
    covers,
    has_clock,
    may_be_there,
    region_from,
    regions,
)


def test_every_state_and_province_is_there_once_and_every_other_country() -> None:
    found = regions()
    assert (len(STATES), len(PROVINCES)) == (51, 13)
    assert list(found)[:2] == ["US-AL", "US-AK"]
    assert (found["US-NY"], found["CA-ON"], found["DE"], found["GE"]) == (
        "New York",
        "Ontario",
        "Germany",
        "Georgia",
    )
    assert not {"US", "CA"} & set(found)
    assert len(set(found.values())) == len(found)


def test_every_clock_of_a_state_is_one_that_the_tz_database_knows() -> None:
    zones = available_timezones()
    shown = {
        f"America/{zone}" if not zone.startswith("Pacific/") else zone
        for _name, written in (STATES | PROVINCES).values()
        for zone in written.split()
    }
    assert shown <= zones


@pytest.mark.parametrize(
    ("written", "code"),
    [(" new  york ", "US-NY"), ("us-nj", "US-NJ"), ("Germany", "DE"), ("Georgia (US)", "US-GA")],
)
def test_a_region_is_read_by_its_name_or_its_code(written: str, code: str) -> None:
    assert region_from(written) == code


@pytest.mark.parametrize(
    ("written", "country", "code"),
    [
        ("DE", "US", "US-DE"),
        ("DE", "FR", "DE"),
        ("DE", None, "DE"),
        ("on", "CA", "CA-ON"),
        ("Quebec", "US", "CA-QC"),
    ],
)
def test_the_letters_of_a_state_are_its_own_in_its_country(
    written: str, country: str | None, code: str
) -> None:
    assert region_from(written, country=country) == code


@pytest.mark.parametrize("written", ["Atlantis", "", "US", "N.Y."])
def test_what_is_no_region_is_refused_with_what_was_written(written: str) -> None:
    with pytest.raises(UnknownRegion) as refused:
        region_from(written)
    assert refused.value.values == {"value": written}


@pytest.mark.parametrize(
    ("region", "zone", "has"),
    [
        ("US-NY", "America/New_York", True),
        ("US-NY", "America/Los_Angeles", False),
        ("US-HI", "Pacific/Honolulu", True),
        ("CA-ON", "America/Toronto", True),
        ("DE", "Europe/Berlin", True),
        ("DE", "Europe/Paris", False),
    ],
)
def test_a_region_has_its_own_clocks(region: str, zone: str, has: bool) -> None:
    assert has_clock(region, zone) is has


def test_with_an_empty_list_nothing_is_known_asked_or_kept_from_anybody() -> None:
    assert covers([], "FR")
    assert may_be_there([], "FR")
    assert not asks_where([], usual="", zone="Europe/Paris")


@pytest.mark.parametrize(
    ("usual", "zone", "asked"),
    [
        ("US-NY", "America/New_York", False),
        ("US-NY", "America/Chicago", True),
        ("", "America/New_York", True),
        ("US-NJ", "America/New_York", False),
    ],
)
def test_who_is_away_from_their_usual_place_or_has_none_is_asked(usual: str, zone: str, asked: bool) -> None:
    assert asks_where(["US-NY"], usual=usual, zone=zone) is asked


def test_video_is_offered_where_the_list_covers_the_client_or_nobody_knows() -> None:
    assert [may_be_there(["US-NY"], usual) for usual in ("US-NY", "US-NJ", "")] == [True, False, True]

"""Urgent help by country: which zones call 988, for every name of the database."""

from __future__ import annotations

import pytest

from raincheck.domain.urgent_help import calls_988, country_of
from raincheck.domain.zones import zone_names


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("America/New_York", "US"),
        ("America/Indianapolis", "US"),
        ("US/Pacific", "US"),
        ("Pacific/Honolulu", "US"),
        ("America/Puerto_Rico", "PR"),
        # One clock, two countries: the name says which.
        ("America/Anguilla", "AI"),
        ("America/Toronto", "CA"),
        ("America/Montreal", "CA"),
        ("Europe/London", "GB"),
        ("GB", "GB"),
        ("Europe/Busingen", "DE"),
        ("UTC", None),
        ("Etc/GMT+5", None),
    ],
)
def test_a_zone_tells_the_country(zone: str, country: str | None) -> None:
    assert country_of(zone) == country


def test_988_is_said_where_it_answers_in_a_zones_country_else_the_practices() -> None:
    assert calls_988("America/Chicago", otherwise="Europe/London")
    assert not calls_988("Europe/London", otherwise="America/Chicago")
    assert calls_988("UTC", otherwise="America/Chicago")
    assert not calls_988("UTC", otherwise="Europe/London")


def test_every_place_has_its_country() -> None:
    """Only what is no place has none: Etc, the posix names, and the like."""
    without = {name for name in zone_names() if country_of(name) is None}
    assert {name.partition("/")[0] for name in without if "/" in name} <= {"Etc"}

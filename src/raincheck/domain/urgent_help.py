"""Urgent help: by which country's numbers somebody calls, known from the clock they live by."""

from functools import cache
from importlib.resources import files

# Where 988 and 911 answer: the states and the territories, as ISO 3166 has them.
ANSWERED_BY_988 = frozenset({"US", "PR", "GU", "AS", "MP", "VI", "UM"})


def calls_988(zone: str, *, otherwise: str) -> bool:
    """Return whether 988 and 911 answer where people live by a zone; by that of `otherwise` where it is of no country."""
    country = country_of(zone) or country_of(otherwise)
    return country in ANSWERED_BY_988


def country_of(zone: str) -> str | None:
    """Return the country of an IANA zone (ISO 3166), None for one of no country, such as UTC.

    The database names each zone's country; a name of former times has that of the zone which it stands for now.
    """
    return _countries().get(zone)


@cache
def _countries() -> dict[str, str]:
    rows = (line.split("\t") for line in _lines("zone.tab") if not line.startswith("#"))
    countries = {name: country for country, _where, name, *_comment in rows}
    links = (line.split() for line in _lines("tzdata.zi") if line.startswith("L "))
    former = {alias: countries[target] for _mark, target, alias in links if target in countries}
    return former | countries


def _lines(name: str) -> list[str]:
    return files("tzdata").joinpath("zoneinfo", name).read_text("utf-8").splitlines()

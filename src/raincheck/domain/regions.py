"""The place where a client is while they meet by video, by ISO 3166: the states and countries in which providers may practise.

Names of countries and the clocks of each come with the tzdata package (`iso3166.tab`, `zone.tab`). Where a license is one
of a state or province (United States, Canada) those stand for the country: ISO 3166-2, with the zones of the tz database
that are in use there (for the United States 49 CFR 71).
"""

from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.domain.urgent_help import country_of

STATES = {
    "US-AL": ("Alabama", "Chicago"),
    "US-AK": ("Alaska", "Anchorage Juneau Sitka Metlakatla Yakutat Nome Adak"),
    "US-AZ": ("Arizona", "Phoenix Denver"),
    "US-AR": ("Arkansas", "Chicago"),
    "US-CA": ("California", "Los_Angeles"),
    "US-CO": ("Colorado", "Denver"),
    "US-CT": ("Connecticut", "New_York"),
    "US-DE": ("Delaware", "New_York"),
    "US-DC": ("District of Columbia", "New_York"),
    "US-FL": ("Florida", "New_York Chicago"),
    "US-GA": ("Georgia (US)", "New_York"),
    "US-HI": ("Hawaii", "Pacific/Honolulu"),
    "US-ID": ("Idaho", "Boise Denver Los_Angeles"),
    "US-IL": ("Illinois", "Chicago"),
    "US-IN": (
        "Indiana",
        "New_York Chicago Indiana/Indianapolis Indiana/Vincennes Indiana/Winamac Indiana/Marengo Indiana/Petersburg"
        " Indiana/Vevay Indiana/Tell_City Indiana/Knox",
    ),
    "US-IA": ("Iowa", "Chicago"),
    "US-KS": ("Kansas", "Chicago Denver"),
    "US-KY": ("Kentucky", "New_York Chicago Kentucky/Louisville Kentucky/Monticello"),
    "US-LA": ("Louisiana", "Chicago"),
    "US-ME": ("Maine", "New_York"),
    "US-MD": ("Maryland", "New_York"),
    "US-MA": ("Massachusetts", "New_York"),
    "US-MI": ("Michigan", "Detroit Menominee"),
    "US-MN": ("Minnesota", "Chicago"),
    "US-MS": ("Mississippi", "Chicago"),
    "US-MO": ("Missouri", "Chicago"),
    "US-MT": ("Montana", "Denver"),
    "US-NE": ("Nebraska", "Chicago Denver"),
    "US-NV": ("Nevada", "Los_Angeles Denver"),
    "US-NH": ("New Hampshire", "New_York"),
    "US-NJ": ("New Jersey", "New_York"),
    "US-NM": ("New Mexico", "Denver"),
    "US-NY": ("New York", "New_York"),
    "US-NC": ("North Carolina", "New_York"),
    "US-ND": (
        "North Dakota",
        "Chicago Denver North_Dakota/Center North_Dakota/New_Salem North_Dakota/Beulah",
    ),
    "US-OH": ("Ohio", "New_York"),
    "US-OK": ("Oklahoma", "Chicago"),
    "US-OR": ("Oregon", "Los_Angeles Boise"),
    "US-PA": ("Pennsylvania", "New_York"),
    "US-RI": ("Rhode Island", "New_York"),
    "US-SC": ("South Carolina", "New_York"),
    "US-SD": ("South Dakota", "Chicago Denver"),
    "US-TN": ("Tennessee", "New_York Chicago"),
    "US-TX": ("Texas", "Chicago Denver"),
    "US-UT": ("Utah", "Denver"),
    "US-VT": ("Vermont", "New_York"),
    "US-VA": ("Virginia", "New_York"),
    "US-WA": ("Washington", "Los_Angeles"),
    "US-WV": ("West Virginia", "New_York"),
    "US-WI": ("Wisconsin", "Chicago"),
    "US-WY": ("Wyoming", "Denver"),
}
PROVINCES = {
    "CA-AB": ("Alberta", "Edmonton"),
    "CA-BC": ("British Columbia", "Vancouver Dawson_Creek Fort_Nelson Creston Edmonton"),
    "CA-MB": ("Manitoba", "Winnipeg"),
    "CA-NB": ("New Brunswick", "Moncton"),
    "CA-NL": ("Newfoundland and Labrador", "St_Johns Goose_Bay"),
    "CA-NT": ("Northwest Territories", "Inuvik Yellowknife Edmonton"),
    "CA-NS": ("Nova Scotia", "Halifax Glace_Bay"),
    "CA-NU": ("Nunavut", "Iqaluit Rankin_Inlet Resolute Cambridge_Bay Pangnirtung"),
    "CA-ON": ("Ontario", "Toronto Thunder_Bay Nipigon Rainy_River Atikokan Winnipeg"),
    "CA-PE": ("Prince Edward Island", "Halifax"),
    "CA-QC": ("Quebec", "Toronto Montreal Blanc-Sablon Halifax"),
    "CA-SK": ("Saskatchewan", "Regina Swift_Current Edmonton"),
    "CA-YT": ("Yukon", "Whitehorse Dawson"),
}


class RegionMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "region_missing"
    sentence = _("Please choose a state or country first. Your appointment stands as it is.")
    field = "region"


class UnknownRegion(Refusal):
    kind = Kind.BAD_INPUT
    code = "unknown_region"
    sentence = _(
        "We don't know “{value}” as a state, province or country. Nothing was changed yet; "
        "please write it like New York, Ontario or Germany, or by its code, like US-NY."
    )
    field = "region"


class WhereNotAsked(Refusal):
    kind = Kind.CONFLICT
    code = "where_not_asked"
    sentence = _("Where you will be is asked of a session by video that is still ahead. Nothing was changed.")


@cache
def regions() -> Mapping[str, str]:
    """Return the names of all regions by code: states, then provinces, then all other countries by name."""
    parts = {code: name for code, (name, _zones) in (STATES | PROVINCES).items()}
    lines = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    countries = {code: name for code, name in rows if not any(part.startswith(f"{code}-") for part in parts)}
    return parts | dict(sorted(countries.items(), key=lambda row: row[1]))


def region_from(written: str, *, country: str | None = None) -> str:
    """Return the code of a region that somebody wrote by its code or its name. Raises UnknownRegion.

    In a `country` its states go by their letters alone: DE is Delaware there, and Germany elsewhere.
    """
    said = " ".join(written.split()).casefold()
    if (state := f"{country}-{said.upper()}") in regions():
        return state
    for code, name in regions().items():
        if said in (code.casefold(), name.casefold()):
            return code
    raise UnknownRegion(value=written.strip()[:60])


def covers(licensed_in: Collection[str], region: str) -> bool:
    """Return whether a provider with this list may practise in a region; with an empty list nothing is known against it."""
    return not licensed_in or region in licensed_in


def may_be_there(licensed_in: Collection[str], usual: str) -> bool:
    """Return whether video may be offered to a client who is usually in a region; of an unknown one they are asked afterwards."""
    return not usual or covers(licensed_in, usual)


def asks_where(licensed_in: Collection[str], *, usual: str, zone: str) -> bool:
    """Return whether somebody who chose a time by video is asked where they will be.

    Where nothing is known of licenses nothing is asked. Else of whom no usual place is known, and of whose clock (an IANA
    name) is none of their usual place's: they are away from it.
    """
    return bool(licensed_in) and not (usual and has_clock(usual, zone))


def has_clock(region: str, zone: str) -> bool:
    """Return whether clocks in a region show a zone."""
    if region not in STATES and region not in PROVINCES:
        return country_of(zone) == region
    _name, zones = (STATES | PROVINCES)[region]
    return zone in {one if one.startswith("Pacific/") else f"America/{one}" for one in zones.split()}

"""Names of time zones as programs write them, from the tz database's own to lists of places, and what each stands for."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

OFFSET = re.compile(r"(?:(?:GMT|UTC|Universal Time)\s*|^)([+\-−]\d{1,2})(?:[:.]?(\d{2}))?", re.IGNORECASE)
WORDS = re.compile(r"[^\W\d_]+(?:[ .'-]+[^\W\d_]+)*")
PLACE = re.compile(r"[a-z]+(?:/[a-z0-9_-]*[a-z][a-z0-9_-]*)+")
AREAS = ("africa", "america", "asia", "atlantic", "australia", "europe", "indian", "pacific")
# Of Windows, Java and Rails: the season that some name beside the zone says nothing about it.
SEASON = re.compile(r" (?:standard|daylight|summer)(?= time\b)")
MICROSOFT = "tzone://microsoft/"
LONGEST_NAME = 300
WINDOWS_NAMES = {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}

# What people call their clock, the season left out.
CLOCKS = {
    "eastern time": "America/New_York", "eastern": "America/New_York", "eastern time (us & canada)": "America/New_York",
    "central time": "America/Chicago", "central": "America/Chicago", "central time (us & canada)": "America/Chicago",
    "mountain time": "America/Denver", "mountain": "America/Denver", "mountain time (us & canada)": "America/Denver",
    "pacific time": "America/Los_Angeles", "pacific": "America/Los_Angeles",
    "pacific time (us & canada)": "America/Los_Angeles", "pacific time (us & canada); tijuana": "America/Los_Angeles",
    "north american eastern time": "America/New_York", "north american central time": "America/Chicago",
    "north american mountain time": "America/Denver", "north american pacific time": "America/Los_Angeles",
    "alaska": "America/Anchorage", "alaska time": "America/Anchorage", "arizona": "America/Phoenix",
    "hawaii": "Pacific/Honolulu", "hawaii time": "Pacific/Honolulu", "hawaii-aleutian time": "Pacific/Honolulu",
    "indiana (east)": "America/Indiana/Indianapolis", "saskatchewan": "America/Regina",
    "atlantic time": "America/Halifax", "atlantic time (canada)": "America/Halifax",
    "newfoundland": "America/St_Johns", "newfoundland time": "America/St_Johns",
    "central america": "America/Guatemala", "greenland": "America/Nuuk", "brasilia time": "America/Sao_Paulo",
    "argentina time": "America/Argentina/Buenos_Aires", "mid-atlantic": "Atlantic/South_Georgia",
    "cape verde is.": "Atlantic/Cape_Verde", "west central africa": "Africa/Algiers",
    "greenwich mean time": "Europe/London", "british time": "Europe/London",
    "irish time": "Europe/Dublin", "western european time": "Europe/Lisbon", "central european time": "Europe/Berlin",
    "middle european time": "Europe/Berlin", "eastern european time": "Europe/Bucharest",
    "moscow time": "Europe/Moscow", "israel time": "Asia/Jerusalem", "gulf time": "Asia/Dubai",
    "india time": "Asia/Kolkata", "indian time": "Asia/Kolkata", "china time": "Asia/Shanghai",
    "hong kong time": "Asia/Hong_Kong", "japan time": "Asia/Tokyo", "korea time": "Asia/Seoul",
    "korean time": "Asia/Seoul", "singapore time": "Asia/Singapore", "australian eastern time": "Australia/Sydney",
    "australian central time": "Australia/Adelaide", "australian western time": "Australia/Perth",
    "new zealand time": "Pacific/Auckland", "south africa time": "Africa/Johannesburg",
    "east africa time": "Africa/Nairobi", "west africa time": "Africa/Lagos", "central africa time": "Africa/Maputo",
    "coordinated universal time": "UTC", "universal time coordinated": "UTC", "universal time": "UTC", "z": "UTC",
    "mitteleuropäische zeit": "Europe/Berlin", "mitteleuropäische sommerzeit": "Europe/Berlin",
    "mitteleuropäische normalzeit": "Europe/Berlin", "westeuropäische zeit": "Europe/Lisbon",
    "osteuropäische zeit": "Europe/Bucharest", "heure d’europe centrale": "Europe/Paris",
    "heure d'europe centrale": "Europe/Paris", "hora de europa central": "Europe/Madrid",
    "ora dell’europa centrale": "Europe/Rome", "ora dell'europa centrale": "Europe/Rome",
    "international date line west": "Etc/GMT+12", "solomon is.": "Pacific/Guadalcanal", "new caledonia": "Pacific/Noumea",
    "marshall is.": "Pacific/Majuro", "american samoa": "Pacific/Pago_Pago", "midway island": "Pacific/Midway",
    "tokelau is.": "Pacific/Fakaofo", "chatham is.": "Pacific/Chatham",
}  # fmt: skip
# Cities that stand in such names and not at the end of a name of the tz database.
CITIES = {
    "abu dhabi": "Asia/Dubai", "astana": "Asia/Almaty", "atlanta": "America/New_York", "barcelona": "Europe/Madrid",
    "basel": "Europe/Zurich", "beijing": "Asia/Shanghai", "bern": "Europe/Zurich", "boston": "America/New_York",
    "brasilia": "America/Sao_Paulo", "canberra": "Australia/Sydney", "cape town": "Africa/Johannesburg",
    "chennai": "Asia/Kolkata", "cologne": "Europe/Berlin", "dallas": "America/Chicago", "edinburgh": "Europe/London",
    "ekaterinburg": "Asia/Yekaterinburg", "frankfurt": "Europe/Berlin", "geneva": "Europe/Zurich",
    "georgetown": "America/Guyana", "guadalajara": "America/Mexico_City", "hamburg": "Europe/Berlin",
    "hanoi": "Asia/Ho_Chi_Minh", "houston": "America/Chicago", "islamabad": "Asia/Karachi", "kyev": "Europe/Kyiv",
    "marrakech": "Africa/Casablanca", "miami": "America/New_York", "milan": "Europe/Rome", "mumbai": "Asia/Kolkata",
    "munich": "Europe/Berlin", "new delhi": "Asia/Kolkata", "nuku'alofa": "Pacific/Tongatapu", "osaka": "Asia/Tokyo",
    "petropavlovsk-kamchatsky": "Asia/Kamchatka", "port louis": "Indian/Mauritius", "salvador": "America/Bahia",
    "baja california": "America/Tijuana", "philadelphia": "America/New_York", "pretoria": "Africa/Johannesburg", "quito": "America/Guayaquil",
    "rio de janeiro": "America/Sao_Paulo", "san francisco": "America/Los_Angeles", "sapporo": "Asia/Tokyo",
    "seattle": "America/Los_Angeles", "sri jayawardenepura": "Asia/Colombo", "st. petersburg": "Europe/Moscow",
    "washington": "America/New_York", "wellington": "Pacific/Auckland", "zürich": "Europe/Zurich",
}  # fmt: skip
# Letters that mean one clock in one part of the world and another elsewhere: read so, and told.
LETTERS = {
    "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles",
    "mdt": "America/Denver", "mt": "America/Denver", "cst": "America/Chicago", "cdt": "America/Chicago",
    "ct": "America/Chicago", "edt": "America/New_York", "et": "America/New_York", "akst": "America/Anchorage",
    "akdt": "America/Anchorage", "ast": "America/Halifax", "adt": "America/Halifax", "nst": "America/St_Johns",
    "ndt": "America/St_Johns", "bst": "Europe/London", "cest": "Europe/Berlin", "mez": "Europe/Berlin",
    "mesz": "Europe/Berlin", "eest": "Europe/Bucharest", "west": "Europe/Lisbon", "msk": "Europe/Moscow",
    "ist": "Asia/Kolkata", "jst": "Asia/Tokyo", "kst": "Asia/Seoul", "sgt": "Asia/Singapore", "hkt": "Asia/Hong_Kong",
    "aest": "Australia/Sydney", "aedt": "Australia/Sydney", "acst": "Australia/Adelaide", "acdt": "Australia/Adelaide",
    "awst": "Australia/Perth", "nzst": "Pacific/Auckland", "nzdt": "Pacific/Auckland", "sast": "Africa/Johannesburg",
    "brt": "America/Sao_Paulo", "art": "America/Argentina/Buenos_Aires",
}  # fmt: skip


def same_name(name: str) -> str:
    """Return a name as all of its spellings: without quotes, doubled spaces and capitals."""
    short = " ".join(name.strip(" \t\"'").split()).casefold()
    return short.replace("&amp;", "&").replace(" and ", " & ")


@cache
def _iana_names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


@cache
def _squeezed_names() -> dict[str, str]:
    return {known.replace("_", "").replace("-", ""): name for known, name in _iana_names().items()}


@cache
def _cities() -> dict[str, str]:
    """Return the zone of each city that ends a name of the tz database, by its name in small letters."""
    found = {}
    for known, name in sorted(_iana_names().items(), reverse=True):
        area, _slash, rest = known.partition("/")
        if rest and area in AREAS:
            found[rest.rpartition("/")[2].replace("_", " ")] = name
    return found | CITIES


def iana_zone(name: str) -> ZoneInfo | None:
    """Return the zone of the tz database meant by `name`, which may carry a maker's prefix (RFC 5545, 3.2.19)."""
    parts = name.strip("/").split("/")
    # "/mozilla.org/20070129_1/Europe/Berlin": only a name that begins with a slash has a prefix.
    endings = range(len(parts)) if name.startswith("/") else range(1)
    for start in endings:
        known = _iana_names().get("/".join(parts[start:]).casefold())
        if known is not None:
            return ZoneInfo(known)
    return None


def place_zone(name: str) -> ZoneInfo | None:
    """Return the zone of the tz database that `name` means by a place, such as Europe/Berlin.

    EST, GMT and Etc/GMT+5 are no places but clocks, and what a file says of its own clock counts (RFC 5545, 3.6.5).
    """
    zone = iana_zone(name)
    return zone if zone is not None and "/" in zone.key and not zone.key.startswith("Etc/") else None


def named_zone(name: str) -> ZoneInfo | None:
    """Return the zone that a name stands for without doubt, whatever program wrote it."""
    if len(name) > LONGEST_NAME:
        return None
    short = same_name(name).removeprefix(MICROSOFT)
    for spelling in _spellings(short):
        # Outlook and Exchange name zones as Windows does.
        known = iana_zone(spelling) or iana_zone(WINDOWS_NAMES.get(spelling, ""))
        if known is not None:
            return known
    bare = re.sub(r"^\((?:utc|gmt)\) *", "", short)
    return _clock(bare) or zone_by_places(short) or zone_of_places(bare) or _zone_within(short)


def _zone_within(short: str) -> ZoneInfo | None:
    """Return the one place that stands in a longer name: “urn:tz:Europe/Berlin”, “America/NewYork (EST)”, “Asia/Beijing”."""
    found = set()
    for place in PLACE.findall(short.replace("%2f", "/")):
        last = place.rpartition("/")[2]
        squeezed = _squeezed_names().get(place.replace("_", "").replace("-", ""))
        known = (
            squeezed or _iana_names().get(place.rpartition("-")[0]) or _cities().get(last.replace("_", " "))
        )
        zone = ZoneInfo(known) if known else iana_zone(last)
        found |= {zone} if zone else set()
    return found.pop() if len(found) == 1 else None


def _clock(name: str) -> ZoneInfo | None:
    short = SEASON.sub("", same_name(name))
    known = CLOCKS.get(short) or CLOCKS.get(short.partition(" (")[0])
    return ZoneInfo(known) if known else None


def _spellings(short: str) -> Iterator[str]:
    yield short
    yield SEASON.sub(" standard", short)
    yield re.sub(r" \(?\d{1,2}\)?$", "", short)  # Exchange numbers the second of two that differ
    yield short.replace(" ", "_")
    for instead in ("-", " ", "\\", ".", "_"):
        yield short.replace(instead, "/", 1).replace(" ", "_")  # US-Pacific
    parts = short.split("/")
    for start in range(1, len(parts) - 1):  # a maker's prefix that begins without a slash
        yield "/".join(parts[start:])


def offset_in(name: str) -> timedelta | None:
    """Return the offset that a name like “(UTC-05:00) Eastern Time” states."""
    found = OFFSET.search(name.strip())
    if found is None:
        return None
    hours, minutes = int(found[1].replace("−", "-")), int(found[2] or 0)
    offset = timedelta(hours=hours, minutes=minutes if found[1].startswith("+") else -minutes)
    return offset if abs(offset) < timedelta(hours=24) else None


def zone_by_places(name: str) -> ZoneInfo | None:
    """Return the zone of a place in a display name like “(GMT+10:00) Canberra, Melbourne, Sydney”.

    Outlook on the web writes such names. Its places are cities, or parts of America as in “Eastern Time (US & Canada)”;
    both stand at the end of IANA names. The offset it states must be the zone's own outside summer time.
    """
    offset = offset_in(name)
    if offset is None:
        return None
    rest = name.partition(")")[2] or name
    clock = _clock(rest)
    if clock is not None and standard_offset(clock) == offset:
        return clock
    for place in WORDS.findall(rest):
        known = _cities().get(place.casefold())
        if known is not None and standard_offset(ZoneInfo(known)) == offset:
            return ZoneInfo(known)
    return None


def zones_of_places(name: str) -> list[ZoneInfo]:
    """Return the zone of each place of a list that is known."""
    places = (place.partition(" (")[0].strip() for place in same_name(name).split(","))
    return [ZoneInfo(known) for place in places if (known := _cities().get(place)) is not None]


def zone_of_places(name: str) -> ZoneInfo | None:
    """Return the zone of a list like “Amsterdam, Belgrade, Berlin”, as most of the places that are known have it.

    Some lists are older than what some country has decided since.
    """
    zones = zones_of_places(name)
    clocks = [_both_halves(zone) for zone in zones]
    return next(
        (zone for zone, clock in zip(zones, clocks, strict=True) if 2 * clocks.count(clock) > len(zones)),
        None,
    )


def standard_offset(zone: ZoneInfo) -> timedelta:
    """Return the zone's offset outside summer time, as of 2026: the year is fixed, so that a file reads the same."""
    return min(_both_halves(zone))


def _both_halves(zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    winter, summer = (datetime(2026, month, 1, tzinfo=zone).utcoffset() or timedelta(0) for month in (1, 7))
    return winter, summer

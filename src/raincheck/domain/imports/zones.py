"""Time zones as people write them: names of the database, of Windows, cities, and words that could mean several."""

from functools import cache

from raincheck.domain.imports.problems import ProblemCode, Wrong
from raincheck.domain.zones import zone_names

# Said alone, each could be a zone with or without summer time, or of another country; the first is what most mean by it.
SEVERAL = {
    "eastern": "America/New_York", "est": "America/New_York", "et": "America/New_York", "eastern time": "America/New_York",
    "central": "America/Chicago", "cst": "America/Chicago", "ct": "America/Chicago", "central time": "America/Chicago",
    "mountain": "America/Denver", "mst": "America/Denver", "mt": "America/Denver", "mountain time": "America/Denver",
    "pacific": "America/Los_Angeles", "pst": "America/Los_Angeles", "pt": "America/Los_Angeles",
    "pacific time": "America/Los_Angeles", "atlantic": "America/Halifax", "ast": "America/Halifax",
    "ist": "Asia/Kolkata", "bst": "Europe/London", "gmt": "Europe/London",
}  # fmt: skip
SURE = {
    "edt": "America/New_York", "cdt": "America/Chicago", "mdt": "America/Denver", "pdt": "America/Los_Angeles",
    "alaska": "America/Anchorage", "akst": "America/Anchorage", "akdt": "America/Anchorage", "hawaii": "Pacific/Honolulu",
    "hst": "Pacific/Honolulu", "arizona": "America/Phoenix", "cet": "Europe/Berlin", "cest": "Europe/Berlin",
    "aest": "Australia/Sydney", "aedt": "Australia/Sydney", "nzst": "Pacific/Auckland", "nzdt": "Pacific/Auckland",
    # Windows, and what Calendly, Google and Rails make of it.
    "eastern standard time": "America/New_York", "central standard time": "America/Chicago",
    "mountain standard time": "America/Denver", "pacific standard time": "America/Los_Angeles",
    "us mountain standard time": "America/Phoenix", "alaskan standard time": "America/Anchorage",
    "hawaiian standard time": "Pacific/Honolulu", "atlantic standard time": "America/Halifax",
    "newfoundland standard time": "America/St_Johns", "canada central standard time": "America/Regina",
    "gmt standard time": "Europe/London", "w europe standard time": "Europe/Berlin",
    "romance standard time": "Europe/Paris", "central europe standard time": "Europe/Budapest",
    "central european standard time": "Europe/Warsaw", "e europe standard time": "Europe/Chisinau",
    "fle standard time": "Europe/Kyiv", "gtb standard time": "Europe/Bucharest", "turkey standard time": "Europe/Istanbul",
    "russian standard time": "Europe/Moscow", "israel standard time": "Asia/Jerusalem",
    "arabian standard time": "Asia/Dubai", "india standard time": "Asia/Kolkata", "china standard time": "Asia/Shanghai",
    "tokyo standard time": "Asia/Tokyo", "korea standard time": "Asia/Seoul", "singapore standard time": "Asia/Singapore",
    "aus eastern standard time": "Australia/Sydney", "e australia standard time": "Australia/Brisbane",
    "w australia standard time": "Australia/Perth", "new zealand standard time": "Pacific/Auckland",
    "south africa standard time": "Africa/Johannesburg", "e south america standard time": "America/Sao_Paulo",
    "argentina standard time": "America/Argentina/Buenos_Aires", "sa pacific standard time": "America/Bogota",
}  # fmt: skip
NORTH_AMERICA = (
    "(us & canada)",
    "us & canada",
    "us/canada",
    "(us and canada)",
    "us and canada",
    "- us & canada",
)


def zone_written(text: str) -> str:
    """Return the name of the zone that a cell means, empty for none. Raises Wrong, with the likely one where several fit."""
    said = " ".join(text.casefold().replace("_", " ").split())
    if not said:
        return ""
    bare = said.partition(") ")[2] if said.startswith(("(utc", "(gmt")) else said
    known = _known().get(bare) or SURE.get(bare.replace(".", ""))
    if known is None and bare.endswith(NORTH_AMERICA):
        known = SEVERAL.get(bare.partition(" time")[0])
    if known is not None:
        return known
    likely = SEVERAL.get(bare)
    if likely is not None:
        raise Wrong(ProblemCode.SEVERAL_ZONES, value=text, zone=likely)
    raise Wrong(ProblemCode.BAD_ZONE, value=text)


@cache
def _known() -> dict[str, str]:
    """Return zones by their names, and by the city at the end where one zone alone has it, in small letters."""
    names = sorted(name for name in zone_names() if "/" in name or name == "UTC")
    cities: dict[str, set[str]] = {}
    for name in names:
        cities.setdefault(name.rpartition("/")[2].casefold().replace("_", " "), set()).add(name)
    sure = {city: next(iter(found)) for city, found in cities.items() if len(found) == 1}
    return sure | {name.casefold().replace("_", " "): name for name in names}

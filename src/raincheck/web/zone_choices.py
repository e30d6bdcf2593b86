"""Time zones to choose from, by the city that people know them by."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from raincheck.domain.zones import zone_names
from raincheck.notifications.formats import zone_city

# Only places: the other names of tzdata (Etc, US, GMT) are offsets and aliases.
AREAS = (
    "America",
    "Europe",
    "Africa",
    "Asia",
    "Atlantic",
    "Australia",
    "Indian",
    "Pacific",
    "Antarctica",
    "Arctic",
)
NEARBY = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
)
"""The cities by which most people in the United States know their time."""


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone to choose: its IANA name and what people call it."""

    name: str
    city: str


@dataclass(frozen=True, slots=True)
class ZoneChoices:
    """The options of one field: the zone that is kept, the nearby ones, and every zone that has a place, by area."""

    kept: str
    chosen: str
    nearby: list[Zone]
    areas: list[tuple[str, list[Zone]]]

    @property
    def options(self) -> SafeString:
        """Return the options of all areas: four hundred, the same on every page."""
        return _options()

    @property
    def marked_options(self) -> SafeString:
        """Return the same with a mark on the one that is kept, for pages that ask before it is changed."""
        name = conditional_escape(self.kept)
        return mark_safe(_options().replace(f'value="{name}"', f'value="{name}" data-kept'))  # escaped above


def zone_choices(*, kept: str, chosen: str = "") -> ZoneChoices:
    """Return the options with the zone that is kept and the one chosen, which is the kept one when it is no zone we know."""
    known = chosen if chosen in zone_names() else kept
    return ZoneChoices(kept, known, _named(NEARBY), _areas())


@cache
def _areas() -> list[tuple[str, list[Zone]]]:
    names = sorted(zone_names())
    return [(area, _named(name for name in names if name.startswith(f"{area}/"))) for area in AREAS]


@cache
def _options() -> SafeString:
    return format_html_join(
        "\n",
        '<optgroup label="{}">{}</optgroup>',
        (
            (
                area,
                format_html_join(
                    "\n", '<option value="{}">{}</option>', ((one.name, one.city) for one in zones)
                ),
            )
            for area, zones in _areas()
        ),
    )


def _named(names: Iterable[str]) -> list[Zone]:
    return [Zone(name, zone_city(name)) for name in names]

"""Regions to choose from: states, provinces and countries, in groups."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from raincheck.domain.regions import PROVINCES, STATES, regions

Choices = list[tuple[str, str | Promise | list[tuple[str, str]]]]


def region_choices(none: str) -> Choices:
    """Return every region in groups, as a form offers them, after `none` for no choice."""
    found = regions()
    states = [(code, found[code]) for code in STATES]
    provinces = [(code, found[code]) for code in PROVINCES]
    others = [(code, name) for code, name in found.items() if code not in STATES and code not in PROVINCES]
    return [
        ("", none),
        (_("United States"), states),
        (_("Canada"), provinces),
        (_("Other countries"), others),
    ]

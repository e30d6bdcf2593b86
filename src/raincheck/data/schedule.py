"""Reads a provider's row into the schedule that the rules speak of."""

from __future__ import annotations

from raincheck.data.people import Provider
from raincheck.domain.availability import availability_from
from raincheck.domain.schedule import Schedule
from raincheck.domain.zones import zone_named


def schedule_of(provider: Provider) -> Schedule:
    """Return the schedule that a provider's row keeps."""
    return Schedule(availability_from(provider.availability), provider.grid_step, zone_named(provider.zone))

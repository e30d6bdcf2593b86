"""Reads a provider's row into the schedule that the rules speak of, and a schedule into a row that nobody keeps."""

from __future__ import annotations

from copy import copy

from raincheck.data.people import Provider
from raincheck.domain.availability import as_stored, availability_from
from raincheck.domain.schedule import Schedule
from raincheck.domain.zones import zone_named


def schedule_of(provider: Provider) -> Schedule:
    """Return the schedule that a provider's row keeps."""
    return Schedule(availability_from(provider.availability), provider.grid_step, zone_named(provider.zone))


def with_schedule(provider: Provider, schedule: Schedule) -> Provider:
    """Return the provider as if this were the schedule: for questions only, not to be saved."""
    imagined = copy(provider)
    take_over(imagined, schedule)
    return imagined


def take_over(provider: Provider, schedule: Schedule) -> None:
    """Write a schedule into a provider's row; saving it is the caller's."""
    provider.availability = as_stored(schedule.availability)
    provider.grid_step = schedule.step
    provider.zone = schedule.zone.key

"""Schedules of providers: read from their rows and written back, with the appointments that they concern."""

from collections.abc import Iterable
from copy import copy
from datetime import datetime

from django.db.models import QuerySet

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Provider
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.availability.hours import as_stored, availability_from
from raincheck.domain.availability.schedule import Booked, Schedule
from raincheck.domain.zones import zone_named


def schedule_of(provider: Provider) -> Schedule:
    """Return the schedule that a provider's row keeps."""
    return Schedule(availability_from(provider.availability), provider.grid_step, zone_named(provider.zone))


def with_schedule(provider: Provider, schedule: Schedule) -> Provider:
    """Return the provider as if this were the schedule: for questions only, not to be saved."""
    # The caller's row stays as it is kept, or a save of something else would take what was only typed along.
    imagined = copy(provider)
    take_over(imagined, schedule)
    return imagined


def take_over(provider: Provider, schedule: Schedule) -> None:
    """Write a schedule into a provider's row; saving it is the caller's."""
    provider.availability = as_stored(schedule.availability)
    provider.grid_step = schedule.step
    provider.zone = schedule.zone.key


def scheduled_ahead(provider_id: int, *, now: datetime) -> QuerySet[Appointment]:
    """Return a provider's scheduled appointments that have not begun, soonest first, with their clients, types and places."""
    rows = Appointment.objects.filter(provider=provider_id, status=Status.SCHEDULED, starts_at__gt=now)
    return rows.select_related("client", "type", "place").order_by("starts_at", "pk")


def as_booked(appointments: Iterable[Appointment]) -> list[Booked]:
    """Return what the rules need to know of appointments to tell whether they fit."""
    return [Booked(row.pk, row.span, str(row.place.ref)) for row in appointments]

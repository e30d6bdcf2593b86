"""A provider's working hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from raincheck.actions.calendars.checks import read_whole
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.models import AvailabilityHistory, BusyCalendar, Provider
from raincheck.data.schedule import as_booked, schedule_of, scheduled_ahead, take_over
from raincheck.domain.availability.hours import Availability, as_stored
from raincheck.domain.availability.schedule import (
    HoursChangedMeanwhile,
    Schedule,
    ZoneNotConfirmed,
    no_longer_inside,
)
from raincheck.domain.people import Actor


def set_availability(
    provider_id: int,
    *,
    availability: Availability,
    step: timedelta | None = None,
    zone: ZoneInfo | None = None,
    zone_confirmed: bool = False,
    made_from: str | None = None,
    by: Actor,
    now: datetime,
) -> Answer:
    """Give a provider other working hours, another grid step or another zone. Appointments keep their instants, whatever changes.

    The answer names by `left_outside` the appointments (refs, soonest first) that fitted the former hours and do not fit these.
    `made_from` is the mark of the schedule that the form was made from. Raises HoursChangedMeanwhile when another is kept
    by now, and ZoneNotConfirmed; then nothing has changed.
    """
    provider = lock(providers=[provider_id]).providers[provider_id]
    former = schedule_of(provider)
    schedule = Schedule(availability, step or former.step, zone or former.zone)
    if made_from not in (None, former.mark):
        raise HoursChangedMeanwhile
    if schedule.zone.key != former.zone.key and not zone_confirmed:
        raise ZoneNotConfirmed
    left_outside = _left_outside(provider, former=former, schedule=schedule, now=now)
    _record(provider, former, by=by, now=now)
    _keep(provider, schedule, now=now)
    if schedule.zone.key != former.zone.key:  # whole days and times without a zone mean other instants now
        read_whole(BusyCalendar.objects.filter(provider=provider), now=now)
    look_soon([provider.pk])
    return {"provider": str(provider.ref), "left_outside": " ".join(left_outside)}


def _left_outside(provider: Provider, *, former: Schedule, schedule: Schedule, now: datetime) -> list[str]:
    """Return the refs of the appointments ahead that fitted the former hours and do not fit these."""
    rows = list(scheduled_ahead(provider.pk, now=now))
    numbers = no_longer_inside(as_booked(rows), former=former, schedule=schedule)
    return [str(row.ref) for row in rows if row.pk in numbers]


def _record(provider: Provider, former: Schedule, *, by: Actor, now: datetime) -> None:
    AvailabilityHistory(
        practice_id=provider.practice_id,
        provider=provider,
        at=now,
        actor_kind=by.kind,
        actor=by.who,
        trace_id=by.request_id,
        former_availability=as_stored(former.availability),
        former_grid_step=former.step,
        former_zone=former.zone.key,
    ).save(force_insert=True)


def _keep(provider: Provider, schedule: Schedule, *, now: datetime) -> None:
    take_over(provider, schedule)
    provider.availability_changed_at = now
    provider.save(update_fields=["availability", "grid_step", "zone", "availability_changed_at"])

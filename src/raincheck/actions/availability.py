"""A provider's working hours."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from raincheck.actions.calendars.checks import read_whole
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.models import AvailabilityHistory, BusyCalendar
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
    `made_from` is the mark of the schedule that the form was made from: HoursChangedMeanwhile when another is kept by now.
    """
    provider = lock(providers=[provider_id]).providers[provider_id]
    former = schedule_of(provider)
    schedule = Schedule(availability, step or former.step, zone or former.zone)
    # Looked at under the provider's lock: of two forms saved at once, the second is refused.
    if made_from not in (None, former.mark):
        raise HoursChangedMeanwhile
    if schedule.zone.key != former.zone.key and not zone_confirmed:
        raise ZoneNotConfirmed
    rows = list(scheduled_ahead(provider.pk, now=now))
    outside = no_longer_inside(as_booked(rows), former=former, schedule=schedule)
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
    take_over(provider, schedule)
    provider.availability_changed_at = now
    provider.save(update_fields=["availability", "grid_step", "zone", "availability_changed_at"])
    if schedule.zone.key != former.zone.key:
        # Whole days and times without a zone in a calendar mean other instants now.
        read_whole(BusyCalendar.objects.filter(provider=provider), now=now)
    look_soon([provider.pk])
    left_outside = " ".join(str(row.ref) for row in rows if row.pk in outside)
    return {"provider": str(provider.ref), "left_outside": left_outside}

"""The date by which an appointment is needed: set by the practice, and looked at whenever its client answers."""

from datetime import date, datetime
from uuid import UUID

from raincheck.actions.appointments.booking import locked_ahead
from raincheck.actions.clients.contact import spare
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import close_tasks_of_need, record
from raincheck.data.models import Appointment, RescheduleRequest, Task
from raincheck.domain.appointments.lifecycle import History, NothingChanged, Status
from raincheck.domain.appointments.needed_by import NeededByMissing, NeededByPast, NeededFor, is_in_time
from raincheck.domain.people import Actor
from raincheck.domain.tasks import MANAGERS_GET_IT_AFTER, TaskKind
from raincheck.domain.zones import wall, zone_named


def set_needed_by(
    ref: UUID, *, needed_by: date | None, needed_for: NeededFor | None, by: Actor, now: datetime
) -> Answer:
    """Say by which day, on the provider's clock, an appointment is needed and why; None takes it back.

    Silence cancels nothing of an open request any more, and the client is told so; taking the day back takes that from nobody.
    """
    appointment, request = locked_ahead(ref, sequence=None, now=now)
    zone = zone_named(appointment.provider.zone)
    if needed_by is None and needed_for is not None:
        raise NeededByMissing
    if needed_by is not None and needed_by < wall(now, zone=zone).date():
        raise NeededByPast
    if (appointment.needed_by, appointment.needed_for) == (needed_by, needed_for):
        raise NothingChanged
    appointment.needed_by, appointment.needed_for = needed_by, needed_for
    appointment.save(update_fields=["needed_by", "needed_for"])
    # Of the reason the history tells nothing: it is read by more people.
    details: dict[str, str | int] = {"needed_by": needed_by.isoformat() if needed_by else ""}
    record(appointment, History.NEEDED_BY, by=by, now=now, request=request, details=details)
    if is_in_time(appointment.starts_at, needed_by, zone=zone):
        missed = Task.objects.filter(kind=TaskKind.NEEDED_BY, appointment=appointment, done_at__isnull=True)
        missed.update(done_at=now)
    spared = [request] if needed_by is not None and request is not None and not request.spared else []
    return {"appointment": str(ref), "told": str(spare(spared, by=by, now=now))}


def look_at_need(
    appointment: Appointment, *, by: Actor, now: datetime, request: RescheduleRequest | None = None
) -> None:
    """Have a person look where a client has canceled what was needed, or moved it behind that day. A step, not a verb.

    What is early enough again, whoever moved it, needs nobody to look any more.
    """
    close_tasks_of_need(appointment, now=now)
    zone = zone_named(appointment.provider.zone)
    stands = appointment.status == Status.SCHEDULED
    needed_by = appointment.needed_by
    if (
        needed_by is None
        or not by.is_client
        or (stands and is_in_time(appointment.starts_at, needed_by, zone=zone))
    ):
        return
    task = Task(
        practice_id=appointment.practice_id,
        provider_id=appointment.provider_id,
        client_id=appointment.client_id,
        kind=TaskKind.NEEDED_BY,
        appointment=appointment,
        request=request,
        made_at=now,
        for_managers_at=now + MANAGERS_GET_IT_AFTER,
    )
    # One is enough, however often they move it.
    Task.objects.bulk_create([task], ignore_conflicts=True)

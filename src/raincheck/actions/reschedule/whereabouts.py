"""The place where the client will be: asked after a time by video was chosen, so that the choice stands whatever is answered."""

from datetime import datetime
from uuid import UUID

from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import make_task, record
from raincheck.data.models import Appointment, Task
from raincheck.domain.appointments.lifecycle import AppointmentGone, History, PlaceKind, Status
from raincheck.domain.people import Actor
from raincheck.domain.regions import RegionMissing, UnknownRegion, WhereNotAsked, covers, regions
from raincheck.domain.tasks import TaskKind


def say_where(appointment: UUID, *, region: str, by: Actor, now: datetime) -> Answer:
    """Write down where the client will be. Not on the provider's list: the time stands, and somebody checks the license.

    It can be said again until the start; the latest counts. Raises RegionMissing, UnknownRegion, WhereNotAsked.
    """
    if not region:
        raise RegionMissing
    if region not in regions():
        raise UnknownRegion(value=region[:60])
    found = Appointment.objects.filter(ref=appointment).only("pk", "provider", "client").first()
    if found is None:
        raise AppointmentGone
    locked = lock(providers=[found.provider_id], clients=[found.client_id], appointments=[found.pk])
    row = locked.appointments[found.pk]
    if (row.provider_id, row.client_id) != (found.provider_id, found.client_id):
        raise ReadAgain
    by_video = row.status == Status.SCHEDULED and row.place.kind == PlaceKind.TELEHEALTH
    if not by_video or row.starts_at <= now:
        raise WhereNotAsked
    by = by.answering_for(row.client_id)
    record(row, History.LOCATED, by=by, now=now, details={"region": region})
    if covers(row.provider.licensed_in, region):
        waiting = Task.objects.filter(appointment=row, kind=TaskKind.CHECK_LICENSE, done_at__isnull=True)
        waiting.update(done_at=now)
    else:
        make_task(TaskKind.CHECK_LICENSE, appointment=row, now=now)
    return {"appointment": str(row.ref), "region": region}

"""The place where the client will be: asked after a time by video was chosen, so that the choice stands whatever is answered."""

from datetime import datetime
from uuid import UUID

from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import make_task, record
from raincheck.data.models import Task
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import History, PlaceKind, Status
from raincheck.domain.people import Actor
from raincheck.domain.regions import RegionMissing, UnknownRegion, WhereNotAsked, covers, regions
from raincheck.domain.reschedule.lifecycle import RequestGone, State
from raincheck.domain.tasks import TaskKind


def say_where(request: UUID, *, region: str, by: Actor, now: datetime) -> Answer:
    """Write down where the client will be. Not on the provider's list: the choice stands, and somebody checks the license.

    It can be said again until the start; the latest counts. Raises RegionMissing, UnknownRegion, WhereNotAsked.
    """
    if not region:
        raise RegionMissing
    if region not in regions():
        raise UnknownRegion(value=region[:60])
    found = RescheduleRequest.objects.filter(ref=request).first()
    if found is None:
        raise RequestGone
    locked = lock(
        providers=[found.provider_id],
        clients=[found.client_id],
        appointments=[found.appointment_id],
        requests=[found.pk],
    )
    asked, row = locked.requests[found.pk], locked.appointments[found.appointment_id]
    if (row.provider_id, row.client_id) != (found.provider_id, found.client_id):
        raise ReadAgain
    chosen = asked.state in (State.MOVED, State.KEPT) and row.status == Status.SCHEDULED
    if not chosen or row.starts_at <= now or row.place.kind != PlaceKind.TELEHEALTH:
        raise WhereNotAsked
    by = by.answering_for(row.client_id)
    record(row, History.LOCATED, by=by, now=now, request=asked, details={"region": region})
    if covers(row.provider.licensed_in, region):
        waiting = Task.objects.filter(appointment=row, kind=TaskKind.CHECK_LICENSE, done_at__isnull=True)
        waiting.update(done_at=now)
    else:
        make_task(TaskKind.CHECK_LICENSE, appointment=row, now=now)
    return {"request": str(asked.ref), "region": region}

"""Requests that were open in a backup which was restored: each waits for a person, since an answer given after it is gone."""

from datetime import datetime

from raincheck.actions.engine.locks import lock_due
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import history_row, make_tasks
from raincheck.data.models import AppointmentHistory, RescheduleRequest
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.appointments.lifecycle import History
from raincheck.domain.people import SYSTEM
from raincheck.domain.reschedule.lifecycle import NeedsProvider
from raincheck.domain.tasks import TaskKind


def ask_about_restored(*, restored_at: datetime, limit: int, now: datetime) -> Answer:
    """Say why about `limit` requests wait that the restore kept from lapsing, and give their providers a task each.

    They are known by `restored_at`, the instant since when they wait. Returns how many it was done for, as "asked", and how
    many are "left": those of providers whom somebody works on right now, and those above the limit.
    """
    kept = RescheduleRequest.objects.filter(OPEN, needs_provider_at=restored_at)
    kept = kept.exclude(needs_provider=NeedsProvider.RESTORED)
    locked = lock_due(kept, limit=limit)
    requests = [request for request in locked.requests.values() if request.is_open]
    RescheduleRequest.objects.filter(pk__in=[request.pk for request in requests]).update(
        needs_provider=NeedsProvider.RESTORED
    )
    details: dict[str, str | int] = {"why": str(NeedsProvider.RESTORED)}
    AppointmentHistory.objects.bulk_create(
        history_row(
            locked.appointments[request.appointment_id],
            History.NEEDS_PROVIDER,
            by=SYSTEM,
            now=now,
            request=request,
            details=details,
        )
        for request in requests
    )
    make_tasks(TaskKind.NEEDS_PROVIDER, requests, now=now)
    return {"asked": str(len(requests)), "left": str(kept.count())}

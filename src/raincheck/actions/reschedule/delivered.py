"""What follows from the first hand-over of a prompt: the client's time begins, and a delay is given back."""

from __future__ import annotations

from datetime import datetime

from raincheck.actions.engine.locks import Locked
from raincheck.actions.engine.side_effects import record
from raincheck.data.appointments import Appointment
from raincheck.data.reschedule import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.appointments import History
from raincheck.domain.people import SYSTEM
from raincheck.domain.reminders import first_reminder
from raincheck.domain.reschedule import NeedsProvider, moved_for_hand_over
from raincheck.domain.tasks import TaskKind
from raincheck.domain.zones import zone_named


def note_hand_over(locked: Locked, *, now: datetime) -> None:
    """Mark the open requests among locked ones as handed over, each once; a delay above five minutes moves its deadline."""
    fresh = [row for row in locked.requests.values() if row.is_open and row.handed_over_at is None]
    for request in fresh:
        _hand_over(request, locked.appointments[request.appointment_id], now=now)
    tasks = Task.objects.filter(request__in=[request.pk for request in fresh], done_at__isnull=True)
    tasks.filter(kind=TaskKind.NOT_DELIVERED, notification__isnull=True).update(done_at=now)
    tasks.filter(kind=TaskKind.NEEDS_PROVIDER, request__needs_provider__isnull=True).update(done_at=now)


def _hand_over(request: RescheduleRequest, appointment: Appointment, *, now: datetime) -> None:
    policy = appointment.practice.rules
    deadline = moved_for_hand_over(
        request.deadline_at,
        asked_at=request.asked_at,
        handed_over_at=now,
        starts_at=request.asked_starts_at,
        policy=policy,
    )
    request.handed_over_at = now
    if deadline == request.deadline_at:
        request.save(update_fields=["handed_over_at"])
        return
    zone = zone_named(appointment.client.zone_in(appointment.practice))
    request.deadline_at = deadline
    request.remind_at = first_reminder(deadline, prompted_at=now, zone=zone, policy=policy)
    if deadline > now and request.needs_provider == NeedsProvider.NOT_HANDED_OVER:
        # What kept it from lapsing is over: the client has the time that the delay had taken.
        request.needs_provider = request.needs_provider_at = None
    request.save(update_fields=DEADLINE_FIELDS)
    details: dict[str, str | int] = {"to": deadline.isoformat(), "why": "handed_over_late"}
    record(appointment, History.DEADLINE_MOVED, by=SYSTEM, now=now, request=request, details=details)


DEADLINE_FIELDS = ["handed_over_at", "deadline_at", "remind_at", "needs_provider", "needs_provider_at"]

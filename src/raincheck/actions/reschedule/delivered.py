"""The first hand-over of a prompt: with it the client's time begins, and a delay is given back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from raincheck.actions.engine.locks import Locked, lock
from raincheck.actions.engine.side_effects import record
from raincheck.data.models import RescheduleRequest, Task
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.appointments.lifecycle import History
from raincheck.domain.people import SYSTEM
from raincheck.domain.policy import HAND_OVER_SLACK
from raincheck.domain.reminders import first_reminder
from raincheck.domain.reschedule.deadlines import moved_for_hand_over
from raincheck.domain.reschedule.lifecycle import NeedsProvider
from raincheck.domain.tasks import TaskKind
from raincheck.domain.zones import zone_named

DEADLINE_FIELDS = ["handed_over_at", "deadline_at", "remind_at", "needs_provider", "needs_provider_at"]


def note_hand_over(locked: Locked, *, at: Mapping[int, datetime]) -> None:
    """Mark the open requests among locked ones as handed over, each once and `at` its time; a long delay moves its deadline."""
    fresh = [row for row in locked.requests.values() if row.is_open and row.handed_over_at is None]
    in_time: dict[datetime, list[int]] = defaultdict(list)
    for request in fresh:
        appointment, instant = locked.appointments[request.appointment_id], at[request.pk]
        policy = appointment.practice.rules
        deadline = moved_for_hand_over(
            request.deadline_at,
            asked_at=request.asked_at,
            handed_over_at=instant,
            starts_at=request.asked_starts_at,
            policy=policy,
        )
        moved = deadline != request.deadline_at
        if not moved and instant - request.asked_at <= HAND_OVER_SLACK:
            in_time[instant].append(request.pk)
            continue
        zone = zone_named(appointment.client.zone_in(appointment.practice))
        request.handed_over_at, request.deadline_at = instant, deadline
        # Also where the start leaves no room for a later deadline: what was due before it arrived was sent to nobody.
        request.remind_at = first_reminder(deadline, prompted_at=instant, zone=zone, policy=policy)
        if deadline > instant and request.needs_provider == NeedsProvider.NOT_HANDED_OVER:
            # What kept it from lapsing is over: the client has the time that the delay had taken.
            request.needs_provider = request.needs_provider_at = None
        request.save(update_fields=DEADLINE_FIELDS)
        if not moved:
            continue
        details: dict[str, str | int] = {"to": deadline.isoformat(), "why": "handed_over_late"}
        record(appointment, History.DEADLINE_MOVED, by=SYSTEM, now=instant, request=request, details=details)
    # Nearly every prompt leaves in time: those of one instant share a statement.
    for instant, requests in in_time.items():
        RescheduleRequest.objects.filter(pk__in=requests).update(handed_over_at=instant)
    if fresh:
        tasks = Task.objects.filter(request__in=[request.pk for request in fresh], done_at__isnull=True)
        over = Q(kind=TaskKind.NOT_DELIVERED, notification__isnull=True)
        over |= Q(kind=TaskKind.NEEDS_PROVIDER, request__needs_provider__isnull=True)
        tasks.filter(over).update(done_at=max(at.values()))


def note_seen(batches: Iterable[int], *, now: datetime) -> None:
    """Count open requests as handed over whose client has them before their eyes, whatever became of the messages.

    A step, not a verb. A card in the app that nobody has seen is no hand-over.
    """
    waiting = RescheduleRequest.objects.filter(OPEN, batch__in=list(batches), handed_over_at__isnull=True)
    found = dict(waiting.values_list("pk", "appointment"))
    if found:
        locked = lock(appointments=found.values(), requests=found)
        note_hand_over(locked, at=dict.fromkeys(found, now))

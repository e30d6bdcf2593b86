"""Reminders of open requests: one message for each batch and moment, naming the instant."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from raincheck.actions.locks import lock
from raincheck.data.people import Provider
from raincheck.data.reschedule import RescheduleRequest
from raincheck.domain.notifications import Moment
from raincheck.domain.people import SYSTEM
from raincheck.domain.reschedule import Reminder, State, reminders
from raincheck.domain.zones import zone_named
from raincheck.notifications.matters import Matter
from raincheck.notifications.telling import Telling, tell_all


def send_due_reminders(*, now: datetime, limit: int) -> Counter[str]:
    """Remind the clients of at most `limit` requests whose reminder is due; at the last one the provider sees it too."""
    due = [
        request
        for request in _due(now=now, limit=limit)
        if request.is_open and request.remind_at and request.remind_at <= now
    ]
    batches: dict[tuple[int, bool, bool], list[RescheduleRequest]] = defaultdict(list)
    for request in due:
        sent, last = _this_and_last(request, now=now)
        if sent is not None and request.deadline_at > now:
            batches[request.batch_id, sent.email_only, last].append(request)
    tellings = [
        _telling(requests, email_only=email_only, last=last)
        for (_batch, email_only, last), requests in batches.items()
    ]
    tell_all(tellings, by=SYSTEM, now=now)
    return Counter({"reminder sent": len(due)} if due else {})


def _due(*, now: datetime, limit: int) -> list[RescheduleRequest]:
    found = list(
        RescheduleRequest.objects.filter(state=State.OPEN, remind_at__lte=now)
        .order_by("remind_at", "pk")
        .values_list("pk", "provider", "client", "appointment")[:limit]
    )
    free = Provider.objects.select_for_update(skip_locked=True, no_key=True).filter(
        pk__in={row[1] for row in found}
    )
    providers = set(free.order_by("pk").values_list("pk", flat=True))
    mine = [row for row in found if row[1] in providers]
    if not mine:
        return []
    locked = lock(
        clients={row[2] for row in mine},
        appointments={row[3] for row in mine},
        requests={row[0] for row in mine},
    )
    for request in locked.requests.values():
        request.appointment = locked.appointments[request.appointment_id]
    return list(locked.requests.values())


def _planned(request: RescheduleRequest) -> list[Reminder]:
    appointment = request.appointment
    zone = zone_named(appointment.client.zone_in(appointment.practice))
    return reminders(
        request.deadline_at, prompted_at=request.asked_at, zone=zone, policy=appointment.practice.rules
    )


def _this_and_last(request: RescheduleRequest, *, now: datetime) -> tuple[Reminder | None, bool]:
    """Return the latest reminder that is due, setting when the next one is; reminders missed in between are not sent late."""
    planned = _planned(request)
    past = [reminder for reminder in planned if reminder.at <= now]
    ahead = [reminder for reminder in planned if reminder.at > now]
    request.remind_at = ahead[0].at if ahead else None
    request.reminders_sent += 1
    request.save(update_fields=["remind_at", "reminders_sent"])
    return (past[-1] if past else None), not ahead


def _telling(requests: Sequence[RescheduleRequest], *, email_only: bool, last: bool) -> Telling:
    matters = [Matter(request.appointment, request) for request in requests]
    return Telling(
        Moment.REQUEST_REMINDER, matters, batch=requests[0].batch, email_only=email_only, provider_too=last
    )

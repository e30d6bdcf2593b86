"""Reminders of open requests: one message for each batch and moment, naming the instant. None goes out before its prompt."""

from collections import Counter, defaultdict
from datetime import datetime

from django.db.models import Q, QuerySet

from raincheck.actions.engine.locks import EVERY_REQUEST, lock_due
from raincheck.data.reschedule import RescheduleRequest
from raincheck.data.timing.outages import has_its_time
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import SYSTEM
from raincheck.domain.reminders import Reminder, reminders
from raincheck.domain.reschedule import State
from raincheck.domain.zones import zone_named
from raincheck.notifications.notify import Dispatch, notify_many
from raincheck.notifications.subjects import NoticeSubject


def requests_to_remind_of(
    *, now: datetime, reachable_until: datetime | None = None
) -> QuerySet[RescheduleRequest]:
    """Return open requests whose next reminder is due; looked up without locking.

    One due after `reachable_until` waits: when it turns out that pages could not be opened, it moves with its deadline.
    """
    until = min(now, reachable_until or now)
    return has_its_time(RescheduleRequest.objects.filter(state=State.OPEN, remind_at__lte=until))


def send_due_reminders(
    *, now: datetime, limit: int, reachable_until: datetime | None = None, among: Q = EVERY_REQUEST
) -> Counter[str]:
    """Remind the clients of about `limit` requests whose reminder is due; at the last one the provider sees it too."""
    unlocked = requests_to_remind_of(now=now, reachable_until=reachable_until).filter(among)
    due = _due(unlocked, now=min(now, reachable_until or now), limit=limit)
    batches: dict[tuple[int, bool, bool], list[RescheduleRequest]] = defaultdict(list)
    for request in due:
        sent, last = _this_and_last(request, now=now)
        # Nobody is reminded of what never reached them, nor of a deadline that is over.
        if sent is not None and request.handed_over_at is not None and request.deadline_at > now:
            request.reminders_sent += 1
            batches[request.batch_id, sent.email_only, last].append(request)
    RescheduleRequest.objects.bulk_update(due, ["remind_at", "reminders_sent"])
    told = [
        Dispatch(
            NotificationType.REQUEST_REMINDER,
            [NoticeSubject(request.appointment, request) for request in requests],
            batch=requests[0].batch,
            email_only=email_only,
            provider_too=last,
        )
        for (_batch, email_only, last), requests in batches.items()
    ]
    # Not queued: the tick that this sweep is part of takes them with it.
    notify_many(told, by=SYSTEM, now=now, queued=False)
    reminded = sum(map(len, batches.values()))
    return Counter({"reminder sent": reminded} if due else {})


def _due(unlocked: QuerySet[RescheduleRequest], *, now: datetime, limit: int) -> list[RescheduleRequest]:
    locked = lock_due(unlocked, limit=limit)
    for request in locked.requests.values():
        request.appointment = locked.appointments[request.appointment_id]
    return [
        request
        for request in locked.requests.values()
        if request.is_open and request.remind_at and request.remind_at <= now
    ]


def _this_and_last(request: RescheduleRequest, *, now: datetime) -> tuple[Reminder | None, bool]:
    """Return the latest reminder that is due, setting when the next one is; reminders missed in between are not sent late."""
    appointment = request.appointment
    planned = reminders(
        request.deadline_at,
        prompted_at=request.prompted_at,
        zone=zone_named(appointment.client.zone_in(appointment.practice)),
        policy=appointment.practice.rules,
    )
    past = [reminder for reminder in planned if reminder.at <= now]
    ahead = [reminder for reminder in planned if reminder.at > now]
    request.remind_at = ahead[0].at if ahead else None
    return (past[-1] if past else None), not ahead

"""Reminders of open requests: one message for each batch and moment, naming the instant. None goes out before its prompt."""

from collections import Counter, defaultdict
from datetime import datetime

from django.db.models import Q, QuerySet

from raincheck.actions.engine.locks import EVERY_REQUEST, lock_due
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.timing.outages import has_its_time
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import SYSTEM
from raincheck.domain.reminders import reminders
from raincheck.domain.reschedule.lifecycle import State
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
    return RescheduleRequest.objects.filter(has_its_time(), state=State.OPEN, remind_at__lte=until)


def send_due_reminders(
    *, now: datetime, limit: int, reachable_until: datetime | None = None, among: Q = EVERY_REQUEST
) -> Counter[str]:
    """Remind the clients of about `limit` requests whose reminder is due; at the last one the provider sees it too."""
    until = min(now, reachable_until or now)
    locked = lock_due(
        requests_to_remind_of(now=now, reachable_until=reachable_until).filter(among), limit=limit
    )
    due = [
        request
        for request in locked.requests.values()
        if request.is_open and request.remind_at and request.remind_at <= until
    ]
    batches: dict[tuple[int, bool, bool], list[RescheduleRequest]] = defaultdict(list)
    for request in due:
        appointment = request.appointment = locked.appointments[request.appointment_id]
        planned = reminders(
            request.deadline_at,
            prompted_at=request.prompted_at,
            zone=zone_named(appointment.client.zone_in(appointment.practice)),
            policy=appointment.practice.rules,
        )
        # Only the latest that is due: those missed before it are not sent late.
        past = [reminder for reminder in planned if reminder.at <= now]
        ahead = [reminder for reminder in planned if reminder.at > now]
        request.remind_at = ahead[0].at if ahead else None
        # Nobody is reminded of what never reached them, nor of a deadline that is over.
        if past and request.handed_over_at is not None and request.deadline_at > now:
            request.reminders_sent += 1
            batches[request.batch_id, past[-1].email_only, not ahead].append(request)
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

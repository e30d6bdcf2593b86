"""More time for an open request, once, and reminders of it by hand: verbs of the practice that end nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import record
from raincheck.actions.reschedule.answer import lock_open_request
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.appointments.lifecycle import History
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.refusals import Refusal
from raincheck.domain.reminders import next_reminder
from raincheck.domain.reschedule.urging import (
    BETWEEN_REMINDERS_BY_HAND,
    BY_EXTENDING,
    extended,
    refuse_to_remind,
)
from raincheck.domain.tasks import TaskKind
from raincheck.domain.zones import zone_named
from raincheck.notifications.formats import duration, long_day_and_time
from raincheck.notifications.notify import Dispatch, notify, notify_many
from raincheck.notifications.subjects import NoticeSubject


def extend(request: UUID, *, by_length: timedelta, by: Actor, now: datetime) -> Answer:
    """Give the client `by_length` more time, once, and tell them. A request that waited for a person runs again.

    Raises AlreadyExtended, MoreTimeSettlesNothing or NoRoomToExtend: then the deadline stands.
    """
    asked = lock_open_request(request, now=now)
    appointment, policy = asked.appointment, asked.appointment.practice.rules
    with in_words(asked, now=now):
        asked.deadline_at = extended(asked.urged, by_length, now=now, policy=policy)
    asked.extended_at = now
    asked.needs_provider = asked.needs_provider_at = asked.told_of_waiting_at = None
    zone = zone_named(appointment.client.zone_in(appointment.practice))
    asked.remind_at = next_reminder(
        now, deadline=asked.deadline_at, prompted_at=asked.prompted_at, zone=zone, policy=policy
    )
    asked.save(
        update_fields=[
            "deadline_at",
            "extended_at",
            "needs_provider",
            "needs_provider_at",
            "told_of_waiting_at",
            "remind_at",
        ]
    )
    Task.objects.filter(request=asked, kind=TaskKind.NEEDS_PROVIDER, done_at__isnull=True).update(done_at=now)
    details: dict[str, str | int] = {"to": asked.deadline_at.isoformat(), "why": BY_EXTENDING}
    record(appointment, History.DEADLINE_MOVED, by=by, now=now, request=asked, details=details)
    subject = NoticeSubject(appointment, asked)
    # Never before the prompt itself, which leaves once the time to undo the ask is over.
    notify(
        NotificationType.DEADLINE_MOVED,
        subject,
        by=by,
        now=now,
        batch=asked.batch,
        release_at=max(now, asked.asked_at),
    )
    return {"request": str(asked.ref), "deadline": asked.deadline_at.isoformat()}


def remind_by_hand(request: UUID, *, by: Actor, now: datetime) -> Answer:
    """Remind the client of an open request now, beside what the clock sends: twice at most, 12 h apart.

    Raises NotArrivedYet, DeadlineHasPassed, RemindedTwice or RemindedJustNow: then nothing is sent.
    """
    asked = lock_open_request(request, now=now)
    with in_words(asked, now=now):
        refuse_to_remind(asked.urged, now=now)
    asked.reminded_by_hand += 1
    asked.reminded_by_hand_at = now
    asked.save(update_fields=["reminded_by_hand", "reminded_by_hand_at"])
    record(asked.appointment, History.REMINDED, by=by, now=now, request=asked)
    subject = NoticeSubject(asked.appointment, asked)
    # The provider's app tells of reminders by the clock; whoever reminds by hand knows.
    told = Dispatch(NotificationType.REQUEST_REMINDER, [subject], batch=asked.batch, provider_too=False)
    notify_many([told], by=by, now=now)
    return {"request": str(asked.ref)}


@contextmanager
def in_words(asked: RescheduleRequest, *, now: datetime) -> Iterator[None]:
    """Give a refusal's sentence what the rule doesn't know: the client's name, and how lengths and instants are said."""
    try:
        yield
    except Refusal as refusal:
        if "at" in refusal.values:
            at = datetime.fromisoformat(refusal.values["at"])
            refusal.values["at"] = long_day_and_time(at, asked.provider.zone, now=now)
        refusal.values |= {
            "name": asked.client.known_as,
            "lead": duration(asked.practice.rules.lead),
            "pause": duration(BETWEEN_REMINDERS_BY_HAND),
        }
        raise

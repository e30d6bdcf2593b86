"""Reminders of an open request: once a moment, by day, and never before the prompt they remind of."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.sent_notifications import latest, told

from raincheck.actions.timing.sweep import sweep
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.request import RescheduleRequest

HOURS = timedelta(hours=1)
NOON = NOW + 5 * HOURS
"""Noon for Riley in Los Angeles, so that reminders 24 h and 4 h before the deadline fall into their day."""


def handed_over(request: RescheduleRequest, at: datetime) -> RescheduleRequest:
    """Let the mail server have taken over the prompt at `at`."""
    RescheduleRequest.objects.filter(batch=request.batch_id).update(handed_over_at=at)
    request.refresh_from_db()
    return request


def reminded(now: datetime) -> list[str]:
    since = latest()
    sweep(now=now)
    return told(since)


TO_CLIENT = "request_reminder to client by email: waiting"
TO_PROVIDER = "request_reminder to provider by in_app: handed_over"


def test_the_client_is_reminded_twice_and_the_provider_sees_the_last_one(cast: Cast) -> None:
    request = handed_over(cast.asked(cast.booked(), now=NOON), NOON)
    assert reminded(request.deadline_at - 24 * HOURS - timedelta(microseconds=1)) == []
    assert reminded(request.deadline_at - 24 * HOURS) == [TO_CLIENT]
    assert reminded(request.deadline_at - 4 * HOURS - timedelta(microseconds=1)) == []
    assert reminded(request.deadline_at - 4 * HOURS) == [TO_CLIENT, TO_PROVIDER]
    assert reminded(request.deadline_at - HOURS) == []
    request.refresh_from_db()
    assert (request.reminders_sent, request.remind_at) == (2, None)


def test_of_reminders_that_were_missed_only_the_latest_is_sent(cast: Cast) -> None:
    request = handed_over(cast.asked(cast.booked(), now=NOON), NOON)
    assert reminded(request.deadline_at - HOURS) == [TO_CLIENT, TO_PROVIDER]
    request.refresh_from_db()
    assert (request.reminders_sent, request.remind_at) == (1, None)


def test_nobody_is_reminded_of_a_prompt_that_never_arrived(cast: Cast) -> None:
    request = cast.asked(cast.booked(), now=NOON)
    assert reminded(request.deadline_at - 24 * HOURS) == []
    request.refresh_from_db()
    assert (request.reminders_sent, request.remind_at) == (0, request.deadline_at - 4 * HOURS)


def test_a_reminder_within_four_hours_of_a_late_hand_over_is_dropped(cast: Cast) -> None:
    """The deadline cannot move: it lies right before the lead. Only the reminder that is far enough from the prompt goes out."""
    asked_at = TUESDAY_AT_ELEVEN - 50 * HOURS
    request = cast.asked(cast.booked(now=asked_at), now=asked_at)
    handed_over(request, request.deadline_at - 27 * HOURS)
    assert reminded(request.deadline_at - 24 * HOURS) == []
    assert reminded(request.deadline_at - 4 * HOURS) == [TO_CLIENT, TO_PROVIDER]


def test_appointments_of_one_prompt_are_reminded_of_in_one_message(cast: Cast) -> None:
    request = cast.asked(cast.booked(), cast.booked(new_york(1, 11, month=12)), now=NOON)
    handed_over(request, NOON)
    assert reminded(request.deadline_at - 24 * HOURS) == [TO_CLIENT]
    assert Notification.objects.latest("pk").appointments.count() == 2


def test_whoever_answered_is_not_reminded(cast: Cast) -> None:
    first, second = cast.booked(), cast.booked(new_york(1, 11, month=12))
    request = handed_over(cast.asked(first, second, now=NOON), NOON)
    cast.pick(request, now=NOON)
    assert reminded(request.deadline_at - 24 * HOURS) == [TO_CLIENT]
    [listed] = Notification.objects.latest("pk").appointments.all()
    assert listed.appointment_id == second.pk

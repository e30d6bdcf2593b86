"""Deliveries and the clock: late hand-overs, prompts that became obsolete, texts at night."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.notification_rows import HOUR, MINUTE, a_text, asked, attempts, begun, coming_to, words_sent
from tests.app.sent_notifications import latest, told
from tests.app.smtp_server import Gateway, Mailroom

from raincheck.actions.appointments.booking import Details, change_appointment_details
from raincheck.actions.engine.runner import run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.notifications import Link, Notification
from raincheck.data.people import Client, Recipient
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.notifications import Outcome
from raincheck.domain.people import SYSTEM
from raincheck.integrations.messages.delivery import carry_out, deliver, deliver_due
from raincheck.notifications.subjects import NoticeSubject

MONDAY_AT_TEN = new_york(30, 10)
EVENING, NIGHT, MORNING = new_york(17, 23), new_york(18, 1), new_york(18, 11)
"""8 PM, 10 PM and 8 AM in Los Angeles."""


def test_a_late_hand_over_gives_the_client_the_lost_time_back(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    request, prompt = asked(cast, now)
    assert deliver(prompt.pk, now=now + HOUR) is Outcome.ACCEPTED
    request.refresh_from_db()
    assert (request.handed_over_at, request.deadline_at) == (now + HOUR, now + 49 * HOUR)
    moved = AppointmentHistory.objects.get(event="deadline_moved")
    assert (moved.request_id, moved.at, moved.actor_kind, moved.details) == (
        request.pk,
        now + HOUR,
        "system",
        {"to": (now + 49 * HOUR).isoformat(), "why": "handed_over_late"},
    )


def test_a_late_prompt_says_what_is_true_when_it_arrives(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    first, second = cast.booked(now=now), cast.booked(TUESDAY_AT_ELEVEN + 7 * 24 * HOUR, now=now)
    cast.asked(first, second, now=now)
    cast.decline(RescheduleRequest.objects.get(appointment=first), now=now)
    prompt = Notification.objects.get(kind="asked", channel="email")
    deliver(prompt.pk, now=now + 2 * HOUR)
    sent = words_sent(prompt)
    assert sent.subject == "Please choose a new time for your appointment"
    assert "- Tuesday, December 1 at 8:00 AM (Los Angeles time)\n\nYou have 48 hours, until" in sent.text
    assert "until Wednesday, November 18 at 9:00 AM (Los Angeles time)" in sent.text
    assert "November 24" not in sent.text + sent.html
    assert RescheduleRequest.objects.get(appointment=second).deadline_at == now + 50 * HOUR


def test_a_prompt_that_is_tried_again_at_once_leaves_out_what_was_settled_meanwhile(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    first, second = cast.booked(now=now), cast.booked(TUESDAY_AT_ELEVEN + 7 * 24 * HOUR, now=now)
    cast.asked(first, second, now=now)
    cast.pick(RescheduleRequest.objects.get(appointment=first), now=now + MINUTE)
    prompt = Notification.objects.get(kind="asked", channel="email")
    deliver(prompt.pk, now=now + MINUTE)
    sent = words_sent(prompt)
    assert sent.subject == "Please choose a new time for your appointment"
    assert "November 24" not in sent.text + sent.html
    assert "until Wednesday, November 18 at 7:00 AM (Los Angeles time)" in sent.text


def test_five_minutes_are_no_delay(cast: Cast, mailroom: Mailroom, now: datetime) -> None:
    request, prompt = asked(cast, now)
    deliver(prompt.pk, now=now + 5 * MINUTE)
    request.refresh_from_db()
    assert request.deadline_at == now + 48 * HOUR
    assert not AppointmentHistory.objects.filter(event="deadline_moved").exists()


def test_a_late_hand_over_never_moves_the_deadline_past_the_lead(cast: Cast, mailroom: Mailroom) -> None:
    now = TUESDAY_AT_ELEVEN - 51 * HOUR
    request, prompt = asked(cast, now)
    deliver(prompt.pk, now=now + 20 * HOUR)
    request.refresh_from_db()
    assert request.deadline_at == TUESDAY_AT_ELEVEN - 2 * HOUR


def test_only_the_first_channel_to_arrive_counts(
    cast: Cast, mailroom: Mailroom, gateway: Gateway, now: datetime
) -> None:
    Recipient.objects.filter(client=cast.riley).update(phone="+13105550100", sms_agreed_at=now)
    by_day = now + HOUR  # 8 AM for Riley
    request, prompt = asked(cast, by_day)
    deliver(Notification.objects.get(channel="sms").pk, now=by_day)
    deliver(prompt.pk, now=by_day + HOUR)
    request.refresh_from_db()
    assert (request.handed_over_at, request.deadline_at) == (by_day, by_day + 48 * HOUR)


def test_a_hand_over_ends_the_task_about_its_absence(cast: Cast, mailroom: Mailroom, now: datetime) -> None:
    request, prompt = asked(cast, now)
    Task.objects.create(
        practice=cast.practice,
        provider=cast.okafor,
        client=cast.riley,
        kind="not_delivered",
        request=request,
        made_at=now,
        for_managers_at=now,
    )
    deliver(prompt.pk, now=now + 20 * MINUTE)
    assert list(Task.objects.values_list("kind", "done_at")) == [("not_delivered", now + 20 * MINUTE)]


def test_a_text_that_was_put_off_into_the_night_waits_for_the_morning(cast: Cast, gateway: Gateway) -> None:
    text = a_text(cast, "message", made_at=EVENING, due_at=EVENING)
    assert deliver(text.pk, now=NIGHT) is None
    text.refresh_from_db()
    assert (text.state, text.due_at, text.attempts, gateway.got) == ("waiting", MORNING, 0, [])
    assert deliver(text.pk, now=MORNING) is Outcome.ACCEPTED


def test_a_text_that_was_meant_for_the_night_goes_at_night(cast: Cast, gateway: Gateway) -> None:
    stands = NoticeSubject(cast.booked(now=EVENING))
    text = a_text(cast, "withdrawn", stands, made_at=NIGHT, due_at=NIGHT)
    assert deliver(text.pk, now=NIGHT) is Outcome.ACCEPTED


@pytest.mark.parametrize(("hours", "outcome"), [(13, Outcome.ACCEPTED), (15, None)])
def test_a_prompt_is_texted_at_night_only_shortly_before_its_deadline(
    cast: Cast, gateway: Gateway, hours: int, outcome: Outcome | None
) -> None:
    """The deadline lies two hours before the start."""
    # Nobody is asked in the evening about the next morning.
    asked_at = EVENING - 4 * HOUR
    appointment = cast.booked(NIGHT + hours * HOUR, now=asked_at)
    request = cast.asked(appointment, now=asked_at, last_minute_confirmed=True)
    text = a_text(cast, "asked", NoticeSubject(appointment, request), made_at=EVENING, due_at=EVENING)
    assert deliver(text.pk, now=NIGHT) is outcome


@pytest.mark.parametrize(("hours", "outcome"), [(11, Outcome.ACCEPTED), (13, None)])
def test_a_cancellation_is_texted_at_night_only_shortly_before_the_start(
    cast: Cast, gateway: Gateway, hours: int, outcome: Outcome | None
) -> None:
    appointment = cast.booked(NIGHT + hours * HOUR, now=EVENING - 48 * HOUR)
    text = a_text(cast, "cancelled", NoticeSubject(appointment), made_at=EVENING, due_at=EVENING)
    assert deliver(text.pk, now=NIGHT) is outcome


def test_a_hand_over_that_is_noted_after_the_answer_changes_nothing(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    request, prompt = asked(cast, now)
    attempt = begun(prompt, now=now)
    cast.pick(request, now=now)
    ended = coming_to(attempt, Outcome.ACCEPTED, answer="250 OK", now=now)
    run_command(ended, key=None, body={}, by=SYSTEM, now=now)
    prompt.refresh_from_db()
    request.refresh_from_db()
    assert (prompt.state, request.state, request.handed_over_at) == ("handed_over", "moved", None)


def test_a_prompt_whose_request_is_settled_is_never_sent(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    request, prompt = asked(cast, now)
    cast.withdraw(request, now=now)
    assert deliver(prompt.pk, now=now) is None
    prompt.refresh_from_db()
    assert (prompt.state, prompt.ended_at, prompt.attempts) == ("obsolete", now, 0)
    assert mailroom.got == []


def test_a_request_settled_after_an_attempt_began_is_seen_before_the_hand_over(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    request, prompt = asked(cast, now)
    attempt = begun(prompt, now=now)
    cast.withdraw(request, now=now)
    assert carry_out(attempt, link="https://harbor.example/r/x/", now=now) is None
    prompt.refresh_from_db()
    assert (prompt.state, attempts(prompt)) == ("obsolete", [])
    assert (mailroom.got, Link.objects.count(), Task.objects.count()) == ([], 0, 0)


def test_a_confirmation_is_sent_whatever_happened_since(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    request, _prompt = asked(cast, now)
    before = latest()
    cast.pick(request, now=now)
    deliver_due(now)
    assert told(before) == [
        "moved to client by email: handed_over",
        "moved to provider by email: handed_over",
        "moved to provider by in_app: handed_over",
    ]


def test_a_confirmation_that_leaves_late_tells_of_its_own_event(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    """The name is the one of the hand-over; times, place and the calendar entry's sequence are those of the move."""
    request, _prompt = asked(cast, now)
    cast.pick(request, FRIDAY_AT_NINE, now=now)
    Client.objects.filter(pk=cast.riley.pk).update(first_name="Ri")
    first = Notification.objects.get(kind="moved", recipient__isnull=False)
    row = Appointment.objects.get(pk=request.appointment_id)
    again = partial(
        change_appointment_details,
        row.ref,
        details=Details(MONDAY_AT_TEN, row.type_id, row.place_id, row.join_url),
        by=cast.by_okafor,
        now=now,
    )
    run_command(again, key=None, body={}, by=cast.by_okafor, now=now)
    assert deliver(first.pk, now=now + HOUR) is Outcome.ACCEPTED
    sent = words_sent(first)
    assert sent.text.splitlines()[2] == "You're all set, Ri."
    assert [line for line in sent.text.splitlines() if line.startswith(("- ", "  "))] == [
        "- Now: Friday, November 27 at 6:00 AM (Los Angeles time)",
        "  Before: Tuesday, November 24 at 8:00 AM (Los Angeles time)",
    ]
    assert re.findall(r"(?m)^(?:SEQUENCE|DTSTART;).*(?=\r)", sent.calendar) == [
        "DTSTART;TZID=America/Los_Angeles:20261127T060000",
        "SEQUENCE:1",
    ]

"""A mail server or gateway that is away, or keeps everybody waiting: no client loses their time by it, and the rest goes on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from tests.app.cast import Cast
from tests.app.notification_rows import HOUR, MINUTE, asked
from tests.app.smtp_server import HERE, mail_server

from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Recipient
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.notifications import Outcome
from raincheck.integrations.messages.delivery import deliver, deliver_due

WEEK = timedelta(days=7)


@pytest.fixture
def nobody() -> Iterator[str]:
    """A port that is taken and at which nobody listens."""
    with socket.socket() as taken:
        taken.bind((HERE, 0))
        yield f"{HERE}:{taken.getsockname()[1]}"


def pass_time(start: datetime, end: datetime) -> None:
    """Let the worker do what it does, every other hour and in the end."""
    at = start
    while at < end:
        deliver_due(at)
        sweep(now=at)
        at += 2 * HOUR
    deliver_due(end)
    sweep(now=end)


def open_tasks() -> set[str]:
    return set(Task.objects.filter(done_at__isnull=True).values_list("kind", flat=True))


def untouched(request: RescheduleRequest, now: datetime) -> bool:
    """Whether the request stays open for a person, its deadline as it was, and its appointment stands."""
    request.refresh_from_db()
    appointment = Appointment.objects.get(pk=request.appointment_id)
    return (request.state, request.needs_provider, request.deadline_at, appointment.status) == (
        "open",
        "not_handed_over",
        now + 48 * HOUR,
        "scheduled",
    )


def test_nothing_lapses_while_the_mail_server_is_away_for_49_hours(
    cast: Cast, settings: LazySettings, now: datetime, nobody: str
) -> None:
    settings.EMAIL_URL = f"smtp://{nobody}"
    request, prompt = asked(cast, now)
    pass_time(now, now + 15 * MINUTE)
    assert open_tasks() == {"not_delivered"}
    pass_time(now + HOUR, now + 49 * HOUR)
    prompt.refresh_from_db()
    assert untouched(request, now)
    assert (prompt.state, open_tasks()) == ("failed", {"needs_provider", "not_delivered"})
    assert prompt.tries.filter(outcome="deferred").count() == prompt.attempts
    assert now + 22 * HOUR < prompt.tries.latest("pk").at <= now + 24 * HOUR
    with mail_server() as room:
        settings.EMAIL_URL = room.url
        cast.booked(request.appointment.starts_at + WEEK, now=now + 49 * HOUR)
        assert deliver_due(now + 49 * HOUR) == {Outcome.ACCEPTED: 1}
    assert untouched(request, now)


@pytest.mark.verify
def test_nothing_lapses_while_the_gateway_is_away_for_49_hours(
    cast: Cast, settings: LazySettings, now: datetime, nobody: str
) -> None:
    settings.SMS_URL = f"http://{nobody}/texts"
    Recipient.objects.filter(client=cast.riley).update(email="", phone="+13105550100", sms_agreed_at=now)
    now += HOUR  # 8 AM for Riley
    request = cast.asked(cast.booked(now=now), now=now)
    pass_time(now, now + 49 * HOUR)
    assert untouched(request, now)
    assert open_tasks() == {"needs_provider", "not_delivered"}


@pytest.mark.verify
def test_a_mail_server_that_comes_back_after_three_hours_gives_them_back(
    cast: Cast, settings: LazySettings, now: datetime, nobody: str
) -> None:
    settings.EMAIL_URL = f"smtp://{nobody}"
    request, _prompt = asked(cast, now)
    pass_time(now, now + 2 * HOUR)
    with mail_server() as room:
        settings.EMAIL_URL = room.url
        pass_time(now + 3 * HOUR, now + 50 * HOUR)
        request.refresh_from_db()
        assert (request.state, request.handed_over_at) == ("open", now + 3 * HOUR)
        assert (request.deadline_at, open_tasks()) == (now + 51 * HOUR, set())
        sweep(now=now + 51 * HOUR + MINUTE)
    request.refresh_from_db()
    assert request.state == "lapsed"


def test_a_name_that_nobody_knows_is_tried_later(cast: Cast, settings: LazySettings, now: datetime) -> None:
    settings.EMAIL_URL = f"smtp://{'x' * 64}.example"
    _request, prompt = asked(cast, now)
    assert deliver(prompt.pk, now=now) is Outcome.DEFERRED

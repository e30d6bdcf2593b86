"""Many requests that are due at once: so many statements for a batch, however large it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.app.cast import NOW, Cast, new_york

from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.lapse import settle_due
from raincheck.actions.reschedule.remind import send_due_reminders
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.notifications import Notification
from raincheck.data.people import Recipient
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.people import SYSTEM

HOURS = timedelta(hours=1)
RIPE = NOW + 48 * HOURS + timedelta(minutes=1)


@pytest.fixture
def many(cast: Cast) -> None:
    """Riley's and Maya's requests with two providers, 20 in all: some intakes, some in batches, Riley with texts too."""
    Recipient.objects.filter(client=cast.riley).update(phone="+12125550100", sms_agreed_at=NOW)
    pairs = [
        (client, provider) for client in (cast.riley, cast.maya) for provider in (cast.okafor, cast.fischer)
    ]
    for number, (client, provider) in enumerate(pairs * 5):
        start = new_york(30, 9) + number // 4 * 24 * HOURS + number % 4 * 2 * HOURS
        booked = cast.booked(
            start, client=client, provider=provider, kind=cast.intake if number % 5 == 0 else None
        )
        cast.asked(booked, repeat_confirmed=True)
    RescheduleRequest.objects.update(handed_over_at=NOW, remind_at=RIPE - 24 * HOURS)


def statements(step: Callable[..., object], *, limit: int, now: object) -> int:
    with CaptureQueriesContext(connection) as asked:
        run_command(lambda: {"did": str(step(now=now, limit=limit))}, key=None, body={}, by=SYSTEM, now=RIPE)
    return len(asked)


@pytest.mark.usefixtures("many")
def test_a_batch_of_lapses_takes_as_many_statements_as_three() -> None:
    assert statements(settle_due, limit=3, now=RIPE) == statements(settle_due, limit=200, now=RIPE)
    assert RescheduleRequest.objects.filter(state="lapsed").count() == 20
    assert AppointmentHistory.objects.filter(event="lapsed").count() == 20
    told = Notification.objects.filter(kind="lapsed").order_by("channel").values_list("channel", flat=True)
    assert sorted(told) == ["email"] * 40 + ["in_app"] * 20 + ["sms"] * 10


@pytest.mark.usefixtures("many")
def test_a_batch_of_reminders_takes_as_many_statements_as_three() -> None:
    at = RIPE - 24 * HOURS
    assert statements(send_due_reminders, limit=3, now=at) == statements(
        send_due_reminders, limit=200, now=at
    )
    assert RescheduleRequest.objects.filter(reminders_sent=1).count() == 20

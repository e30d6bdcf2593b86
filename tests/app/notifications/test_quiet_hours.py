"""Texts at night: only a prompt, withdrawal or cancellation less than 12 hours before its deadline or start."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import NOW, Cast, new_york

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.engine.runner import run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.data.notifications import Notification
from raincheck.data.people import Recipient
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import CancelReason

HOURS = timedelta(hours=1)
GRACE = timedelta(minutes=1)
NIGHT, MORNING = new_york(18, 4), new_york(18, 11)
"""1 AM and 8 AM in Los Angeles, where Riley is."""


@pytest.fixture
def riley_gets_texts(cast: Cast) -> Cast:
    Recipient.objects.filter(client=cast.riley).update(phone="+13105550100", sms_agreed_at=NOW)
    return cast


def text(kind: str) -> datetime:
    """Return when the text about a moment is due."""
    return Notification.objects.get(kind=kind, channel="sms").due_at


@pytest.mark.parametrize(("hours", "due_at"), [(13.99, NIGHT), (14, MORNING), (72, MORNING)])
def test_a_prompt(riley_gets_texts: Cast, hours: float, due_at: datetime) -> None:
    """Its deadline lies two hours before the start, 48 hours after the ask at most."""
    cast = riley_gets_texts
    appointment = cast.booked(NIGHT + hours * HOURS, now=NIGHT - HOURS)
    cast.asked(appointment, now=NIGHT, last_minute_confirmed=True)
    assert text("asked") == due_at


@pytest.mark.parametrize(("hours", "due_at"), [(13.99, NIGHT), (14, MORNING), (72, MORNING)])
def test_a_withdrawal(riley_gets_texts: Cast, hours: float, due_at: datetime) -> None:
    cast = riley_gets_texts
    appointment = cast.booked(NIGHT + hours * HOURS, now=NIGHT - HOURS)
    cast.withdraw(cast.asked(appointment, now=NIGHT - HOURS, last_minute_confirmed=True), now=NIGHT)
    assert text("withdrawn") == due_at


@pytest.mark.parametrize(("hours", "due_at"), [(11.99, NIGHT), (12, MORNING), (72, MORNING)])
def test_a_withdrawal_after_the_deadline_looks_at_the_start(
    riley_gets_texts: Cast, hours: float, due_at: datetime
) -> None:
    """The request waits for the provider, since its prompt was never handed over."""
    cast = riley_gets_texts
    appointment = cast.booked(NIGHT + hours * HOURS, now=NOW - 72 * HOURS)
    request = cast.asked(appointment, now=NIGHT - 49 * HOURS)
    assert request.deadline_at == NIGHT - HOURS
    cast.withdraw(request, now=NIGHT)
    assert text("withdrawn") == due_at


@pytest.mark.parametrize(("hours", "due_at"), [(11.99, NIGHT), (12, MORNING), (72, MORNING)])
def test_a_cancellation(riley_gets_texts: Cast, hours: float, due_at: datetime) -> None:
    cast = riley_gets_texts
    appointment = cast.booked(NIGHT + hours * HOURS, now=NIGHT - HOURS)
    said = Cancellation(CancelReason.CLINICAL)
    verb = partial(cancel_appointment, appointment.ref, cancellation=said, by=cast.by_okafor, now=NIGHT)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NIGHT)
    assert text("cancelled") == due_at


@pytest.mark.parametrize(("hours", "is_texted"), [(3, True), (72, False)])
def test_a_lapse(riley_gets_texts: Cast, hours: int, is_texted: bool) -> None:
    """Nobody should set out at seven for a session that was canceled at five."""
    cast = riley_gets_texts
    appointment = cast.booked(NIGHT + hours * HOURS, now=NOW - 72 * HOURS)
    request = cast.asked(appointment, now=NIGHT - 47 * HOURS)
    RescheduleRequest.objects.update(handed_over_at=request.asked_at)
    lapsed_at = request.deadline_at + GRACE
    assert sweep(now=lapsed_at)["request lapsed"] == 1
    assert text("lapsed") == (lapsed_at if is_texted else MORNING)


def test_by_day_every_text_goes_at_once(riley_gets_texts: Cast) -> None:
    cast, noon = riley_gets_texts, new_york(18, 15)
    cast.withdraw(cast.asked(cast.booked(), now=noon), now=noon)
    assert (text("asked"), text("withdrawn")) == (noon, noon)

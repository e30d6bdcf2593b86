"""A client without an e-mail address who agreed to texts: told of everything by text, and never by a mail that must fail."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import NOW, Cast, new_york
from tests.app.sent_notifications import latest, said_in, told

from raincheck.actions.appointments.booking import Details, change_appointment_details
from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.data.notifications import Notification
from raincheck.data.people import Recipient
from raincheck.data.reschedule.request import RescheduleRequest

HOURS = timedelta(hours=1)
NOON = NOW + 5 * HOURS
"""Noon for Riley in Los Angeles."""


@pytest.fixture
def by_text(cast: Cast) -> Cast:
    Recipient.objects.filter(client=cast.riley).update(email="", phone="+13105550100", sms_agreed_at=NOW)
    return cast


def to_client(since: int) -> list[str]:
    return [line for line in told(since) if "to client" in line]


def handed_over(request: RescheduleRequest, at: datetime) -> RescheduleRequest:
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=at)
    request.refresh_from_db()
    return request


def test_from_the_booking_to_the_move(by_text: Cast) -> None:
    cast = by_text
    request = cast.asked(cast.booked(now=NOON), now=NOON)
    cast.pick(request, now=NOON)
    assert to_client(0) == [
        "booked to client by sms: waiting",
        "asked to client by sms: waiting",
        "moved to client by sms: waiting",
    ]
    assert said_in(Notification.objects.get(kind="moved", channel="sms")).words.text == (
        "Harbor: your appointment has moved to Fri, Nov 27, 6:00 AM (Los Angeles time). {link}"
    )


def test_a_decline_and_another_place_to_join(by_text: Cast) -> None:
    cast = by_text
    appointment = cast.booked(now=NOON)
    since = latest()
    details = Details(
        appointment.starts_at, appointment.type_id, appointment.place_id, "https://meet.example/other"
    )
    verb = partial(change_appointment_details, appointment.ref, details=details, by=cast.by_okafor, now=NOON)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOON)
    cast.decline(cast.asked(appointment, now=NOON), now=NOON)
    assert to_client(since) == [
        "details_changed to client by sms: waiting",
        "asked to client by sms: waiting",
        "declined to client by sms: waiting",
    ]


def test_a_word_that_moves_the_deadline(by_text: Cast) -> None:
    cast = by_text
    request = cast.asked(cast.booked(now=NOON), now=NOON)
    word_at = request.deadline_at - HOURS
    since = latest()
    verb = partial(
        write_message, cast.okafor.pk, cast.riley.pk, words="Evenings?", by=cast.by_riley, now=word_at
    )
    run_command(verb, key=None, body={}, by=cast.by_riley, now=word_at)
    assert to_client(since) == ["deadline_moved to client by sms: waiting"]


def test_a_reminder_that_may_only_go_by_mail_at_night_is_left_out(by_text: Cast) -> None:
    """The ask is made at 6 PM in Los Angeles, the last reminder is due at 6 AM, and 8 PM is too near to the prompt."""
    cast = by_text
    evening = new_york(16, 21)
    appointment = cast.booked(new_york(17, 15), now=evening)
    request = handed_over(cast.asked(appointment, now=evening, last_minute_confirmed=True), evening)
    assert request.remind_at == new_york(17, 9)
    since = latest()
    sweep(now=new_york(17, 9))
    assert told(since) == ["request_reminder to provider by in_app: handed_over"]


def test_the_same_reminder_goes_by_mail_to_whom_it_reaches(cast: Cast) -> None:
    Recipient.objects.filter(client=cast.riley).update(phone="+13105550100", sms_agreed_at=NOW)
    evening = new_york(16, 21)
    appointment = cast.booked(new_york(17, 15), now=evening)
    handed_over(cast.asked(appointment, now=evening, last_minute_confirmed=True), evening)
    since = latest()
    sweep(now=new_york(17, 9))
    assert told(since) == [
        "request_reminder to client by email: waiting",
        "request_reminder to provider by in_app: handed_over",
    ]


def test_whom_nothing_reaches_is_told_by_a_mail_that_somebody_sees_failing(cast: Cast) -> None:
    appointment = cast.booked(now=NOON)
    request = cast.asked(appointment, now=NOON)
    Recipient.objects.filter(client=cast.riley).update(email="")
    since = latest()
    cast.pick(request, now=NOON)
    assert to_client(since) == ["moved to client by email: waiting"]


def test_at_night_nobody_took_the_prompt_over_because_it_waits_for_the_morning(by_text: Cast) -> None:
    """Asked at 10 PM in Los Angeles: the text may go at 8 AM, and only a quarter of an hour later something is wrong."""
    cast = by_text
    night, morning = new_york(17, 1), new_york(17, 11)
    cast.asked(cast.booked(now=night), now=night)
    quarter = timedelta(minutes=15)
    assert sweep(now=night + quarter)["prompt not handed over"] == 0
    assert sweep(now=morning + quarter - timedelta(microseconds=1))["prompt not handed over"] == 0
    assert sweep(now=morning + quarter)["prompt not handed over"] == 1


def test_whom_mails_reach_too_is_not_waited_for(cast: Cast) -> None:
    Recipient.objects.filter(client=cast.riley).update(phone="+13105550100", sms_agreed_at=NOW)
    night = new_york(17, 1)
    cast.asked(cast.booked(now=night), now=night)
    assert sweep(now=night + timedelta(minutes=15))["prompt not handed over"] == 1

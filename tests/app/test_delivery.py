"""Delivering notifications: claimed once, handed over outside transactions, and never silently lost."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.conf import LazySettings
from tests.app.cast import FRIDAY_AT_NINE, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.post import Gateway, Mailroom, mail_server, text_gateway
from tests.app.telling import latest, told

from raincheck.actions.deliveries import begin_attempt, end_attempt
from raincheck.actions.runner import act
from raincheck.data.appointments import AppointmentHistory
from raincheck.data.notifications import DeliveryAttempt, Link, Notification
from raincheck.data.people import Recipient
from raincheck.data.reschedule import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.notifications import Outcome
from raincheck.domain.people import SYSTEM
from raincheck.integrations.delivery import carry_out, deliver, deliver_due, warnings

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def mailroom(settings: LazySettings) -> Iterator[Mailroom]:
    with mail_server() as room:
        settings.EMAIL_URL = room.url
        settings.EMAIL_FROM = "appointments@harbor.example"
        settings.BASE_URL = "https://harbor.example"
        yield room


@pytest.fixture
def gateway(settings: LazySettings) -> Iterator[Gateway]:
    with text_gateway() as gateway:
        settings.SMS_URL = gateway.url
        yield gateway


def asked(cast: Cast, now: datetime) -> tuple[RescheduleRequest, Notification]:
    """Ask Riley, and return the request with the prompt by e-mail. What booking told is out of the way."""
    appointment = cast.booked(now=now)
    Notification.objects.filter(state="waiting").update(state="handed_over", ended_at=now)
    request = cast.asked(appointment, now=now)
    return request, Notification.objects.get(moment="asked", channel="email")


def attempts(notification: Notification) -> list[tuple[str | None, str]]:
    return list(notification.tries.order_by("pk").values_list("outcome", "answer"))


def test_a_prompt_is_handed_over_with_a_link_of_its_own(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    request, prompt = asked(cast, now)
    assert deliver_due(now) == {Outcome.ACCEPTED: 1}
    prompt.refresh_from_db()
    assert (prompt.state, prompt.ended_at, prompt.attempts, prompt.address) == (
        "handed_over",
        now,
        1,
        "riley@clients.example",
    )
    assert attempts(prompt) == [("accepted", "250 OK queued as 7")]
    request.refresh_from_db()
    assert (request.handed_over_at, request.deadline_at) == (now, now + 48 * HOUR)
    (message,) = mailroom.got
    assert message["Message-ID"] == f"<{prompt.ref}@harbor.example>"
    (link,) = Link.objects.all()
    for part in ("plain", "html"):
        body = message.get_body((part,))
        assert body is not None
        (token,) = re.findall(r"https://harbor\.example/r/([\w-]{43})/", body.get_content())
        assert bytes(link.hash) == hashlib.sha256(token.encode()).digest()
    assert (link.recipient_id, link.batch_id, link.channel, link.address, link.made_at) == (
        prompt.recipient_id,
        request.batch_id,
        "email",
        "riley@clients.example",
        now,
    )
    assert "{link}" in prompt.text
    assert "{link}" in prompt.html


def test_a_message_is_handed_over_once(cast: Cast, mailroom: Mailroom, now: datetime) -> None:
    _request, prompt = asked(cast, now)
    assert [deliver(prompt.pk, now=now) for _twice in range(2)] == [Outcome.ACCEPTED, None]
    assert len(mailroom.got) == 1


def test_nothing_goes_before_it_is_due(cast: Cast, mailroom: Mailroom, now: datetime) -> None:
    _request, prompt = asked(cast, now)
    assert deliver(prompt.pk, now=now - MINUTE) is None
    assert mailroom.got == []


def test_a_text_goes_by_the_gateway_and_fits(
    cast: Cast, mailroom: Mailroom, gateway: Gateway, now: datetime
) -> None:
    Recipient.objects.filter(client=cast.riley).update(phone="+13105550100", sms_agreed_at=now)
    asked(cast, now)
    assert deliver_due(now) == {Outcome.ACCEPTED: 2}
    (text,) = gateway.got
    sms = Notification.objects.get(channel="sms")
    assert (text["to"], text["id"]) == ("+13105550100", str(sms.ref))
    assert re.fullmatch(
        r"Harbor: please choose a new appointment time by Wed, Nov 18, 7:00 AM \(Los Angeles time\): "
        r"https://harbor\.example/r/[\w-]{43}/",
        text["text"],
    )
    assert len(text["text"]) <= 160


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
    request, prompt = asked(cast, now)
    deliver(Notification.objects.get(channel="sms").pk, now=now)
    deliver(prompt.pk, now=now + HOUR)
    request.refresh_from_db()
    assert (request.handed_over_at, request.deadline_at) == (now, now + 48 * HOUR)


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


def test_a_server_that_is_busy_is_tried_again_with_growing_pauses(
    cast: Cast, settings: LazySettings, now: datetime
) -> None:
    with mail_server(rcpt="451 4.7.1 greylisted") as room:
        settings.EMAIL_URL = room.url
        _request, prompt = asked(cast, now)
        waits = []
        at = now
        for _try in range(4):
            assert deliver_due(at) == {Outcome.DEFERRED: 1}
            prompt.refresh_from_db()
            waits.append(prompt.due_at - at)
            at = prompt.due_at
        assert waits == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
        assert (prompt.state, prompt.attempts) == ("waiting", 4)
        assert attempts(prompt) == [("deferred", "451 4.7.1 greylisted")] * 4
        assert Link.objects.count() == 4
        room.rcpt = "250 OK"
        assert deliver_due(at) == {Outcome.ACCEPTED: 1}


def test_after_a_day_of_tries_a_person_sees_that_it_failed(
    cast: Cast, settings: LazySettings, now: datetime
) -> None:
    with mail_server(rcpt="451 4.7.1 greylisted") as room:
        settings.EMAIL_URL = room.url
        request, prompt = asked(cast, now)
        while prompt.state == "waiting":
            deliver(prompt.pk, now=prompt.due_at)
            prompt.refresh_from_db()
    assert prompt.state == "failed"
    assert now + 22 * HOUR < prompt.tries.order_by("-pk")[0].at <= now + 24 * HOUR
    assert tasks() == [("not_delivered", cast.okafor.pk, cast.riley.pk, request.pk, prompt.pk)]


def test_a_refusal_is_a_task_at_once(cast: Cast, settings: LazySettings, now: datetime) -> None:
    with mail_server(rcpt="550 5.1.1 no such user") as room:
        settings.EMAIL_URL = room.url
        request, prompt = asked(cast, now)
        assert deliver(prompt.pk, now=now) is Outcome.REFUSED
    prompt.refresh_from_db()
    request.refresh_from_db()
    assert (prompt.state, prompt.ended_at, request.handed_over_at) == ("failed", now, None)
    assert attempts(prompt) == [("refused", "550 5.1.1 no such user")]
    assert tasks() == [("not_delivered", cast.okafor.pk, cast.riley.pk, request.pk, prompt.pk)]


def test_a_message_to_a_provider_that_fails_is_their_task(
    cast: Cast, settings: LazySettings, now: datetime
) -> None:
    request, _prompt = asked(cast, now)
    before = latest()
    cast.pick(request, now=now)
    with mail_server(rcpt="550 5.1.1 no such user") as room:
        settings.EMAIL_URL = room.url
        failed = Notification.objects.get(pk__gt=before, provider=cast.okafor, channel="email")
        deliver(failed.pk, now=now)
    assert tasks() == [("not_delivered", cast.okafor.pk, cast.riley.pk, None, failed.pk)]


def test_without_an_address_a_message_is_shown_to_a_person(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    request, prompt = asked(cast, now)
    Recipient.objects.filter(client=cast.riley).update(email="")
    assert deliver(prompt.pk, now=now) is None
    prompt.refresh_from_db()
    assert (prompt.state, attempts(prompt)) == ("failed", [])
    assert tasks() == [("not_delivered", cast.okafor.pk, cast.riley.pk, request.pk, prompt.pk)]


def test_a_text_is_not_sent_once_the_client_took_the_agreement_back(
    cast: Cast, mailroom: Mailroom, gateway: Gateway, now: datetime
) -> None:
    Recipient.objects.filter(client=cast.riley).update(phone="+13105550100", sms_agreed_at=now)
    asked(cast, now)
    Recipient.objects.filter(client=cast.riley).update(sms_agreed_at=None)
    deliver_due(now)
    assert gateway.got == []
    assert Notification.objects.get(channel="sms").state == "failed"


def a_text(cast: Cast, moment: str, *, made_at: datetime, due_at: datetime) -> Notification:
    """Put a text to Riley, who lives in Los Angeles, into the queue as some verb would."""
    riley = Recipient.objects.get(client=cast.riley)
    riley.phone, riley.sms_agreed_at = "+13105550100", made_at
    riley.save(update_fields=["phone", "sms_agreed_at"])
    return Notification.objects.create(
        practice=cast.practice,
        recipient=riley,
        channel="sms",
        moment=moment,
        made_at=made_at,
        due_at=due_at,
        give_up_at=due_at + 24 * HOUR,
        text="Harbor: hello",
    )


EVENING, NIGHT, MORNING = new_york(17, 23), new_york(18, 1), new_york(18, 11)
"""8 PM, 10 PM and 8 AM in Los Angeles."""


def test_a_text_that_was_put_off_into_the_night_waits_for_the_morning(cast: Cast, gateway: Gateway) -> None:
    text = a_text(cast, "message", made_at=EVENING, due_at=EVENING)
    assert deliver(text.pk, now=NIGHT) is None
    text.refresh_from_db()
    assert (text.state, text.due_at, text.attempts, gateway.got) == ("waiting", MORNING, 0, [])
    assert deliver(text.pk, now=MORNING) is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("moment", "made_at"), [("asked", EVENING), ("withdrawn", NIGHT)], ids=["prompt", "meant for the night"]
)
def test_a_text_that_cannot_wait_goes_at_night(
    cast: Cast, gateway: Gateway, moment: str, made_at: datetime
) -> None:
    text = a_text(cast, moment, made_at=made_at, due_at=made_at)
    if moment == "asked":
        request = cast.asked(cast.booked(now=EVENING), now=EVENING)
        text.appointments.create(
            practice=cast.practice, appointment=request.appointment, request=request, sequence=0
        )
    assert deliver(text.pk, now=NIGHT) is Outcome.ACCEPTED


@pytest.mark.parametrize(("hours", "outcome"), [(11, Outcome.ACCEPTED), (13, None)])
def test_a_cancellation_is_texted_at_night_only_shortly_before_the_start(
    cast: Cast, gateway: Gateway, hours: int, outcome: Outcome | None
) -> None:
    appointment = cast.booked(NIGHT + hours * HOUR, now=EVENING - 48 * HOUR)
    text = a_text(cast, "cancelled", made_at=EVENING, due_at=EVENING)
    text.appointments.create(practice=cast.practice, appointment=appointment, sequence=1)
    assert deliver(text.pk, now=NIGHT) is outcome


def test_a_hand_over_that_is_noted_after_the_answer_changes_nothing(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    request, prompt = asked(cast, now)
    attempt = begun(prompt, now=now)
    cast.pick(request, now=now)
    ended = partial(end_attempt, attempt, outcome=Outcome.ACCEPTED, answer="250 OK", now=now)
    act(ended, key=None, body={}, by=SYSTEM, now=now)
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
    assert (prompt.state, prompt.ended_at, prompt.attempts) == ("overtaken", now, 0)
    assert mailroom.got == []


def test_a_request_settled_after_an_attempt_began_is_seen_before_the_hand_over(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    request, prompt = asked(cast, now)
    attempt = begun(prompt, now=now)
    cast.withdraw(request, now=now)
    assert carry_out(attempt, link="https://harbor.example/r/x/", now=now) is None
    prompt.refresh_from_db()
    assert (prompt.state, attempts(prompt)) == ("overtaken", [])
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


def test_a_message_whose_sender_died_goes_out_again_under_the_same_id(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    _request, prompt = asked(cast, now)
    begun(prompt, now=now)
    assert deliver(prompt.pk, now=now + MINUTE) is None
    assert deliver(prompt.pk, now=now + 2 * MINUTE) is Outcome.ACCEPTED
    prompt.refresh_from_db()
    assert (prompt.state, prompt.attempts) == ("handed_over", 2)
    assert attempts(prompt) == [("unknown", ""), ("accepted", "250 OK queued as 7")]


def test_an_outcome_that_comes_late_still_counts(cast: Cast, mailroom: Mailroom, now: datetime) -> None:
    _request, prompt = asked(cast, now)
    slow = begun(prompt, now=now)
    again = begun(prompt, now=now + 2 * MINUTE)
    for attempt, outcome in ((slow, Outcome.ACCEPTED), (again, Outcome.REFUSED)):
        ended = partial(end_attempt, attempt, outcome=outcome, answer="", now=now + 3 * MINUTE)
        act(ended, key=None, body={}, by=SYSTEM, now=now)
    prompt.refresh_from_db()
    assert (prompt.state, attempts(prompt)) == ("handed_over", [("accepted", ""), ("refused", "")])
    assert Task.objects.count() == 0


def test_a_line_that_broke_after_the_message_is_tried_again(
    cast: Cast, settings: LazySettings, now: datetime
) -> None:
    with mail_server(drops="DATA") as room:
        settings.EMAIL_URL = room.url
        request, prompt = asked(cast, now)
        assert deliver(prompt.pk, now=now) is Outcome.UNKNOWN
    prompt.refresh_from_db()
    request.refresh_from_db()
    assert (prompt.state, prompt.due_at, request.handed_over_at) == ("waiting", now + MINUTE, None)


def test_without_a_mail_server_nothing_is_lost_in_silence(
    cast: Cast, settings: LazySettings, now: datetime
) -> None:
    settings.EMAIL_URL = settings.SMS_URL = ""
    request, prompt = asked(cast, now)
    assert deliver(prompt.pk, now=now) is Outcome.REFUSED
    assert attempts(prompt) == [("refused", "EMAIL_URL is not set")]
    assert tasks() == [("not_delivered", cast.okafor.pk, cast.riley.pk, request.pk, prompt.pk)]
    assert warnings() == ["EMAIL_URL is not set, so no e-mail leaves; every message becomes a task."]


def test_a_missing_gateway_is_a_warning_once_somebody_agreed_to_texts(
    cast: Cast, mailroom: Mailroom, settings: LazySettings, now: datetime
) -> None:
    settings.SMS_URL = ""
    assert warnings() == []
    Recipient.objects.filter(client=cast.riley).update(phone="+13105550100", sms_agreed_at=now)
    assert warnings() == ["SMS_URL is not set, but some clients agreed to texts; every text becomes a task."]


def test_the_demo_keeps_its_mail_with_the_link(cast: Cast, settings: LazySettings, now: datetime) -> None:
    settings.EMAIL_URL, settings.RAINCHECK_DEMO, settings.BASE_URL = "", True, "http://127.0.0.1:8000"
    request, prompt = asked(cast, now)
    assert deliver(prompt.pk, now=now) is Outcome.ACCEPTED
    ((outcome, link),) = attempts(prompt)
    assert outcome == "accepted"
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/r/[\w-]{43}/", link)
    request.refresh_from_db()
    assert (request.handed_over_at, warnings()) == (now, [])


def test_an_address_that_is_none_is_refused_and_shown(cast: Cast, mailroom: Mailroom, now: datetime) -> None:
    Recipient.objects.filter(client=cast.riley).update(email="riley at home")
    _request, prompt = asked(cast, now)
    assert deliver(prompt.pk, now=now) is Outcome.REFUSED
    assert len(tasks()) == 1


def test_calendars_follow_a_move(cast: Cast, mailroom: Mailroom, now: datetime) -> None:
    request, _prompt = asked(cast, now)
    cast.pick(request, FRIDAY_AT_NINE, now=now)
    deliver_due(now)
    confirmation = next(message for message in mailroom.got if message["To"] == "riley@clients.example")
    assert [part.get_content_type() for part in confirmation.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]


def begun(notification: Notification, *, now: datetime) -> int:
    """Begin an attempt as a process would that dies before it can say what came of it; return the attempt's number."""
    answer = act(partial(begin_attempt, notification.pk, now=now), key=None, body={}, by=SYSTEM, now=now)
    return int(answer["attempt"])


def tasks() -> list[tuple[str, int, int, int | None, int]]:
    return list(Task.objects.values_list("kind", "provider", "client", "request", "notification"))


def test_attempts_of_one_practice_stay_there(cast: Cast, mailroom: Mailroom, now: datetime) -> None:
    asked(cast, now)
    deliver_due(now)
    assert set(DeliveryAttempt.objects.values_list("practice")) == {(cast.practice.pk,)}

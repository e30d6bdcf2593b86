"""Delivering notifications: claimed once, handed over outside transactions, with links of their own."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from django.conf import LazySettings
from tests.app.cast import FRIDAY_AT_NINE, Cast
from tests.app.notification_rows import HOUR, MINUTE, asked, attempts, begun, coming_to, words_sent
from tests.app.smtp_server import Gateway, Mailroom

from raincheck.actions.engine.runner import run_command
from raincheck.data.notifications import DeliveryAttempt, Link, Notification
from raincheck.data.people import Recipient
from raincheck.data.tasks import Task
from raincheck.domain.notifications import Outcome
from raincheck.domain.people import SYSTEM
from raincheck.integrations.messages.delivery import deliver, deliver_due, warnings


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
        (token,) = re.findall(r"https://harbor\.example/r/([\w-]{22})/", body.get_content())
        assert bytes(link.hash) == hashlib.sha256(token.encode()).digest()
    assert (link.recipient_id, link.batch_id, link.channel, link.address, link.made_at) == (
        prompt.recipient_id,
        request.batch_id,
        "email",
        "riley@clients.example",
        now,
    )
    sent = words_sent(prompt)
    assert "{link}" in sent.text
    assert "{link}" in sent.html
    assert (prompt.subject, prompt.text) == ("", "")


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
    by_day = now + HOUR  # 8 AM for Riley
    asked(cast, by_day)
    assert deliver_due(by_day) == {Outcome.ACCEPTED: 2}
    (text,) = gateway.got
    sms = Notification.objects.get(channel="sms")
    assert (text["to"], text["id"]) == ("+13105550100", str(sms.ref))
    assert re.fullmatch(
        r"Harbor: please choose a new appointment time by Wed, Nov 18, 8:00 AM \(Los Angeles time\): "
        r"https://harbor\.example/r/[\w-]{22}/",
        text["text"],
    )
    assert len(text["text"]) <= 160


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
        ended = coming_to(attempt, outcome, answer="", now=now + 3 * MINUTE)
        run_command(ended, key=None, body={}, by=SYSTEM, now=now)
    prompt.refresh_from_db()
    assert (prompt.state, attempts(prompt)) == ("handed_over", [("accepted", ""), ("refused", "")])
    assert Task.objects.count() == 0


def test_the_demo_keeps_its_mail_with_the_link(cast: Cast, settings: LazySettings, now: datetime) -> None:
    settings.EMAIL_URL, settings.RAINCHECK_DEMO, settings.BASE_URL = "", True, "http://127.0.0.1:8000"
    request, prompt = asked(cast, now)
    assert deliver(prompt.pk, now=now) is Outcome.ACCEPTED
    ((outcome, link),) = attempts(prompt)
    assert outcome == "accepted"
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/r/[\w-]{22}/", link)
    request.refresh_from_db()
    assert (request.handed_over_at, warnings()) == (now, [])


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


def test_attempts_of_one_practice_stay_there(cast: Cast, mailroom: Mailroom, now: datetime) -> None:
    asked(cast, now)
    deliver_due(now)
    assert set(DeliveryAttempt.objects.values_list("practice")) == {(cast.practice.pk,)}

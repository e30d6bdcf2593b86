"""What cannot be delivered: tried again, shown to a person, never silently lost."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.conf import LazySettings
from tests.app.cast import Cast, new_york
from tests.app.notification_rows import HOUR, MINUTE, asked, attempts, tasks
from tests.app.sent_notifications import latest
from tests.app.smtp_server import Gateway, Mailroom, mail_server

from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.data.notifications import Link, Notification
from raincheck.data.people import Recipient
from raincheck.domain.notifications import Outcome
from raincheck.domain.people import Actor, ActorKind
from raincheck.integrations.messages.delivery import deliver, deliver_due, warnings


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


def test_the_task_about_a_message_that_failed_names_whom_it_concerns(
    cast: Cast, settings: LazySettings, now: datetime
) -> None:
    """However much the provider has heard since from somebody else, and the client from another provider."""
    by = Actor(ActorKind.CLIENT, cast.riley.pk)
    written = partial(write_message, cast.okafor.pk, cast.riley.pk, words="Hello.", by=by, now=now)
    run_command(written, key=None, body={}, by=by, now=now)
    failed = Notification.objects.get(kind="message")
    cast.booked(new_york(24, 14), client=cast.maya, now=now + MINUTE)
    cast.booked(new_york(24, 9), provider=cast.fischer, now=now + MINUTE)
    with mail_server(rcpt="550 5.1.1 no such user") as room:
        settings.EMAIL_URL = room.url
        deliver(failed.pk, now=now + MINUTE)
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
    by_day = now + HOUR  # 8 AM for Riley
    asked(cast, by_day)
    Recipient.objects.filter(client=cast.riley).update(sms_agreed_at=None)
    deliver_due(by_day)
    assert gateway.got == []
    assert Notification.objects.get(channel="sms").state == "failed"


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


def test_an_address_that_is_none_is_refused_and_shown(cast: Cast, mailroom: Mailroom, now: datetime) -> None:
    Recipient.objects.filter(client=cast.riley).update(email="riley at home")
    _request, prompt = asked(cast, now)
    assert deliver(prompt.pk, now=now) is Outcome.REFUSED
    assert len(tasks()) == 1

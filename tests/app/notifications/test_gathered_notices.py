"""Notices of messages are gathered: one of a conversation in a quarter of an hour, however much is written."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from tests.app.cast import MINUTES, NOW, Cast
from tests.app.client_browser import Visitor

from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.data.notifications import Notification
from raincheck.data.people import Client, Provider
from raincheck.domain.people import Actor

SECONDS = timedelta(seconds=1)


def write(provider: Provider, client: Client, *, by: Actor, at: datetime) -> None:
    verb = partial(write_message, provider.pk, client.pk, words="Hello.", by=by, now=at)
    run_command(verb, key=None, body={}, by=by, now=at)


def planned(**which: object) -> list[datetime]:
    """Return when notices of messages were to leave."""
    return list(
        Notification.objects.filter(kind="message", **which).order_by("pk").values_list("due_at", flat=True)
    )


def test_twenty_messages_in_ten_seconds_are_two_mails_a_quarter_of_an_hour_apart(cast: Cast) -> None:
    for number in range(20):
        write(cast.okafor, cast.riley, by=cast.by_riley, at=NOW + number * SECONDS / 2)
    assert planned(provider=cast.okafor, channel="email") == [NOW, NOW + 15 * MINUTES]
    assert Notification.objects.filter(kind="message").count() == 2


def test_one_notice_in_a_quarter_of_an_hour_and_none_is_forgotten(cast: Cast) -> None:
    for minute in (0, 1, 14, 15, 16, 31, 44, 200):
        write(cast.okafor, cast.riley, by=cast.by_riley, at=NOW + minute * MINUTES)
    assert planned() == [NOW + minute * MINUTES for minute in (0, 15, 30, 45, 200)]


def test_what_a_provider_writes_is_gathered_for_the_client_too(cast: Cast) -> None:
    for minute in (0, 1, 2):
        write(cast.okafor, cast.riley, by=cast.by_okafor, at=NOW + minute * MINUTES)
    assert planned(recipient__client=cast.riley) == [NOW, NOW + 15 * MINUTES]


def test_each_conversation_and_each_side_is_told_at_once(cast: Cast) -> None:
    write(cast.okafor, cast.riley, by=cast.by_riley, at=NOW)
    write(cast.okafor, cast.riley, by=cast.by_okafor, at=NOW + MINUTES)
    write(cast.fischer, cast.riley, by=cast.by_riley, at=NOW + 2 * MINUTES)
    assert planned() == [NOW, NOW + MINUTES, NOW + 2 * MINUTES]


def test_that_none_work_is_told_once_and_then_as_a_message(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    visitor = Visitor(request.batch)
    for number in range(12):
        visitor.now = NOW + number * SECONDS
        answer = visitor.post(f"/choose/{request.batch.ref}/write/", key=str(uuid4()), words="None of these.")
        assert answer.status_code == 302
    mails = Notification.objects.filter(provider=cast.okafor, channel="email").order_by("pk")
    assert list(mails.values_list("kind", "due_at")) == [
        ("none_work", NOW),
        ("message", NOW + SECONDS),
        ("message", NOW + SECONDS + 15 * MINUTES),
    ]

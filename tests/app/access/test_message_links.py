"""The link in a notice of a message: through the sign-in, with the address filled in, to the conversation itself."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError
from django.http import HttpResponse
from django.test import Client as Browser
from tests.app.cast import NOW, Cast
from tests.app.client_browser import Visitor, words
from tests.app.staff_browser import StaffBrowser

from raincheck.actions.conversations import write_message
from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.links import revoke_links
from raincheck.data.conversations import Conversation
from raincheck.data.encryption import CODES, unseal
from raincheck.data.notifications import Link, Notification
from raincheck.data.people import Provider, Recipient, User
from raincheck.domain.people import SYSTEM, Actor

WORDS = "four words in a row"
NOON = NOW + timedelta(hours=5)


def notice(cast: Cast, by: Actor) -> str:
    """Let a message be written, and its notice be handed over; return the address of the link that it carried."""
    verb = partial(write_message, cast.okafor.pk, cast.riley.pk, words="Hello.", by=by, now=NOON)
    run_command(verb, key=None, body={}, by=by, now=NOON)
    told = Notification.objects.filter(kind="message").latest("pk")
    begun = run_command(partial(begin_attempt, told.pk, now=NOON), key=None, body={}, by=SYSTEM, now=NOON)
    return str(begun["link"]).removeprefix("http://127.0.0.1:8000")


def thread() -> Conversation:
    return Conversation.objects.get()


def filled_in(response: HttpResponse) -> list[str]:
    """Return the values of the e-mail boxes of a page."""
    return re.findall(r'<input type="email"[^>]*?value="([^"]*)"', response.content.decode())


def onward(response: HttpResponse) -> str:
    """Return where the form of a sign-in page leads on to."""
    address, *_others = re.findall(
        r'<input type="hidden" name="next" value="([^"]*)"', response.content.decode()
    )
    return str(address)


def test_a_client_signs_in_with_the_address_filled_in_and_reads_the_conversation(cast: Cast) -> None:
    link = notice(cast, cast.by_okafor)
    visitor = Visitor(now=NOON)
    response = visitor.get(link)
    asking = f"/sign-in/code/?next=%2Fportal%2Fmessages%2F{thread().ref}%2F"
    assert (response.status_code, response["Location"]) == (302, asking)
    page = visitor.get(asking)
    assert filled_in(page) == ["riley@clients.example"]
    entering = visitor.post("/sign-in/code/", email="riley@clients.example", next=onward(page))
    sealed = Notification.objects.get(kind="sign_in_code").facts["code"]
    code = unseal(sealed.encode(), purpose=CODES).decode()
    page = visitor.get(entering["Location"])
    landed = visitor.post("/sign-in/code/enter/", code=code, next=onward(page))
    assert (landed.status_code, landed["Location"]) == (302, f"/portal/messages/{thread().ref}/")
    assert "Hello." in words(visitor.get(landed["Location"]))


def test_a_provider_signs_in_with_the_address_filled_in_and_reads_the_conversation(cast: Cast) -> None:
    okafor = User.objects.get(email=cast.okafor.email)
    okafor.set_password(WORDS)
    okafor.save(update_fields=["password"])
    link = notice(cast, cast.by_riley)
    visitor = Visitor(now=NOON)
    asking = f"/sign-in/?next=%2Fmessages%2F{thread().ref}%2F"
    assert visitor.get(link)["Location"] == asking
    assert filled_in(visitor.get(asking)) == [okafor.email]
    landed = visitor.post("/sign-in/", login=okafor.email, password=WORDS, next=onward(visitor.get(asking)))
    assert (landed.status_code, landed["Location"]) == (302, f"/messages/{thread().ref}/")


def test_whoever_is_signed_in_is_in_the_conversation_at_once(cast: Cast) -> None:
    to_client, to_provider = notice(cast, cast.by_okafor), notice(cast, cast.by_riley)
    riley, okafor = StaffBrowser("riley@clients.example", now=NOON), StaffBrowser(cast.okafor.email, now=NOON)
    assert riley.get(to_client)["Location"] == f"/portal/messages/{thread().ref}/"
    assert okafor.get(to_provider)["Location"] == f"/messages/{thread().ref}/"


def test_the_link_of_a_notice_lets_nobody_in(cast: Cast) -> None:
    visitor = Visitor(now=NOON)
    visitor.get(notice(cast, cast.by_okafor))
    assert visitor.get(f"/portal/messages/{thread().ref}/").status_code == 302
    visitor.get(notice(cast, cast.by_riley))
    assert visitor.get(f"/messages/{thread().ref}/").status_code == 302


@pytest.mark.parametrize("who", ["client", "provider"])
def test_a_changed_address_ends_the_link_and_is_told_to_nobody(cast: Cast, who: str) -> None:
    link = notice(cast, cast.by_okafor if who == "client" else cast.by_riley)
    visitor = Visitor(now=NOON)
    visitor.get(link)
    Recipient.objects.filter(client=cast.riley).update(email="new@clients.example")
    Provider.objects.filter(pk=cast.okafor.pk).update(email="new@harbor.example")
    assert visitor.get(link).status_code == 410
    assert filled_in(visitor.get("/sign-in/code/")) == []


def test_the_link_of_a_notice_ends_after_30_days(cast: Cast) -> None:
    link = notice(cast, cast.by_okafor)
    late = Visitor(now=NOON + timedelta(days=30))
    assert late.get(link).status_code == 410


def test_a_text_fills_in_no_address(cast: Cast) -> None:
    Recipient.objects.filter(client=cast.riley).update(email="", phone="+13105550100", sms_agreed_at=NOW)
    link = notice(cast, cast.by_okafor)
    visitor = Visitor(now=NOON)
    asking = visitor.get(link)["Location"]
    assert (Link.objects.get().channel, filled_in(visitor.get(asking))) == ("sms", [])


def test_after_not_you_no_notice_goes_there_until_the_practice_has_looked(cast: Cast) -> None:
    cast.asked(cast.booked(), now=NOON)
    prompt = Notification.objects.get(kind="asked", channel="email")
    run_command(partial(begin_attempt, prompt.pk, now=NOON), key=None, body={}, by=SYSTEM, now=NOON)
    link = Link.objects.get()
    run_command(partial(revoke_links, link, now=NOON), key=None, body={}, by=SYSTEM, now=NOON)
    with pytest.raises(KeyError):
        notice(cast, cast.by_okafor)


def test_a_link_that_lets_in_is_a_recipients_and_opens_one_thing(cast: Cast) -> None:
    notice(cast, cast.by_riley)
    batch = cast.asked(cast.booked(), now=NOON).batch
    with pytest.raises(IntegrityError, match="a_link_opens_one_thing"):
        Link.objects.update(batch=batch)


def test_opening_a_notice_writes_no_row(cast: Cast) -> None:
    link = notice(cast, cast.by_okafor)
    before = list(Link.objects.values())
    assert Browser().get(link).status_code == 302
    assert list(Link.objects.values()) == before

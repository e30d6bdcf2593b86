"""The portal: a signed-in client sees their own appointments, requests and conversations, and nobody else's."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from html import unescape
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, client_in, new_york, provider_in
from tests.app.staff_browser import StaffBrowser, links, okafor

from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.data.conversations import Conversation, Message
from raincheck.data.notifications import Notification
from raincheck.data.people import Client, Membership, Provider, User
from raincheck.domain.people import Actor, ActorKind

A_MINUTE = timedelta(minutes=1)


def riley() -> StaffBrowser:
    return StaffBrowser("riley@clients.example")


def lines(response: HttpResponse) -> str:
    """Return what the page's main part says, as one line."""
    assert response.status_code in (200, 422)
    main = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def wrote(words: str, *, provider: Provider, client: Client, from_client: bool = False) -> Conversation:
    by = Actor(ActorKind.CLIENT, client.pk) if from_client else Actor(ActorKind.PROVIDER, provider.pk)
    verb = partial(write_message, provider.pk, client.pk, words=words, by=by, now=NOW - A_MINUTE)
    answer = run_command(verb, key=None, body={}, by=by, now=NOW - A_MINUTE)
    return Conversation.objects.get(ref=answer["conversation"])


def test_a_client_sees_their_appointments_in_their_own_zone(cast: Cast) -> None:
    cast.booked()
    cast.booked(new_york(25, 9), client=cast.maya)
    said = lines(riley().get("/portal/"))
    assert "Hi Riley" in said
    assert "Times in Los Angeles" in said
    assert "Tuesday, November 24 at 8:00 AM" in said
    assert "November 25" not in said


def test_what_waits_for_an_answer_comes_first_and_leads_to_its_page(cast: Cast) -> None:
    request = cast.asked(cast.booked(), cast.booked(new_york(25, 9)))
    page = riley().get("/portal/")
    said = lines(page)
    assert "Dr. Okafor asks you to choose a new time" in said
    asked = said[said.index("Dr. Okafor asks") : said.index("You have until")]
    assert asked.count("Telehealth with Dr. Okafor, 50 minutes") == 2
    assert "You have until Wed, 7:00 AM in Los Angeles." in said
    assert said.index("choose a new time") < said.index("Your next appointments")
    assert links(page)["Choose a new time"] == f"/choose/{request.batch.ref}/"
    assert riley().get(f"/choose/{request.batch.ref}/").status_code == 200


def test_past_and_canceled_appointments_are_not_ahead(cast: Cast) -> None:
    cast.booked(NOW + timedelta(hours=1), now=NOW - timedelta(days=1))
    cast.decline(cast.asked(cast.booked()))
    said = lines(StaffBrowser("riley@clients.example", now=NOW + timedelta(hours=5)).get("/portal/"))
    assert "Nothing ahead" in said


def test_a_client_of_two_practices_sees_both_apart(cast: Cast) -> None:
    elsewhere = client_in(cast.elsewhere, "Riley", "Brooks")
    cast.booked()
    wrote("Welcome back.", provider=cast.mallory, client=elsewhere)
    said = lines(riley().get("/portal/"))
    elsewhere_at, harbor_at = said.index("Elsewhere Clinic"), said.index("Harbor Counseling")
    assert elsewhere_at < said.index("Messages with Dr. Vance") < harbor_at
    assert harbor_at < said.index("Tuesday, November 24 at 8:00 AM") < said.index("Messages with Dr. Okafor")


def test_a_client_reads_and_writes_in_their_conversation(cast: Cast) -> None:
    cast.asked(cast.booked(), note="I'm keeping your spot.")
    thread = wrote("See you soon.", provider=cast.okafor, client=cast.riley)
    address = f"/portal/messages/{thread.ref}/"
    page = riley().get(address)
    said = lines(page)
    assert "Dr. Okafor booked an appointment" in said
    assert "Dr. Okafor asked you to choose a new time" in said
    assert (
        "“Dr. Okafor can't make this time and would like to find another with you.” I'm keeping your spot."
        in said
    )
    assert "call or text 988" in page.content.decode()
    assert "Messages are read on working days." in said
    response = riley().post(address, words="Until then!\r\nRiley")
    assert (response.status_code, response["Location"]) == (302, address)
    message = Message.objects.latest("pk")
    assert (message.body, message.author_kind, message.author) == (
        "Until then!\nRiley",
        "client",
        cast.riley.pk,
    )
    assert Notification.objects.latest("pk").provider == cast.okafor
    assert "You · " in lines(riley().get(address))


def test_a_word_while_a_request_is_open_asks_for_help(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    thread = Conversation.objects.get()
    riley().post(f"/portal/messages/{thread.ref}/", words="None of these.")
    request.refresh_from_db()
    assert request.client_wrote_at == NOW


def test_a_message_sent_twice_arrives_once(cast: Cast) -> None:
    thread = wrote("Hello.", provider=cast.okafor, client=cast.riley)
    key = str(uuid4())
    for _time in range(2):
        riley().post(f"/portal/messages/{thread.ref}/", key=key, words="Once.")
    assert list(Message.objects.order_by("pk").values_list("body", flat=True)) == ["Hello.", "Once."]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("  ", "Please write a few words first. Nothing was sent yet."),
        ("x" * 4001, "Your message has 4001 characters; 4000 fit. Nothing was sent yet; please shorten it."),
    ],
)
def test_a_refused_message_stays_in_the_form(cast: Cast, words: str, sentence: str) -> None:
    thread = wrote("Hello.", provider=cast.okafor, client=cast.riley)
    key = str(uuid4())
    response = riley().post(f"/portal/messages/{thread.ref}/", key=key, words=words)
    assert response.status_code == 422
    assert sentence in lines(response)
    html = response.content.decode()
    assert f'name="key" value="{key}"' in html
    assert f">{words}</textarea>" in html
    assert Message.objects.count() == 1


def test_unread_messages_are_counted_until_they_were_in_view(cast: Cast) -> None:
    thread = wrote("Hello.", provider=cast.okafor, client=cast.riley)
    assert "1 unread" in lines(riley().get("/portal/"))
    riley().get(f"/portal/messages/{thread.ref}/")  # looking changes nothing by itself
    assert "1 unread" in lines(riley().get("/portal/"))
    newest = Message.objects.latest("pk")
    riley().post(f"/portal/messages/{thread.ref}/read/", seen=str(newest.ref))
    assert "unread" not in lines(riley().get("/portal/"))
    assert riley().post(f"/portal/messages/{thread.ref}/read/", seen="nonsense").status_code == 404


def test_nobody_reads_a_conversation_of_others(cast: Cast) -> None:
    theirs = wrote("For Maya only.", provider=cast.okafor, client=cast.maya)
    for browser in (riley(), okafor(), StaffBrowser("eve@clients.example")):
        assert browser.get(f"/portal/messages/{theirs.ref}/").status_code == 404
        assert browser.post(f"/portal/messages/{theirs.ref}/", words="Hi").status_code == 404
        assert browser.post(f"/portal/messages/{theirs.ref}/read/").status_code == 404
    assert Message.objects.count() == 1


def test_strangers_sign_in_first_and_staff_find_nothing_here(cast: Cast, client: Browser) -> None:
    response = client.get("/portal/")
    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=/portal/")
    assert okafor().get("/portal/").status_code == 404


def test_somebody_who_is_both_goes_home_first_and_still_has_a_portal(cast: Cast) -> None:
    user = User.objects.get(email="okafor@harbor.example")
    Membership.objects.create(practice=cast.elsewhere, user=user, role="client", client=cast.eve)
    assert okafor().get("/")["Location"] == "/home/"
    assert okafor().get("/portal/").status_code == 200


def test_the_portal_asks_the_database_as_often_for_much_as_for_little(cast: Cast) -> None:
    cast.asked(cast.booked())
    wrote("Hello.", provider=cast.okafor, client=cast.riley)
    little = riley().queries("/portal/")
    for number in range(29):
        provider = provider_in(cast.practice, f"Dr. A Number{number}", f"Dr. Number{number}")
        wrote("Hello.", provider=provider, client=cast.riley)
        cast.booked(TUESDAY_AT_ELEVEN + timedelta(days=1 + number), provider=provider)
    assert riley().queries("/portal/") == little


def test_a_conversation_asks_the_database_as_often_for_much_as_for_little(cast: Cast) -> None:
    cast.asked(cast.booked())
    thread = wrote("Hello.", provider=cast.okafor, client=cast.riley)
    little = riley().queries(f"/portal/messages/{thread.ref}/")
    for number in range(29):
        wrote(f"Number {number}.", provider=cast.okafor, client=cast.riley, from_client=bool(number % 2))
    assert riley().queries(f"/portal/messages/{thread.ref}/") == little

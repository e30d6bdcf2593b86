"""Conversations: the list, a thread with its cards, writing, and having read."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from html import unescape
from uuid import uuid4

import pytest
from django.http import HttpResponse
from tests.app.cast import MINUTES, NOW, Cast, client_in, new_york
from tests.app.client_browser import words
from tests.app.sent_notifications import said_in
from tests.app.staff_browser import StaffBrowser, crowd, errors, key_in, mallory, manager, okafor

from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.answer import none_work
from raincheck.data.access.read_log import ReadLog
from raincheck.data.conversations import Conversation, Message
from raincheck.data.notifications import Notification
from raincheck.data.people import Client
from raincheck.domain.people import Actor, ActorKind

HOUR = timedelta(hours=1)


def wrote(cast: Cast, client: Client, words: str, *, now: datetime) -> Conversation:
    """Let a client write to Dr. Okafor."""
    by = Actor(ActorKind.CLIENT, client.pk)
    verb = partial(write_message, cast.okafor.pk, client.pk, words=words, by=by, now=now)
    answer = run_command(verb, key=None, body={}, by=by, now=now)
    return Conversation.objects.get(ref=answer["conversation"])


def entries(response: HttpResponse, tag: str = "ol") -> list[str]:
    """Return the items of the thread, or of a list, each as one line of text."""
    html = response.content.decode().split("<main", 1)[1]
    found = re.search(rf'<{tag} class="(?:thread|rows)".*?</{tag}>', html, re.DOTALL)
    items = re.findall(r"<li.*?</li>", found.group() if found else "", re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", item)).split()) for item in items]


def unread(thread: Conversation) -> str | None:
    """Return the nav's count of unread conversations, as a page says it."""
    page = okafor(NOW + 5 * HOUR).get("/clients/").content.decode()
    found = re.search(r'(\d+)<span class="visually-hidden"> unread', page)
    return found.group(1) if found else None


def test_unread_conversations_stand_first_and_say_so(cast: Cast) -> None:
    wrote(cast, cast.maya, "See you\nthen.", now=NOW + MINUTES)
    cast.booked()
    theo = client_in(cast.practice, "Theo", "Alvarez")
    cast.booked(new_york(25, 9), client=theo, now=NOW + 2 * MINUTES)
    assert entries(okafor(NOW + HOUR).get("/messages/"), "ul") == [
        "MC Maya Chen Maya: See you then. 1 unread Mon, Nov 16 · 10:01 AM",
        "TA Theo Alvarez You booked an appointment Mon, Nov 16 · 10:02 AM",
        "RB Riley Brooks You booked an appointment Mon, Nov 16 · 10:00 AM",
    ]


def test_without_conversations_the_page_says_how_one_begins(cast: Cast) -> None:
    assert "No conversations yet A conversation begins with a client's first appointment." in words(
        okafor().get("/messages/")
    )


def test_the_thread_tells_what_was_written_and_what_happened(cast: Cast) -> None:
    request = cast.asked(cast.booked(now=NOW - 24 * HOUR), note="Court <b>again</b>.")
    by = cast.by_riley
    verb = partial(none_work, request.batch, words="I can't.\nSorry.", by=by, now=NOW + HOUR)
    run_command(verb, key=None, body={}, by=by, now=NOW + HOUR)
    cast.pick(request, now=NOW + 2 * HOUR)
    me, thread = okafor(NOW + 3 * HOUR), Conversation.objects.get()
    me.post(f"/messages/{thread.ref}/", words="See you on Friday.")
    page = me.get(f"/messages/{thread.ref}/")
    assert entries(page) == [
        "Sunday, November 15",
        "You booked an appointment 10:00 AM Tue, Nov 24 · 11:00 AM · Follow-up See the appointment",
        "Monday, November 16",
        "You asked Riley to choose a new time 10:00 AM Tue, Nov 24 · 11:00 AM · Follow-up"
        " “Dr. Okafor can't make this time and would like to find another with you.” Court <b>again</b>. See the appointment",
        "Riley · 11:00 AM · None of the open times work I can't. Sorry.",
        "Riley moved the appointment 12:00 PM Before: Tue, Nov 24 · 11:00 AM → Now: Fri, Nov 27 · 9:00 AM"
        " See the appointment",
        "You · 1:00 PM See you on Friday.",
    ]
    assert "<b>again</b>" not in page.content.decode()


def test_endings_appear_with_the_words_that_came_with_them(cast: Cast) -> None:
    cast.withdraw(cast.asked(cast.booked()), note="It's off.")
    cast.decline(cast.asked(cast.booked(new_york(25, 11), client=cast.maya)))
    riley, maya = (Conversation.objects.get(client=client) for client in (cast.riley, cast.maya))
    me = okafor(NOW + HOUR)
    assert [entries(me.get(f"/messages/{thread.ref}/"))[-1] for thread in (riley, maya)] == [
        "You took the request back. The original time stands 10:00 AM Tue, Nov 24 · 11:00 AM · Follow-up It's off."
        " See the appointment",
        "Maya canceled the appointment instead 10:00 AM Wed, Nov 25 · 11:00 AM · Follow-up See the appointment",
    ]


def test_a_manager_who_asked_is_called_by_name(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    manager(cast).post(f"/requests/{request.ref}/withdraw/")
    thread = Conversation.objects.get()
    assert entries(okafor().get(f"/messages/{thread.ref}/"))[-1].startswith(
        "Sasha Lindqvist took the request back."
    )


def test_writing_tells_the_client_that_there_is_a_message_without_its_words(cast: Cast) -> None:
    cast.booked()
    thread = Conversation.objects.get()
    me = okafor(NOW + HOUR)
    sent = me.post(f"/messages/{thread.ref}/", words="  About your letter: yes.  ")
    message, told = Message.objects.latest("pk"), Notification.objects.latest("pk")
    assert (
        sent["Location"],
        message.body,
        message.author_kind,
        told.kind,
        "letter" in said_in(told).words.text,
    ) == (
        f"/messages/{thread.ref}/",
        "About your letter: yes.",
        "provider",
        "message",
        False,
    )
    assert "Sent. Riley is told that there is a message." in words(me.get(sent["Location"]))


def test_the_same_message_sent_twice_stands_once(cast: Cast) -> None:
    cast.booked()
    thread, me = Conversation.objects.get(), okafor()
    key = key_in(me.get(f"/messages/{thread.ref}/"))
    for _ in range(2):
        me.post(f"/messages/{thread.ref}/", key=key, words="Hello")
    assert list(Message.objects.values_list("body", flat=True)).count("Hello") == 1


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("   ", "Please write a few words first. Nothing was sent yet."),
        ("x" * 4001, "Your message has 4001 characters; 4000 fit. Nothing was sent yet; please shorten it."),
    ],
    ids=["nothing", "too long"],
)
def test_what_cannot_be_sent_stays_with_its_sentence(cast: Cast, said: str, sentence: str) -> None:
    cast.booked()
    thread = Conversation.objects.get()
    refused = okafor().post(f"/messages/{thread.ref}/", words=said)
    assert (refused.status_code, errors(refused), said.strip() in refused.content.decode()) == (
        422,
        [sentence],
        True,
    )
    assert Message.objects.filter(card=None).count() == 0


def test_a_null_character_is_refused_in_words(cast: Cast) -> None:
    cast.booked()
    assert okafor().post(f"/messages/{Conversation.objects.get().ref}/", words="a\x00b").status_code == 422


def test_opening_alone_does_not_mark_as_read(cast: Cast) -> None:
    thread = wrote(cast, cast.riley, "Hello", now=NOW + MINUTES)
    okafor(NOW + HOUR).get(f"/messages/{thread.ref}/")
    thread.refresh_from_db()
    assert (thread.provider_read_at, unread(thread)) == (None, "1")


def test_the_page_marks_what_it_showed_as_read_and_later_words_stay_unread(cast: Cast) -> None:
    thread = wrote(cast, cast.riley, "Hello", now=NOW + MINUTES)
    me = okafor(NOW + HOUR)
    shown = re.search(r'name="seen" value="([^"]+)"', me.get(f"/messages/{thread.ref}/").content.decode())
    assert shown is not None
    wrote(cast, cast.riley, "One more thing", now=NOW + 2 * MINUTES)
    answer = me.post(f"/messages/{thread.ref}/read/", seen=shown.group(1), htmx=True)
    thread.refresh_from_db()
    assert (answer.status_code, thread.provider_read_at, unread(thread)) == (204, NOW + MINUTES, "1")
    newest = Message.objects.latest("pk")
    without_script = me.post(f"/messages/{thread.ref}/read/", seen=str(newest.ref))
    assert (without_script["Location"], unread(thread)) == (f"/messages/{thread.ref}/", None)
    assert 'name="seen"' not in me.get(f"/messages/{thread.ref}/").content.decode()


def test_having_read_never_goes_back(cast: Cast) -> None:
    thread = wrote(cast, cast.riley, "Hello", now=NOW + MINUTES)
    first = Message.objects.latest("pk")
    wrote(cast, cast.riley, "Again", now=NOW + 2 * MINUTES)
    me = okafor(NOW + HOUR)
    for message in (Message.objects.latest("pk"), first):
        me.post(f"/messages/{thread.ref}/read/", seen=str(message.ref), htmx=True)
    thread.refresh_from_db()
    assert thread.provider_read_at == NOW + 2 * MINUTES


def test_writing_marks_as_read(cast: Cast) -> None:
    thread = wrote(cast, cast.riley, "Hello", now=NOW + MINUTES)
    okafor(NOW + HOUR).post(f"/messages/{thread.ref}/", words="Hi")
    assert unread(thread) is None


def test_a_client_who_was_never_written_to_gets_a_thread_with_the_first_message(cast: Cast) -> None:
    cast.booked()
    Message.objects.all().delete()
    Conversation.objects.all().delete()
    me, address = okafor(), f"/clients/{cast.riley.ref}/message/"
    assert "Nothing has been written yet. Your first message opens the conversation with Riley." in words(
        me.get(address)
    )
    assert Conversation.objects.count() == 0
    sent = me.post(address, words="Welcome!")
    thread = Conversation.objects.get()
    assert sent["Location"] == f"/messages/{thread.ref}/"
    assert me.get(address)["Location"] == f"/messages/{thread.ref}/"


def test_each_opening_is_written_into_the_read_log(cast: Cast) -> None:
    cast.booked()
    okafor(NOW + HOUR).get(f"/messages/{Conversation.objects.get().ref}/")
    rows = ReadLog.objects.values_list("clients", "what", "actor_kind", "actor", "at")
    assert list(rows) == [([cast.riley.pk], "conversation", "provider", cast.okafor.pk, NOW + HOUR)]


def test_long_threads_go_on_on_further_pages(cast: Cast) -> None:
    cast.booked()
    thread = Conversation.objects.get()
    Message.objects.bulk_create(
        Message(
            practice=cast.practice,
            conversation=thread,
            at=NOW,
            author_kind="client",
            author=cast.riley.pk,
            body=f"Word {number}",
        )
        for number in range(60)
    )
    me = okafor(NOW + HOUR)
    first, second = (entries(me.get(f"/messages/{thread.ref}/", page=page)) for page in ("1", "2"))
    assert (first[-1], len(first), second[-1]) == ("Riley · 10:00 AM Word 59", 51, "Riley · 10:00 AM Word 9")


def test_managers_and_strangers_find_no_conversation(cast: Cast) -> None:
    thread = wrote(cast, cast.riley, "Between us.", now=NOW)
    message = Message.objects.latest("pk")
    visitors = [
        manager(cast),
        mallory(),
        StaffBrowser("fischer@harbor.example"),
        StaffBrowser("riley@clients.example"),
    ]
    answers = [
        [
            visitor.get(f"/messages/{thread.ref}/").status_code,
            visitor.post(f"/messages/{thread.ref}/", words="Hello").status_code,
            visitor.post(f"/messages/{thread.ref}/read/", seen=str(message.ref)).status_code,
            visitor.get(f"/clients/{cast.riley.ref}/message/").status_code,
            visitor.post(f"/clients/{cast.riley.ref}/message/", words="Hello").status_code,
        ]
        for visitor in visitors
    ]
    assert answers == [[404] * 5] * 4
    assert manager(cast).get("/messages/").status_code == 404
    # Nobody read anything: each row says that a page was refused.
    assert (Message.objects.count(), set(ReadLog.objects.values_list("what", flat=True))) == (
        1,
        {"event:page_refused"},
    )


def test_a_message_of_another_thread_marks_nothing(cast: Cast) -> None:
    thread = wrote(cast, cast.riley, "Hello", now=NOW)
    wrote(cast, cast.maya, "Hello", now=NOW + MINUTES)
    me = okafor(NOW + HOUR)
    others = Message.objects.latest("pk")
    answers = [
        me.post(f"/messages/{thread.ref}/read/", seen=seen).status_code
        for seen in (str(others.ref), str(uuid4()), "nothing", "")
    ]
    thread.refresh_from_db()
    assert (answers, thread.provider_read_at) == ([404] * 4, None)


def test_conversations_make_as_many_queries_for_thirty_as_for_one(cast: Cast) -> None:
    crowd(cast, range(1))
    thread, me = Conversation.objects.get(), okafor(NOW + HOUR)
    pages = ["/messages/", f"/messages/{thread.ref}/"]
    once = [me.queries(page) for page in pages]
    crowd(cast, range(1, 30))
    for number in range(30):
        wrote(cast, thread.client, f"Word {number}", now=NOW + 2 * number * MINUTES)
    assert [me.queries(page) for page in pages] == once

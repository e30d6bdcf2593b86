"""What a client writes to a provider who left: managers are told, read it and answer, and the client reads who does."""

from __future__ import annotations

from django.urls import reverse
from tests.app.cast import NOW, Cast
from tests.app.client_browser import Visitor, words
from tests.app.conversations.test_conversations import wrote
from tests.app.sent_notifications import latest, said_in, told
from tests.app.staff_browser import StaffBrowser, links, manager, scheduler

from raincheck.data.conversations import Conversation, Message
from raincheck.data.notifications import Notification
from raincheck.data.people import Membership, User
from raincheck.data.tasks import Task
from raincheck.queries.home import counts


def left(cast: Cast) -> StaffBrowser:
    """Dr. Okafor's access ends. Returns the manager's browser."""
    sasha = manager(cast)
    okafor = User.objects.get(email="okafor@harbor.example")
    assert sasha.post(reverse("person-end", args=[okafor.ref])).status_code == 302
    return sasha


def test_managers_are_told_by_mail_and_by_one_task(cast: Cast) -> None:
    cast.booked()
    sasha, before = left(cast), latest()
    for text in ("Who is here for me now?", "Hello?", "Please answer."):
        wrote(cast, cast.riley, text, now=NOW)
    # One at once, one that gathers the rest.
    assert told(before) == ["message to manager by email: waiting"] * 2
    row = Notification.objects.filter(pk__gt=before)[0]
    assert row.user is not None
    assert row.user.email == "sasha@harbor.example"
    assert (
        "Riley B. has written to Dr. Okafor, who does not work with you any more" in said_in(row).words.text
    )
    [task] = Task.objects.filter(kind="client_wrote")
    assert (task.client, task.for_managers_at, task.done_at) == (cast.riley, NOW, None)
    assert "Riley wrote to somebody who does not work here any more. A manager answers." in words(
        sasha.get("/home/")
    )


def test_a_manager_reads_and_answers_in_their_place(cast: Cast) -> None:
    cast.booked()
    thread = wrote(cast, cast.riley, "Are you well?", now=NOW)
    page = f"/messages/{thread.ref}/"
    assert manager(cast).get(page).status_code == 404
    sasha = left(cast)
    wrote(cast, cast.riley, "Who is here for me now?", now=NOW)
    assert sasha.get(links(sasha.get("/home/"))["Message"])["Location"] == page
    assert "Who is here for me now?" in words(sasha.get(page))
    before = latest()
    assert sasha.post(page, words="Dr. Fischer is here for you.").status_code == 302
    assert told(before) == ["message to client by email: waiting"]
    newest = Message.objects.order_by("-pk")[0]
    assert (newest.body, newest.author_kind) == ("Dr. Fischer is here for you.", "manager")
    assert Task.objects.get(kind="client_wrote").done_at == NOW


def test_nobody_else_opens_it(cast: Cast) -> None:
    cast.booked()
    thread = wrote(cast, cast.riley, "Who is here for me now?", now=NOW)
    left(cast)
    others = [
        scheduler(cast),
        StaffBrowser("fischer@harbor.example"),
        StaffBrowser("vance@elsewhere.example"),
    ]
    assert [one.get(f"/messages/{thread.ref}/").status_code for one in others] == [404, 404, 404]
    assert [one.post(f"/messages/{thread.ref}/", words="Hm").status_code for one in others] == [404, 404, 404]


def test_the_client_reads_who_answers(cast: Cast) -> None:
    asked = cast.asked(cast.booked())
    visitor, write = Visitor(asked.batch), f"/choose/{asked.batch.ref}/write/"
    sentence = "Dr. Okafor does not read messages here any more. Harbor Counseling reads yours and answers."
    assert sentence not in words(visitor.get(write))
    left(cast)
    assert sentence in words(visitor.get(write))
    visitor.post(write, words="Who comes?")
    assert Conversation.objects.get(client=cast.riley).provider == cast.okafor


def test_without_an_end_of_access_messages_stay_the_providers(cast: Cast) -> None:
    cast.booked()
    before = latest()
    wrote(cast, cast.riley, "Hello.", now=NOW)
    assert told(before) == ["message to provider by email: waiting"]
    assert not Task.objects.filter(kind="client_wrote").exists()


def test_a_manager_with_a_calendar_of_their_own_sees_the_task_among_their_own(cast: Cast) -> None:
    cast.booked()
    fischers = Membership.objects.get(provider=cast.fischer).user
    fischer = StaffBrowser("fischer@harbor.example")
    left(cast)
    wrote(cast, cast.riley, "Who is here for me now?", now=NOW)
    sentence = "Riley wrote to somebody who does not work here any more."
    reading = {"practice_id": cast.practice.pk, "provider_id": cast.fischer.pk, "now": NOW}
    assert (sentence in words(fischer.get("/home/")), counts(**reading).tasks) == (False, 0)
    Membership.objects.create(practice=cast.practice, user=fischers, role="manager")
    assert sentence in words(fischer.get("/home/"))
    assert counts(**reading, manages=True).tasks == 1
    assert words(fischer.get("/home/", whose="everyone")).count(sentence) == 1

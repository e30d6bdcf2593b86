"""Emergency access: a manager reads a closed conversation for an hour, with a reason; provider and managers are told at once."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from functools import partial
from html import unescape

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from tests.app.cast import NOW, Cast
from tests.app.read_log_rows import HERE, newest
from tests.app.sent_notifications import said_in, told
from tests.app.staff_browser import (
    StaffBrowser,
    errors,
    key_in,
    mallory,
    manager,
    okafor,
    scheduler,
    section,
    sign_in_staff,
)

from raincheck.actions.access.emergency import end_emergency, open_in_emergency
from raincheck.actions.access.people import end_access, give_access_back
from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.data.access.emergency import EmergencyAccess, EmergencyReason
from raincheck.data.access.read_log import ReadLog
from raincheck.data.clients.history import ClientHistory
from raincheck.data.conversations import Conversation, Message
from raincheck.data.notifications import Notification
from raincheck.data.people import Membership, User
from raincheck.domain.access.emergency import LASTS, REASON_LIMIT
from raincheck.domain.access.people import OwnAccessEnded
from raincheck.domain.people import Actor, ActorKind, NotInThisPractice, Role

WORDS = "I feel worse since Sunday."
WHY = "Riley's sister called: nobody can reach him. Dr. Okafor is on a plane."
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def thread(cast: Cast) -> Conversation:
    """A conversation of Dr. Okafor's and Riley's, in which Riley wrote; everybody has been told of that."""
    verb = partial(
        write_message, cast.okafor.pk, cast.riley.pk, words=WORDS, by=cast.by_riley, now=NOW - HOUR
    )
    run_command(verb, key=None, body={}, by=cast.by_riley, now=NOW - HOUR)
    Notification.objects.all().delete()
    return Conversation.objects.get()


def at(name: str, thread: Conversation) -> str:
    return reverse(f"emergency-{name}", args=[thread.ref])


def opened(browser: StaffBrowser, thread: Conversation, *, why: str = WHY, key: str = "") -> HttpResponse:
    return browser.post(at("open", thread), reason=why, key=key)


def second_manager(cast: Cast) -> StaffBrowser:
    user = User.objects.create_user("ines@harbor.example", name="Ines Moreau")
    Membership.objects.create(practice=cast.practice, user=user, role=Role.MANAGER)
    return StaffBrowser(user.email)


def text(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()


def sashas(cast: Cast) -> Actor:
    """Sasha as an actor in the verbs of access, and Ines, who stays."""
    own = Membership.objects.get(user__email="ines@harbor.example")
    return Actor(ActorKind.MANAGER, own.pk, practice=cast.practice.pk)


def test_a_manager_opens_a_conversation_and_reads_it_with_the_reason_on_top(
    cast: Cast, thread: Conversation
) -> None:
    sasha = manager(cast)
    second_manager(cast)
    record = sasha.get(f"/clients/{cast.riley.ref}/")
    assert section(record, "Conversations") == (
        "Conversations With Dr. Okafor You don't read this conversation. Open in an emergency"
    )
    form = sasha.get(at("open", thread))
    assert [name in text(form) for name in ("Dr. Jo Okafor", "Ines Moreau", "1 hour", WORDS)] == [
        True,
        True,
        True,
        False,
    ]
    sent = opened(sasha, thread, key=key_in(form))
    assert (sent.status_code, sent["Location"]) == (302, at("read", thread))
    page = text(sasha.get(sent["Location"]))
    assert [
        words in page for words in (WORDS, "Riley&#x27;s sister called", "until 11:00 AM", "<textarea")
    ] == [
        True,
        True,
        True,
        False,
    ]


def test_provider_and_the_other_managers_are_told_at_once_and_nobody_else(
    cast: Cast, thread: Conversation
) -> None:
    sasha = manager(cast)
    second_manager(cast)
    opened(sasha, thread)
    assert told() == [
        "emergency_access to provider by email: waiting",
        "emergency_access to provider by in_app: handed_over",
        "emergency_access to manager by email: waiting",
    ]
    mails = [said_in(row).words for row in Notification.objects.filter(channel="email").order_by("pk")]
    assert {mail.subject for mail in mails} == {"A conversation was opened in an emergency"}
    assert [
        [words in mail.text for words in ("Sasha Lindqvist", "Riley B.", "11:00 AM", "sister", WORDS)]
        for mail in mails
    ] == [[True, True, True, False, False]] * 2
    assert "Sasha Lindqvist can read the conversation" in section(okafor().get("/home/"), "Updates")
    assert "Sasha Lindqvist can read the conversation" in section(sasha.get("/home/"), "Updates")


def test_each_look_is_a_row_that_names_the_access_and_its_reason(cast: Cast, thread: Conversation) -> None:
    sasha = manager(cast)
    opened(sasha, thread)
    before, access = newest(), EmergencyAccess.objects.get()
    for _look in range(2):
        sasha.get(at("read", thread))
    why = {"emergency_access": access.pk, "reason": access.reason_id}
    found = ReadLog.objects.filter(pk__gt=before).values_list(
        "what", "clients", "network", "detail", "actor_kind"
    )
    assert list(found) == [("emergency-read", [cast.riley.pk], HERE, why, "manager")] * 2
    began = ReadLog.objects.get(what="event:emergency_began")
    assert (began.clients, began.detail, began.actor) == ([cast.riley.pk], why, access.manager_id)
    history = ClientHistory.objects.get(event="opened_in_emergency")
    assert (history.actor, history.details) == (access.manager_id, {})
    rows = "".join(str(row.detail) for row in ReadLog.objects.all())
    assert "sister" not in rows


def test_after_an_hour_it_is_closed_again(cast: Cast, thread: Conversation) -> None:
    sasha = manager(cast)
    opened(sasha, thread)
    sasha.now = NOW + LASTS - SECOND
    assert WORDS in text(sasha.get(at("read", thread)))
    sasha.now = NOW + LASTS
    led = sasha.get(at("read", thread))
    assert (led.status_code, led["Location"]) == (302, at("open", thread))
    opened(sasha, thread)
    assert WORDS in text(sasha.get(at("read", thread)))
    assert EmergencyAccess.objects.count() == 2


def test_who_is_done_ends_it_at_once(cast: Cast, thread: Conversation) -> None:
    sasha = manager(cast)
    opened(sasha, thread)
    page = sasha.get(at("read", thread))
    sasha.now = NOW + SECOND
    ended = sasha.post(at("end", thread), key=key_in(page))
    assert (ended.status_code, ended["Location"]) == (302, f"/clients/{cast.riley.ref}/")
    assert sasha.get(at("read", thread)).status_code == 302
    assert EmergencyAccess.objects.get().ends_at == NOW + SECOND
    assert ReadLog.objects.filter(what="event:emergency_ended").count() == 1


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("", "Please write why you need to read this conversation, in at least 10 letters."),
        ("  call !!!!!!! ", "Please write why you need to read this conversation, in at least 10 letters."),
        ("w" * 5000, "Your reason has 5000 characters; 2000 fit."),
    ],
)
def test_without_a_sound_reason_nothing_opens_and_what_was_typed_stays(
    cast: Cast, thread: Conversation, why: str, said: str
) -> None:
    sasha = manager(cast)
    response = opened(sasha, thread, why=why)
    assert response.status_code == 422
    assert [error.startswith(said) for error in errors(response)] == [True]
    assert why.strip() in response.content.decode()
    assert (EmergencyAccess.objects.count(), EmergencyReason.objects.count(), told()) == (0, 0, [])
    assert sasha.get(at("read", thread)).status_code == 302


def test_the_longest_reason_fits(cast: Cast, thread: Conversation) -> None:
    assert opened(manager(cast), thread, why="w" * REASON_LIMIT).status_code == 302


def test_the_same_form_twice_opens_once_and_tells_once(cast: Cast, thread: Conversation) -> None:
    sasha = manager(cast)
    key = key_in(sasha.get(at("open", thread)))
    assert [opened(sasha, thread, key=key).status_code for _press in range(2)] == [302, 302]
    # Another form, of another tab, finds it open.
    assert opened(sasha, thread).status_code == 302
    assert (EmergencyAccess.objects.count(), len(told())) == (1, 2)


def test_two_managers_each_open_it_for_themselves(cast: Cast, thread: Conversation) -> None:
    sasha, ines = manager(cast), second_manager(cast)
    opened(sasha, thread)
    assert ines.get(at("read", thread)).status_code == 302
    opened(ines, thread)
    assert [WORDS in text(one.get(at("read", thread))) for one in (sasha, ines)] == [True, True]
    assert EmergencyAccess.objects.count() == 2


def test_nobody_but_a_manager_of_the_practice_gets_there(cast: Cast, thread: Conversation) -> None:
    opened(manager(cast), thread)
    statuses = {
        (name, who): (one.get(at(name, thread)).status_code, opened(one, thread).status_code)
        for who, one in (("provider", okafor()), ("scheduler", scheduler(cast)), ("elsewhere", mallory()))
        for name in ("open", "read")
    }
    assert set(statuses.values()) == {(404, 404)}
    pia = text(scheduler(cast).get(f"/clients/{cast.riley.ref}/"))
    assert "emergency" not in pia


def test_a_manager_of_another_practice_finds_nothing(cast: Cast, thread: Conversation) -> None:
    user = User.objects.create_user("noor@elsewhere.example", name="Noor Haddad")
    Membership.objects.create(practice=cast.elsewhere, user=user, role=Role.MANAGER)
    noor = StaffBrowser(user.email)
    statuses = [
        *(noor.get(at(name, thread)).status_code for name in ("open", "read")),
        opened(noor, thread).status_code,
        noor.post(at("end", thread)).status_code,
    ]
    assert (statuses, EmergencyAccess.objects.count()) == ([404] * 4, 0)


def test_a_conversation_that_is_nobodys_is_not_there(cast: Cast) -> None:
    sasha = manager(cast)
    nowhere = Conversation(ref=cast.riley.ref)
    assert [sasha.get(at("open", nowhere)).status_code, opened(sasha, nowhere).status_code] == [404, 404]
    assert "Open in an emergency" not in text(sasha.get(f"/clients/{cast.riley.ref}/"))


def test_a_manager_never_writes_there(cast: Cast, thread: Conversation) -> None:
    sasha = manager(cast)
    opened(sasha, thread)
    for address in (reverse("conversation", args=[thread.ref]), f"/clients/{cast.riley.ref}/message/"):
        assert sasha.post(address, words="Hello").status_code == 404
    assert sasha.post(at("read", thread), words="Hello").status_code == 405
    assert Message.objects.count() == 1


def test_reading_in_an_emergency_marks_nothing_as_read(cast: Cast, thread: Conversation) -> None:
    sasha = manager(cast)
    opened(sasha, thread)
    sasha.get(at("read", thread))
    assert Conversation.objects.get().provider_read_at == thread.provider_read_at


def test_who_is_a_manager_no_more_loses_it_and_gets_none_back(cast: Cast, thread: Conversation) -> None:
    sasha = manager(cast)
    second_manager(cast)
    opened(sasha, thread)
    ref = User.objects.get(email="sasha@harbor.example").ref
    by = sashas(cast)
    for verb in (end_access, give_access_back):
        run = partial(verb, ref, practice_id=cast.practice.pk, by=by, now=NOW + SECOND)
        run_command(run, key=None, body={}, by=by, now=NOW + SECOND)
        back = StaffBrowser("sasha@harbor.example", now=NOW + 2 * SECOND)
        assert WORDS not in back.get(at("read", thread)).content.decode()
    assert EmergencyAccess.objects.get().ends_at == NOW + SECOND


def test_a_form_from_before_a_manager_was_let_go_opens_nothing(cast: Cast, thread: Conversation) -> None:
    manager(cast)
    second_manager(cast)
    by = sashas(cast)
    Membership.objects.filter(pk=by.who).update(ended_at=NOW)
    verb = partial(open_in_emergency, thread.ref, practice_id=cast.practice.pk, reason=WHY, by=by, now=NOW)
    with pytest.raises(OwnAccessEnded):
        run_command(verb, key=None, body={}, by=by, now=NOW)
    assert (EmergencyAccess.objects.count(), told()) == (0, [])


def test_nobody_ends_what_another_manager_opened(cast: Cast, thread: Conversation) -> None:
    second_manager(cast)
    opened(manager(cast), thread)
    access, by = EmergencyAccess.objects.get(), sashas(cast)
    verb = partial(end_emergency, access.ref, practice_id=cast.practice.pk, by=by, now=NOW + SECOND)
    with pytest.raises(NotInThisPractice):
        run_command(verb, key=None, body={}, by=by, now=NOW + SECOND)
    assert EmergencyAccess.objects.get().ends_at == NOW + LASTS


def test_the_provider_sees_who_opened_it_when_and_why(cast: Cast, thread: Conversation) -> None:
    address = reverse("conversation", args=[thread.ref])
    assert "Opened in an emergency" not in text(okafor().get(address))
    opened(manager(cast), thread)
    said = section(okafor().get(address), "Opened in an emergency")
    assert [part in said for part in ("Sasha Lindqvist", "10:00 AM to 11:00 AM", WHY)] == [True, True, True]


def test_another_manager_is_led_from_home_to_the_reason(cast: Cast, thread: Conversation) -> None:
    ines = second_manager(cast)
    opened(manager(cast), thread)
    [address] = re.findall(r'href="([^"]*)">See why<', ines.get("/home/?all=yes").content.decode())
    assert address == "/practice/read-log/?day=2026-11-16"
    assert f"Why: {WHY}" in unescape(text(ines.get(address)))


def test_the_client_sees_nothing_of_it(cast: Cast, thread: Conversation) -> None:
    opened(manager(cast), thread)
    riley = Browser()
    sign_in_staff(riley, "riley@clients.example")
    page = riley.get(reverse("portal-conversation", args=[thread.ref])).content.decode()
    assert (WORDS in page, "emergency" in page, "Sasha" in page) == (True, False, False)


def test_the_read_log_and_its_file_say_why(cast: Cast, thread: Conversation) -> None:
    sasha = manager(cast)
    opened(sasha, thread, why="=SUM(A1) nobody reaches him")
    sasha.get(at("read", thread))
    assert text(sasha.get("/practice/read-log/")).count("Why: =SUM(A1) nobody reaches him") == 2
    file = sasha.get("/practice/read-log/read-log.csv").content.decode()
    whys = [row["Why"] for row in csv.DictReader(io.StringIO(file))]
    assert [why for why in whys if why] == ["'=SUM(A1) nobody reaches him"] * 2
    # One client's own list may be handed to them.
    own = text(sasha.get("/practice/read-log/", client=str(cast.riley.ref)))
    assert ("nobody reaches him" in own, "Conversation, in an emergency" in own) == (False, True)


def test_the_reason_is_sealed_and_can_be_erased_while_its_rows_stay(cast: Cast, thread: Conversation) -> None:
    sasha = manager(cast)
    opened(sasha, thread)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM raincheck_emergencyreason")
        [[kept]] = cursor.fetchall()
    assert (kept[:9], "sister" in kept) == ("sealed:1:", False)
    reason = EmergencyReason.objects.get()
    assert reason.body == WHY
    reason.body = ""
    reason.save(update_fields=["body"])
    page = section(okafor().get(reverse("conversation", args=[thread.ref])), "Opened in an emergency")
    assert "The reason was erased." in page
    assert "Why:" not in text(sasha.get("/practice/read-log/"))


@pytest.mark.parametrize(
    ("alone", "told"),
    [(True, "Dr. Okafor was told. You can"), (False, "Dr. Okafor and the other managers were told. You can")],
)
def test_other_managers_are_spoken_of_only_where_there_are_any(
    cast: Cast, thread: Conversation, alone: bool, told: str
) -> None:
    sasha = manager(cast)
    if not alone:
        second_manager(cast)
    opened(sasha, thread)
    page = text(sasha.get(at("read", thread)))
    assert re.findall(r"Dr\. Okafor[^.<]* told\. You can", page) == [told]

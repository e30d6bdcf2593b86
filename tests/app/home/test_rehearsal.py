"""A rehearsal: a manager is asked as a client would be, moves the appointment, and clears it away; no figure counts it."""

from __future__ import annotations

import re

import pytest
from tests.app.cast import NOW, Cast, a_key, new_york
from tests.app.client_browser import mint
from tests.app.home.test_checklist import lines
from tests.app.smtp_server import Mailroom
from tests.app.staff_browser import mallory, manager, okafor

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Client, Membership, Practice, Recipient
from raincheck.data.reschedule.request import COUNTED, RescheduleRequest
from raincheck.integrations.messages.delivery import deliver_due
from raincheck.queries.home import counts

START, CLEAR = "/home/setup/rehearsal/", "/home/setup/rehearsal/clear/"
LINE = "Try an ask on yourself"


@pytest.fixture
def harbor(cast: Cast) -> Cast:
    """Harbor Counseling, which is being set up and can ask."""
    Practice.objects.filter(pk=cast.practice.pk).update(being_set_up=True)
    cast.practice.refresh_from_db()
    return cast


def request_of() -> RescheduleRequest:
    return RescheduleRequest.objects.get(client__rehearsal=True)


def test_a_manager_gets_the_mail_that_a_client_would_get(harbor: Cast, mailroom: Mailroom) -> None:
    boss = manager(harbor)
    assert lines(boss.get("/home/"))[LINE] == (
        "next",
        "You play the client: the mail, the page, the move. It is marked as a rehearsal and left out of every figure.",
    )
    assert boss.post(START)["Location"] == "/home/"
    request = request_of()
    client = request.client
    assert (client.name, client.rehearsal, request.provider, request.appointment.starts_at) == (
        "Sasha (rehearsal)",
        True,
        harbor.okafor,
        # Fifty-two hours on: the whole time to answer, the lead, and room; then the first open time.
        new_york(18, 14),
    )
    assert Recipient.objects.get(client=client).email == "sasha@harbor.example"
    assert list(Membership.objects.filter(client=client)) == []
    deliver_due(NOW)
    [mail] = mailroom.got
    assert (mail["To"], "/r/" in mail.get_body(("plain",)).get_content()) == ("sasha@harbor.example", True)
    assert lines(boss.get("/home/"))[LINE] == (
        "half",
        "A request went to sasha@harbor.example. Open the mail, and choose a new time as a client would.",
    )


def test_a_manager_with_hours_of_their_own_is_their_own_provider(harbor: Cast) -> None:
    okafors = Membership.objects.get(provider=harbor.okafor).user
    Membership.objects.create(practice=harbor.practice, user=okafors, role="manager")
    okafor().post(START)
    request = request_of()
    assert (request.provider, request.client.name) == (harbor.okafor, "Jo (rehearsal)")


def test_the_move_is_told_and_the_rehearsal_is_cleared_away(harbor: Cast) -> None:
    boss = manager(harbor)
    boss.post(START)
    request = request_of()
    harbor.riley = request.client  # who answers
    harbor.pick(request, new_york(20, 11))
    assert lines(boss.get("/home/"))[LINE] == ("done", "You moved it to Fri, Nov 20 · 11:00 AM.")
    assert "(rehearsal)" in boss.get("/clients/").content.decode()
    boss.post(CLEAR)
    appointment = Appointment.objects.get(client__rehearsal=True)
    assert (appointment.status, Client.objects.get(rehearsal=True).archived_at) == ("cancelled", NOW)
    assert "(rehearsal)" not in boss.get("/clients/").content.decode()
    assert lines(boss.get("/home/"))[LINE] == ("done", "You have tried it.")
    assert boss.post(START)["Location"] == "/home/"
    assert Client.objects.filter(rehearsal=True).count() == 2


def test_the_provider_is_told_with_the_word_that_marks_a_rehearsal(harbor: Cast) -> None:
    manager(harbor).post(START)
    assert (
        "<b>Sasha (rehearsal) was asked to choose a new time</b>" in okafor().get("/home/").content.decode()
    )
    assert request_of().client.initials == "SR"


@pytest.mark.parametrize(
    ("last_name", "short", "initials"),
    [("Brooks", "Riley B.", "RB"), ("'t Hooft", "Riley t.", "RT"), ("", "Riley", "R"), ("–", "Riley –", "R")],
)
def test_a_clients_short_name_ends_with_a_letter(last_name: str, short: str, initials: str) -> None:
    client = Client(first_name="Riley", last_name=last_name)
    assert (client.short_name, client.initials) == (short, initials)


def test_its_conversation_leaves_messages_with_it(harbor: Cast) -> None:
    okafors = Membership.objects.get(provider=harbor.okafor).user
    Membership.objects.create(practice=harbor.practice, user=okafors, role="manager")
    jo = okafor()
    jo.post(START)
    request = request_of()
    harbor.riley = request.client  # who answers
    harbor.pick(request, new_york(20, 11))
    assert "Jo (rehearsal)" in jo.get("/messages/").content.decode()
    assert counts(practice_id=harbor.practice.pk, provider_id=harbor.okafor.pk, now=NOW).unread == 1
    jo.post(CLEAR)
    assert "Jo (rehearsal)" not in jo.get("/messages/").content.decode()
    assert counts(practice_id=harbor.practice.pk, provider_id=harbor.okafor.pk, now=NOW).unread == 0


def test_an_open_request_ends_with_the_rehearsal(harbor: Cast) -> None:
    boss = manager(harbor)
    boss.post(START)
    boss.post(CLEAR)
    request = request_of()
    assert (request.state, request.appointment.status) == ("superseded", "cancelled")


def test_one_rehearsal_at_a_time_and_a_form_sent_twice_begins_one(harbor: Cast) -> None:
    boss, key = manager(harbor), str(a_key())
    assert [boss.post(START, key=key).status_code for _time in range(2)] == [302, 302]
    other = boss.post(START)
    assert (other.status_code, Client.objects.filter(rehearsal=True).count()) == (409, 1)
    assert "A rehearsal is under way already, so no other was begun." in other.content.decode()


def test_without_hours_or_a_sender_there_is_nothing_to_press(harbor: Cast) -> None:
    for provider in (harbor.okafor, harbor.fischer):
        provider.availability = {}
        provider.save(update_fields=["availability"])
    boss = manager(harbor)
    page = boss.get("/home/")
    assert lines(page)[LINE][1].endswith("It takes a sender, and somebody with hours.")
    assert "Start the rehearsal" not in page.content.decode()
    assert (boss.post(START).status_code, Client.objects.filter(rehearsal=True).count()) == (409, 0)
    Practice.objects.filter(pk=harbor.practice.pk).update(sender_name="")
    assert "Start the rehearsal" not in boss.get("/home/").content.decode()


def test_a_rehearsal_is_in_no_figure(harbor: Cast) -> None:
    manager(harbor).post(START)
    asked = harbor.asked(harbor.booked())
    assert list(RescheduleRequest.objects.filter(COUNTED)) == [asked]


def test_the_played_clients_page_works_by_its_link(harbor: Cast) -> None:
    boss = manager(harbor)
    boss.post(START)
    token = mint(request_of().batch)[1]
    page = boss.get(boss.get(f"/r/{token}/")["Location"])
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page.content.decode()) == ["Hi Sasha, please choose a new time"]


def test_each_practice_rehearses_by_itself(harbor: Cast) -> None:
    boss = manager(harbor)
    boss.post(START)
    Practice.objects.filter(pk=harbor.elsewhere.pk).update(being_set_up=True)
    vances = Membership.objects.get(provider=harbor.mallory).user
    Membership.objects.create(practice=harbor.elsewhere, user=vances, role="manager")
    page = mallory().get("/home/")
    assert lines(page)[LINE][1].startswith("You play the client")
    mallory().post(CLEAR)
    assert Client.objects.get(rehearsal=True).archived_at is None

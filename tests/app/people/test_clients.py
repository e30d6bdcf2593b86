"""Clients: the list with its search, the record, how somebody is reached, and what silence may do."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from html import unescape
from uuid import uuid4

import pytest
from django.http import HttpResponse
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, client_in, new_york
from tests.app.client_browser import Visitor, mint, page_of, words
from tests.app.form_fields import fields, filled
from tests.app.sent_notifications import latest, said_in, told
from tests.app.staff_browser import StaffBrowser, crowd, errors, key_in, mallory, manager, okafor, section

from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.actions.timing.sweep import sweep
from raincheck.data.access.read_log import ReadLog
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.notifications import Link, Notification
from raincheck.data.people import Client, Membership, Recipient
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.people import SYSTEM, Actor, ActorKind
from raincheck.domain.reschedule.lifecycle import Reason

HOUR = timedelta(hours=1)


def rows(response: HttpResponse) -> list[str]:
    body = response.content.decode().split("<tbody>")[1].split("</tbody>")[0]
    found = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", row)).split()) for row in found]


def reached(cast: Cast) -> tuple[str, str, bool]:
    recipient = Recipient.objects.get(client=cast.riley)
    return recipient.email, recipient.phone, recipient.gets_sms


def edited(cast: Cast, me: StaffBrowser, **said: str | None) -> HttpResponse:
    """Change how Riley is reached."""
    return filled(me, f"/clients/{cast.riley.ref}/edit/", **said)


def test_the_list_names_the_next_appointment_and_how_somebody_is_reached(cast: Cast) -> None:
    cast.booked(new_york(25, 11))
    cast.booked()
    cast.booked(client=cast.maya, start=new_york(26, 9))
    Recipient.objects.filter(client=cast.maya).update(email="")
    assert rows(okafor().get("/clients/")) == [
        "Riley Brooks they/them Tue, Nov 24 · 11:00 AM E-mail",
        "Maya Chen Thu, Nov 26 · 9:00 AM Can't be reached",
    ]


def test_a_provider_sees_their_own_clients_and_a_manager_the_practice(cast: Cast) -> None:
    cast.booked()
    cast.booked(client=cast.maya, provider=cast.fischer)
    lists = [
        [row.split()[0] for row in rows(who.get("/clients/"))]
        for who in (okafor(), StaffBrowser("fischer@harbor.example"), manager(cast))
    ]
    assert lists == [["Riley"], ["Maya"], ["Riley", "Maya"]]
    assert "No clients yet" in words(mallory().get("/clients/"))


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ("ril", ["Riley"]),
        ("brooks RILEY", ["Riley"]),
        ("e", ["Riley", "Maya"]),
        ("", ["Riley", "Maya"]),
        ("%", []),
    ],
)
def test_searching_finds_every_word_anywhere_in_the_name(cast: Cast, searched: str, found: list[str]) -> None:
    cast.booked()
    cast.booked(new_york(25, 9), client=cast.maya)
    page = okafor().get("/clients/", q=searched)
    assert ([row.split()[0] for row in rows(page)] if found else []) == found
    assert f'value="{searched}"' in page.content.decode()


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ("lucia", ["Lucía"]),
        ("LUCÍA ferrer", ["Lucía"]),
        ("lucía", ["Lucía"]),
        ("oneill", ["Søren"]),
        ("o'neill", ["Søren"]),
        ("O’Néill soren", ["Søren"]),
        ("strasse", ["Søren"]),
        ("straße", ["Søren"]),
        ("\\", []),
        ("' & lucia", []),
        ("care@mail", ["Lucía"]),
        ("L.FERRER+care@mail.example", ["Lucía"]),
        ("errer+ca", ["Lucía"]),
        ("mail", []),
        ("mail.example", []),
        ("@mail.example", ["Lucía", "Søren"]),
        ("555 0142", ["Lucía"]),
        ("(212) 555-0142", ["Lucía"]),
        ("+1 212 555 0142", ["Lucía"]),
        ("2125550142", ["Lucía"]),
        ("030 901820", ["Søren"]),
        ("0049 30 901820", ["Søren"]),
        ("42", []),
        ("999", []),
    ],
)
def test_clients_are_found_without_accents_by_phone_and_by_email(
    cast: Cast, searched: str, found: list[str]
) -> None:
    lucia = client_in(cast.practice, "Lucía", "Ferrer")
    Client.objects.filter(pk=lucia.pk).update(phone="(212) 555-0142")
    Recipient.objects.filter(client=lucia).update(email="l.ferrer+care@mail.example")
    soren = client_in(cast.practice, "Søren", "O’Néill Straße")
    Recipient.objects.filter(client=soren).update(phone="+49 30 901820", email="so@mail.example")
    for at, client in ((24, lucia), (25, soren)):
        cast.booked(new_york(at, 14), client=client)
    page = okafor().get("/clients/", q=searched)
    assert ([row.split()[0] for row in rows(page)] if found else []) == found
    assert "Nobody found" in words(mallory().get("/clients/", q=searched))


def test_nobody_found_says_so_and_leads_back(cast: Cast) -> None:
    said = okafor().get("/clients/", q="<i>Zed</i>\x00")
    assert "Nobody found No client's name, phone or e-mail has “<i>Zed</i>” in it." in words(said)
    assert "<i>Zed" not in said.content.decode()


def test_the_list_goes_on_on_further_pages_and_keeps_the_search(cast: Cast) -> None:
    for number in range(32):
        cast.booked(
            new_york(18 + number // 8, 8 + number % 8), client=client_in(cast.practice, f"A{number}", "Crowd")
        )
    me = okafor()
    first = me.get("/clients/", q="crowd")
    assert (len(rows(first)), len(rows(me.get("/clients/", q="crowd", page="2")))) == (30, 2)
    assert 'href="?q=crowd&amp;page=2"' in first.content.decode()


def test_a_record_tells_what_is_ahead_what_was_asked_and_what_is_past(cast: Cast) -> None:
    cast.booked(new_york(16, 9, 30), now=NOW - 24 * HOUR)
    cast.withdraw(cast.asked(cast.booked(new_york(25, 11)), now=NOW - HOUR))
    request = cast.asked(cast.booked(), repeat_confirmed=True)
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=NOW)
    cast.booked(new_york(26, 11), provider=cast.fischer)
    page = okafor(NOW + HOUR).get(f"/clients/{cast.riley.ref}/")
    assert (
        "RB Riley Brooks they/them · client since Mar 2025 · time zone: Los Angeles New appointment Message"
        in words(page)
    )
    assert [
        section(page, heading)
        for heading in ("Upcoming appointments", "Requests to reschedule", "Past and canceled")
    ] == [
        "Upcoming appointments Times in New York"
        " Tue, Nov 24 · 11:00 AM Follow-up · Telehealth · Tue, 8:00 AM for Riley Asked · 47 h left"
        " Wed, Nov 25 · 11:00 AM Follow-up · Telehealth · Wed, 8:00 AM for Riley",
        "Requests to reschedule Tue, Nov 24 · 11:00 AM asked Mon, Nov 16 Open"
        " Wed, Nov 25 · 11:00 AM asked Mon, Nov 16 Withdrawn",
        "Past and canceled Mon, Nov 16 · 9:30 AM Follow-up · Telehealth What happened?",
    ]


def test_past_sessions_show_what_became_of_them(cast: Cast) -> None:
    said = [Status.SCHEDULED, Status.COMPLETED, Status.CLIENT_NO_SHOW, Status.PROVIDER_NO_SHOW]
    for day, status in zip((17, 18, 19, 20), said, strict=True):
        row = cast.booked(new_york(day, 9))
        over = status is not Status.SCHEDULED
        Appointment.objects.filter(pk=row.pk).update(
            status=status,
            outcome_at=row.ends_at if over else None,
            outcome_by_kind=ActorKind.PROVIDER if over else None,
        )
    cast.decline(cast.asked(cast.booked(new_york(23, 9))))
    page = okafor(NOW + 10 * 24 * HOUR).get(f"/clients/{cast.riley.ref}/").content.decode()
    past = page.split('aria-labelledby="past"')[1].split("</section>")[0]
    assert re.findall(r'class="tag[^"]*">(.*?)</', past) == [
        "Canceled",
        "We couldn&#x27;t",
        "Client didn&#x27;t come",
        "Took place",
        "What happened?",
    ]


def test_opening_a_record_is_written_into_the_read_log(cast: Cast) -> None:
    cast.booked()
    manager(cast, now=NOW + HOUR).get(f"/clients/{cast.riley.ref}/")
    membership = Membership.objects.get(role="manager")
    rows = ReadLog.objects.values_list("clients", "what", "actor_kind", "actor", "at")
    assert list(rows) == [([cast.riley.pk], "client", "manager", membership.pk, NOW + HOUR)]


def test_contact_is_changed_as_written(cast: Cast) -> None:
    cast.booked()
    me = okafor(NOW + HOUR)
    address = f"/clients/{cast.riley.ref}/edit/"
    sent = filled(me, address, email=" new@clients.example ", phone="+1 213 555 0142", texts="on")
    assert (sent["Location"], reached(cast), Client.objects.get(pk=cast.riley.pk).phone) == (
        f"/clients/{cast.riley.ref}/",
        ("new@clients.example", "+12135550142", True),
        "+12135550142",
    )
    assert fields(me.get(address))["phone"] == "(213) 555-0142"
    filled(me, address, email="", phone="", texts=None)
    assert reached(cast) == ("", "", False)
    assert "Riley can't be reached by e-mail or text." in words(me.get(f"/clients/{cast.riley.ref}/"))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"email": "riley at home", "phone": "+1 213 555 0142"},
            "“riley at home” does not look like an e-mail address. Nothing was changed;"
            " please write it like name@example.com.",
        ),
        (
            {"email": "riley@clients.example", "phone": "12"},
            "“12” does not look like a phone number. Nothing was changed; please write it like +1 212 555 0100.",
        ),
        (
            {"email": "riley@clients.example", "phone": "", "texts": "on"},
            "Texts need a phone number. Nothing was changed; add one, or untick the box.",
        ),
    ],
    ids=["e-mail", "phone", "texts"],
)
def test_what_is_no_address_stays_with_its_sentence(cast: Cast, said: dict[str, str], sentence: str) -> None:
    cast.booked()
    me = okafor()
    page = me.get(f"/clients/{cast.riley.ref}/edit/")
    key = key_in(page)
    refused = filled(me, f"/clients/{cast.riley.ref}/edit/", page=page, **said)
    shown = refused.content.decode()
    assert (refused.status_code, errors(refused), reached(cast), key_in(refused)) == (
        422,
        [sentence],
        ("riley@clients.example", "", False),
        key,
    )
    assert all(f'value="{value}"' in shown for name, value in said.items() if value and name != "texts")


def test_a_changed_address_ends_the_links_sent_there_and_gets_the_request(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=NOW)
    Notification.objects.filter(kind="asked", channel="email").update(state="handed_over", ended_at=NOW)
    visitor = Visitor(request.batch)
    link, token = mint(request.batch)
    before = latest()
    edited(cast, okafor(NOW + HOUR), email="new@clients.example", phone="")
    assert {row.revoked_at for row in Link.objects.all()} == {NOW + HOUR}
    assert told(before) == ["request_reminder to client by email: waiting"]
    assert "Move my appointment" not in visitor.get(f"/choose/{request.batch.ref}/").content.decode()
    assert "Hi Riley" not in Visitor().get(f"/r/{token}/").content.decode()
    assert link.channel == "email"


def test_a_corrected_address_gets_its_mail_at_night_while_a_text_waits(cast: Cast) -> None:
    """Asked at 10 PM of Riley's clock: the mail to the wrong address was taken, the text goes at 8 AM, and only once."""
    night = NOW + 15 * HOUR
    Recipient.objects.filter(client=cast.riley).update(phone="+13105550100", sms_agreed_at=NOW)
    request = cast.asked(cast.booked(now=night), now=night)
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=night)
    Notification.objects.filter(kind="asked", channel="email").update(state="handed_over", ended_at=night)
    before = latest()
    said = {"email": "new@clients.example", "phone": "+13105550100", "texts": "on"}
    edited(cast, okafor(night + HOUR / 6), **said)
    assert told(before) == ["request_reminder to client by email: waiting"]
    assert Notification.objects.get(channel="sms", kind="asked").state == "waiting"


def test_an_address_that_stays_keeps_its_links_and_sends_nothing(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    link, _token = mint(request.batch)
    before = latest()
    edited(cast, okafor(NOW + HOUR), email="riley@clients.example", phone="+1 213 555 0142")
    link.refresh_from_db()
    assert (link.revoked_at, told(before)) == (None, [])


def test_a_prompt_that_never_arrived_is_sent_anew(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    prompts = Notification.objects.filter(kind="asked", channel="email")
    prompts.update(state="failed", ended_at=NOW)
    before = latest()
    edited(cast, okafor(NOW + HOUR), email="new@clients.example", phone="")
    assert told(before) == ["asked to client by email: waiting"]
    assert Notification.objects.latest("pk").batch == request.batch


def test_a_prompt_under_way_goes_to_the_new_address_at_once(cast: Cast) -> None:
    cast.asked(cast.booked())
    Notification.objects.filter(kind="asked", channel="email").update(due_at=NOW + 5 * HOUR)
    before = latest()
    edited(cast, okafor(NOW + HOUR), email="new@clients.example", phone="")
    prompt = Notification.objects.get(kind="asked", channel="email")
    assert (told(before), prompt.due_at) == ([], NOW + HOUR)


def test_signing_in_follows_the_address(cast: Cast) -> None:
    cast.booked()
    edited(cast, okafor(), email="New@clients.example", phone="")
    emails = Membership.objects.filter(client=cast.riley).values_list("user__email", flat=True)
    assert list(emails) == ["new@clients.example"]
    edited(cast, okafor(), email="maya@clients.example", phone="")
    shared = Membership.objects.filter(user__email="maya@clients.example").values_list("client", flat=True)
    assert list(shared) == [cast.maya.pk]


def test_a_marked_client_is_not_canceled_by_silence(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=NOW)
    me = okafor()
    sent = edited(cast, me, do_not_auto_cancel="on")
    assert sent["Location"] == f"/clients/{cast.riley.ref}/"
    sweep(now=NOW + 49 * HOUR)
    request.refresh_from_db()
    assert (request.state, request.needs_provider, request.appointment.starts_at) == (
        "open",
        "do_not_auto_cancel",
        TUESDAY_AT_ELEVEN,
    )
    edited(cast, me, do_not_auto_cancel=None)
    assert Client.objects.get(pk=cast.riley.pk).do_not_auto_cancel is False


def test_a_mark_after_the_ask_is_told_and_its_going_takes_nothing_back(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    prompt = Notification.objects.get(kind="asked", channel="email")
    run_command(partial(begin_attempt, prompt.pk, now=NOW), key=None, body={}, by=SYSTEM, now=NOW)
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=NOW)
    mayas = cast.asked(cast.booked(client=cast.maya, provider=cast.fischer))
    me, since = okafor(NOW + HOUR), latest()
    edited(cast, me, do_not_auto_cancel="on")
    assert "Saved. Riley is told that an open request no longer cancels anything by itself." in words(
        me.get(f"/clients/{cast.riley.ref}/")
    )
    assert told(since) == ["spared to client by email: waiting"]
    [mail] = Notification.objects.filter(kind="spared")
    assert said_in(mail, now=NOW + HOUR).words.text.split("\n\n")[2:6] == [
        "If you don't answer, this appointment with Dr. Okafor is no longer canceled.",
        "- Tuesday, November 24 at 8:00 AM (Los Angeles time)",
        "You have until Wednesday, November 18 at 7:00 AM (Los Angeles time).",
        "If you don't choose by then, Harbor Counseling will get in touch with you.",
    ]
    page = Visitor(request.batch, now=NOW + HOUR)
    said = "If you don't choose by then, Harbor Counseling will get in touch with you."
    assert said in words(page.get(page_of(request)))
    # Marked again and taken back: nobody is told twice, and what was told stands.
    edited(cast, me, do_not_auto_cancel="on")
    edited(cast, me, do_not_auto_cancel=None)
    assert told(since) == ["spared to client by email: waiting"]
    assert said in words(page.get(page_of(request)))
    sweep(now=NOW + 49 * HOUR)
    request.refresh_from_db()
    mayas.refresh_from_db()
    assert (request.state, request.needs_provider, mayas.spared) == ("open", "spared", False)


def test_a_mark_spares_what_the_client_s_other_providers_asked(cast: Cast) -> None:
    cast.booked()
    theirs = cast.booked(new_york(26, 9), provider=cast.fischer)
    by_fischer = Actor(ActorKind.PROVIDER, cast.fischer.pk, practice=cast.practice.pk)
    ask = partial(
        ask_to_reschedule,
        Ask([theirs.ref], Reason.TRAVEL),
        practice_id=cast.practice.pk,
        by=by_fischer,
        now=NOW,
    )
    run_command(ask, key=None, body={}, by=by_fischer, now=NOW)
    assert edited(cast, okafor(), do_not_auto_cancel="on").status_code == 302
    assert RescheduleRequest.objects.get().spared


def test_a_mark_before_the_prompt_has_left_needs_no_second_message(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    since = latest()
    me = okafor(NOW)
    edited(cast, me, do_not_auto_cancel="on")
    request.refresh_from_db()
    assert (request.spared, told(since)) == (True, [])
    prompt = Notification.objects.get(kind="asked", channel="email")
    assert "will get in touch with you" in said_in(prompt).words.text


def test_a_form_without_its_key_changes_nothing_and_says_so(cast: Cast) -> None:
    cast.booked()
    answer = edited(cast, okafor(), key="none", email="new@clients.example", do_not_auto_cancel="on")
    assert answer.status_code == 422
    assert "This form was incomplete, so nothing was changed." in words(answer)
    assert (reached(cast)[0], Client.objects.get(pk=cast.riley.pk).do_not_auto_cancel) == (
        "riley@clients.example",
        False,
    )


def test_somebody_elses_client_is_not_there(cast: Cast) -> None:
    cast.booked()
    visitors = [mallory(), StaffBrowser("fischer@harbor.example"), StaffBrowser("riley@clients.example")]
    answers = [
        [
            visitor.get(f"/clients/{cast.riley.ref}/").status_code,
            visitor.get(f"/clients/{cast.riley.ref}/edit/").status_code,
            visitor.post(
                f"/clients/{cast.riley.ref}/edit/", first_name="Eve", email="eve@clients.example"
            ).status_code,
        ]
        for visitor in visitors
    ]
    assert answers == [[404] * 3] * 3
    assert okafor().get(f"/clients/{uuid4()}/").status_code == 404
    # Nobody read anything: each row says that a page was refused.
    rows = ReadLog.objects.values_list("what", flat=True)
    assert (reached(cast)[0], set(rows)) == ("riley@clients.example", {"event:page_refused"})


def test_clients_make_as_many_queries_for_thirty_as_for_one(cast: Cast) -> None:
    crowd(cast, range(1))
    client, me = Client.objects.get(first_name="Client0"), okafor(NOW + HOUR)
    pages = ["/clients/", f"/clients/{client.ref}/", f"/clients/{client.ref}/edit/", "/clients/new/"]
    once = [me.queries(page) for page in pages]
    crowd(cast, range(1, 30))
    for number in range(10):
        cast.booked(new_york(25, 8 + number), client=client)
    assert [me.queries(page) for page in pages] == once

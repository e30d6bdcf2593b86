"""A new appointment for somebody who is not in the list yet, and for the client whose page one comes from."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast, client_in
from tests.app.client_browser import words
from tests.app.form_fields import fields, filled
from tests.app.sent_notifications import latest, told
from tests.app.staff_browser import StaffBrowser, errors, links, manager, okafor

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.clients.history import ClientHistory
from raincheck.data.people import Client, Recipient

NEW = "/appointments/new/"
FRIDAY = {"day": "2026-11-27", "time": "09:00"}


def looked_for(me: StaffBrowser, who: str, **said: Any) -> HttpResponse:
    return filled(me, NEW, **FRIDAY, **said, new_who=who, find="on")


def test_who_is_not_found_is_added_with_the_appointment(cast: Cast) -> None:
    me, before = okafor(), latest()
    asked = looked_for(me, "Noa ben Ami", type=str(cast.intake.ref))
    stands = fields(asked)
    assert asked.status_code == 422
    assert "Add Noa ben Ami We found nobody in the list for “Noa ben Ami”." in words(asked)
    assert {
        name: stands[name] for name in ("new_first_name", "new_last_name", "type", "day", "time", "client")
    } == {
        "new_first_name": "Noa ben",
        "new_last_name": "Ami",
        "type": str(cast.intake.ref),
        "client": "",
        **FRIDAY,
    }
    sent = filled(me, NEW, page=asked, new_email="noa@mail.example", new_phone="310 555 0142", new_texts="on")
    noa = Client.objects.get(last_name="Ami")
    reached, row = Recipient.objects.get(client=noa), Appointment.objects.get(client=noa)
    assert "Booked: Noa ben Ami, Fri, Nov 27 · 9:00 – 10:20 AM. Noa ben is told." in words(
        me.get(sent["Location"])
    )
    assert (reached.email, noa.phone, reached.sms_agreed_at, noa.usual_provider_id) == (
        "noa@mail.example",
        "+13105550142",
        NOW,
        cast.okafor.pk,
    )
    assert (row.starts_at, row.provider_id, row.type_id) == (FRIDAY_AT_NINE, cast.okafor.pk, cast.intake.pk)
    assert list(ClientHistory.objects.filter(client=noa).values_list("event", "actor")) == [
        ("added", cast.okafor.pk)
    ]
    assert sorted(told(before)) == [
        "booked to client by email: waiting",
        "booked to provider by in_app: handed_over",
    ]


def test_who_is_found_is_chosen_and_nothing_typed_is_lost(cast: Cast) -> None:
    cast.booked()
    found = looked_for(okafor(), "rile", place=str(cast.telehealth.ref))
    stands = fields(found)
    assert (stands["client"], stands["day"], stands["time"], stands.get("new_first_name", "")) == (
        str(cast.riley.ref),
        "2026-11-27",
        "09:00",
        "",
    )
    assert filled(okafor(), NEW, page=found).status_code == 302
    assert Appointment.objects.filter(client=cast.riley, starts_at=FRIDAY_AT_NINE).exists()


def test_of_several_who_are_found_one_is_chosen(cast: Cast) -> None:
    client_in(cast.practice, "Mayana", "Brooks")
    boss = manager(cast)
    page = filled(boss, f"{NEW}?provider={cast.okafor.ref}", **FRIDAY, new_who="maya", find="on")
    assert "Choose a client Brooks, Mayana Chen, Maya Find or add somebody" in words(page)
    assert "2 people are found. Please choose one of them above." in words(page)
    assert fields(page)["client"] == ""


def test_who_is_found_at_the_second_try_leaves_nobody_new_behind(cast: Cast) -> None:
    cast.booked()
    me = okafor()
    found = filled(me, NEW, page=looked_for(me, "Rilley"), new_who="Riley", find="on")
    assert "One person is found and chosen above." in words(found)
    assert filled(me, NEW, page=found).status_code == 302
    assert Appointment.objects.filter(client=cast.riley, starts_at=FRIDAY_AT_NINE).count() == 1
    assert not Client.objects.filter(first_name="Rilley").exists()


def test_enter_in_the_search_looks_too(cast: Cast) -> None:
    asked = filled(okafor(), NEW, **FRIDAY, new_who="Noa")
    assert "Add Noa" in words(asked)
    assert not Client.objects.filter(first_name="Noa").exists()


@pytest.mark.parametrize(
    ("who", "field"),
    [("noa@mail.example", "new_email"), ("310 555 0142", "new_phone"), ("Noa", "new_first_name")],
)
def test_what_was_looked_for_stands_in_its_field(cast: Cast, who: str, field: str) -> None:
    stands = fields(looked_for(okafor(), who))
    assert {name for name in stands if name.startswith("new_") and stands[name] == who} == {"new_who", field}


def test_another_provider_s_client_is_not_found(cast: Cast) -> None:
    cast.booked(client=cast.maya, provider=cast.fischer)
    assert "Add Maya" in words(looked_for(okafor(), "Maya"))


def test_a_time_that_is_taken_adds_nobody(cast: Cast) -> None:
    cast.booked(FRIDAY_AT_NINE)
    me, before = okafor(), Client.objects.count()
    refused = filled(me, NEW, page=looked_for(me, "Noa Ami"), new_email="noa@mail.example")
    stands = fields(refused)
    assert (refused.status_code, Client.objects.count()) == (409, before)
    assert errors(refused)[0].startswith("Riley Brooks has an appointment with Dr. Okafor at 9:00 AM")
    assert (stands["new_first_name"], stands["new_last_name"], stands["new_email"]) == (
        "Noa",
        "Ami",
        "noa@mail.example",
    )


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"new_email": "noa at home"}, "“noa at home” does not look like an e-mail address."),
        ({"new_phone": "555 0142"}, "“555 0142” has no area code."),
        ({"new_texts": "on"}, "Texts need a phone number."),
        ({"new_last_name": "x" * 201}, "This has 201 characters; 200 fit."),
        ({"new_first_name": ""}, "Please write a name."),
    ],
)
def test_what_can_not_be_kept_books_nothing(cast: Cast, said: dict[str, str], sentence: str) -> None:
    me = okafor()
    refused = filled(me, NEW, page=looked_for(me, "Noa Ami"), **{"new_who": "", **said})
    assert [error.startswith(sentence) for error in errors(refused)] == [True]
    assert (Client.objects.filter(last_name="Ami").count(), Appointment.objects.count()) == (0, 0)


def test_an_address_alone_is_kept_until_there_is_a_name(cast: Cast) -> None:
    me = okafor()
    refused = filled(me, NEW, page=looked_for(me, "noa@mail.example"))
    assert errors(refused) == ["Please write a name. Nothing was changed yet."]
    assert fields(refused)["new_email"] == "noa@mail.example"
    assert filled(me, NEW, page=refused, new_first_name="Noa").status_code == 302


def test_who_meant_somebody_in_the_list_empties_the_fields(cast: Cast) -> None:
    cast.booked()
    me, nothing = okafor(), dict.fromkeys(("new_who", "new_first_name", "new_last_name"), "")
    sent = filled(me, NEW, page=looked_for(me, "Noa Ami"), client=str(cast.riley.ref), **nothing)
    assert (sent.status_code, Client.objects.filter(last_name="Ami").count()) == (302, 0)


def test_a_typo_in_the_new_address_is_asked_about(cast: Cast) -> None:
    me = okafor()
    asked = filled(me, NEW, page=looked_for(me, "Noa Ami"), new_email="noa@gmial.com")
    assert "Did you mean noa@gmail.com ?" in words(asked)
    assert filled(me, NEW, page=asked, meant="noa@gmail.com").status_code == 302
    assert Recipient.objects.get(client__last_name="Ami").email == "noa@gmail.com"


def test_somebody_chosen_and_somebody_new_can_not_both_be_meant(cast: Cast) -> None:
    cast.booked()
    me = okafor()
    refused = filled(me, NEW, page=looked_for(me, "Noa Ami"), client=str(cast.riley.ref))
    assert errors(refused) == [
        "Choose Riley Brooks from the list, or write somebody new below, but not both."
    ]
    assert Appointment.objects.count() == 1


def test_a_client_s_page_leads_to_a_new_appointment_with_them(cast: Cast) -> None:
    cast.booked()
    Client.objects.filter(pk=cast.riley.pk).update(usual_provider=cast.fischer)
    cast.booked(client=cast.riley, provider=cast.fischer, start=FRIDAY_AT_NINE)
    ways = {
        name: links(who.get(f"/clients/{cast.riley.ref}/"))["New appointment"]
        for name, who in (("provider", okafor()), ("manager", manager(cast)))
    }
    assert ways == {
        "provider": f"{NEW}?client={cast.riley.ref}",
        "manager": f"{NEW}?client={cast.riley.ref}&provider={cast.fischer.ref}",
    }
    assert fields(okafor().get(ways["provider"]))["client"] == str(cast.riley.ref)
    assert fields(manager(cast).get(ways["manager"]))["client"] == str(cast.riley.ref)


def test_the_times_beside_never_ask_with_a_name_in_their_address(cast: Cast) -> None:
    page = looked_for(okafor(), "Noa Ami")
    assert (
        ':not([name=key], [name=csrfmiddlewaretoken], [name^=new_], [name=written])"' in page.content.decode()
    )


def test_somebody_new_who_looks_like_a_client_is_asked_about_first(cast: Cast) -> None:
    cast.booked()
    me, here = okafor(), Appointment.objects.count()
    asked = filled(me, NEW, page=looked_for(me, "Ryle Brook"), new_email="RILEY@clients.example")
    assert (asked.status_code, Appointment.objects.count()) == (422, here)
    assert (
        "Is this the same person? Riley Brooks Same e-mail Book for Riley Brooks Someone else: add and book "
        "Nothing was booked yet, and nobody was added." in words(asked)
    )
    assert fields(asked)["new_email"] == "RILEY@clients.example"
    sent = filled(me, NEW, page=asked, apart=str(cast.riley.ref))
    [row] = Appointment.objects.filter(client__first_name="Ryle")
    assert (sent.status_code, row.starts_at) == (302, FRIDAY_AT_NINE)


def test_the_same_person_is_booked_by_one_press_and_nobody_is_added(cast: Cast) -> None:
    cast.booked()
    me = okafor()
    asked = filled(me, NEW, page=looked_for(me, "Ryle Brook"), new_email="riley@clients.example")
    sent = filled(me, NEW, page=asked, same=str(cast.riley.ref))
    assert sent.status_code == 302
    assert Appointment.objects.filter(client=cast.riley, starts_at=FRIDAY_AT_NINE).exists()
    assert not Client.objects.filter(first_name="Ryle").exists()


def test_who_is_not_ones_own_or_not_in_care_is_not_booked_by_that_press(cast: Cast) -> None:
    me = okafor()
    asked = filled(me, NEW, page=looked_for(me, "Ryle Brook"), new_email="riley@clients.example")
    assert "A client of another provider here Same e-mail Someone else: add and book" in words(asked)
    refused = filled(me, NEW, page=asked, same=str(cast.riley.ref))
    assert (refused.status_code, Appointment.objects.count()) == (422, 0)
    Client.objects.filter(pk=cast.riley.pk).update(archived_at=NOW)
    boss = manager(cast)
    asked = filled(boss, NEW, page=looked_for(boss, "Ryle Brook"), new_email="riley@clients.example")
    assert "Riley Brooks Same e-mail Someone else: add and book" in words(asked)

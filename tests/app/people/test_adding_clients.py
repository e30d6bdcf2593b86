"""Adding a client and changing their record: every field, what is refused, what is asked, and who is told of a rival."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.app.cast import NOW, Cast, client_in
from tests.app.client_browser import words
from tests.app.form_fields import fields, filled
from tests.app.people.test_clients import rows
from tests.app.staff_browser import StaffBrowser, errors, mallory, manager, okafor, section

from raincheck.data.clients.history import ClientHistory
from raincheck.data.notifications import Notification
from raincheck.data.people import Client, Membership, Practice, Recipient

NEW = "/clients/new/"
NOA = {
    "first_name": " Noa ",
    "last_name": "ben  Ami",
    "goes_by": "No",
    "pronouns": "she/her",
    "date_of_birth": "1988-03-07",
    "email": "noa@mail.example",
    "phone": "(310) 555-0142",
    "texts": "on",
    "payer_forbids_fees": "on",
    "never_works": ["monday-morning", "wednesday-evening", "monday-afternoon", "monday-evening"],
    "agreed_on": "2026-11-02",
    "zone": "America/Denver",
    "neutral_wording": "on",
    "do_not_auto_cancel": "on",
}


def kept(client: Client) -> dict[str, object]:
    client = Client.objects.select_related("usual_provider").get(pk=client.pk)
    reached = Recipient.objects.get(client=client)
    return {
        "names": (client.first_name, client.last_name, client.goes_by, client.pronouns),
        "born": client.date_of_birth,
        "reached": (reached.email, client.phone, reached.phone),
        "texts": (reached.sms_agreed_at, reached.sms_agreed_by_kind, reached.sms_agreed_by),
        "zone": client.zone,
        "language": reached.language,
        "marks": (client.neutral_wording, client.do_not_auto_cancel, client.payer_forbids_fees),
        "never works": client.never_works,
        "usual": client.usual_provider and client.usual_provider.short_name,
        "since": client.client_since,
        "signs in as": list(Membership.objects.filter(client=client).values_list("user__email", flat=True)),
    }


def test_a_client_is_added_with_everything_that_is_said(cast: Cast) -> None:
    boss = manager(cast)
    sent = filled(boss, NEW, **NOA, usual_provider=str(cast.fischer.ref))
    noa = Client.objects.get(first_name="Noa")
    sasha = Membership.objects.get(role="manager").pk
    assert (sent["Location"], kept(noa)) == (
        f"/clients/{noa.ref}/",
        {
            "names": ("Noa", "ben Ami", "No", "she/her"),
            "born": date(1988, 3, 7),
            "reached": ("noa@mail.example", "+13105550142", "+13105550142"),
            "texts": (datetime(2026, 11, 2, 5, tzinfo=UTC), "manager", sasha),
            "zone": "America/Denver",
            "language": "en",
            "marks": (True, True, True),
            "never works": "monday-morning monday-afternoon monday-evening wednesday-evening",
            "usual": "Dr. Fischer",
            "since": date(2026, 11, 16),
            "signs in as": ["noa@mail.example"],
        },
    )
    page = boss.get(sent["Location"])
    assert "Added: No ben Ami. Nothing was sent." in words(page)
    assert section(page, "Record") == (
        "Record Full name Noa ben Ami Goes by No Pronouns she/her Date of birth March 7, 1988 E-mail noa@mail.example"
        " Phone (310) 555-0142 Texts agreed on Mon, Nov 2, written down by Sasha Lindqvist Time zone Denver"
        " Language English Usual provider Dr. Lena Fischer Neutral wording yes Do not auto-cancel yes"
        " Payer forbids fees yes Times that never work Monday; Wednesday: evening"
    )
    assert section(page, "Changes") == "Changes Added Mon, Nov 16 · 10:00 AM · Sasha Lindqvist"
    assert Notification.objects.count() == 0


@pytest.mark.parametrize("name", ["सुहार्तो", "Ж" * 70 + "李" * 60 + "ñ" * 70])
def test_a_name_is_enough_in_any_script(cast: Cast, name: str) -> None:
    me = okafor()
    sent = filled(me, NEW, first_name=name)
    client = Client.objects.get(first_name=name)
    assert sent["Location"] == f"/clients/{client.ref}/"
    assert kept(client) | {"names": (), "since": None} == {
        "names": (),
        "born": None,
        "reached": ("", "", ""),
        "texts": (None, None, None),
        "zone": "",
        "language": "en",
        "marks": (False, False, False),
        "never works": "",
        "usual": "Dr. Okafor",
        "since": None,
        "signs in as": [],
    }
    assert rows(me.get("/clients/")) == [f"{name} None Can't be reached"]


def test_who_adds_a_client_finds_them_and_no_other_provider_does(cast: Cast) -> None:
    filled(okafor(), NEW, first_name="Noa", last_name="Ami")
    noa, fischer = Client.objects.get(first_name="Noa"), StaffBrowser("fischer@harbor.example")
    found = [
        ("Noa" in words(who.get("/clients/", q="noa")), who.get(f"/clients/{noa.ref}/edit/").status_code)
        for who in (okafor(), manager(cast), fischer, mallory())
    ]
    assert found == [(True, 200), (True, 200), (False, 404), (False, 404)]


def test_who_gives_a_client_away_goes_back_to_the_list(cast: Cast) -> None:
    filled(okafor(), NEW, first_name="Noa")
    noa = Client.objects.get(first_name="Noa")
    sent = filled(okafor(), f"/clients/{noa.ref}/edit/", usual_provider=str(cast.fischer.ref))
    assert (sent["Location"], okafor().get(f"/clients/{noa.ref}/").status_code) == ("/clients/", 404)


def test_a_provider_of_another_practice_can_not_be_the_usual_one(cast: Cast) -> None:
    refused = filled(okafor(), NEW, first_name="Noa", usual_provider=str(cast.mallory.ref))
    assert (refused.status_code, errors(refused)) == (422, ["Please choose one of the providers listed."])
    assert not Client.objects.filter(first_name="Noa").exists()


@pytest.mark.parametrize(
    ("said", "sentences"),
    [
        ({"first_name": "  "}, ["Please write a name. Nothing was changed yet."]),
        ({"last_name": "x" * 201}, ["This has 201 characters; 200 fit. Nothing was changed yet; please shorten it."]),
        ({"email": "noa at home"}, ["“noa at home” does not look like an e-mail address. Nothing was changed; please write it like name@example.com."]),
        ({"phone": "555 0142"}, ["“555 0142” has no area code. Nothing was changed; please write the whole number, like 212 555 0100."]),
        ({"texts": "on"}, ["Texts need a phone number. Nothing was changed; add one, or untick the box."]),
        ({"phone": "310 555 0142", "texts": "on", "agreed_on": "2026-11-17"}, ["This day has not come yet. Nothing was changed; please write the day on which they agreed."]),
        ({"date_of_birth": "2026-11-17"}, ["Nobody can be born on this day. Nothing was changed yet; please check the year."]),
        ({"date_of_birth": "88"}, ["We can't read this date. Please write it like 1988-03-07."]),
        ({"zone": "Mars/Base"}, ["“Mars/Base” is not a time zone we know. Nothing was changed; please choose one like America/New_York."]),
    ],
)  # fmt: skip
def test_what_can_not_be_kept_is_said_at_its_field_and_stays_typed(
    cast: Cast, said: dict[str, str], sentences: list[str]
) -> None:
    me, before = okafor(), Client.objects.count()
    page = me.get(NEW)
    typed = fields(page) | {"first_name": "Noa", "pronouns": "she/her"} | said
    refused = me.post(NEW, **typed)
    # A zone that is none can't stand among the zones.
    stays = {"key", "first_name", "pronouns", *said} - {"zone"}
    again = fields(refused)
    assert (refused.status_code, errors(refused), Client.objects.count()) == (422, sentences, before)
    assert {name: again.get(name) for name in stays} == {name: typed[name] for name in stays}


def test_a_typo_in_the_address_is_asked_about_and_never_refused(cast: Cast) -> None:
    me = okafor()
    asked = filled(me, NEW, first_name="Noa", email="noa@gmial.com")
    assert (asked.status_code, errors(asked), Client.objects.filter(first_name="Noa").count()) == (422, [], 0)
    assert (
        "Did you mean noa@gmail.com ? Use noa@gmail.com Is it right as you wrote it? Then save once more."
        in words(asked)
    )
    filled(me, NEW, page=asked, meant="noa@gmail.com")
    assert [kept(row)["reached"] for row in Client.objects.filter(first_name="Noa")] == [
        ("noa@gmail.com", "", "")
    ]
    other = filled(me, NEW, first_name="Lev", email="lev@gmial.com")
    assert "meant" not in fields(other)
    filled(me, NEW, page=other)
    lev = Client.objects.get(first_name="Lev")
    assert kept(lev)["reached"] == ("lev@gmial.com", "", "")
    assert filled(me, f"/clients/{lev.ref}/edit/", goes_by="L").status_code == 302


def test_another_typo_is_asked_about_anew(cast: Cast) -> None:
    asked = filled(okafor(), NEW, first_name="Noa", email="noa@gmial.com")
    again = filled(okafor(), NEW, page=asked, email="noa@yahooo.com")
    assert "Did you mean noa@yahoo.com ?" in words(again)


def test_who_is_second_is_told_and_loses_nothing(cast: Cast) -> None:
    cast.booked()
    edit, mine, boss = f"/clients/{cast.riley.ref}/edit/", okafor(), manager(cast)
    open_before = mine.get(edit)
    filled(boss, edit, goes_by="Ri", phone="310 555 0142")
    told = filled(mine, edit, page=open_before, pronouns="she/her", goes_by="Lee")
    typed = fields(told)
    assert told.status_code == 409
    assert "This record has changed since you opened it, so nothing was changed now." in words(told)
    assert "How it stands now Full name Riley Brooks Goes by Ri" in words(told)
    assert (typed["pronouns"], typed["goes_by"], typed["phone"]) == ("she/her", "Lee", "(310) 555-0142")
    assert filled(mine, edit, page=told).status_code == 302
    client = Client.objects.get(pk=cast.riley.pk)
    assert (client.goes_by, client.pronouns, client.phone) == ("Lee", "she/her", "+13105550142")


def test_a_form_without_its_count_is_taken_for_an_old_one(cast: Cast) -> None:
    cast.booked()
    told = filled(okafor(), f"/clients/{cast.riley.ref}/edit/", seen="", goes_by="Lee")
    assert (told.status_code, Client.objects.get(pk=cast.riley.pk).goes_by) == (409, "")


def test_saving_what_stands_changes_nothing_and_keeps_no_row(cast: Cast) -> None:
    cast.booked()
    assert filled(okafor(), f"/clients/{cast.riley.ref}/edit/").status_code == 302
    assert (ClientHistory.objects.count(), Client.objects.get(pk=cast.riley.pk).zone) == (
        0,
        "America/Los_Angeles",
    )


def test_what_was_typed_before_numbers_were_read_keeps_nobody_from_saving(cast: Cast) -> None:
    cast.booked()
    for found in (Client.objects.filter(pk=cast.riley.pk), Recipient.objects.filter(client=cast.riley)):
        found.update(phone="555 0142, ask for Sam")
    edit = f"/clients/{cast.riley.ref}/edit/"
    assert "Phone 555 0142, ask for Sam" in section(okafor().get(f"/clients/{cast.riley.ref}/"), "Record")
    assert filled(okafor(), edit, goes_by="Ri").status_code == 302
    assert kept(cast.riley)["reached"] == ("riley@clients.example", *["555 0142, ask for Sam"] * 2)
    refused = filled(okafor(), edit, phone="555 0142, ask for Max")
    assert errors(refused) == [
        "“555 0142, ask for Max” does not look like a phone number. Nothing was changed; please write it like +1 212 555 0100."
    ]


def test_a_practice_without_a_country_needs_a_country_s_code(cast: Cast) -> None:
    Practice.objects.filter(pk=cast.practice.pk).update(zone="UTC", phone="555 0100")
    refused = filled(okafor(), NEW, first_name="Noa", phone="310 555 0142")
    assert errors(refused) == [
        "We can't tell which country “310 555 0142” is from. Nothing was changed; please begin it with the country's code, like +1 212 555 0100."
    ]
    filled(okafor(), NEW, first_name="Noa", phone="+1 310 555 0142")
    assert Client.objects.get(first_name="Noa").phone == "+13105550142"


def test_consent_belongs_to_one_number(cast: Cast) -> None:
    cast.booked()
    edit = f"/clients/{cast.riley.ref}/edit/"
    filled(okafor(), edit, phone="310 555 0142", texts="on", agreed_on="2026-11-02")
    filled(okafor(NOW + timedelta(days=3)), edit, phone="310 555 0143")
    assert kept(cast.riley)["texts"] == (NOW + timedelta(days=3), "provider", cast.okafor.pk)
    page = okafor(NOW + timedelta(days=3)).get(f"/clients/{cast.riley.ref}/")
    assert section(page, "Changes").startswith(
        "Changes Changed phone changed · agreed to texts on: 2026-11-02 → 2026-11-19 Thu, Nov 19 · 10:00 AM · Dr. Jo Okafor"
        " Changed phone changed · texts: no → yes · agreed to texts on: none → 2026-11-02"
    )


def test_two_of_one_name_are_two(cast: Cast) -> None:
    client_in(cast.practice, "Noa", "Ami")
    assert filled(okafor(), NEW, first_name="Noa", last_name="Ami").status_code == 302
    assert Client.objects.filter(first_name="Noa").count() == 2

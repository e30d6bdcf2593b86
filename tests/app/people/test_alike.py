"""Whoever writes a client down who looks like one that is there is asked first, and goes on when it is someone else."""

from __future__ import annotations

import re
from datetime import date
from uuid import uuid4

from tests.app.cast import Cast
from tests.app.client_browser import words
from tests.app.form_fields import filled
from tests.app.staff_browser import manager, okafor

from raincheck.data.people import Client, Recipient

NEW = "/clients/new/"


def apart_in(page: object) -> str:
    found = re.search(r'name="apart" value="([^"]*)"', page.content.decode())  # type: ignore[attr-defined]
    return found[1] if found else ""


def test_the_same_address_is_asked_about_and_someone_else_goes_on(cast: Cast) -> None:
    me = manager(cast)
    asked = filled(me, NEW, first_name="Ryle", email="RILEY@clients.example")
    assert (asked.status_code, Client.objects.filter(first_name="Ryle").count()) == (422, 0)
    assert "Is this the same person? Riley Brooks Same e-mail Someone else: add" in words(asked)
    assert f'<a href="/clients/{cast.riley.ref}/">Riley Brooks</a>' in asked.content.decode()
    assert apart_in(asked) == str(cast.riley.ref)
    added = filled(me, NEW, first_name="Ryle", email="RILEY@clients.example", apart=apart_in(asked))
    assert (added.status_code, Client.objects.filter(first_name="Ryle").count()) == (302, 1)


def test_numbers_are_compared_as_they_are_dialed(cast: Cast) -> None:
    Recipient.objects.filter(client=cast.maya).update(phone="+13105550142")
    asked = filled(manager(cast), NEW, first_name="May", phone="(310) 555-0142")
    assert "Maya Chen Same phone number" in words(asked)


def test_a_name_alone_is_no_sign_and_with_its_birth_date_it_is(cast: Cast) -> None:
    Client.objects.filter(pk=cast.maya.pk).update(date_of_birth=date(1990, 5, 1))
    me = manager(cast)
    asked = filled(me, NEW, first_name="CHEN", last_name="Máya", date_of_birth="1990-05-01")
    assert "Maya Chen Same name and date of birth" in words(asked)
    assert filled(me, NEW, first_name="Maya", last_name="Chen").status_code == 302


def test_a_provider_learns_that_somebody_is_here_but_not_who(cast: Cast) -> None:
    cast.booked(client=cast.maya, provider=cast.fischer)
    asked = filled(okafor(), NEW, first_name="M", email="maya@clients.example")
    assert "A client of another provider here Same e-mail" in words(asked)
    assert "Chen" not in words(asked)


def test_of_a_record_that_is_changed_only_what_is_new_is_asked_about(cast: Cast) -> None:
    Recipient.objects.filter(client=cast.maya).update(email="riley@clients.example")
    me = manager(cast)
    edit = f"/clients/{cast.riley.ref}/edit/"
    assert filled(me, edit, pronouns="she/her").status_code == 302
    Recipient.objects.filter(client=cast.maya).update(phone="+13105550142")
    asked = filled(me, edit, phone="310 555 0142")
    assert "Maya Chen Same phone number Someone else: save" in words(asked)


def test_a_client_of_another_practice_is_nobody_here(cast: Cast) -> None:
    assert filled(manager(cast), NEW, first_name="Eva", email="eve@clients.example").status_code == 302


def test_the_same_form_sent_twice_asks_nothing_about_whom_it_added(cast: Cast) -> None:
    me, key = manager(cast), str(uuid4())
    said = {
        "first_name": "Noor",
        "last_name": "Haddad",
        "email": "noor@clients.example",
        "zone": "",
        "language": "en",
    }
    answers = [me.post(NEW, key=key, **said) for _time in range(2)]
    client = Client.objects.get(first_name="Noor")
    assert [(one.status_code, one["Location"]) for one in answers] == [(302, f"/clients/{client.ref}/")] * 2
    # A form of its own is a new wish, and is asked about.
    assert me.post(NEW, **said).status_code == 422
    assert Client.objects.filter(first_name="Noor").count() == 1

"""The search box: clients by name without accents, phone or e-mail, with the way to their next appointment."""

from __future__ import annotations

import re
from html import unescape

import pytest
from tests.app.cast import Cast, client_in, new_york
from tests.app.read_log_rows import rows
from tests.app.staff_browser import StaffBrowser, mallory, manager, okafor, scheduler

from raincheck.data.people import Client, Provider


def found(who: StaffBrowser, words: str) -> list[tuple[str, str, str]]:
    """Return who is found: name, next appointment in words, and where it leads."""
    html = who.get("/search/", q=words, headers={"HX-Request": "true"}).content.decode()
    lines = re.findall(r"<li>(.*?)</li>", html, re.DOTALL)
    shown = []
    for line in lines:
        name = re.findall(r"<b>(.*?)</b>", line)[0]
        when = re.findall(r'<a class="small" href="(.*?)">(.*?)<span', line)
        shown.append((unescape(name), *(unescape(one) for one in reversed(when[0] if when else ("", "")))))
    return shown


@pytest.mark.parametrize("words", ["lucia", "FERRER luc", "555 0142", "lucia@clients"])
def test_a_client_is_found_by_name_without_accents_phone_or_mail(cast: Cast, words: str) -> None:
    lucia = client_in(cast.practice, "Lucía", "Ferrer")
    Client.objects.filter(pk=lucia.pk).update(phone="+12125550142")
    lucia.recipients.filter(is_client=True).update(email="lucia@clients.example")
    row = cast.booked(new_york(26, 9), client=lucia)
    cast.booked(new_york(27, 9), client=lucia)
    address = f"/appointments/?view=calendar&date=2026-11-26&appointment={row.ref}"
    assert found(okafor(), words) == [("Lucía Ferrer", "Thu, Nov 26 · 9:00 AM", address)]


def test_a_provider_finds_their_own_clients_and_who_acts_for_all_everybodys(cast: Cast) -> None:
    Provider.objects.filter(pk=cast.fischer.pk).update(zone="America/Chicago")
    row = cast.booked(client=cast.maya, provider=Provider.objects.get(pk=cast.fischer.pk))
    whose = f"/appointments/?view=calendar&date=2026-11-24&provider={cast.fischer.ref}&appointment={row.ref}"
    line = ("Maya Chen", "Tue, Nov 24 · 10:00 AM · Dr. Fischer", whose)
    assert found(okafor(), "maya") == []
    assert found(manager(cast), "maya") == [line]
    assert found(scheduler(cast), "maya") == [line]
    # Of a client of both, each sees the appointments that are theirs to see.
    cast.booked(new_york(27, 9), client=cast.maya)
    assert [one[1] for one in found(okafor(), "maya")] == ["Fri, Nov 27 · 9:00 AM"]
    assert found(manager(cast), "maya") == [line]


def test_nobody_of_another_practice_is_found(cast: Cast) -> None:
    cast.booked()
    assert found(okafor(), "riley") != []
    assert found(mallory(), "riley") == []
    assert found(okafor(), "eve") == []


def test_who_is_found_stands_in_the_read_log_and_nobody_else(cast: Cast) -> None:
    cast.booked()
    cast.booked(new_york(26, 9), client=cast.maya)
    found(okafor(), "riley")
    assert [row[2:4] for row in rows()] == [("search", [cast.riley.pk])]


def test_a_search_costs_the_same_however_many_are_found(cast: Cast) -> None:
    cast.booked()
    reader = manager(cast)
    few = reader.queries("/search/?q=riley")
    for number in range(12):
        cast.booked(
            new_york(25 + number // 8, 9 + number % 8),
            client=client_in(cast.practice, f"Client{number}", "Crowd"),
        )
    assert len(found(reader, "crowd")) == 8
    assert "There are more." in reader.get("/search/", q="crowd").content.decode()
    assert reader.queries("/search/?q=crowd") == few


def test_nobody_found_says_what_was_looked_for_and_where_else_to_look(cast: Cast) -> None:
    page = okafor().get("/search/", q="<zz>").content.decode()
    assert "No client's name, phone or e-mail has “&lt;zz&gt;” in it." in page
    assert 'href="/clients/?archived=yes&amp;q=%3Czz%3E"' in page

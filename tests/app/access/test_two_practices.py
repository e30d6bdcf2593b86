"""Somebody who works in two practices: in one at a time, chosen in the rail, and nothing of one is seen or done in the other."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from tests.app.cast import Cast, new_york
from tests.app.client_browser import words
from tests.app.staff_browser import StaffBrowser, links, okafor, sign_in_staff

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Membership, Practice, Provider, User
from raincheck.domain.people import Role
from raincheck.web.chosen_practice import COOKIE


@pytest.fixture
def both(cast: Cast) -> StaffBrowser:
    """Dr. Okafor, who is a provider in Harbor Counseling and a manager and provider elsewhere."""
    user = User.objects.get(email="okafor@harbor.example")
    there = Provider.objects.get(pk=cast.mallory.pk)
    own = Provider.objects.create(
        practice=cast.elsewhere,
        name="Dr. Jo Okafor",
        short_name="Dr. Okafor",
        email="okafor@elsewhere.example",
        zone="America/Chicago",
        availability=there.availability,
        availability_changed_at=there.availability_changed_at,
        grid_step=there.grid_step,
    )
    Membership.objects.create(practice=cast.elsewhere, user=user, role=Role.PROVIDER, provider=own)
    Membership.objects.create(practice=cast.elsewhere, user=user, role=Role.MANAGER)
    return okafor()


def switch(who: StaffBrowser, to: Practice, **said: str) -> str:
    sent = who.post("/account/practice/", practice=str(to.ref), **said)
    assert sent.status_code == 302
    return str(sent["Location"])


def test_the_rail_leads_from_one_practice_to_the_other_and_back(cast: Cast, both: StaffBrowser) -> None:
    assert f"Go to {cast.elsewhere.name}" in words_of_rail(both)
    assert switch(both, cast.elsewhere) == "/home/"
    assert f"Go to {cast.practice.name}" in words_of_rail(both)
    assert "People" in words_of_rail(both)
    switch(both, cast.practice)
    assert "People" not in words_of_rail(both)


def words_of_rail(who: StaffBrowser) -> str:
    html = who.get("/home/").content.decode()
    return " ".join(html.split('id="main-menu"')[1].split("</header>")[0].split())


def test_every_list_search_and_feed_is_of_the_chosen_practice(cast: Cast, both: StaffBrowser) -> None:
    cast.asked(cast.booked())
    pages = ["/appointments/?view=list", "/clients/", "/requests/", "/home/", "/search/?q=riley"]
    week = {"from": "2026-11-23", "to": "2026-11-28"}
    assert all("Riley" in both.get(page).content.decode() for page in pages)
    assert "Riley" in both.get("/appointments/calendar.json", **week).content.decode()
    switch(both, cast.elsewhere)
    assert not any("Riley Brooks" in both.get(page).content.decode() for page in pages)
    assert "Riley" not in both.get("/appointments/calendar.json", **week).content.decode()
    # What an open page of the other practice asks for names whose calendar it is.
    theirs = {**week, "provider": str(cast.okafor.ref)}
    assert (
        both.get("/appointments/calendar.json", headers={"HX-Request": "true"}, **theirs).status_code == 404
    )


def test_a_form_of_the_practice_that_was_left_acts_in_neither(cast: Cast, both: StaffBrowser) -> None:
    both.browser.handler.enforce_csrf_checks = True
    before = token(both.get("/home/").content.decode())
    assert (
        both.post(
            "/account/practice/", practice=str(cast.elsewhere.ref), csrfmiddlewaretoken=before
        ).status_code
        == 302
    )
    form = {"name": "Changed", "csrfmiddlewaretoken": before}
    assert both.post("/practice/details/", **form).status_code == 403
    names = Practice.objects.order_by("pk").values_list("name", flat=True)
    assert "Changed" not in list(names)


def token(html: str) -> str:
    return html.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]


def test_a_link_to_the_other_practice_says_where_to_look_and_leads_there(
    cast: Cast, both: StaffBrowser
) -> None:
    row = cast.booked()
    switch(both, cast.elsewhere)
    address = f"/appointments/{row.ref}/"
    missed = both.get(address)
    assert missed.status_code == 404
    said = words(missed)
    assert "Riley" not in said
    assert f"Look in {cast.practice.name}" in said
    assert switch(both, cast.practice, next=address) == address
    assert both.get(address).status_code == 200
    assert switch(both, cast.elsewhere, next="https://evil.example/") == "/home/"


def test_an_address_of_the_own_calendar_names_its_provider_where_there_are_two(
    cast: Cast, both: StaffBrowser
) -> None:
    page = both.get("/appointments/?view=list")
    whose = f"provider={cast.okafor.ref}"
    assert whose in links(page)["Past"]
    assert Appointment.objects.count() == 0


def test_the_choice_outlives_the_session_and_opens_no_practice_to_others(
    cast: Cast, both: StaffBrowser
) -> None:
    switch(both, cast.elsewhere)
    kept = both.browser.cookies[COOKIE].value
    assert kept == str(cast.elsewhere.ref)
    anew = Browser()
    sign_in_staff(anew, "okafor@harbor.example")
    anew.cookies[COOKIE] = kept
    assert f"Go to {cast.practice.name}" in anew.get("/home/").content.decode()
    # Dr. Fischer works in one practice, whatever the cookie of a shared device says.
    other = Browser()
    sign_in_staff(other, "fischer@harbor.example")
    other.cookies[COOKIE] = kept
    cast.booked(new_york(24, 9), provider=cast.fischer)
    assert "Riley" in other.get("/appointments/?view=list&when=past").content.decode()
    assert other.post("/account/practice/", {"practice": kept}).status_code == 404


def test_nobody_switches_to_a_practice_that_is_not_theirs_any_more(cast: Cast, both: StaffBrowser) -> None:
    switch(both, cast.elsewhere)
    vance = User.objects.get(email="vance@elsewhere.example")
    Membership.objects.create(practice=cast.elsewhere, user=vance, role=Role.MANAGER)
    Membership.objects.filter(user__email="okafor@harbor.example", practice=cast.elsewhere).update(
        ended_at=cast.okafor.availability_changed_at
    )
    assert "Go to" not in words_of_rail(both)
    assert both.post("/account/practice/", practice=str(cast.elsewhere.ref)).status_code == 404

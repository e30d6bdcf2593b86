"""Connecting calendars on the page: by an address, by an account, with titles or without, and what each refusal says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from tests.app.calendars.test_calendar_checks import LUNCH, QUARTER, ROUNDS, acted, busy, connected, shows
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, as_read
from tests.app.client_browser import words
from tests.app.staff_browser import errors, key_in, mallory, manager, okafor, section
from tests.integrations.radicale_server import PASSWORD, USER, Radicale, radicale_server
from tests.integrations.web_server import Said, WebServer, web_server

from raincheck.actions.calendars.sources import import_busy_time
from raincheck.data.calendars.busy import BusyCalendar, BusyTime
from raincheck.integrations.calendar_checks import check
from raincheck.web.staff.calendars import connect

PAGE = "/availability/calendars/"
ACCOUNT = {"username": USER, "password": PASSWORD}


@pytest.fixture
def site(settings: LazySettings) -> Iterator[WebServer]:
    settings.CALENDARS_ON_LOOPBACK = True
    with web_server() as site:
        shows(site, ROUNDS, LUNCH)
        yield site


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """An account with two calendars of the same name."""
    with radicale_server(tmp_path_factory.mktemp("radicale")) as server:
        for place, event in {"work": ROUNDS, "home": LUNCH}.items():
            server.make(place, name="Mine")
            server.put(place, place, *event[1:])
        yield server


def test_a_calendar_is_connected_by_its_address(cast: Cast, site: WebServer) -> None:
    me = okafor()
    sent = me.post(f"{PAGE}link/", name="Work", address=f"  {site.address('/work.ics')} ")
    calendar = BusyCalendar.objects.get()
    assert (sent["Location"], calendar.kind, calendar.host) == (
        f"{PAGE}#calendar-{calendar.ref}",
        "subscription",
        "127.0.0.1",
    )
    assert busy() == [("12-01 15:00", ""), ("12-02 17:00", "")]
    page = me.get(PAGE)
    assert section(page, "Your other calendars") == (
        "Your other calendars Times you are busy elsewhere are never offered to a client. Work 127.0.0.1"
        " Updated just now. Read Mon, Nov 16 · 10:00 AM, as far as Dec 21, 2027. 2 busy times ahead."
        " Check now Keep titles Remove"
    )


def test_an_address_is_a_secret(cast: Cast, site: WebServer) -> None:
    me = okafor()
    me.post(f"{PAGE}link/", name="Work", address=site.address("/work.ics"))
    row = BusyCalendar.objects.values().get()
    assert "work.ics" not in me.get(PAGE).content.decode()
    assert "work.ics" not in str(row)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "Please paste the address of the calendar."),
        ("my calendar", "This is not an address we can read."),
        ("https://10.0.0.1/work.ics", "This address leads into a private network, so it was not opened."),
        ("/missing.ics", "There is no calendar at this address."),
        ("/page", "This address shows a web page, maybe one to sign in, and no calendar."),
        ("/locked", "The server of this calendar wants a user name and a password"),
        ("/noise", "This is not a calendar file."),
    ],
)
def test_an_unreadable_address_says_why_keeps_what_was_typed_connects_nothing(
    cast: Cast, site: WebServer, address: str, sentence: str
) -> None:
    site.pages |= {"/page": Said(body=b"<html>"), "/locked": Said(401), "/noise": Said(body=b"hello")}
    whole = site.address(address) if address.startswith("/") else address
    refused = okafor().post(f"{PAGE}link/", name="Work & more", address=whole)
    assert (refused.status_code, [said.startswith(sentence) for said in errors(refused)]) == (422, [True])
    assert 'value="Work &amp; more"' in refused.content.decode()
    assert BusyCalendar.objects.count() == 0


def test_connecting_again_under_the_same_name_replaces(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    okafor().post(f"{PAGE}link/", name="Work", address=site.address("/work.ics"))
    assert BusyCalendar.objects.get().pk == calendar.pk


def test_a_calendar_that_fails_says_since_when_and_why(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    site.pages["/work.ics"] = Said(401)
    check(calendar.pk, now=NOW + QUARTER)
    assert (
        "Could not read since Mon, Nov 16 · 10:15 AM: the address wants a password. Times read before are still kept busy."
        in section(okafor(NOW + 2 * QUARTER).get(PAGE), "Your other calendars")
    )


def test_the_ask_form_warns_of_a_calendar_that_fails(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    site.pages["/work.ics"] = Said(401)
    check(calendar.pk, now=NOW + QUARTER)
    appointment = cast.booked(TUESDAY_AT_ELEVEN)
    said = section(okafor(NOW + QUARTER).get(f"/appointments/{appointment.ref}/ask/"), "Before you send")
    assert "“Work” could not be read since Mon, Nov 16 · 10:15 AM" in said


def test_check_now_reads_at_once_and_says_how_it_went(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    shows(site, LUNCH)
    me = okafor()
    assert me.get(f"{PAGE}{calendar.ref}/check/").status_code == 405
    me.post(f"{PAGE}{calendar.ref}/check/")
    assert "“Work” is up to date." in words(me.get(PAGE))
    assert busy() == [("12-02 17:00", "")]
    site.pages["/work.ics"] = Said(500)
    me.post(f"{PAGE}{calendar.ref}/check/")
    assert "“Work” could not be read: its server has trouble of its own." in words(me.get(PAGE))
    assert mallory().post(f"{PAGE}{calendar.ref}/check/").status_code == 404


def test_nobody_checks_a_file(cast: Cast) -> None:
    acted(lambda: import_busy_time(cast.okafor.pk, name="File", reading=as_read(), now=NOW))
    calendar = BusyCalendar.objects.get()
    refused = okafor().post(f"{PAGE}{calendar.ref}/check/")
    assert refused.status_code == 409
    assert "This calendar was read from a file and can't be read again by itself." in words(refused)


def test_titles_are_the_providers_own_to_keep_and_to_see(cast: Cast, site: WebServer) -> None:
    me, address = okafor(), site.address("/work.ics")
    me.post(f"{PAGE}link/", name="Work", address=address, keeps_titles="on")
    assert busy() == [("12-01 15:00", "Rounds"), ("12-02 17:00", "Lunch with Sam")]
    feed = "/appointments/calendar.json?from=2026-12-01&to=2026-12-03"
    shown = [event["title"] for event in me.get(feed).json()["events"]]
    others = manager(cast).get(f"{feed}&provider={cast.okafor.ref}")
    assert (shown, [event["title"] for event in others.json()["events"]]) == (
        ["Rounds", "Lunch with Sam"],
        ["Busy", "Busy"],
    )
    assert "Sam" not in others.content.decode()
    calendar = BusyCalendar.objects.get()
    assert manager(cast).post(f"{PAGE}{calendar.ref}/titles/", keep="0").status_code == 404
    me.post(f"{PAGE}{calendar.ref}/titles/", keep="0")
    assert (busy(), "The titles were erased." in words(me.get(PAGE))) == (
        [("12-01 15:00", ""), ("12-02 17:00", "")],
        True,
    )


def test_a_manager_connects_a_calendar_without_titles(cast: Cast, site: WebServer) -> None:
    me, address = manager(cast), site.address("/work.ics")
    where = f"?provider={cast.fischer.ref}"
    assert "Keep titles" not in me.get(f"{PAGE}{where}").content.decode()
    me.post(f"{PAGE}link/{where}", name="Work", address=address, keeps_titles="on")
    calendar = BusyCalendar.objects.get()
    assert (calendar.provider, calendar.keeps_titles) == (cast.fischer, False)


def test_calendars_of_an_account_are_found_chosen_and_connected(
    cast: Cast, server: Radicale, settings: LazySettings
) -> None:
    settings.CALENDARS_ON_LOOPBACK = True
    me = okafor()
    found = me.post(f"{PAGE}account/", server=server.url, **ACCOUNT)
    assert (found.status_code, "Which calendars keep you busy? Mine Mine" in words(found)) == (200, True)
    assert PASSWORD not in found.content.decode()
    assert PASSWORD not in str(dict(me.browser.session))
    none = me.post(f"{PAGE}account/choose/")
    assert errors(none) == ["Please tick at least one calendar. Nothing was read yet."]
    key = key_in(none)
    sent = me.post(f"{PAGE}account/choose/", key=key, calendars=["0", "1"])
    rows = BusyCalendar.objects.order_by("name").values_list("name", "kind", "host", "username")
    assert sent.status_code == 302
    assert list(rows) == [("Mine", "caldav", "127.0.0.1", USER), ("Mine 2", "caldav", "127.0.0.1", USER)]
    assert busy() == [("12-01 15:00", ""), ("12-02 17:00", "")]
    twice = me.post(f"{PAGE}account/choose/", key=key, calendars=["0", "1"])
    assert (twice["Location"], rows.count()) == (sent["Location"], 2)
    again = me.post(f"{PAGE}account/choose/", calendars="0")
    assert "That took too long, so the account was forgotten." in words(again)


def test_a_calendar_of_the_same_name_never_replaces_another_one(
    cast: Cast, server: Radicale, settings: LazySettings
) -> None:
    settings.CALENDARS_ON_LOOPBACK = True
    me = okafor()
    for chosen in ("0", "1", "1"):
        me.post(f"{PAGE}account/", server=server.url, **ACCOUNT)
        me.post(f"{PAGE}account/choose/", calendars=chosen)
    assert list(BusyCalendar.objects.order_by("name").values_list("name", flat=True)) == ["Mine", "Mine 2"]
    assert busy() == [("12-01 15:00", ""), ("12-02 17:00", "")]


def test_a_wrong_password_is_never_shown_again(cast: Cast, server: Radicale, settings: LazySettings) -> None:
    settings.CALENDARS_ON_LOOPBACK = True
    said = {"server": server.url, "username": USER, "password": "a wrong one"}
    refused = okafor().post(f"{PAGE}account/", **said)
    page = refused.content.decode()
    assert (refused.status_code, USER in page, "a wrong one" in page) == (422, True, False)
    assert errors(refused)[0].startswith(
        "The server of this calendar wants a user name and a password, or other ones"
    )


def test_an_account_needs_all_three(cast: Cast) -> None:
    refused = okafor().post(f"{PAGE}account/", server="caldav.example")
    assert "Please fill in the server address, the user name and the password." in words(refused)


def test_an_account_is_remembered_for_its_provider_alone(
    cast: Cast, server: Radicale, settings: LazySettings
) -> None:
    settings.CALENDARS_ON_LOOPBACK = True
    me = manager(cast)
    me.post(f"{PAGE}account/?provider={cast.okafor.ref}", server=server.url, **ACCOUNT)
    refused = me.post(f"{PAGE}account/choose/?provider={cast.fischer.ref}", calendars="0")
    assert (refused.status_code, BusyCalendar.objects.count()) == (422, 0)


def test_the_same_form_sent_twice_connects_once(cast: Cast, site: WebServer) -> None:
    me = okafor()
    key = key_in(me.get(PAGE))
    said = {"name": "Work", "address": site.address("/work.ics"), "key": key}
    assert [me.post(f"{PAGE}link/", **said).status_code for _twice in range(2)] == [302, 302]
    assert (BusyCalendar.objects.count(), BusyTime.objects.count()) == (1, 2)


def test_more_calendars_than_can_be_read_while_somebody_waits_connect_none(
    cast: Cast, settings: LazySettings, server: Radicale, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "SECONDS_FOR_ALL", 0.0)
    settings.CALENDARS_ON_LOOPBACK = True
    me = okafor()
    found = me.post(f"{PAGE}account/", server=server.url, **ACCOUNT)
    refused = me.post(f"{PAGE}account/choose/", key=key_in(found), calendars=["0", "1"])
    assert (refused.status_code, errors(refused)) == (
        422,
        [
            "Reading so many calendars at once takes too long, so none was connected. Please tick fewer; the others can follow."
        ],
    )
    assert BusyCalendar.objects.count() == 0
    assert me.post(f"{PAGE}account/choose/", key=key_in(refused), calendars=["0"]).status_code == 302

"""Calendar accounts by CalDAV: a real Radicale, and answers that other servers give."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from tests.integrations.calendar_cases import AUTUMN, NEW_YORK, times
from tests.integrations.radicale_server import PASSWORD, USER, Radicale, radicale_server
from tests.integrations.web_server import Said, guard, web_server

from raincheck.domain.calendars.faults import (
    CalendarAnswerStrange,
    CalendarForbidden,
    CalendarServerTrouble,
    CalendarUnreachable,
    CalendarWantsPassword,
    NoCalendarServer,
    NoCalendarsInAccount,
)
from raincheck.domain.refusals import Refusal
from raincheck.integrations.caldav.accounts import EMPTY, CalendarAccount, FoundCalendar
from raincheck.integrations.http.safe_http import Login
from raincheck.integrations.ics.reading import read_busy

ROUNDS = ("SUMMARY:Rounds", "DTSTART:20260901T130000Z", "DTEND:20260901T140000Z")
WEEKLY = (
    "SUMMARY:Supervision",
    "DTSTART:20260803T130000Z",
    "DTEND:20260803T140000Z",
    "RRULE:FREQ=WEEKLY;COUNT=7",
)
LONG_AGO = ("SUMMARY:Past", "DTSTART:20200803T130000Z", "DTEND:20200803T140000Z")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    with radicale_server(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture(scope="module")
def work(server: Radicale) -> str:
    """The address of a calendar with an event, a series and something long past."""
    address = server.make("work", name="Rounds & more")
    server.make("tasks", name="To do", kind="VTODO")
    for uid, lines in {"rounds": ROUNDS, "weekly": WEEKLY, "past": LONG_AGO}.items():
        server.put("work", uid, *lines)
    return address


def test_the_calendars_of_an_account_are_found_by_name(server: Radicale, work: str) -> None:
    assert server.account().calendars() == [FoundCalendar("Rounds & more", work)]
    assert CalendarAccount(work, server.login, guard=guard()).calendars() == [
        FoundCalendar("Rounds & more", work)
    ]


def test_the_events_of_a_calendar_are_one_stream_for_the_usual_reader(server: Radicale, work: str) -> None:
    data = CalendarAccount(work, server.login, guard=guard()).events(within=AUTUMN)
    assert b"Past" not in data
    assert times(read_busy(data, window=AUTUMN, zone=NEW_YORK)) == [
        "09-01 13:00 - 09-01 14:00",
        "09-07 13:00 - 09-07 14:00",
        "09-14 13:00 - 09-14 14:00",
    ]


def test_a_calendar_without_events_is_an_empty_calendar(server: Radicale) -> None:
    address = server.make("home", name="Home")
    assert CalendarAccount(address, server.login, guard=guard()).events(within=AUTUMN) == EMPTY


def test_the_state_of_a_calendar_changes_with_its_events_and_only_then(server: Radicale) -> None:
    account = CalendarAccount(server.make("state", name="State"), server.login, guard=guard())
    empty = account.state()
    server.put("state", "rounds", *ROUNDS)
    with_one = account.state()
    again = account.state()
    server.delete("state", "rounds")
    assert empty
    assert with_one == again
    assert len({empty, with_one, account.state()}) >= 2
    assert with_one not in (empty, account.state())


def test_a_wrong_password_and_a_server_that_is_away_say_so(server: Radicale) -> None:
    with pytest.raises(CalendarWantsPassword):
        CalendarAccount(server.url, Login(USER, "wrong"), guard=guard()).calendars()
    with pytest.raises(CalendarUnreachable):
        CalendarAccount("http://127.0.0.1:9/", Login(USER, PASSWORD), guard=guard()).calendars()


def multistatus(*responses: str) -> Said:
    body = f'<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">{"".join(responses)}</d:multistatus>'
    return Said(207, {"Content-Type": "application/xml"}, body.encode())


def response(href: str, properties: str, status: str = "200 OK") -> str:
    return (
        f"<d:response><d:href>{href}</d:href><d:propstat><d:prop>{properties}</d:prop>"
        f"<d:status>HTTP/1.1 {status}</d:status></d:propstat></d:response>"
    )


PRINCIPAL = "<d:current-user-principal><d:href>/me/</d:href></d:current-user-principal>"
HOME = "<c:calendar-home-set><d:href>{}</d:href></c:calendar-home-set>"
CALENDAR = "<d:displayname>{}</d:displayname><d:resourcetype><d:collection/><c:calendar/></d:resourcetype>"


def refused(said: Said, ask: str = "calendars") -> type[Refusal]:
    with web_server() as site:
        site.pages["/"] = site.pages["/.well-known/caldav"] = said
        account = CalendarAccount(site.address(), Login(USER, PASSWORD), guard=guard())
        with pytest.raises(Refusal) as refusal:
            account.events(within=AUTUMN) if ask == "events" else account.calendars()
    return type(refusal.value)


@pytest.mark.parametrize("ask", ["calendars", "events"])
@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (Said(401), CalendarWantsPassword),
        (Said(403), CalendarForbidden),
        (Said(503), CalendarServerTrouble),
        (
            Said(200, {"Content-Type": "text/html"}, b"<!doctype html><title>Sign in</title>"),
            NoCalendarServer,
        ),
        (Said(207, {"Content-Type": "application/xml"}, b'{"error": "not signed in"}'), NoCalendarServer),
        (Said(207, {"Content-Type": "application/xml"}, b""), NoCalendarServer),
        (Said(207, {}, b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"), NoCalendarServer),
    ],
    ids=["401", "403", "503", "page", "JSON", "nothing", "another XML"],
)
def test_what_is_no_answer_of_a_calendar_server_is_never_an_empty_calendar(
    said: Said, fault: type[Refusal], ask: str
) -> None:
    assert refused(said, ask) is fault


def test_an_event_that_was_left_out_of_an_answer_is_not_taken_for_free_time() -> None:
    without = multistatus(response("/a.ics", "<d:getetag>1</d:getetag>"))
    failed = multistatus(response("/a.ics", "<c:calendar-data/>", "500 Internal Server Error"))
    cut = multistatus(
        "<d:response><d:href>/</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status></d:response>"
    )
    assert [refused(said, "events") for said in (without, failed, cut)] == [CalendarAnswerStrange] * 3


def test_an_account_without_calendars_says_so() -> None:
    with web_server() as site:
        site.pages["/"] = multistatus(response("/", PRINCIPAL))
        site.pages["/me/"] = multistatus(response("/me/", HOME.format("/home/")))
        site.pages["/home/"] = multistatus(
            response("/home/", "<d:resourcetype><d:collection/></d:resourcetype>")
        )
        with pytest.raises(NoCalendarsInAccount):
            CalendarAccount(site.address(), Login(USER, PASSWORD), guard=guard()).calendars()


def test_the_password_goes_to_sister_servers_of_the_account_and_to_nobody_else() -> None:
    """As with iCloud, where the calendars lie on another server of the same service."""
    with web_server() as site:
        for host in ("p55.calendars.example", "evil.example"):
            home = site.address("/home/", host=host)
            site.pages["/"] = multistatus(response("/", PRINCIPAL))
            site.pages["/me/"] = multistatus(response("/me/", HOME.format(home)))
            site.pages["/home/"] = multistatus(response("/home/office/", CALENDAR.format("Work")))
            account = CalendarAccount(
                site.address(host="caldav.calendars.example"), Login(USER, PASSWORD), guard=guard()
            )
            if host == "evil.example":  # connecting one there would send the password after it
                with pytest.raises(NoCalendarsInAccount):
                    account.calendars()
            else:
                assert account.calendars() == [FoundCalendar("Work", f"{home}office/")]
        told = [
            (headers["host"].partition(":")[0], "authorization" in headers)
            for _method, _path, headers in site.asked
        ]
        assert told[2::3] == [("p55.calendars.example", True), ("evil.example", False)]


@pytest.mark.parametrize("nowhere", ["http://[here", "//["])
def test_an_answer_that_leads_to_what_is_no_address_is_strange_and_breaks_nothing(nowhere: str) -> None:
    principal = f"<d:current-user-principal><d:href>{nowhere}</d:href></d:current-user-principal>"
    with web_server() as site:
        account = CalendarAccount(site.address(), Login(USER, PASSWORD), guard=guard())
        site.pages["/"] = multistatus(response("/", principal))
        with pytest.raises(Refusal):
            account.calendars()
        site.pages["/"] = multistatus(response("/", PRINCIPAL))
        site.pages["/me/"] = multistatus(response("/me/", HOME.format(nowhere)))
        with pytest.raises(Refusal):
            account.calendars()
        site.pages["/me/"] = multistatus(response("/me/", HOME.format("/home/")))
        site.pages["/home/"] = multistatus(response(nowhere, CALENDAR.format("Work")))
        with pytest.raises(Refusal):
            account.calendars()


def test_nothing_of_an_answer_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    secret = b"SUMMARY:Chemo"
    strange = f"<d:response><d:href>/a</d:href><d:oddity>{secret.decode()}</d:oddity></d:response>"
    with caplog.at_level(logging.DEBUG):
        refused(Said(207, {"Content-Type": "application/xml"}, secret), "events")
        refused(Said(200, {"Content-Type": "text/odd"}, secret), "events")
        refused(multistatus(strange, response("/b", "<d:getetag>1</d:getetag>")), "events")
    assert "Chemo" not in caplog.text

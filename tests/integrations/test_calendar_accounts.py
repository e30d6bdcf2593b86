"""Calendar accounts by CalDAV: a real Radicale, and answers that other servers give."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest
from tests.integrations.calendar_cases import AUTUMN, NEW_YORK, calendar, event, sentences, times
from tests.integrations.radicale_server import PASSWORD, USER, Radicale, radicale_server
from tests.integrations.web_server import Said, WebServer, guard, web_server

from raincheck.domain.calendars.faults import (
    CalendarEventMissing,
    CalendarForbidden,
    CalendarIsAPage,
    CalendarIsASignIn,
    CalendarServerTrouble,
    CalendarUnreachable,
    CalendarWantsOtherSignIn,
    CalendarWantsPassword,
    NoCalendarServer,
    NoCalendarsInAccount,
)
from raincheck.domain.refusals import Refusal
from raincheck.integrations.caldav.accounts import EMPTY, CalendarAccount, FoundCalendar
from raincheck.integrations.http.safe_http import Login
from raincheck.integrations.ics.files import read_busy_safely
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
            CalendarIsASignIn,
        ),
        (Said(200, {"Content-Type": "text/html"}, b"<html><p>It works!"), CalendarIsAPage),
        (Said(405), NoCalendarServer),
        (Said(501), NoCalendarServer),
        (Said(401, {"WWW-Authenticate": "Negotiate, Bearer realm=x"}), CalendarWantsOtherSignIn),
        (Said(401, {"WWW-Authenticate": 'Basic realm="x"'}), CalendarWantsPassword),
        (Said(207, {"Content-Type": "application/xml"}, b'{"error": "not signed in"}'), NoCalendarServer),
        (Said(207, {"Content-Type": "application/xml"}, b""), NoCalendarServer),
        (Said(207, {}, b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"), NoCalendarServer),
    ],
    ids=[
        *("401", "403", "503", "sign-in page", "page", "405", "501", "another sign-in", "basic"),
        *("JSON", "nothing", "another XML"),
    ],
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
    assert [refused(said, "events") for said in (without, failed, cut)] == [CalendarEventMissing] * 3


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


# Servers as others have met them


EVENT = calendar(event("UID:1", *ROUNDS)).decode()
DATA = "<c:calendar-data>{}</c:calendar-data>"
HERE = ["09-01 13:00 - 09-01 14:00"]


@pytest.fixture
def site() -> Iterator[WebServer]:
    with web_server() as site:
        yield site


def account(site: WebServer, path: str = "/", username: str = USER) -> CalendarAccount:
    return CalendarAccount(site.address(path), Login(username, PASSWORD), guard=guard())


def has_calendars(site: WebServer, *homes: str) -> list[str]:
    """Give an account a calendar in each home, and return their addresses."""
    hrefs = "".join(f"<d:href>{home}</d:href>" for home in homes)
    site.pages["/me/"] = multistatus(response("/me/", f"<c:calendar-home-set>{hrefs}</c:calendar-home-set>"))
    for home in homes:
        site.pages[home] = multistatus(response(f"{home}work/", CALENDAR.format(f"Work in {home}")))
    return [site.address(f"{home}work/") for home in homes]


@pytest.mark.parametrize(
    "typed",
    [Said(401), Said(403), Said(404), Said(405), Said(500), Said(501), Said(503), Said(200, body=b"<html>"),
     Said(302, {"Location": "https://elsewhere.example/"}), multistatus(response("/", "<d:displayname/>")),
     multistatus(response("/", "<d:current-user-principal><d:unauthenticated/></d:current-user-principal>"))],
    ids=lambda said: f"{said.status} {said.body[:60]!r}",
)  # fmt: skip
def test_the_well_known_address_is_asked_whatever_the_typed_one_says(site: WebServer, typed: Said) -> None:
    site.pages["/"] = typed
    site.pages["/.well-known/caldav"] = Said(301, {"Location": "/dav/"})
    site.pages["/dav/"] = multistatus(response("/dav/", PRINCIPAL))
    [address] = has_calendars(site, "/home/")
    assert account(site).calendars() == [FoundCalendar("Work in /home/", address)]


def test_the_well_known_address_leads_only_to_servers_below_the_typed_name(
    site: WebServer,
) -> None:
    """As with practice.example, whose calendars lie on cloud.practice.example: the password follows there and no further."""
    found = {}
    for host in ("cloud.practice.example", "practice.example.evil.example", "evil.example"):
        site.asked.clear()
        site.pages["/"] = Said(404)
        site.pages["/.well-known/caldav"] = Said(301, {"Location": site.address("/dav/", host=host)})
        site.pages["/dav/"] = multistatus(response("/dav/", PRINCIPAL))
        has_calendars(site, "/home/")
        typed = CalendarAccount(site.address(host="practice.example"), Login(USER, PASSWORD), guard=guard())
        with suppress(Refusal):
            found[host] = typed.calendars()
        told = {
            headers["host"].partition(":")[0]
            for _method, _path, headers in site.asked
            if "authorization" in headers
        }
        assert told == {"practice.example"} | ({host} if host in found else set())
    assert found == {
        "cloud.practice.example": [
            FoundCalendar("Work in /home/", site.address("/home/work/", host="cloud.practice.example"))
        ]
    }


def test_what_is_missing_is_the_password_when_one_of_both_addresses_wants_it(site: WebServer) -> None:
    site.pages["/"] = Said(404)
    site.pages["/.well-known/caldav"] = Said(401)
    with pytest.raises(CalendarWantsPassword):
        account(site).calendars()


def test_every_home_of_an_account_is_looked_into(site: WebServer) -> None:
    site.pages["/"] = multistatus(response("/", PRINCIPAL))
    one, two = has_calendars(site, "/home/", "/shared/")
    site.pages["/me/"].body = site.pages["/me/"].body.replace(
        b"<d:href>/shared/", b"<d:href>/gone/</d:href><d:href>/shared/"
    )
    assert account(site).calendars() == [
        FoundCalendar("Work in /home/", one),
        FoundCalendar("Work in /shared/", two),
    ]


def test_homes_that_refuse_are_no_empty_account(site: WebServer) -> None:
    site.pages["/"] = multistatus(response("/", PRINCIPAL))
    has_calendars(site, "/home/")
    site.pages["/home/"] = Said(403)
    with pytest.raises(CalendarForbidden):
        account(site).calendars()


def test_an_address_that_is_a_calendar_itself_is_one(site: WebServer) -> None:
    site.pages["/cal/team/"] = multistatus(response("/cal/team/", CALENDAR.format("Team")))
    assert account(site, "/cal/team/").calendars() == [FoundCalendar("Team", site.address("/cal/team/"))]


def test_a_shared_calendar_that_is_typed_stands_beside_the_own_ones(site: WebServer) -> None:
    [own] = has_calendars(site, "/home/")
    site.pages["/cal/team/"] = multistatus(response("/cal/team/", PRINCIPAL + CALENDAR.format("Team")))
    assert account(site, "/cal/team/").calendars() == [
        FoundCalendar("Team", site.address("/cal/team/")),
        FoundCalendar("Work in /home/", own),
    ]


@pytest.mark.parametrize("said", ["", PRINCIPAL.replace("/me/", "/")])
def test_an_address_that_holds_calendars_or_is_the_account_itself_is_enough(
    site: WebServer, said: str
) -> None:
    whole = said + (HOME.format("/") if said else "<d:displayname/>")
    site.pages["/"] = multistatus(response("/", whole), response("/work/", CALENDAR.format("Work")))
    assert account(site).calendars() == [FoundCalendar("Work", site.address("/work/"))]


@pytest.mark.parametrize(
    "algorithm", ["", ", algorithm=MD5", ', algorithm="MD5-sess"', ", algorithm=SHA-256"]
)
@pytest.mark.parametrize("quality", ['qop="auth"', 'qop="auth,auth-int"', 'opaque="x"'])
def test_a_server_that_wants_a_digest_gets_one(site: WebServer, algorithm: str, quality: str) -> None:
    if "sess" in algorithm and "qop" not in quality:
        quality = 'qop="auth"'
    wanted = f'Digest realm="Baikal, \\"DAV\\"", nonce="5f3a", {quality}{algorithm}'
    site.says = lambda asked, _body: None if signed(asked) else Said(401, {"WWW-Authenticate": wanted})
    site.pages["/"] = multistatus(response("/", PRINCIPAL))
    [address] = has_calendars(site, "/home/")
    assert account(site, "/?a=b", username="Øká").calendars() == [FoundCalendar("Work in /home/", address)]


def signed(asked: BaseHTTPRequestHandler) -> bool:
    """Check a digest as a server does (RFC 7616, 3.4)."""
    header = (asked.headers.get("Authorization") or "").encode("latin-1").decode()
    if not header.startswith("Digest "):
        return False
    said = {
        name: (quoted or plain).replace('\\"', '"')
        for name, quoted, plain in re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))', header)
    }
    kind = hashlib.sha256 if said["algorithm"].startswith("SHA") else hashlib.md5
    digest = lambda text: kind(text.encode()).hexdigest()  # noqa: E731
    secret = digest(f"{said['username']}:{said['realm']}:{PASSWORD}")
    if said["algorithm"].endswith("sess"):
        secret = digest(f"{secret}:{said['nonce']}:{said['cnonce']}")
    middle = [said["nonce"], *([said["nc"], said["cnonce"], said["qop"]] if "qop" in said else [])]
    whole = ":".join([secret, *middle, digest(f"{asked.command}:{said['uri']}")])
    return (said["uri"], said["username"], said["response"]) == (asked.path, "Øká", digest(whole))


def test_a_wrong_password_for_a_digest_is_a_wrong_password(site: WebServer) -> None:
    site.says = lambda _asked, _body: Said(
        401, {"WWW-Authenticate": 'Digest realm="x", nonce="1", qop="auth"'}
    )
    with pytest.raises(CalendarWantsPassword):
        account(site).calendars()
    assert len(site.asked) == 4, "each address is asked twice and no more"


def test_a_digest_that_nobody_knows_is_another_way_of_signing_in(site: WebServer) -> None:
    site.says = lambda _asked, _body: Said(
        401, {"WWW-Authenticate": 'Digest realm="x", nonce="1", algorithm=SHA-512-256'}
    )
    with pytest.raises(CalendarWantsOtherSignIn):
        account(site).calendars()


def shown(site: WebServer, *responses: str) -> list[str]:
    """The busy time of a calendar whose answer is put together from these."""
    site.pages["/work/"] = multistatus(*responses)
    data = account(site, "/work/").events(within=AUTUMN)
    return times(read_busy_safely(data, window=AUTUMN, zone=NEW_YORK))


GOOD = response("/work/1.ics", DATA.format(EVENT))


@pytest.mark.parametrize("itself", ["/work/", "/work", "/w%6Frk/", "{}"])
def test_a_calendar_that_is_named_among_its_events_is_none_of_them(site: WebServer, itself: str) -> None:
    href = itself.format(site.address("/work/"))
    for other in (response(href, "<d:getetag>1</d:getetag>"), response(href, "", "404 Not Found")):
        assert shown(site, other, GOOD, response("/work/inside/", "<d:getetag>1</d:getetag>")) == HERE


def test_an_event_that_is_gone_meanwhile_is_none(site: WebServer) -> None:
    gone = "<d:response><d:href>/work/2.ics</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>"
    assert shown(site, gone, GOOD) == HERE


def test_an_event_that_is_named_without_its_data_is_fetched_by_itself(site: WebServer) -> None:
    site.pages["/work/a%2Fb%25.ics"] = Said(body=EVENT.encode())
    assert shown(site, response("/work/a%2Fb%25.ics", DATA.format(""))) == HERE
    assert shown(site, response("/work/a%2Fb%25.ics", DATA.format(""), "500 No")) == HERE


@pytest.mark.parametrize(
    "odd",
    [
        EVENT.replace("Rounds", "Chim\x0be\x00\ufffe"),
        EVENT.replace("Rounds", "&#11;&#x0;&#x1F;"),
        EVENT.replace("Rounds", "Rounds & more &nbsp; &"),
        f"<![CDATA[{EVENT.replace('Rounds', 'a < b & c')}]]>",
        "\ufeff" + EVENT,
        EVENT.replace("END:VCALENDAR", "").strip(),
        "\n\n" + EVENT + "\n",
        "BEGIN:VEVENT" + EVENT.partition("BEGIN:VEVENT")[2].partition("END:VCALENDAR")[0],
    ],
    ids=["control", "numbers", "ampersands", "CDATA", "mark", "cut off", "blank lines", "bare"],
)
@pytest.mark.parametrize("last", [True, False], ids=["last", "first"])
def test_one_odd_event_is_read_and_spoils_no_other(site: WebServer, odd: str, last: bool) -> None:
    other = response("/work/2.ics", DATA.format(calendar(event("UID:2", *LATER)).decode()))
    both = [other, response("/work/1.ics", DATA.format(odd))]
    assert shown(site, *(both if last else both[::-1])) == [*HERE, "09-02 13:00 - 09-02 14:00"]


LATER = ("DTSTART:20260902T130000Z", "DTEND:20260902T140000Z")


@pytest.mark.parametrize("junk", ["Internal error", "&lt;html>", "BEGIN:VCARD\nEND:VCARD"])
def test_what_is_no_event_is_told_and_spoils_no_other(site: WebServer, junk: str) -> None:
    site.pages["/work/"] = multistatus(response("/work/0.ics", DATA.format(junk)), GOOD)
    reading = read_busy(account(site, "/work/").events(within=AUTUMN), window=AUTUMN, zone=NEW_YORK)
    told = [] if "VCARD" in junk else ["Event 1 has no start, so it is left out."]
    assert (times(reading), sentences(reading)) == (HERE, told)


def test_each_entry_of_an_account_knows_its_own_zones_only(site: WebServer) -> None:
    zone = [
        "BEGIN:VTIMEZONE",
        "TZID:Ours",
        "BEGIN:STANDARD",
        "DTSTART:16010101T000000",
        "TZOFFSETFROM:{0}",
        "TZOFFSETTO:{0}",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]
    nine = event("DTSTART;TZID=Ours:20260901T090000", "DURATION:PT1H")
    entries = [
        calendar(*(line.format(offset) for line in zone), nine).decode() for offset in ("-0800", "+0100")
    ]
    said = [response(f"/work/{number}.ics", DATA.format(entry)) for number, entry in enumerate(entries)]
    assert shown(site, *said) == ["09-01 08:00 - 09-01 09:00", "09-01 17:00 - 09-01 18:00"]


def test_references_stay_as_the_server_writes_them(site: WebServer) -> None:
    site.pages["/"] = multistatus(response("/", PRINCIPAL))
    has_calendars(site, "/home/")
    hrefs = ["/home/a%2Fb/", "/home/100%25/", "/home/50%/", "/home/caf\u00e9 1/", "/home/x%20y/"]
    site.pages["/home/"] = multistatus(
        *(response(href, CALENDAR.format(str(number))) for number, href in enumerate(hrefs))
    )
    assert [found.address for found in account(site).calendars()] == [
        site.address(path)
        for path in ("/home/a%2Fb/", "/home/100%25/", "/home/50%25/", "/home/caf%C3%A9%201/", "/home/x%20y/")
    ]


def test_what_the_owner_has_declined_keeps_them_from_nothing(site: WebServer) -> None:
    addresses = "<d:href>mailto:Okafor@Harbor.example</d:href><d:href>/principals/okafor/</d:href>"
    site.pages["/work/"] = multistatus(response("/work/", PRINCIPAL + CALENDAR.format("Work")))
    site.pages["/me/"] = multistatus(
        response("/me/", f"<c:calendar-user-address-set>{addresses}</c:calendar-user-address-set>")
    )
    owners = account(site, "/work/", username="Ada@harbor.example").owners()
    assert owners == {"ada@harbor.example", "okafor@harbor.example", "/principals/okafor"}
    invited = {
        "ATTENDEE;PARTSTAT=DECLINED:mailto:okafor@harbor.example": [],
        "ATTENDEE;CN=Ada;PARTSTAT=declined:MAILTO:ADA@harbor.example": [],
        "ATTENDEE;PARTSTAT=DECLINED:/principals/okafor/": [],
        'ATTENDEE;EMAIL="okafor@harbor.example";PARTSTAT=DECLINED:urn:uuid:1': [],
        "ATTENDEE;PARTSTAT=DECLINED:mailto:riley@brooks.example": HERE,
        "ATTENDEE;PARTSTAT=DECLINED:mailto:not-okafor@harbor.example": HERE,
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:okafor@harbor.example": HERE,
        "ATTENDEE:mailto:okafor@harbor.example": HERE,
        "ATTENDEE;PARTSTAT=DECLINED:mailto:okafor@harbor.example\nATTENDEE;PARTSTAT=TENTATIVE:mailto:ada@harbor.example": HERE,
    }
    read = {
        line: times(
            read_busy_safely(calendar(event(*ROUNDS, line)), window=AUTUMN, zone=NEW_YORK, owners=owners)
        )
        for line in invited
    }
    assert read == invited
    assert (
        times(read_busy(calendar(event(*ROUNDS, next(iter(invited)))), window=AUTUMN, zone=NEW_YORK)) == HERE
    )


def test_one_time_that_the_owner_has_declined_is_free_and_its_series_goes_on() -> None:
    no = "ATTENDEE;PARTSTAT=DECLINED:mailto:okafor@harbor.example"
    data = calendar(
        event("UID:1", *ROUNDS, "RRULE:FREQ=DAILY;COUNT=3"),
        event("UID:1", "RECURRENCE-ID:20260902T130000Z", *LATER, no),
    )
    reading = read_busy(data, window=AUTUMN, zone=NEW_YORK, owners=frozenset({"okafor@harbor.example"}))
    assert times(reading) == [*HERE, "09-03 13:00 - 09-03 14:00"]


def test_a_server_that_does_not_say_who_the_owner_is_is_asked_no_more(site: WebServer) -> None:
    site.pages["/work/"] = Said(503)
    assert account(site, "/work/").owners() == {USER}

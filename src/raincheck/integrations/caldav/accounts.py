"""Calendar accounts that speak CalDAV: their calendars are found and read through the guard that every address goes through."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC
from urllib.parse import quote, unquote, urljoin, urlsplit

from raincheck.domain.calendars.faults import (
    CalendarAnswerStrange,
    CalendarDetour,
    CalendarEventMissing,
    CalendarFault,
    CalendarForbidden,
    CalendarIsAPage,
    CalendarIsASignIn,
    CalendarNotThere,
    CalendarServerTrouble,
    CalendarWantsOtherSignIn,
    CalendarWantsPassword,
    NoCalendarServer,
    NoCalendarsInAccount,
)
from raincheck.domain.spans import Span
from raincheck.integrations.caldav.multistatus import DAV, Resource, resources_in
from raincheck.integrations.http.safe_http import Guard, Login, Request, Response, fetch
from raincheck.integrations.http.ssrf_guard import parts_of
from raincheck.integrations.http.web_pages import fault_of_page

CALDAV = "{urn:ietf:params:xml:ns:caldav}"
SERVER = "{http://calendarserver.org/ns/}"
PRINCIPAL = f"{DAV}current-user-principal"
HOMES = f"{CALDAV}calendar-home-set"
ADDRESSES = f"{CALDAV}calendar-user-address-set"
KIND = f"{DAV}resourcetype"
COMPONENTS = f"{CALDAV}supported-calendar-component-set"
DATA = f"{CALDAV}calendar-data"
WELL_KNOWN = (
    "/.well-known/caldav"  # RFC 6764, 5: where a server whose address says nothing else tells the way
)
EMPTY = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
# In place of what is no calendar: an event that nobody can read is told and spoils no other.
UNREADABLE = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR"
# Asked for one by one when a server names events without giving them; where more are missing it has trouble.
MOST_MISSING = 50
NAMESPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:cs="http://calendarserver.org/ns/"'
PROPERTIES = (
    f'<?xml version="1.0" encoding="utf-8"?><d:propfind {NAMESPACES}><d:prop>{{}}</d:prop></d:propfind>'
)
FOUND = "<d:current-user-principal/><c:calendar-home-set/><d:displayname/><d:resourcetype/><c:supported-calendar-component-set/>"
# Either changes with any event. The tag is from before the token was a standard (RFC 6578, 4); some servers have one only.
STATE = "<cs:getctag/><d:sync-token/>"
# RFC 4791, 7.8: a server writes out series to find those that touch the range, and gives each event whole.
EVENTS = (
    f'<?xml version="1.0" encoding="utf-8"?><c:calendar-query {NAMESPACES}>'
    '<d:prop><c:calendar-data/></d:prop><c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">'
    '<c:time-range start="{start}" end="{end}"/></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>'
)
# After one of these another address of the same server may know better; any other fault is one of the whole server.
TRY_ELSEWHERE = (
    CalendarAnswerStrange, CalendarDetour, CalendarForbidden, CalendarIsAPage, CalendarIsASignIn, CalendarNotThere,
    CalendarServerTrouble, CalendarWantsOtherSignIn, CalendarWantsPassword, NoCalendarServer,
)  # fmt: skip
GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class FoundCalendar:
    """A calendar of an account: what its owner calls it, and its whole address."""

    name: str
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said of several resources, and the address that said so."""

    address: str
    resources: list[Resource]

    @property
    def first(self) -> Resource:
        return self.resources[0] if self.resources else Resource("")


def server_address(text: str) -> str:
    """Return a server as people write it, `caldav.example.com` too, as an address. Raises CalendarAddressWrong."""
    text = text.strip()
    return parts_of(text if "://" in text else f"https://{text}").geturl()


class CalendarAccount:
    """One account on one server. Every method asks the server and raises the faults of `fetch` and of its statuses.

    The password goes to the account's own servers only.
    """

    def __init__(self, address: str, login: Login, *, guard: Guard) -> None:
        """`address` is the server's, or that of one calendar. Raises CalendarAddressWrong."""
        self.address = server_address(address)
        self.login = login
        self.guard = guard

    def calendars(self) -> list[FoundCalendar]:
        """Return the calendars that hold events, by name. Raises the fault that says best why there are none."""
        answers, faults = self._entrances()
        if not answers:
            # Where one address wants a password, that is what is missing, whatever the other said.
            raise next((one for one in faults if isinstance(one, CalendarWantsPassword)), faults[0])
        homes, refused = self._homes(answers), list[CalendarFault]()
        lists = [answer for home in homes for answer in self._listed(home, refused)]
        # Also what was typed, if it is a calendar itself or holds some.
        lists += [answer for answer in answers if is_calendar(answer.first)]
        if not lists:
            lists = list(self._listed(answers[0].address, refused))
        found = {calendar.address: calendar for answer in lists for calendar in self._calendars_of(answer)}
        if not found:
            raise refused[0] if refused else NoCalendarsInAccount if homes else NoCalendarServer
        return sorted(found.values(), key=lambda one: one.name.casefold())

    def owners(self) -> frozenset[str]:
        """Return the addresses under which the account's owner is invited, in small letters (RFC 6638, 2.4.1)."""
        known = {self.login.username}
        try:
            answers, _faults = self._entrances()
            for place in self._principals(answers):
                known.update(self._properties(place, "<c:calendar-user-address-set/>").first.hrefs(ADDRESSES))
        except CalendarFault:
            pass  # then the user name has to do
        return frozenset(one.lower().removeprefix("mailto:").rstrip("/") for one in known if one)

    def state(self) -> str:
        """Return what the server calls the present state of the calendar at this address; empty if it has no word for it."""
        try:
            said = self._properties(self.address, STATE).first
        except (CalendarAnswerStrange, CalendarForbidden, NoCalendarServer):
            return ""  # whether there are events is asked next, and answered for itself
        return said.text(f"{SERVER}getctag").strip() or said.text(f"{DAV}sync-token").strip()

    def version(self, address: str) -> str:
        """Return the etag of one entry of the calendar, empty where the server has none. Raises CalendarNotThere.

        It is asked for as a property: the one in the header of a packed answer may be changed on the way.
        """
        said = self._properties(address, "<d:getetag/>").first
        if said.status in GONE:
            raise CalendarNotThere
        return said.text(f"{DAV}getetag").strip()

    def events(self, *, within: Span) -> bytes:
        """Return all events that touch `within` as one stream of calendar files. Nothing there is an empty calendar.

        Raises CalendarEventMissing when an event is named and can't be had: left out, it would look like free time.
        """
        start, end = (f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}" for instant in (within.start, within.end))
        answer = self._ask("REPORT", self.address, EVENTS.format(start=start, end=end), depth=1)
        files, missing = [], []
        for one in answer.resources:
            data = one.text(DATA)
            if one.status < 300 and data.strip():
                files.append(as_file(data))
            elif one.status < 300 and (one.href.endswith("/") or self._is_itself(one.href)):
                continue  # some servers name the calendar, or what else lies in it, among its events
            elif one.status not in GONE:
                missing.append(one.href)
        files += self._one_by_one(missing)
        return "\r\n".join(files).encode() or EMPTY

    def send(
        self, method: str, address: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send any request with the account's login and return the answer, whatever its status."""
        login = self.login if self.knows(address) else None
        return fetch(Request(address, method, headers or {}, body, login), guard=self.guard)

    def knows(self, address: str) -> bool:
        """Return whether an address is on the account's own servers: its host, or a sister of it.

        A sister is p55-caldav.icloud.com of caldav.icloud.com. Only an answer of the account's own server leads there,
        never a redirect: it has the password already.
        """
        host, own = ((urlsplit(one).hostname or "").lower() for one in (address, self.address))
        # Below a name like icloud.com, but not below .com: there the neighbors are strangers.
        family = own.partition(".")[2]
        return host == own or ("." in family and host.endswith(f".{family}"))

    def _entrances(self) -> tuple[list[Answer], list[CalendarFault]]:
        """Return what the typed address says of itself and, unless it says whose account it is, what the well-known one says."""
        answers: list[Answer] = []
        faults: list[CalendarFault] = []
        for address in dict.fromkeys((self.address, urljoin(self.address, WELL_KNOWN))):
            try:
                answers.append(self._properties(address, FOUND))
            except TRY_ELSEWHERE as fault:
                faults.append(fault)
                answers += self._below(address) if isinstance(fault, CalendarDetour) else []
            if answers and (answers[-1].first.hrefs(PRINCIPAL) or answers[-1].first.hrefs(HOMES)):
                break
        return answers, faults

    def _below(self, address: str) -> list[Answer]:
        """Return what a server below the typed name says where the well-known address leads there (RFC 6764, 5)."""
        if not address.endswith(WELL_KNOWN):
            return []
        # Asked without the password first: a redirect alone may lead anywhere.
        led = fetch(Request(address, "PROPFIND", {"Depth": "0"}), guard=self.guard).address
        here, there = (urlsplit(one).hostname or "" for one in (self.address, led))
        if not there.lower().endswith(f".{here.lower()}"):
            return []
        self.address = led
        with suppress(*TRY_ELSEWHERE):
            return [self._properties(led, FOUND)]
        return []

    def _principals(self, answers: list[Answer]) -> list[str]:
        """Return where the account's own pages are (RFC 5397)."""
        return [
            led_to(answer.address, href) for answer in answers for href in answer.first.hrefs(PRINCIPAL)[:1]
        ]

    def _homes(self, answers: list[Answer]) -> list[str]:
        """Return the collections in which the account's calendars lie; there may be several (RFC 4791, 6.2.1)."""
        pages = [self._properties(place, "<c:calendar-home-set/>") for place in self._principals(answers)]
        found = [
            led_to(page.address, home) for page in (*pages, *answers) for home in page.first.hrefs(HOMES)
        ]
        return list(dict.fromkeys(found))

    def _listed(self, address: str, faults: list[CalendarFault]) -> Iterator[Answer]:
        """Return what lies in a collection; one that refuses keeps nobody from the others."""
        try:
            yield self._properties(
                address, "<d:displayname/><d:resourcetype/><c:supported-calendar-component-set/>", depth=1
            )
        except TRY_ELSEWHERE as fault:
            faults.append(fault)

    def _calendars_of(self, answer: Answer) -> Iterator[FoundCalendar]:
        for one in answer.resources:
            if is_calendar(one):
                name = one.text(f"{DAV}displayname").strip()
                place = led_to(answer.address, one.href)
                if self.knows(place):  # whoever is connected gets the password
                    yield FoundCalendar(name or unquote(one.href.rstrip("/").rpartition("/")[2]), place)

    def _is_itself(self, href: str) -> bool:
        here, there = (
            unquote(urlsplit(one).path).rstrip("/") for one in (self.address, led_to(self.address, href))
        )
        return here == there

    def _one_by_one(self, hrefs: list[str]) -> list[str]:
        """Return the files of events that an answer named without giving them."""
        if len(hrefs) > MOST_MISSING:
            raise CalendarEventMissing
        files = []
        for href in hrefs:
            answer = self.send("GET", led_to(self.address, href))
            if answer.status != 200 or b"BEGIN:VCALENDAR" not in answer.body:
                raise CalendarEventMissing
            files.append(as_file(answer.body.decode("utf-8", errors="replace")))
        return files

    def _properties(self, address: str, wanted: str, *, depth: int = 0) -> Answer:
        return self._ask("PROPFIND", address, PROPERTIES.format(wanted), depth=depth)

    def _ask(self, method: str, address: str, body: str, *, depth: int) -> Answer:
        headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": str(depth)}
        answer = self.send(method, address, body=body.encode(), headers=headers)
        if answer.status in (405, 501):
            raise NoCalendarServer  # it does not know what was asked for
        answer.raise_for_status()
        page = fault_of_page(answer)
        if page is not None:
            raise page
        return Answer(answer.address, resources_in(answer.body))


def is_calendar(resource: Resource) -> bool:
    """Return whether a resource is a calendar that holds events."""
    kinds = resource.properties.get(COMPONENTS)
    names = set() if kinds is None else {one.get("name", "").upper() for one in kinds}
    # A server that names no kinds takes every kind (RFC 4791, 5.2.3).
    return resource.holds(KIND, f"{CALDAV}calendar") and (not names or "VEVENT" in names)


def as_file(data: str) -> str:
    """Return one event's file so that it spoils no other: whole, and told if it is no calendar at all."""
    text = data.replace("\ufeff", "").strip()
    if text[:6].upper() != "BEGIN:":
        return UNREADABLE
    ended = text[-13:].upper() == "END:VCALENDAR" or text[:15].upper() != "BEGIN:VCALENDAR"
    return text if ended else f"{text}\r\nEND:VCALENDAR"


def led_to(address: str, reference: str) -> str:
    """Return where an answer from `address` leads. Raises CalendarAnswerStrange for what can be no address.

    What a server has written with percent signs stays as it is: %2F and %25 name other entries than / and %.
    """
    whole = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", reference.strip())
    try:
        return urljoin(address, quote(whole, safe="/%:?@!$&'()*+,;=~#[]"))
    except ValueError as strange:
        raise CalendarAnswerStrange from strange

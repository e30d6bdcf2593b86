"""Calendar accounts that speak CalDAV: their calendars are found and read through the guard that every address goes through.

The package `caldav` writes the questions and reads the answers; it is an extra, imported here and nowhere else. Its own
connections are never used: a session of ours stands in their place.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from raincheck.domain.calendars.faults import (
    CaldavNotInstalled,
    CalendarAnswerStrange,
    CalendarNotThere,
    NoCalendarServer,
    NoCalendarsInAccount,
)
from raincheck.domain.spans import Span
from raincheck.integrations.http.safe_http import Guard, Login, Request, Response, fetch
from raincheck.integrations.http.ssrf_guard import parts_of

if TYPE_CHECKING:
    from caldav.response import DAVResponse, PropfindResult

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
SERVER = "{http://calendarserver.org/ns/}"
WELL_KNOWN = (
    "/.well-known/caldav"  # RFC 6764, 5: where a server whose address says nothing else tells the way
)
EMPTY = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
# Either changes with any event. The tag is from before the token was a standard (RFC 6578, 4); some servers have one only.
STATE = (
    '<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:" xmlns:cs="http://calendarserver.org/ns/">'
    "<d:prop><cs:getctag/><d:sync-token/></d:prop></d:propfind>"
)
# RFC 4791, 7.8: a server writes out series to find those that touch the range, and gives each event whole.
EVENTS = (
    '<?xml version="1.0" encoding="utf-8"?><c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
    '<d:prop><c:calendar-data/></d:prop><c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">'
    '<c:time-range start="{start}" end="{end}"/></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>'
)


@dataclass(frozen=True, slots=True)
class FoundCalendar:
    """A calendar of an account: what its owner calls it, and its whole address."""

    name: str
    address: str = field(repr=False)


def is_installed() -> bool:
    """Return whether accounts can be read here at all."""
    return find_spec("caldav") is not None


def server_address(text: str) -> str:
    """Return a server as people write it, `caldav.example.com` too, as an address. Raises CalendarAddressWrong."""
    text = text.strip()
    return parts_of(text if "://" in text else f"https://{text}").geturl()


class CalendarAccount:
    """One account on one server. Every method asks the server and raises the faults of `fetch` and of its statuses."""

    def __init__(self, address: str, login: Login, *, guard: Guard) -> None:
        """`address` is the server's, or that of one calendar. Raises CaldavNotInstalled or CalendarAddressWrong."""
        self.address = server_address(address)
        self._session = Session(self.address, login, guard)
        try:
            from caldav.davclient import DAVClient
        except ImportError:
            raise CaldavNotInstalled from None
        # Its lines may quote an answer, and with it what events are about.
        logging.getLogger("caldav").disabled = True
        self._client = DAVClient(self.address, enable_rfc6764=False)
        self._client.session.close()
        self._client.session = self._session  # type: ignore[assignment]  # it asks a session for nothing else

    def calendars(self) -> list[FoundCalendar]:
        """Return the calendars that hold events, by name. Raises NoCalendarServer or NoCalendarsInAccount."""
        # RFC 4791, 6.2.1: from the account's own page to the collection in which its calendars lie.
        principal, base = self._principal()
        where = self._property(_led_to(base, principal), f"{CALDAV}calendar-home-set", "calendar-home-set")
        if not where:
            raise NoCalendarServer
        home = _led_to(self._session.answered_from, where)
        properties = ["displayname", "resourcetype", "supported-calendar-component-set"]
        found = []
        for result in self._properties(home, properties, depth=1):
            said = result.properties
            kinds = said.get(f"{CALDAV}supported-calendar-component-set")
            # A server that names no kinds takes every kind (RFC 4791, 5.2.3).
            if f"{CALDAV}calendar" in _listed(said.get(f"{DAV}resourcetype")) and (
                not kinds or "VEVENT" in _listed(kinds)
            ):
                name = str(said.get(f"{DAV}displayname") or result.href.rstrip("/").rpartition("/")[2])
                place = _led_to(home, quote(result.href, safe="/%:@!$&'()*+,;=~"))
                if self._session.knows(place):  # whoever is connected gets the password
                    found.append(FoundCalendar(name, place))
        if not found:
            raise NoCalendarsInAccount
        return sorted(found, key=lambda one: one.name.casefold())

    def state(self) -> str:
        """Return what the server calls the present state of the calendar at this address; empty if it has no word for it."""
        answer = self._properties(self.address, STATE)
        said = answer[0].properties if answer else {}
        return str(said.get(f"{SERVER}getctag") or said.get(f"{DAV}sync-token") or "")

    def version(self, address: str) -> str:
        """Return the etag of one entry of the calendar. Raises CalendarNotThere.

        It is asked for as a property: the one in the header of a packed answer may be changed on the way.
        """
        return self._property(address, f"{DAV}getetag", "getetag")

    def events(self, *, within: Span) -> bytes:
        """Return all events that touch `within` as one stream of calendar files. Nothing there is an empty calendar."""
        start, end = (f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}" for instant in (within.start, within.end))
        asked = EVENTS.format(start=start, end=end)
        with _understood():
            results = _sound(self._client.report(self.address, asked, depth=1)).parse_calendar_query()
        present = [result for result in results if result.status != 404]
        if any(result.status != 200 or not result.calendar_data for result in present):
            raise CalendarAnswerStrange  # an event left out would look like free time
        return "\r\n".join(result.calendar_data or "" for result in present).encode() or EMPTY

    def send(
        self, method: str, address: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send any request with the account's login and return the answer, whatever its status."""
        return self._session.send(method, address, body=body, headers=headers or {})

    def _principal(self) -> tuple[str, str]:
        """Return where the account's own page is, and the address that said so."""
        for address in (self.address, urljoin(self.address, WELL_KNOWN)):
            try:
                found = self._property(address, f"{DAV}current-user-principal", "current-user-principal")
            except (NoCalendarServer, CalendarNotThere, CalendarAnswerStrange):
                continue
            if found:
                return found, self._session.answered_from
        raise NoCalendarServer

    def _property(self, address: str, tag: str, name: str) -> str:
        results = self._properties(address, [name])
        value = next((result.properties[tag] for result in results if result.properties.get(tag)), "")
        return str(value[0] if isinstance(value, list) else value)

    def _properties(self, address: str, names: list[str] | str, *, depth: int = 0) -> list[PropfindResult]:
        with _understood():
            return _sound(self._client.propfind(address, names, depth)).parse_propfind()


@contextmanager
def _understood() -> Iterator[None]:
    from caldav.lib.error import DAVError

    try:
        yield
    except (DAVError, ValueError) as strange:  # it looks at addresses in an answer too
        raise CalendarAnswerStrange from strange


def _sound(response: DAVResponse) -> DAVResponse:
    """Return an answer that can be read on. Raises NoCalendarServer for one that is no multistatus at all."""
    if response.tree is None or not str(response.tree.tag).endswith("multistatus"):
        raise NoCalendarServer
    return response


class Session:
    """The connection as `caldav` sees it: sends through the guard, and the password only to the account's own servers."""

    def __init__(self, address: str, login: Login, guard: Guard) -> None:
        self.host = urlsplit(address).hostname or ""
        self.login = login
        self.guard = guard
        self.answered_from = address

    def request(
        self, method: str, url: str, data: bytes, headers: Mapping[str, str], **_others: object
    ) -> Reply:
        """Send what `caldav` wrote. Raises a fault for any status but success, so it never tries anything by itself."""
        from lxml import etree  # type: ignore[import-untyped]  # comes with caldav

        answer = self.send(method, url, body=data, headers=headers)
        answer.raise_for_status()
        # Looked at before `caldav` does, which quotes what is no XML in the log. An entity is never looked up.
        try:
            etree.fromstring(answer.body, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError:
            raise NoCalendarServer from None
        self.answered_from = answer.address
        return Reply(answer)

    def send(self, method: str, url: str, *, body: bytes, headers: Mapping[str, str]) -> Response:
        login = self.login if self.knows(url) else None
        return fetch(Request(url, method, headers, body, login), guard=self.guard)

    def knows(self, address: str) -> bool:
        """Return whether an address is on the account's own servers: its host, or a sister of it.

        A sister is p55-caldav.icloud.com of caldav.icloud.com. Only an answer of the account's own server leads there,
        never a redirect: it has the password already.
        """
        host, own = (urlsplit(address).hostname or "").lower(), self.host.lower()
        # Below a name like icloud.com, but not below .com: there the neighbors are strangers.
        family = own.partition(".")[2]
        return host == own or ("." in family and host.endswith(f".{family}"))

    def close(self) -> None:
        """Nothing stays open between two requests."""


class Reply:
    """An answer as `caldav` reads one."""

    def __init__(self, answer: Response) -> None:
        self.status_code = answer.status
        self.headers = {"Content-Type": "text/plain"}
        self.content = answer.body
        self.text = ""
        self.reason = ""


def _led_to(address: str, reference: str) -> str:
    """Return where an answer from `address` leads. Raises CalendarAnswerStrange for what can be no address."""
    try:
        return urljoin(address, reference)
    except ValueError as strange:
        raise CalendarAnswerStrange from strange


def _listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []

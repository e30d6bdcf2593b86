"""Answers of WebDAV servers that speak of several resources at once (RFC 4918, 13), each read apart from the others."""

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from raincheck.domain.calendars.faults import NoCalendarServer

DAV = "{DAV:}"
STATUS = re.compile(r"HTTP/\S+\s+(\d{3})")
# XML knows no such characters, neither as they are nor as numbers; one in the title of one event would spoil them all.
FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FORBIDDEN_NUMBER = re.compile(
    r"&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|d[89a-f]..|fff[ef])|0*(?:[0-8]|1[124-9]|2\d|3[01]));", re.IGNORECASE
)
BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")


@dataclass(frozen=True, slots=True)
class Resource:
    """What a server says of one resource: its reference as written, a status, and the properties that it gave."""

    href: str
    status: int = 200
    properties: dict[str, Element] = field(default_factory=dict, repr=False)

    def text(self, tag: str) -> str:
        """Return the text of a property, empty where it was not given."""
        found = self.properties.get(tag)
        return "" if found is None else "".join(found.itertext())

    def hrefs(self, tag: str) -> list[str]:
        """Return the references that a property holds."""
        found = self.properties.get(tag)
        inner = [] if found is None else found.iter(f"{DAV}href")
        return [text for one in inner if (text := (one.text or "").strip())]

    def holds(self, tag: str, inner: str) -> bool:
        """Return whether a property holds an element of this name."""
        found = self.properties.get(tag)
        return found is not None and found.find(inner) is not None


def resources_in(body: bytes) -> list[Resource]:
    """Return what an answer says of each resource. Raises NoCalendarServer for what is no such answer."""
    tree = _tree_of(body)
    if tree.tag != f"{DAV}multistatus":
        raise NoCalendarServer
    found = []
    for response in tree.iter(f"{DAV}response"):
        href = (response.findtext(f"{DAV}href") or "").strip()
        properties: dict[str, Element] = {}
        first, statuses = _status(response), []
        for part in response.iter(f"{DAV}propstat"):
            status = _status(part)
            statuses.append(status)
            if status < 300:
                properties |= {one.tag: one for holder in part.iter(f"{DAV}prop") for one in holder}
        # Trouble with a property is trouble with the resource, unless the property is merely not there.
        trouble = [status for status in statuses if status >= 400 and status != 404]
        found.append(Resource(href, first if first != 200 else next(iter(trouble), 200), properties))
    return found


def _status(part: Element) -> int:
    found = STATUS.match((part.findtext(f"{DAV}status") or "").strip())
    return int(found[1]) if found else 200


class NoDoctype(ElementTree.TreeBuilder):
    """Builds a tree of what brings no names of its own: those could stand for anything, and for gigabytes."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise NoCalendarServer


def _tree_of(body: bytes) -> Element:
    try:
        return _parsed(body)
    except (ElementTree.ParseError, ValueError, LookupError):
        text = DECLARATION.sub("", body.decode("utf-8", errors="replace").removeprefix("\ufeff"), count=1)
        text = FORBIDDEN_NUMBER.sub(" ", FORBIDDEN.sub(" ", text))
    for said in (text, BARE_AMPERSAND.sub("&amp;", text)):
        try:
            return _parsed(said.encode())
        except ElementTree.ParseError:
            continue
    raise NoCalendarServer


def _parsed(body: bytes) -> Element:
    return ElementTree.fromstring(body, ElementTree.XMLParser(target=NoDoctype()))

"""The text of a calendar file as a tree of components, read forgivingly and in one pass."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from functools import cached_property

from icalendar.parser import unescape_backslash

from raincheck.domain.calendars.faults import (
    CalendarCutOff,
    CalendarTooLarge,
    CalendarUnreadable,
    NotACalendar,
)

LARGEST_FILE = 5 * 1024 * 1024
# A calendar holds events, an event holds alarms; a file with more levels than this was made to break readers.
DEEPEST = 8
MOST_COMPONENTS = 60_000
# Of one component: some programs write each exception of a series on a line of its own.
MOST_LINES = 10_000
# These stand in a calendar side by side: none of them can hold another (RFC 5545, 3.6; RFC 7953, 3.1).
ENTRIES = frozenset({"VEVENT", "VFREEBUSY", "VTODO", "VJOURNAL", "VAVAILABILITY", "VTIMEZONE"})
# Nothing else of a file is looked at, so nothing else can do harm or take time.
KEPT = frozenset(
    {
        "UID",
        "SEQUENCE",
        "STATUS",
        "TRANSP",
        "SUMMARY",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "EXRULE",
        "RECURRENCE-ID",
        "FREEBUSY",
        "TZID",
        "TZOFFSETFROM",
        "TZOFFSETTO",
        "X-LIC-LOCATION",
        "X-MICROSOFT-CDO-BUSYSTATUS",
        "X-WR-TIMEZONE",
    }
)
# What an event may say besides (RFC 5545, 3.8; RFC 7986; RFC 9073, 9074): any other line that is no X- line looks like text.
KNOWN = KEPT | {
    *(
        "ACKNOWLEDGED",
        "ACTION",
        "ATTACH",
        "ATTENDEE",
        "CALSCALE",
        "CATEGORIES",
        "CLASS",
        "COLOR",
        "COMMENT",
        "COMPLETED",
    ),
    *(
        "CONFERENCE",
        "CONTACT",
        "CREATED",
        "DESCRIPTION",
        "DTSTAMP",
        "DUE",
        "GEO",
        "IMAGE",
        "LAST-MODIFIED",
        "LINK",
    ),
    *(
        "LOCATION",
        "METHOD",
        "NAME",
        "ORGANIZER",
        "PERCENT-COMPLETE",
        "PRIORITY",
        "PRODID",
        "PROXIMITY",
        "REFID",
    ),
    *(
        "REFRESH-INTERVAL",
        "RELATED-TO",
        "REPEAT",
        "REQUEST-STATUS",
        "RESOURCES",
        "SOURCE",
        "STYLED-DESCRIPTION",
    ),
    *("TRIGGER", "TZNAME", "TZURL", "URL", "VERSION"),
}
# These can free time.
FREEING = frozenset({"STATUS", "TRANSP", "EXDATE", "EXRULE"})
# Lines that only an event has, never a calendar.
TIMES = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE"})
# Where each may stand; None is anywhere. Any other name begins a component only if something ends it as well: a line like
# "Begin: Monday" may be part of a description that was broken into lines without being folded.
COMPONENTS = dict.fromkeys(("VCALENDAR", "VALARM", "AVAILABLE", *ENTRIES)) | {
    "STANDARD": "VTIMEZONE",
    "DAYLIGHT": "VTIMEZONE",
}
FOLD = re.compile(
    rb"(?:\r?\n|\r)[ \t]"
)  # RFC 5545, 3.1; many programs write a bare line feed, some a bare return
LINE_BREAK = re.compile(r"\r\n|\n|\r")
# The possessive repeats keep a line without a colon from being tried again at each of its characters.
HEAD = re.compile(r'([A-Za-z0-9-]++)[ \t]*+((?:;(?:[^":]|"[^"]*")*+)?):')
# A quote that never closes would swallow the colon and with it the value; then the first colon ends the head.
HEAD_WITH_LOST_QUOTE = re.compile(r"([A-Za-z0-9-]++)([^:]*+):")
# What stands before a date and belongs to the head.
TANGLED = re.compile(r"(?!\s*\"?\d{4}[-/.]?\d)([^:]*+(?::(?!\s*\"?\d{4}[-/.]?\d)[^:]*+)*+):")
DATED = frozenset({"DTSTART", "DTEND", "EXDATE", "RDATE", "RECURRENCE-ID"})
PARAMETER = re.compile(r';[ \t]*([A-Za-z0-9-]+)[ \t]*=(?:"([^"]*)"?|([^;"]*))')

# Editors put marks in front, and some save a calendar as UTF-16; the standard knows UTF-8 only (RFC 5545, 3.1.4).
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    ("BE".encode("utf-16-le"), "utf-16-le"),
    ("BE".encode("utf-16-be"), "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One property: its value as written and, in capitals, its name and the names of its parameters."""

    name: str
    value: str
    parameters: dict[str, str]
    # Written in another way than the BEGIN of its component, or among lines of text: perhaps a line of that text.
    doubtful: bool = False


@dataclass(slots=True)
class Component:
    name: str
    lines: list[Line] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    closed: bool = True
    # The number of the VCALENDAR it lies in, 0 for none: names of zones mean something only inside one.
    calendar: int = 0
    # The addresses of the calendar's owner.
    owners: frozenset[str] = frozenset()
    style: str = ""

    def first(self, name: str) -> Line | None:
        """Return the first line of this name, the first that is not doubtful where there is one."""
        found = None
        for line in self.lines:
            if line.name == name:
                if not line.doubtful:
                    return line
                found = found or line
        return found

    def every(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def value(self, name: str) -> str:
        """The value of the first property of this name without surrounding space; empty when there is none."""
        line = self.first(name)
        return line.value.strip() if line else ""

    def text(self, name: str) -> str:
        """The same for a property of type TEXT, its escapes undone."""
        text: str = unescape_backslash(self.value(name))
        return text


def components_in(
    data: bytes, *, owners: frozenset[str] = frozenset(), besides: frozenset[str] = frozenset()
) -> list[Component]:
    """Return every component of the file, outermost first and in the file's order; of its lines those of KEPT and `besides`.

    Raises a fault of reading.
    """
    if len(data) > LARGEST_FILE:
        raise CalendarTooLarge
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            data = data.decode(encoding, errors="replace").encode()
            break
    unfolded = FOLD.sub(
        b"", data.replace(b"\r\r\n", b"\r\n")
    )  # before decoding: a fold may stand inside a character
    # Files that were put together from several have such marks inside.
    text = unfolded.decode("utf-8", errors="replace").replace("\ufeff", "")
    lines = [line for line in LINE_BREAK.split(text) if line.strip()]
    if not lines or not lines[0].strip().upper().startswith("BEGIN:"):
        raise NotACalendar
    tree = Tree(lines, owners, KEPT | besides)
    for line in lines:
        tree.take(line)
    return tree.grown()


def style_of(name: str, value: str) -> str:
    """Return how a line is written: its name in capitals or not, and with space after the colon or without."""
    letters = "A" if name.isupper() else "a" if name.islower() else "Aa"
    return f"{letters} " if value.startswith((" ", "\t")) else letters


class Tree:
    """Grows the components line by line; a missing END closes its entry at the next one's BEGIN."""

    def __init__(self, lines: list[str], owners: frozenset[str], kept: frozenset[str]) -> None:
        self.owners, self.kept = owners, kept
        self.all_lines = lines
        self.calendars = 0
        self.last_event: Component | None = None
        # Whether the line before looked like one of somebody's text, so that this one may be another.
        self.in_text = False
        self.roots: list[Component] = []
        self.every: list[Component] = []
        self.open: list[Component] = []

    def take(self, line: str) -> None:
        head = HEAD.match(line) or HEAD_WITH_LOST_QUOTE.match(line)
        if head is None:
            self.in_text = True
            return
        name = head[1].upper()
        if name in KNOWN:
            self.in_text = self.in_text and name in FREEING
        else:
            self.in_text = name not in {"BEGIN", "END"} and not name.startswith("X-")
        if name in self.kept or (self.owners and name == "ATTENDEE" and self.is_owners(line)):
            owner = self.owner_of(name)
            if owner is not None:
                self.keep(self.line_of(name, head, line[head.end() :], style=owner.style), owner)
        elif name == "BEGIN":
            value = line[head.end() :]
            kind = value.strip().upper()
            if self.is_structure(kind):
                self.begin(kind, style=style_of(head[1], value))
        elif name == "END":
            self.end(line[head.end() :].strip().upper())

    def owner_of(self, name: str) -> Component | None:
        """Return the component that a line of this name belongs to."""
        owner = self.open[-1] if self.open else None
        # A description may hold a BEGIN or END of its own; a start or end after it is the event's all the same.
        if name in TIMES and (owner is None or owner.name == "VCALENDAR"):
            return self.last_event or owner
        return owner

    def line_of(self, name: str, head: re.Match[str], value: str, *, style: str) -> Line:
        if head.re is HEAD_WITH_LOST_QUOTE:
            value = value.rstrip('"')
        said = head[2]
        tangled = TANGLED.match(value) if name in DATED else None
        if tangled is not None:
            # "TZID=(UTC-05:00) Eastern Time:2027…" without its quotes, or "DTSTART:TZID=Europe/Berlin:2027…".
            said += (";" if "=" in tangled[1] else ":") + tangled[1]
            value = value[tangled.end() :]
        parameters = {}
        if said:
            found = PARAMETER.finditer(said)
            parameters = {one[1].upper(): (one[2] if one[2] is not None else one[3]).strip() for one in found}
        doubtful = style_of(head[1], value) != style or (self.in_text and name in FREEING)
        return Line(name, value, parameters, doubtful)

    def is_owners(self, line: str) -> bool:
        """Return whether a line may be about the calendar's owner; those about everybody else are not kept."""
        said = line.lower()
        return any(owner in said for owner in self.owners)

    def is_structure(self, kind: str) -> bool:
        """Return whether a component may begin here."""
        if kind in COMPONENTS:
            return COMPONENTS[kind] is None or any(one.name == COMPONENTS[kind] for one in self.open)
        return kind in self.ended

    @cached_property
    def ended(self) -> set[str]:
        """What END lines of the file name."""
        ends = (line.strip()[4:].strip().upper() for line in self.all_lines if line[:4].upper() == "END:")
        return set(ends)

    def keep(self, line: Line, owner: Component) -> None:
        if len(owner.lines) >= MOST_LINES:
            raise CalendarTooLarge
        owner.lines.append(line)

    def begin(self, name: str, *, style: str) -> None:
        if name in ENTRIES or name == "VCALENDAR":
            # Several calendars in one file are allowed (RFC 5545, 3.4), nested ones are not: the outer lost its END.
            self.leave_open_entry(also_calendars=name == "VCALENDAR")
        if len(self.open) >= DEEPEST:
            raise CalendarUnreadable
        if len(self.every) >= MOST_COMPONENTS:
            raise CalendarTooLarge
        if name == "VCALENDAR":
            self.calendars += 1
            if self.last_event is not None and self.last_event.closed:
                self.last_event = None
        component = Component(name, calendar=self.calendars, owners=self.owners, style=style)
        (self.open[-1].components if self.open else self.roots).append(component)
        self.every.append(component)
        self.open.append(component)

    def leave_open_entry(self, *, also_calendars: bool) -> None:
        outer = next(
            (depth for depth, one in enumerate(self.open) if also_calendars or one.name in ENTRIES),
            None,
        )
        if outer is not None:
            self.abandon(down_to=outer)

    def end(self, name: str) -> None:
        depth = next(
            (depth for depth in range(len(self.open) - 1, -1, -1) if self.open[depth].name == name), None
        )
        # An END that nothing began is passed over; one of an outer component closes what was left open inside.
        if depth is not None:
            self.abandon(down_to=depth + 1)
            closed = self.open.pop()
            if closed.name in ENTRIES:
                self.last_event = closed if closed.name == "VEVENT" else None

    def abandon(self, *, down_to: int) -> None:
        for component in self.open[down_to:]:
            component.closed = False
            if component.name == "VEVENT":
                self.last_event = component
        del self.open[down_to:]

    def grown(self) -> list[Component]:
        if self.open:
            raise CalendarCutOff
        if not any(root.name in ENTRIES or root.name == "VCALENDAR" for root in self.roots):
            raise NotACalendar
        return self.every

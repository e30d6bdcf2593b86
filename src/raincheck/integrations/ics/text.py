"""The text of a calendar file as a tree of components, read forgivingly and in one pass."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

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
        "RECURRENCE-ID",
        "FREEBUSY",
        "TZID",
        "TZOFFSETFROM",
        "TZOFFSETTO",
        "X-WR-TIMEZONE",
    }
)
FOLD = re.compile(rb"\r?\n[ \t]")  # RFC 5545, 3.1; many programs write a bare line feed
LINE_BREAK = re.compile(r"\r\n|\n|\r")
# The possessive repeats keep a line without a colon from being tried again at each of its characters.
HEAD = re.compile(r'([A-Za-z0-9-]++)[ \t]*+((?:;(?:[^":]|"[^"]*")*+)?):')
# A quote that never closes would swallow the colon and with it the value; then the first colon ends the head.
HEAD_WITH_LOST_QUOTE = re.compile(r"([A-Za-z0-9-]++)([^:]*+):")
PARAMETER = re.compile(r';[ \t]*([A-Za-z0-9-]+)[ \t]*=(?:"([^"]*)"?|([^;"]*))')

# Editors put these in front, and some save a calendar as UTF-16; the standard knows UTF-8 only (RFC 5545, 3.1.4).
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One property: its value as written and, in capitals, its name and the names of its parameters."""

    name: str
    value: str
    parameters: dict[str, str]


@dataclass(slots=True)
class Component:
    name: str
    lines: list[Line] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    closed: bool = True

    def first(self, name: str) -> Line | None:
        return next((line for line in self.lines if line.name == name), None)

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


def components_in(data: bytes) -> list[Component]:
    """Return every component of the file, outermost first and in the file's order. Raises a fault of reading."""
    if len(data) > LARGEST_FILE:
        raise CalendarTooLarge
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            data = data[len(mark) :].decode(encoding, errors="replace").encode()
            break
    unfolded = FOLD.sub(b"", data)  # before decoding: a fold may stand inside a character
    text = unfolded.decode("utf-8", errors="replace")
    lines = [line for line in LINE_BREAK.split(text) if line.strip()]
    if not lines or not lines[0].strip().upper().startswith("BEGIN:"):
        raise NotACalendar
    tree = Tree()
    for line in lines:
        tree.take(line)
    return tree.grown()


class Tree:
    """Grows the components line by line; a missing END closes its entry at the next one's BEGIN."""

    def __init__(self) -> None:
        self.roots: list[Component] = []
        self.every: list[Component] = []
        self.open: list[Component] = []

    def take(self, line: str) -> None:
        head = HEAD.match(line) or HEAD_WITH_LOST_QUOTE.match(line)
        if head is None:
            return
        name, value = head[1].upper(), line[head.end() :]
        if name == "BEGIN":
            self.begin(value.strip().upper())
        elif name == "END":
            self.end(value.strip().upper())
        elif self.open and name in KEPT:
            if head.re is HEAD_WITH_LOST_QUOTE:
                value = value.rstrip('"')
            found = PARAMETER.finditer(head[2])
            parameters = {one[1].upper(): (one[2] if one[2] is not None else one[3]).strip() for one in found}
            self.keep(Line(name, value, parameters))

    def keep(self, line: Line) -> None:
        lines = self.open[-1].lines
        if len(lines) >= MOST_LINES:
            raise CalendarTooLarge
        lines.append(line)

    def begin(self, name: str) -> None:
        if name in ENTRIES or name == "VCALENDAR":
            # Several calendars in one file are allowed (RFC 5545, 3.4), nested ones are not: the outer lost its END.
            self.leave_open_entry(also_calendars=name == "VCALENDAR")
        if len(self.open) >= DEEPEST:
            raise CalendarUnreadable
        if len(self.every) >= MOST_COMPONENTS:
            raise CalendarTooLarge
        component = Component(name)
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
            self.open.pop()

    def abandon(self, *, down_to: int) -> None:
        for component in self.open[down_to:]:
            component.closed = False
        del self.open[down_to:]

    def grown(self) -> list[Component]:
        if self.open:
            raise CalendarCutOff
        if not any(root.name in ENTRIES or root.name == "VCALENDAR" for root in self.roots):
            raise NotACalendar
        return self.every

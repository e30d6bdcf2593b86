"""Time zones as calendar files name them: by IANA name, by the file's own definition, or by what can be guessed."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from raincheck.domain.calendars.busy import QUOTED, Problem, ProblemKind, plain
from raincheck.domain.spans import Span
from raincheck.integrations.ics.rules import (
    CannotBeFollowed,
    RecurrenceSet,
    RepeatsTooOften,
    rule_of,
    texts_of,
)
from raincheck.integrations.ics.text import Component
from raincheck.integrations.ics.values import Unreadable, Value, midnight, value_of
from raincheck.integrations.ics.zone_names import (
    LETTERS,
    named_zone,
    offset_in,
    place_zone,
    same_name,
    zones_of_places,
)

UTC_OFFSET = re.compile(r"([+-]?)(\d{1,2}?):?(\d{2}):?(\d{2})?")
ZERO = timedelta(0)
# A definition's changes are worked out this far around the window: always at least one each way.
ROUND_THE_WINDOW = timedelta(days=400)
# Changes are worked out from here on, however late the window is: a series may have begun long before it.
FIRST_YEAR = 1970
# A definition that breaks in any of these ways is passed over, and its name is guessed.
UNUSABLE = (Unreadable, CannotBeFollowed, RepeatsTooOften, ValueError, OverflowError)


class FileZone(tzinfo):
    """A zone as a file's VTIMEZONE defines it.

    A wall time that occurs twice is the first of the two, one that is skipped is read with the offset before the
    change (RFC 5545, 3.3.5); dateutil's own class reads the latter the other way round and is fifty times slower.
    """

    def __init__(self, name: str, changes: Iterable[tuple[datetime, timedelta, timedelta]]) -> None:
        """Take (wall time by the old offset, old offset, new offset) of each change; at least one."""
        ordered = sorted((wall - before, before, after) for wall, before, after in changes)
        self.name = name
        self.instants = [instant for instant, _, _ in ordered]
        self.walls = [instant + max(before, after) for instant, before, after in ordered]
        self.offsets = [ordered[0][1], *(after for _, _, after in ordered)]

    def utcoffset(self, at: datetime | None) -> timedelta:
        if at is None:
            return self.offsets[0]
        return self.offsets[bisect_right(self.walls, at.replace(tzinfo=None))]

    def fromutc(self, at: datetime) -> datetime:
        return at + self.offsets[bisect_right(self.instants, at.replace(tzinfo=None))]

    def dst(self, at: datetime | None) -> timedelta:  # noqa: ARG002  (its meaning is lost in a file)
        return ZERO

    def tzname(self, at: datetime | None) -> str:  # noqa: ARG002  # Python names it
        return self.name


class Zones:
    """Finds the zone that one calendar means by a name, and keeps a problem for each that it had to guess.

    One VCALENDAR knows nothing of another's definitions, in the same file or not (RFC 5545, 3.8.3.1).
    """

    def __init__(self, components: Iterable[Component], *, window: Span, zone: ZoneInfo) -> None:
        self.window = window
        self.provider_zone = zone
        self.definitions: dict[str, Component] = {}
        self.calendar_zone: ZoneInfo | None = None
        self.problems: list[Problem] = []
        self.known: dict[str, tzinfo] = {}
        # By what they say: each entry of an account brings the same definition along.
        self.worked_out: dict[tuple[object, ...], tzinfo | None] = {}
        for component in components:
            self.take(component)

    def take(self, component: Component) -> None:
        if component.name == "VTIMEZONE":
            self.definitions.setdefault(same_name(component.text("TZID")), component)
        elif component.name == "VCALENDAR" and self.calendar_zone is None:
            self.calendar_zone = named_zone(component.text("X-WR-TIMEZONE"))

    def find(self, name: str) -> tzinfo:
        """Return the zone named so: a place of the tz database, the file's own, one of the tables, or the nearest guess."""
        if name not in self.known:
            # A known place beats the file's own definition: those are often years old, or of one year only.
            self.known[name] = place_zone(name) or self.defined(name) or named_zone(name) or self.guess(name)
        return self.known[name]

    def defined(self, name: str) -> tzinfo | None:
        definition = self.definitions.get(same_name(name))
        if definition is None:
            return None
        says = content_of(definition)
        if says not in self.worked_out:
            try:
                self.worked_out[says] = FileZone(name, changes_in(definition, self.window))
            except UNUSABLE:
                self.worked_out[says] = named_zone(definition.text("X-LIC-LOCATION"))
        return self.worked_out[says]

    def guess(self, name: str) -> tzinfo:
        # "EST/EDT" is the place that has both.
        said = reversed(same_name(name).split("/"))
        likely = next((ZoneInfo(LETTERS[part]) for part in said if part in LETTERS), None)
        likely = likely or next(iter(zones_of_places(name)), None)
        if likely is not None:
            return self.doubtful(name, likely, kind=ProblemKind.ZONE_UNKNOWN)
        offset = offset_in(name)
        if offset is not None:
            zone: tzinfo = timezone(offset)
            return self.doubtful(name, zone, kind=ProblemKind.ZONE_BY_OFFSET)
        if self.calendar_zone is not None:
            return self.doubtful(name, self.calendar_zone, kind=ProblemKind.ZONE_BY_CALENDAR)
        return self.doubtful(name, self.provider_zone, kind=ProblemKind.ZONE_UNKNOWN)

    def doubtful(self, name: str, zone: tzinfo, *, kind: ProblemKind) -> tzinfo:
        self.problems.append(Problem(kind, text=plain(name, at_most=QUOTED), zone=str(zone)))
        return zone


def zones_of_each(components: Iterable[Component], *, window: Span, zone: ZoneInfo) -> dict[int, Zones]:
    """Return the zones of each calendar of a file, by its number."""
    found: dict[int, Zones] = {}
    worked_out: dict[tuple[object, ...], tzinfo | None] = {}
    for component in components:
        if component.calendar not in found:
            zones = found[component.calendar] = Zones([], window=window, zone=zone)
            zones.worked_out = worked_out
        found[component.calendar].take(component)
    for zones in found.values():  # what stands before the first calendar is the file's own
        zones.definitions = {**found[0].definitions, **zones.definitions} if 0 in found else zones.definitions
    return found


def content_of(component: Component) -> tuple[object, ...]:
    """Return all that a component says, to compare it by."""
    lines = (part for line in component.lines for part in (line.name, line.value))
    return (*lines, *(content_of(inner) for inner in component.components))


def changes_in(definition: Component, window: Span) -> list[tuple[datetime, timedelta, timedelta]]:
    """Return (wall time by the old offset, old offset, new offset) of each change that can matter for the window."""
    changes = []
    for observance in definition.components:
        before, after = offset_of(observance.value("TZOFFSETFROM")), offset_of(observance.value("TZOFFSETTO"))
        changes += [(wall, before, after) for wall in onsets_of(observance, window)]
    if not changes:
        raise Unreadable("")
    return changes


def offset_of(text: str) -> timedelta:
    """Return an offset such as +0100, +01:00 or 100. Raises Unreadable."""
    found = UTC_OFFSET.fullmatch(text.replace(" ", ""))
    if found is None:
        raise Unreadable(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if offset >= timedelta(hours=24):
        raise Unreadable(text)
    return -offset if found[1] == "-" else offset


def onsets_of(observance: Component, window: Span) -> list[datetime]:
    """Return when an observance begins, by the wall: its first time, and those that can matter for the window."""
    start_line = observance.first("DTSTART")
    if start_line is None:
        raise Unreadable("")
    start = _wall(value_of(start_line.value))
    rules = [rule_of(line.value, until_in=_wall) for line in observance.every("RRULE")]
    named = [_wall(value_of(text)) for text, _ in texts_of(observance.every("RDATE"))]
    recurrence_set = RecurrenceSet(start=start, end=start, rules=rules, more=[(wall, wall) for wall in named])
    near = (window.start - ROUND_THE_WINDOW).replace(tzinfo=None)
    first = min(near, datetime(FIRST_YEAR, 1, 1))  # noqa: DTZ001  (walls have no zone)
    last = (window.end + ROUND_THE_WINDOW).replace(tzinfo=None)
    return [start, *(wall for wall, _ in recurrence_set.between(first, last))]


def _wall(value: Value) -> datetime:
    """Return a date or time of a definition as a wall time; one in UTC is taken as it is written."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return midnight(value)
    raise Unreadable(str(value))

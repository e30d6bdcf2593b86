"""Time zones as calendar files name them: by IANA name, by the file's own definition, or by what can be guessed."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.prop import vUTCOffset
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from raincheck.domain.calendars.busy import QUOTED, Problem, ProblemKind, plain
from raincheck.domain.spans import Span
from raincheck.integrations.ics.rules import (
    CannotBeFollowed,
    RecurrenceSet,
    RepeatsTooOften,
    Unreadable,
    Value,
    midnight,
    rule_of,
    texts_of,
    value_of,
)
from raincheck.integrations.ics.text import Component

OFFSET = re.compile(r"(?:GMT|UTC)\s*([+-]\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
WORDS = re.compile(r"[^\W\d_]+(?:[ .'-]+[^\W\d_]+)*")
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
    """Finds the zone that a file means by a name, and keeps a problem for each that it had to guess."""

    def __init__(self, components: Iterable[Component], *, window: Span, zone: ZoneInfo) -> None:
        self.window = window
        self.provider_zone = zone
        self.definitions: dict[str, Component] = {}
        self.calendar_zone: ZoneInfo | None = None
        self.problems: list[Problem] = []
        self.known: dict[str, tzinfo] = {}
        for component in components:
            self.take(component)

    def take(self, component: Component) -> None:
        if component.name == "VTIMEZONE":
            self.definitions.setdefault(component.text("TZID"), component)
        elif component.name == "VCALENDAR" and self.calendar_zone is None:
            self.calendar_zone = iana_zone(component.text("X-WR-TIMEZONE"))

    def find(self, name: str) -> tzinfo:
        """Return the zone named so: the tz database's, the file's, the Windows table's, or the nearest guess."""
        # A known name beats the file's own definition: those are often years old, or of one year only.
        if name not in self.known:
            self.known[name] = (
                iana_zone(name)
                or self.defined(name)
                # Outlook and Exchange name zones as Windows does.
                or iana_zone(WINDOWS_TO_OLSON.get(name, ""))
                or zone_by_places(name)
                or self.guess(name)
            )
        return self.known[name]

    def defined(self, name: str) -> tzinfo | None:
        definition = self.definitions.get(name)
        if definition is None:
            return None
        try:
            return FileZone(name, changes_in(definition, self.window))
        except UNUSABLE:
            return None

    def guess(self, name: str) -> tzinfo:
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


@cache
def _iana_names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def iana_zone(name: str) -> ZoneInfo | None:
    """Return the zone of the tz database meant by `name`, which may carry a maker's prefix (RFC 5545, 3.2.19)."""
    parts = name.strip("/").split("/")
    # "/mozilla.org/20070129_1/Europe/Berlin": only a name that begins with a slash has a prefix.
    endings = range(len(parts)) if name.startswith("/") else range(1)
    for start in endings:
        known = _iana_names().get("/".join(parts[start:]).casefold())
        if known is not None:
            return ZoneInfo(known)
    return None


def offset_in(name: str) -> timedelta | None:
    """Return the offset that a name like “(UTC-05:00) Eastern Time” states."""
    found = OFFSET.search(name)
    if found is None:
        return None
    hours, minutes = int(found[1]), int(found[2] or 0)
    offset = timedelta(hours=hours, minutes=-minutes if found[1].startswith("-") else minutes)
    return offset if abs(offset) < timedelta(hours=24) else None


def zone_by_places(name: str) -> ZoneInfo | None:
    """Return the zone of a place in a display name like “(GMT+10:00) Canberra, Melbourne, Sydney”.

    Outlook on the web writes such names. Its places are cities, or parts of America as in “Eastern Time (US & Canada)”;
    both stand at the end of IANA names. The offset it states must be the zone's own outside summer time.
    """
    offset = offset_in(name)
    if offset is None:
        return None
    names = _iana_names()
    for place in WORDS.findall(name.partition(")")[2] or name):
        # "Eastern Time" stands as US/Eastern, "Canberra" as Australia/Canberra.
        ending = place.removesuffix(" Time").replace(" ", "_").casefold()
        for area in areas_of(name):
            known = names.get(f"{area}/{ending}")
            if known is not None and standard_offset(ZoneInfo(known)) == offset:
                return ZoneInfo(known)
    return None


def areas_of(name: str) -> list[str]:
    """Return the first parts of IANA names to look in: "Pacific Time" exists in the United States and in Canada."""
    if "US" in name or "Arizona" in name or "Alaska" in name or "Hawaii" in name:
        return ["us"]
    if "Canada" in name:
        return ["canada"]
    return ["africa", "america", "asia", "atlantic", "australia", "europe", "indian", "pacific"]


def standard_offset(zone: ZoneInfo) -> timedelta:
    """Return the zone's offset outside summer time, as of 2026: the year is fixed, so that a file reads the same."""
    halves = (datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
    return min(offset for offset in halves if offset is not None)


def changes_in(definition: Component, window: Span) -> list[tuple[datetime, timedelta, timedelta]]:
    """Return (wall time by the old offset, old offset, new offset) of each change that can matter for the window."""
    changes = []
    for observance in definition.components:
        before = vUTCOffset.from_ical(observance.value("TZOFFSETFROM"))
        after = vUTCOffset.from_ical(observance.value("TZOFFSETTO"))
        changes += [(wall, before, after) for wall in onsets_of(observance, window)]
    if not changes:
        raise Unreadable("")
    return changes


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

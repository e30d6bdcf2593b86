"""Many appointments as one published calendar (RFC 5545, RFC 7986): the same appointments give the same bytes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import icalendar
from django.conf import settings
from icalendar import Calendar, Event, vRecur
from icalendar.parser import Contentline

import raincheck
from raincheck.data.models import Appointment, Client, Practice, Provider, Series
from raincheck.domain.appointments.lifecycle import PlaceKind, Status
from raincheck.domain.calendars.busy import plain
from raincheck.domain.calendars.feeds import READ_AGAIN_AFTER, Titles
from raincheck.domain.sentences import _
from raincheck.domain.timing.zone_rules import version_in_use
from raincheck.notifications.calendar_entries import (
    LONGEST_LOCATION,
    PRODUCT,
    TITLE,
    add_times,
    month_of,
    organizer,
    timezone_entry,
)
from raincheck.notifications.series_entries import sessions_of

CALENDAR_NAME = _("Appointments")
COPY_MARK = "X-RAINCHECK-COPY"
"""Stands in every object written into somebody's calendar, and in nothing else: only what bears it is ever replaced there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One appointment as a calendar shows it. `changed_at` is when it became what it is; `zone` where it is shown.

    Or a series, with the lines of its rule and the wall time that the rule begins with; or one of its occurrences, known by
    the wall time `recurrence_id`.
    """

    uid: str
    sequence: int
    start: datetime
    end: datetime
    zone: ZoneInfo
    title: str
    location: str
    cancelled: bool
    changed_at: datetime
    repeats: tuple[str, ...] = ()
    first_wall: datetime | None = None
    recurrence_id: datetime | None = None
    until: datetime | None = None


def entry_for_provider(
    row: Appointment, *, provider: Provider, titles: Titles, changed_at: datetime
) -> Entry:
    """Return an appointment for its provider's calendar: nobody is named, or by initials where the provider chose so."""
    in_room = row.place.kind == PlaceKind.ROOM
    names = (row.client.known_as, row.client.last_name) if titles is Titles.INITIALS else ()
    letters = [plain(name, at_most=1).upper() for name in names]
    return _entry(
        row,
        # A session in a room is by the clock of the place one has to come to.
        zone=(in_room and row.place.zone) or provider.zone,
        # "R. B.", where the names give any letters.
        title=" ".join(f"{letter}." for letter in letters if letter) or TITLE,
        location=row.place.name if in_room else row.join_url,
        changed_at=changed_at,
    )


def entry_for_client(row: Appointment, *, client: Client, practice: Practice, changed_at: datetime) -> Entry:
    """Return an appointment for its client's calendar, placed as in the entries that go along with mails."""
    in_room = row.place.kind == PlaceKind.ROOM
    location = row.place.address if in_room else row.join_url
    return _entry(
        row,
        zone=(in_room and row.place.zone) or client.zone_in(practice),
        title=TITLE,
        location="" if client.neutral_wording else location,
        changed_at=changed_at,
    )


def entries_of_series(series: Series, rows: Sequence[Appointment], *, changed_at: datetime) -> list[Entry]:
    """Return a series for its client's calendar, all its occurrences at hand: its rule, and what differs from it.

    One of which nothing stands any more is one canceled entry.
    """
    stands = any(row.status != Status.CANCELLED for row in rows)
    whole, *differing = sessions_of(series, rows)
    return [
        Entry(
            uid=series.ical_uid,
            sequence=one.sequence,
            start=one.start,
            end=one.end,
            zone=ZoneInfo(series.zone),
            title=TITLE,
            location=one.location or "",
            cancelled=not stands,
            changed_at=changed_at,
            repeats=one.repeats,
            first_wall=one.first_wall,
            recurrence_id=one.recurrence_id,
            until=one.until,
        )
        for one in ([whole, *differing] if stands else [replace(whole, repeats=())])
    ]


@dataclass(frozen=True, slots=True)
class Publication:
    """All that decides what a published calendar says; nothing in it depends on when it is asked for.

    `sender` is the address and the name it comes from. `zone` is where its reader is: an empty calendar describes that
    zone around `made_at`, since a calendar needs something in it.
    """

    entries: tuple[Entry, ...]
    sender: tuple[str, str]
    zone: str
    made_at: datetime

    @property
    def version(self) -> str:
        """A hash that differs whenever the text would; most who ask have the text already, and writing it is slow."""
        # What writes the text is part of it: an upgrade of the library or of the zones' rules makes another text.
        writers = (raincheck.__version__, icalendar.__version__, version_in_use())
        return hashlib.sha256(repr((writers, self)).encode()).hexdigest()

    @property
    def text(self) -> str:
        """The calendar for programs that subscribed to it, folded and with CRLF line ends."""
        calendar = _new_calendar()
        calendar.add("METHOD", "PUBLISH")
        calendar.add("NAME", CALENDAR_NAME)
        # NAME and REFRESH-INTERVAL are RFC 7986's; programs older than it know only the two that begin with X.
        calendar.add("X-WR-CALNAME", CALENDAR_NAME)
        calendar.add("REFRESH-INTERVAL", READ_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
        calendar.add("X-PUBLISHED-TTL", "PT1H")

        shown: dict[ZoneInfo, list[datetime]] = {} if self.entries else {ZoneInfo(self.zone): [self.made_at]}
        whose = organizer(*self.sender)
        events = []
        for entry in self.entries:
            event, zoned = event_of(entry)
            # RFC 5546 (3.2.1): a published event names its organizer.
            event.add("ORGANIZER", whose)
            events.append(event)
            if zoned:
                shown.setdefault(entry.zone, []).extend([entry.start, entry.until or entry.start])

        # One VTIMEZONE for each zone, long enough for all entries in it; in an order, for the same bytes each time.
        for zone in sorted(shown, key=lambda one: one.key):
            first, last = month_of(min(shown[zone])), month_of(max(shown[zone]))
            calendar.add_component(timezone_entry(zone, around=first, until=last))
        for event in events:
            calendar.add_component(event)
        text: str = calendar.to_ical().decode()
        return text


def sender_of(practice: Practice) -> tuple[str, str]:
    """Return the address and the name that a practice's calendars come from."""
    return practice.reply_to or settings.EMAIL_FROM, practice.sender


def object_of(entry: Entry) -> str:
    """Return an entry as an object of a calendar collection (RFC 4791, 4.1): one UID, and no METHOD."""
    calendar = _new_calendar()
    event, zoned = event_of(entry)
    event.add(COPY_MARK, "1")
    if zoned:
        calendar.add_component(timezone_entry(entry.zone, around=month_of(entry.start)))
    calendar.add_component(event)
    text: str = calendar.to_ical().decode()
    return text


def event_of(entry: Entry) -> tuple[Event, bool]:
    """Return an entry as a VEVENT, and whether it needs its zone's VTIMEZONE."""
    event = Event()
    event.add("UID", entry.uid)
    event.add("SEQUENCE", entry.sequence)
    # Never the time of asking: the same appointment must give the same bytes.
    event.add("DTSTAMP", entry.changed_at.astimezone(UTC))
    event.add("LAST-MODIFIED", entry.changed_at.astimezone(UTC))
    event.add("SUMMARY", entry.title)
    event.add("CLASS", "PRIVATE")
    event.add("STATUS", "CANCELLED" if entry.cancelled else "CONFIRMED")
    # A program that goes on showing a cancelled entry must not count its time as busy.
    event.add("TRANSP", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    if entry.location:
        event.add("LOCATION", plain(entry.location, at_most=LONGEST_LOCATION))
    if entry.recurrence_id is not None:
        event.add("RECURRENCE-ID", entry.recurrence_id.replace(tzinfo=entry.zone))
    for line in entry.repeats:
        name, _parameters, value = Contentline(line).parts()
        if name == "RRULE":
            event.add(name, vRecur.from_ical(value))
        else:
            left_out = datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007  # a wall time
            event.add(name, left_out.replace(tzinfo=entry.zone))
    if entry.first_wall is not None:
        # A rule goes by the clock, whatever the clock does at its first time.
        event.add("DTSTART", entry.first_wall.replace(tzinfo=entry.zone))
        event.add("DTEND", (entry.first_wall + (entry.end - entry.start)).replace(tzinfo=entry.zone))
        return event, True
    zoned = add_times(event, start=entry.start, end=entry.end, zone=entry.zone)
    return event, zoned or entry.recurrence_id is not None


def _entry(row: Appointment, *, zone: str, title: str, location: str, changed_at: datetime) -> Entry:
    return Entry(
        uid=row.ical_uid,
        sequence=row.ical_sequence,
        start=row.starts_at,
        end=row.ends_at,
        zone=ZoneInfo(zone),
        title=title,
        location=location,
        cancelled=row.status == Status.CANCELLED,
        changed_at=changed_at,
    )


def _new_calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    return calendar

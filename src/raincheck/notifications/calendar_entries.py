"""Appointments as calendar entries (RFC 5545, RFC 5546) for mails: same UID for life, nothing private in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText
from icalendar.parser import Contentline
from icalendar.timezone.tzid import is_utc

from raincheck.domain.calendars.busy import plain
from raincheck.domain.sentences import _
from raincheck.domain.zones import EPOCH, clock_runs, instant_of, seconds_after, seconds_before

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]
"""What an entry does to a calendar (RFC 5546)."""

TITLE = _("Appointment")
"""The only title there is: a calendar is shown to colleagues and on locked screens."""
PRODUCT = "-//Raincheck//Raincheck//EN"
END_OF_LINE = "\r\n"
LONGEST_LINE = 75
"""In octets (RFC 5545, 3.1)."""
HEAD = END_OF_LINE.join(["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", ""])
ATTENDEE = "ATTENDEE;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE"
"""The client, without a name. Nothing is asked of them here: answers come through the link."""
LONGEST_NAME = 200
LONGEST_LOCATION = 2_000
"""Join links are long, and one that was cut leads nowhere."""
RULES_SHOWN = timedelta(days=366)
"""The clock changes of this long before and after an entry are written into it."""


@dataclass(frozen=True, slots=True)
class Session:
    """One VEVENT: an appointment, an occurrence of a series, or the series itself.

    `recurrence_id` is the wall time by which a series knows its occurrence. Of a series, `repeats` are the lines of its rule,
    `first_wall` is the wall time that the rule begins with, and `until` the last start that is known of it.
    """

    sequence: int
    start: datetime
    end: datetime
    location: str | None
    recurrence_id: datetime | None = None
    repeats: tuple[str, ...] = ()
    first_wall: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parties:
    """From whom an entry comes and to whom it goes. PUBLISH names no attendee (RFC 5546, 3.2.1)."""

    organizer_email: str
    organizer_name: str
    attendee_email: str


def calendar_entry(
    *,
    uid: str,
    sequence: int,
    method: Method,
    start: datetime,
    end: datetime,
    zone: str,
    organizer_email: str,
    organizer_name: str,
    attendee_email: str,
    location: str | None,
    made_at: datetime,
    recurrence_id: datetime | None = None,
) -> str:
    """Return one appointment as an iCalendar object, folded and with CRLF line ends.

    `start`, `end` and `made_at` are aware; `zone` is the IANA name in which the entry is shown, of an occurrence that of its
    series, in which `recurrence_id` is a wall time. The UID stays for the life of the appointment and `sequence` rises with
    every change, so that a calendar replaces what it has. `location` is a place's neutral name or a join link, never a
    specialty.

    Raises ValueError for an address that is none.
    """
    session = Session(sequence, start, end, location, recurrence_id)
    parties = Parties(organizer_email, organizer_name, attendee_email)
    return calendar_object([session], uid=uid, method=method, zone=zone, parties=parties, made_at=made_at)


def calendar_object(
    sessions: Sequence[Session],
    *,
    uid: str,
    method: Method,
    zone: str,
    parties: Parties,
    made_at: datetime,
) -> str:
    """Return what one UID stands for as an iCalendar object: one event, or a series with the occurrences that differ.

    Raises ValueError for an address that is none.
    """
    named_in, first = ZoneInfo(zone), min(one.start for one in sessions)
    # A series and what is known by its times is by the clock of its zone, even where a single time needs UTC.
    by_clock = any(one.first_wall or one.recurrence_id for one in sessions)
    in_utc = is_utc(first.astimezone(named_in)) or not (
        by_clock or any(not _shown(one.start, one.end, zone=named_in)[2] for one in sessions)
    )
    last = max(one.until or one.start for one in sessions)
    return "".join(
        [
            f"{HEAD}METHOD:{method}{END_OF_LINE}",
            "" if in_utc else _timezone_text(named_in, month_of(first), month_of(last)),
            *(
                _event(one, uid=uid, method=method, zone=named_in, parties=parties, made_at=made_at)
                for one in sessions
            ),
            f"END:VCALENDAR{END_OF_LINE}",
        ]
    )


def _event(
    session: Session, *, uid: str, method: Method, zone: ZoneInfo, parties: Parties, made_at: datetime
) -> str:
    first, last, in_utc = _shown(session.start, session.end, zone=zone)
    if session.first_wall:
        # A rule goes by the clock, whatever the clock does at its first time.
        first, in_utc = session.first_wall, is_utc(session.start.astimezone(zone))
        last = first + (session.end - session.start)
    stamp = "UTC" if in_utc else zone.key
    cancelled, location, known_by = method == "CANCEL", session.location, session.recurrence_id
    return "".join(
        [
            f"BEGIN:VEVENT{END_OF_LINE}",
            _line(f"SUMMARY:{_escaped(str(TITLE))}"),
            _line(_time("DTSTART", first, stamp)),
            _line(_time("DTEND", last, stamp)),
            # RFC 5545 (3.8.7.2): in UTC, whatever zone the entry is shown in.
            _line(_time("DTSTAMP", made_at.astimezone(UTC), "UTC")),
            _line(f"UID:{_escaped(uid)}"),
            _line(wall_line("RECURRENCE-ID", known_by, zone)) if known_by else "",
            *(_line(line) for line in session.repeats),
            _line(f"SEQUENCE:{session.sequence}"),
            "" if method == "PUBLISH" else _line(f"{ATTENDEE}:mailto:{_address(parties.attendee_email)}"),
            _line("CLASS:PRIVATE"),
            _line(f"LOCATION:{_escaped(plain(location, at_most=LONGEST_LOCATION))}") if location else "",
            _organizer_line(parties.organizer_email, parties.organizer_name),
            _line(f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}"),
            # A program that goes on showing a cancelled entry must not count its time as busy.
            _line(f"TRANSP:{'TRANSPARENT' if cancelled else 'OPAQUE'}"),
            f"END:VEVENT{END_OF_LINE}",
        ]
    )


def wall_line(name: str, shown: datetime, zone: ZoneInfo) -> str:
    """Return a line that names a time on a zone's clock (RFC 5545, 3.3.5): what a series knows an occurrence by."""
    return _time(name, shown, "UTC" if is_utc(shown.replace(tzinfo=zone)) else zone.key)


def _line(line: str) -> str:
    """Return a line as it is written: folded when it is longer than 75 octets."""
    return (
        line if len(line.encode()) <= LONGEST_LINE else Contentline(line).to_ical().decode()
    ) + END_OF_LINE


def _escaped(text: str) -> str:
    return vText(text).to_ical().decode()


def _time(name: str, shown: datetime, zone: str) -> str:
    if zone == "UTC":
        return f"{name}:{shown:%Y%m%dT%H%M%S}Z"
    return f"{name};TZID={zone}:{shown:%Y%m%dT%H%M%S}"


@lru_cache(maxsize=1_000)  # a practice writes thousands of entries under one name
def _organizer_line(email: str, name: str) -> str:
    address = organizer(email, name)
    return _line(Contentline.from_parts("ORGANIZER", address.params, address))


def add_times(event: Event, *, start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Write when an entry is, and return whether that needs the zone's VTIMEZONE beside it.

    A wall time that is shown twice means the first of the two in a calendar; only UTC can name the second.
    """
    first, last, in_utc = _shown(start, end, zone=zone)
    event.add("DTSTART", first)
    event.add("DTEND", last)
    return not in_utc


def _shown(start: datetime, end: datetime, *, zone: ZoneInfo) -> tuple[datetime, datetime, bool]:
    """Return the wall times of start and end, and whether they had to be UTC's."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if is_utc(first) or first.fold or last.fold:
        return start.astimezone(UTC), end.astimezone(UTC), True
    return first, last, False


def month_of(start: datetime) -> datetime:
    """Return when the month of an instant began (UTC): entries of one month share their VTIMEZONE."""
    return start.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@lru_cache(maxsize=200)  # many entries are of one zone and month, as when many requests end at once
def _timezone_text(zone: ZoneInfo, month: datetime, until: datetime) -> str:
    text: str = timezone_entry(zone, around=month, until=until).to_ical().decode()
    return text


def organizer(email: str, name: str) -> vCalAddress:
    """Return whose calendar an entry comes from. Raises ValueError for an address that is none."""
    return vCalAddress.new(_address(email), cn=plain(name, at_most=LONGEST_NAME))


def _address(email: str) -> str:
    # A line break in an address would begin a property of its own.
    if "@" not in email or not email.isprintable() or " " in email:
        raise ValueError("an e-mail address has an @ and no spaces")
    return email


def timezone_entry(zone: ZoneInfo, *, around: datetime, until: datetime | None = None) -> Timezone:
    """Return the VTIMEZONE of a zone: its clock changes from a year before `around` to a year after it, or after `until`.

    icalendar can write these too, but puts the start of summer time an hour late: by the new clock, where RFC 5545
    (3.6.5) means the old one.
    """
    last = (until or around) + RULES_SHOWN
    runs = clock_runs(seconds_before(around - RULES_SHOWN), seconds_after(last), zone=zone)
    entry = Timezone()
    entry.add("TZID", zone.key)
    changes = [(instant_of(former.end), former, run) for former, run in pairwise(runs)]
    if not changes or changes[0][0] > around:
        changes.insert(0, (EPOCH, runs[0], runs[0]))  # one stretch must begin before the entry does
    for change, former, run in changes:
        # Any time of the stretch tells its offset and its name.
        shown, before = instant_of(run.start).astimezone(zone), timedelta(seconds=former.offset)
        observance = TimezoneDaylight() if shown.dst() else TimezoneStandard()
        # RFC 5545 (3.6.5): on the clock that ends here, not on the one that begins.
        observance.add("DTSTART", (change + before).replace(tzinfo=None))
        observance.TZOFFSETFROM, observance.TZOFFSETTO = before, shown.utcoffset()
        observance.add("TZNAME", shown.tzname())
        entry.add_component(observance)
    return entry

"""Appointments as calendar entries (RFC 5545, RFC 5546) for mails: same UID for life, nothing private in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress
from icalendar.timezone.tzid import is_utc

from raincheck.domain.calendars import plain
from raincheck.domain.sentences import _
from raincheck.domain.zones import EPOCH, clock_runs, instant_of, seconds_after, seconds_before

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]

TITLE = _("Appointment")
"""The only title there is: a calendar is shown to colleagues and on locked screens."""
PRODUCT = "-//Raincheck//Raincheck//EN"
BEGIN_EVENT = "BEGIN:VEVENT\r\n"
LONGEST_NAME = 200
LONGEST_LOCATION = 2_000
"""Join links are long, and one that was cut leads nowhere."""
RULES_SHOWN = timedelta(days=366)
"""The clock changes of this long before and after an entry are written into it."""


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
) -> str:
    """Return one appointment as an iCalendar object, folded and with CRLF line ends.

    `start`, `end` and `made_at` are aware; `zone` is the IANA name in which the entry is shown. The UID stays for the
    life of the appointment and `sequence` rises with every change, so that a calendar replaces what it has. PUBLISH
    names no attendee (RFC 5546, 3.2.1). `location` is a place's neutral name or a join link, never a specialty.

    Raises ValueError for an address that is none, ZoneInfoNotFoundError for an unknown zone.
    """
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    event = Event()
    event.add("UID", uid)
    event.add("SEQUENCE", sequence)
    event.add("DTSTAMP", made_at.astimezone(UTC))
    event.add("SUMMARY", TITLE)
    event.add("CLASS", "PRIVATE")
    event.add("STATUS", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if method == "CANCEL" else "OPAQUE")
    event.add("ORGANIZER", organizer(organizer_email, organizer_name))
    if method != "PUBLISH":
        event.add("ATTENDEE", _attendee(attendee_email))
    if location:
        event.add("LOCATION", plain(location, at_most=LONGEST_LOCATION))
    named = add_times(event, start=start, end=end, zone=ZoneInfo(zone))
    calendar.add_component(event)
    text: str = calendar.to_ical().decode()
    return _with_timezone(text, ZoneInfo(zone), month_of(start)) if named else text


def _with_timezone(calendar: str, zone: ZoneInfo, month: datetime) -> str:
    """Return a calendar's text with the VTIMEZONE of its one event before that."""
    head, begin, event = calendar.partition(BEGIN_EVENT)
    return f"{head}{_timezone_text(zone, month)}{begin}{event}"


def add_times(event: Event, *, start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Write when an entry is, and return whether that needs the zone's VTIMEZONE beside it.

    A wall time that is shown twice means the first of the two in a calendar; only UTC can name the second.
    """
    shown = [start.astimezone(zone), end.astimezone(zone)]
    in_utc = is_utc(shown[0]) or any(moment.fold for moment in shown)
    if in_utc:
        shown = [start.astimezone(UTC), end.astimezone(UTC)]
    event.add("DTSTART", shown[0])
    event.add("DTEND", shown[1])
    return not in_utc


def month_of(start: datetime) -> datetime:
    """Return when the month of an instant began (UTC): entries of one month share their VTIMEZONE."""
    return start.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@lru_cache(maxsize=200)  # many entries are of one zone and month, as when many requests end at once
def _timezone_text(zone: ZoneInfo, month: datetime) -> str:
    text: str = timezone_entry(zone, around=month).to_ical().decode()
    return text


def organizer(email: str, name: str) -> vCalAddress:
    """Return whose calendar an entry comes from. Raises ValueError for an address that is none."""
    return vCalAddress.new(_address(email), cn=plain(name, at_most=LONGEST_NAME))


def _attendee(email: str) -> vCalAddress:
    """The client, without a name. Nothing is asked of them here: answers come through the link."""
    return vCalAddress.new(_address(email), role="REQ-PARTICIPANT", partstat="ACCEPTED", rsvp=False)


def _address(email: str) -> str:
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
        shown = instant_of(run.start).astimezone(zone)
        entry.add_component(_observance(change, before=former.offset, shown=shown))
    return entry


def _observance(change: datetime, *, before: int, shown: datetime) -> TimezoneStandard | TimezoneDaylight:
    """Return one stretch of a zone's clock that begins at `change`; `shown` is any time in it, on that clock."""
    observance = TimezoneDaylight() if shown.dst() else TimezoneStandard()
    observance.add("DTSTART", (change + timedelta(seconds=before)).replace(tzinfo=None))
    observance.TZOFFSETFROM = timedelta(seconds=before)
    observance.TZOFFSETTO = shown.utcoffset()
    observance.add("TZNAME", shown.tzname())
    return observance

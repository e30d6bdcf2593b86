"""Series as calendar entries (RFC 5545, RFC 5546): one UID with its rule, what is left out of it, and what differs from it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from django.conf import settings

from raincheck.data.models import Appointment, Place, Practice, Series
from raincheck.domain.appointments.lifecycle import PlaceKind, Status
from raincheck.domain.appointments.series import Pattern
from raincheck.domain.zones import start_at
from raincheck.notifications.calendar_entries import Parties, Session, calendar_object, wall_line

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def parties_of(practice: Practice, *, attendee: str) -> Parties:
    """Return from whom a practice's entries come, and to whom this one goes."""
    return Parties(practice.reply_to or settings.EMAIL_FROM, practice.sender, attendee)


def location_of(place: Place, join_url: str) -> str | None:
    """Return where a session is, as a client's calendar says it."""
    return (place.address if place.kind == PlaceKind.ROOM else join_url) or None


def occurrences_of(*series: int) -> list[Appointment]:
    """Return all occurrences of some series that were made, each in its own order, with their places."""
    rows = Appointment.objects.filter(series__in=series).select_related("place")
    return list(rows.order_by("series", "recurrence_id"))


def series_object(series: Series, rows: Sequence[Appointment], *, parties: Parties, made_at: datetime) -> str:
    """Return a series as it stands, all its occurrences at hand, as one iCalendar object with one UID.

    One of which nothing stands any more is canceled as a whole. Raises ValueError for an address that is none.
    """
    stands = any(row.status != Status.CANCELLED for row in rows)
    whole, *differing = sessions_of(series, rows)
    return calendar_object(
        [whole, *differing] if stands else [replace(whole, repeats=())],
        uid=series.ical_uid,
        method="REQUEST" if stands else "CANCEL",
        zone=series.zone,
        parties=parties,
        made_at=made_at,
    )


def sessions_of(series: Series, rows: Sequence[Appointment]) -> list[Session]:
    """Return the series itself, then its occurrences that are at another time or place than its rule says."""
    pattern = series.pattern
    neutral = series.client.neutral_wording
    usual = None if neutral else location_of(series.place, series.join_url)
    start = start_at(pattern.first, zone=pattern.zone)
    whole = Session(
        series.ical_sequence,
        start,
        start + series.length,
        usual,
        repeats=tuple(_repeats(series, rows)),
        first_wall=pattern.first,
        until=start_at(max(pattern.walls(until=series.made_until), default=pattern.first), zone=pattern.zone),
    )
    differing = []
    for row in rows:
        location = None if neutral else location_of(row.place, row.join_url)
        as_said = _is_as_said(row, series, pattern)
        if row.status != Status.CANCELLED and not (as_said and location == usual):
            differing.append(occurrence(series, row, location=location))
    return [whole, *differing]


def _is_as_said(row: Appointment, series: Series, pattern: Pattern) -> bool:
    """Return whether an occurrence is when any calendar would find it by the rule alone."""
    # By the clock of the series, which need not be the provider's.
    starts, ends = (
        instant.astimezone(pattern.zone).replace(tzinfo=None, fold=0)
        for instant in (row.starts_at, row.ends_at)
    )
    return (
        starts == row.recurrence_id
        # A calendar reads a time that the clock skips in its own way (RFC 5545, 3.3.5).
        and row.starts_at == start_at(starts, zone=pattern.zone)
        and row.ends_at - row.starts_at == series.length
        # Some reckon the end by the clock, which may change within the session.
        and ends - starts == series.length
    )


def occurrence(series: Series, row: Appointment, *, location: str | None) -> Session:
    """Return one occurrence as its calendar entry, which replaces what the rule says of it."""
    return Session(
        sequence_of(series, row.ical_sequence), row.starts_at, row.ends_at, location, row.recurrence_id
    )


def sequence_of(series: Series, of_the_row: int) -> int:
    """Return the sequence of an occurrence's entry: never behind that of its series, or a calendar would pass it by."""
    return series.ical_sequence + of_the_row


def _repeats(series: Series, rows: Iterable[Appointment]) -> Iterable[str]:
    """Return the rule, and what is left out of it as far as it was made."""
    pattern = series.pattern
    yield f"RRULE:{rule_of(pattern)}"
    stands = {row.recurrence_id for row in rows if row.status != Status.CANCELLED}
    for wall in pattern.walls(until=series.made_until):
        if wall not in stands:
            # A line for each: some programs read only the first of several times.
            yield wall_line("EXDATE", wall, pattern.zone)


def rule_of(pattern: Pattern) -> str:
    """Return the rule of a pattern (RFC 5545, 3.3.10), with an end in UTC where it has one by date."""
    parts = ["FREQ=WEEKLY"]
    if pattern.every_weeks > 1:
        parts.append(f"INTERVAL={pattern.every_weeks}")
    if pattern.ends_on is not None:
        last = start_at(pattern.last, zone=pattern.zone)
        parts.append(f"UNTIL={last.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    elif pattern.count is not None:
        parts.append(f"COUNT={pattern.count}")
    parts.append(f"BYDAY={WEEKDAYS[pattern.first.weekday()]}")
    return ";".join(parts)

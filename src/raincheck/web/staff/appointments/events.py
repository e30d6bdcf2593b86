"""The entries of the calendar: one thing each, in the words and the wall times of whoever looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from raincheck.data.models import Appointment, BusyTime, Hold, OutOfOffice
from raincheck.domain.appointments.lifecycle import PlaceKind, Status, TypeKind
from raincheck.domain.clients.phones import shown_phone
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named
from raincheck.notifications.formats import clock_time, long_day
from raincheck.queries.appointments.listing import Listed
from raincheck.web.staff.appointments.words import (
    asked,
    asked_aloud,
    asks_what_happened,
    clock_range,
    status_tag,
    why_cancelled,
)
from raincheck.web.staff.shell import Context, shown_at


@dataclass(frozen=True, slots=True)
class Clock:
    """Whose clock a calendar shows: its zone, and how phones are written there; `own` is the provider's, where it is another."""

    zone: str
    region: str | None
    own: str = ""

    def told_at(self, instant: datetime, time: str) -> str:
        """Return a time of day with the provider's own beside it, where their clock shows another: "1:00 (12:00)"."""
        own = clock_time(instant, self.own).rpartition(" ")[0] if self.own else time
        return time if own == time else _("%(time)s (%(own)s)") % {"time": time, "own": own}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing in the calendar; times are wall times without an offset, dates when it takes whole days."""

    id: str
    kind: str
    title: str
    detail: str
    label: str
    start: str
    end: str
    all_day: bool = False
    # The time of day it begins at, for views whose place does not say it.
    time: str = ""
    url: str = ""
    # Nobody has said yet what became of it; else what did.
    asks: bool = False
    outcome: str = ""
    place: str = ""
    video: bool = False
    # So many messages of this client the reader has not read.
    unread: int = 0
    # For paper, where nothing opens beside.
    phone: str = ""

    @classmethod
    def of_appointment(cls, listed: Listed, clock: Clock, *, unread: int = 0, now: datetime) -> Event:
        row, request = listed.appointment, listed.request
        time, state = clock_time(row.starts_at, clock.zone), _state(listed, now=now)
        aloud = asked_aloud(request, now=now) if request else state
        said = [row.client.name, long_day(row.starts_at, clock.zone, now=now), time, row.type.name, aloud]
        said.append(row.place.name)
        if unread:
            words = ngettext("%(count)d unread message", "%(count)d unread messages", unread)
            said.append(words % {"count": unread})
        # Without "AM" or "PM": the place in the grid says it, and a narrow column has no room.
        time = clock.told_at(row.starts_at, time.rpartition(" ")[0])
        return cls(
            id=str(row.ref),
            kind="asked" if request else _kind(row),
            title=row.client.name,
            detail=state or f"{time} · {row.type.name}",
            label=", ".join(part for part in said if part),
            time=time,
            url=reverse("appointment", args=[row.ref]),
            asks=asks_what_happened(row, now=now),
            outcome="" if row.status == Status.SCHEDULED else row.status,
            place=row.place.name,
            video=row.place.kind == PlaceKind.TELEHEALTH,
            unread=unread,
            phone=shown_phone(row.client.phone, region=clock.region),
            **times(row.span, clock.zone),
        )

    @classmethod
    def of_block(cls, block: OutOfOffice, zone: str, *, note: str) -> Event:
        span, clock = Span(block.starts_at, block.ends_at), zone_named(zone)
        # All day is a stretch from midnight to midnight, and "12:00 – 12:00 AM" tells nobody that.
        hours = _("all day") if block.all_day else clock_range(span, zone)
        said = [_("Out of office"), long_day(block.starts_at, zone), hours, note]
        shown = times(span, zone)
        if block.all_day:
            first, after = (shown_at(edge, zone=clock).date() for edge in (span.start, span.end))
            shown = {"start": first.isoformat(), "end": after.isoformat(), "all_day": True}
        return cls(
            id=str(block.ref),
            kind="out_of_office",
            title=_("Out of office"),
            detail=note or hours,
            label=", ".join(part for part in said if part),
            url=reverse("block", args=[block.ref]),
            **shown,
        )

    @classmethod
    def of_busy(cls, busy: BusyTime, zone: str, *, title: str) -> Event:
        span, title = Span(busy.starts_at, busy.ends_at), title or _("Busy")
        said = [title, busy.calendar.name, long_day(span.start, zone), clock_range(span, zone)]
        return cls(
            id=f"busy-{busy.pk}",
            kind="busy",
            title=title,
            detail=busy.calendar.name,
            label=", ".join(said),
            **times(span, zone),
        )

    @classmethod
    def of_hold(cls, hold: Hold, zone: str) -> Event:
        span = Span(hold.starts_at, hold.ends_at)
        said = _("Suggested to %(name)s") if hold.suggested else _("Held for %(name)s")
        title = said % {"name": hold.client.known_as}
        hours = clock_range(span, zone)
        return cls(
            id=str(hold.ref),
            kind="hold",
            title=title,
            detail=hours,
            label=", ".join([title, long_day(span.start, zone), hours]),
            **times(span, zone),
        )


def _kind(row: Appointment) -> str:
    if row.status == Status.CANCELLED:
        return "canceled"
    return "intake" if row.type.kind == TypeKind.INTAKE else "appointment"


def _state(listed: Listed, *, now: datetime) -> str:
    """Return how an appointment stands in a few words; nothing for one that simply lies ahead."""
    row, request = listed.appointment, listed.request
    if request:
        return asked(request, now=now)
    if row.status == Status.CANCELLED:
        return _("%(state)s: %(why)s") % {"state": status_tag(row, now=now).text, "why": why_cancelled(row)}
    if asks_what_happened(row, now=now) or row.status != Status.SCHEDULED:
        return status_tag(row, now=now).text
    return ""


def times(span: Span, zone: str) -> Context:
    """Return start and end as the clock shows them; across a repeated hour the event keeps its length instead."""
    clock = zone_named(zone)
    start, end = shown_at(span.start, zone=clock), shown_at(span.end, zone=clock)
    return {"start": wall(start), "end": wall(end if end > start else start + span.length)}


def wall(shown: datetime) -> str:
    """Return a wall time as the calendar's script reads it."""
    return shown.replace(microsecond=0).isoformat()

"""The Calendar View: the page's frame, and its feed of wall times on the provider's clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import JsonResponse

from raincheck.data.models import BusyTime, Hold, OutOfOffice, Provider
from raincheck.domain.appointments import Status, TypeKind
from raincheck.domain.availability.hours import Window, availability_from
from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at, zone_named
from raincheck.notifications.formats import clock_time, long_day, zone_city
from raincheck.queries.appointments.calendar_view import LONGEST_STRETCH, days
from raincheck.queries.appointments.listing import Listed
from raincheck.web.staff.appointments.words import STATUSES, asked, asked_aloud, clock_range
from raincheck.web.staff.shell import (
    HttpRequest,
    HttpResponse,
    Staff,
    _,
    arrival_of,
    chosen_provider,
    for_staff,
    of_provider,
    require_safe,
    reverse,
    shown_at,
    wall_time_in,
)

SPANS = ("day", "work-week", "week", "month")
HOUR = timedelta(hours=1)
SHOWN_FROM, SHOWN_UNTIL = 8 * HOUR, 18 * HOUR
"""What a day shows when the provider has no hours yet."""


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
    url: str = ""


def frame(request: HttpRequest, staff: Staff, provider: Provider, *, now: datetime) -> dict[str, Any]:
    """Return what the calendar's part of the page needs; day and span come from the address."""
    zone = zone_named(provider.zone)
    today = shown_at(now, zone=zone)
    asked_for = wall_time_in(request.GET.get("date"))
    span = request.GET.get("span")
    first, last = _hours_shown(provider)
    return {
        "feed": of_provider(reverse("calendar-feed"), staff, provider),
        "new_url": of_provider(reverse("appointment-new"), staff, provider),
        "block_url": of_provider(reverse("block-new"), staff, provider),
        "list_url": of_provider("?view=list", staff, provider),
        "now": _wall(today),
        "date": (asked_for[0] if asked_for else today.date()).isoformat(),
        "view": span if span in SPANS else "work-week",
        "zone": zone_city(provider.zone),
        "slot_min": first,
        "slot_max": last,
    }


def _hours_shown(provider: Provider) -> tuple[str, str]:
    """Return the whole hours around a provider's working week."""
    weekly = availability_from(provider.availability).weekly
    windows: list[Window] = [window for day in weekly for window in day]
    first = min((window.start for window in windows), default=SHOWN_FROM) // HOUR
    last = -(-max((window.end for window in windows), default=SHOWN_UNTIL) // HOUR)
    return f"{first:02}:00", f"{min(last, 24):02}:00"


@require_safe
@for_staff
def feed(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Answer with everything in the stretch of days `from` (first) … `to` (the first day after)."""
    provider, now = chosen_provider(request, staff), arrival_of(request).at
    zone = zone_named(provider.zone)
    within = stretch_in(request, zone=zone)
    if within is None:
        return bad_stretch()
    events = [asdict(event) for event in _events(provider, within, with_titles=not staff.is_manager, now=now)]
    return JsonResponse({"now": _wall(shown_at(now, zone=zone)), "events": events})


def stretch_in(request: HttpRequest, *, zone: ZoneInfo) -> Span | None:
    """Return the whole days from `from=` to before `to=` on the provider's clock; None when these are not such dates."""
    first, after = wall_time_in(request.GET.get("from")), wall_time_in(request.GET.get("to"))
    if first is None or after is None or not timedelta(0) < after[0] - first[0] <= LONGEST_STRETCH:
        return None
    midnights = (datetime.combine(day, datetime.min.time()) for day, _clock in (first, after))
    return Span(*(start_at(midnight, zone=zone) for midnight in midnights))


def bad_stretch() -> HttpResponse:
    said = _("The calendar needs two dates at most two months apart: from and to, like 2026-11-24.")
    return JsonResponse({"detail": said}, status=400)


def _events(provider: Provider, within: Span, *, with_titles: bool, now: datetime) -> Iterator[Event]:
    """Yield what lies in the stretch. Titles of a provider's own calendar are for that provider alone."""
    found, zone = days(provider, within=within, now=now), provider.zone
    for block in found.blocks:
        yield _block(block, zone)
    for busy in found.busy:
        yield _busy(busy, zone, title=busy.title if with_titles else "")
    for hold in found.holds:
        yield _hold(hold, zone)
    for listed in found.appointments:
        yield _appointment(listed, zone, now=now)


def _appointment(listed: Listed, zone: str, *, now: datetime) -> Event:
    row, request = listed.appointment, listed.request
    state = asked(request, now=now) if request else _state(row.status, row.type.name)
    aloud = asked_aloud(request, now=now) if request else ""
    time = clock_time(row.starts_at, zone)
    said = [row.client.name, long_day(row.starts_at, zone, now=now), time, row.type.name, aloud]
    if row.status != Status.SCHEDULED:
        said.append(state)
    kind = "intake" if row.type.kind == TypeKind.INTAKE else "appointment"
    return Event(
        id=str(row.ref),
        kind="asked" if request else kind,
        title=row.client.name,
        detail=f"{time.rpartition(' ')[0]} · {state}",
        label=", ".join(part for part in said if part),
        url=reverse("appointment", args=[row.ref]),
        **_times(row.span, zone),
    )


def _state(status: str, type_name: str) -> str:
    return type_name if status in (Status.SCHEDULED, Status.COMPLETED) else str(STATUSES[Status(status)][0])


def _block(block: OutOfOffice, zone: str) -> Event:
    span = Span(block.starts_at, block.ends_at)
    hours = _("all day") if block.all_day else clock_range(span, zone)
    detail = block.note or hours
    said = [_("Out of office"), long_day(block.starts_at, zone), hours, block.note]
    return Event(
        id=str(block.ref),
        kind="out_of_office",
        title=_("Out of office"),
        detail=detail,
        label=", ".join(part for part in said if part),
        url=reverse("block", args=[block.ref]),
        **(_whole_days(span, zone) if block.all_day else _times(span, zone)),
    )


def _busy(busy: BusyTime, zone: str, *, title: str) -> Event:
    span, title = Span(busy.starts_at, busy.ends_at), title or _("Busy")
    said = [title, busy.calendar.name, long_day(span.start, zone), clock_range(span, zone)]
    return Event(
        id=f"busy-{busy.pk}",
        kind="busy",
        title=title,
        detail=busy.calendar.name,
        label=", ".join(said),
        **_times(span, zone),
    )


def _hold(hold: Hold, zone: str) -> Event:
    span, name = Span(hold.starts_at, hold.ends_at), hold.client.first_name
    title = _("Held for %(name)s") % {"name": name}
    said = [title, long_day(span.start, zone), clock_range(span, zone)]
    return Event(
        id=str(hold.ref),
        kind="hold",
        title=title,
        detail=clock_range(span, zone),
        label=", ".join(said),
        **_times(span, zone),
    )


def _times(span: Span, zone: str) -> dict[str, Any]:
    """Return start and end as the clock shows them; across a repeated hour the event keeps its length instead."""
    clock = zone_named(zone)
    start, end = shown_at(span.start, zone=clock), shown_at(span.end, zone=clock)
    return {"start": _wall(start), "end": _wall(end if end > start else start + span.length)}


def _whole_days(span: Span, zone: str) -> dict[str, Any]:
    clock: ZoneInfo = zone_named(zone)
    start, end = shown_at(span.start, zone=clock).date(), shown_at(span.end, zone=clock).date()
    return {"start": start.isoformat(), "end": end.isoformat(), "all_day": True}


def _wall(shown: datetime) -> str:
    return shown.replace(microsecond=0).isoformat()

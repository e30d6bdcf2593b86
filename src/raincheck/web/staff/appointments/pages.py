"""Appointments: the list, the calendar, and one of them in detail beside either or on a page of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.core.paginator import Page

from raincheck.data.models import Appointment, Provider
from raincheck.domain.people import ActorKind
from raincheck.domain.reschedule import Reason
from raincheck.domain.spans import Span
from raincheck.notifications.formats import long_day
from raincheck.queries.appointments.listing import (
    Listed,
    ahead,
    history_of,
    in_detail,
    open_request,
    past,
    with_open_requests,
)
from raincheck.queries.out_of_office import blocks_ahead
from raincheck.queries.people import names_of_managers
from raincheck.web.reasons import NAMES
from raincheck.web.staff.appointments.calendar_view import frame
from raincheck.web.staff.appointments.edit_menu import ways
from raincheck.web.staff.appointments.open_times_feed import choices
from raincheck.web.staff.appointments.words import (
    Tag,
    clock_range,
    for_client,
    series_words,
    tags,
    told,
    type_words,
    when,
    whole_days_words,
    why_cancelled,
)
from raincheck.web.staff.shell import (
    HttpRequest,
    HttpResponse,
    Paginator,
    Staff,
    _,
    arrival_of,
    chosen_provider,
    for_staff,
    get_object_or_404,
    of_provider,
    ref_in,
    render,
    require_safe,
    reverse,
    show,
)
from raincheck.web.staff.shell.words import Names

ON_A_PAGE = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One appointment of the list."""

    appointment: Appointment
    time: str
    type: str
    tags: list[Tag]
    url: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the list with its appointments."""

    name: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class TimeOff:
    """A block of the list."""

    words: str
    note: str
    url: str


@require_safe
@for_staff
def appointments(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show a provider's appointments as a calendar or a list, with the chosen one's details beside it."""
    now = arrival_of(request).at
    chosen = _chosen_appointment(request, staff)
    provider = chosen.provider if chosen else chosen_provider(request, staff)
    in_list = request.GET.get("view") == "list"
    context: dict[str, Any] = {
        "in_list": in_list,
        "provider": provider,
        "providers": list(staff.providers()) if staff.is_manager else [],
        "details": details_of(staff, chosen, now=now) if chosen else None,
        "close_url": of_provider(f"?view={'list' if in_list else 'calendar'}", staff, provider),
    }
    if in_list:
        context |= _list(request, staff, provider, now=now)
    else:
        context["calendar"] = frame(request, staff, provider, now=now) | choices(staff, provider)
    return show(
        request, staff, "raincheck/staff/appointments/appointments.html", context, current="appointments"
    )


@require_safe
@for_staff
def appointment(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Show one appointment: as a part for the sidebar, or as a page."""
    row = own_appointment(staff, ref)
    context = {
        "details": details_of(staff, row, now=arrival_of(request).at),
        "close_url": reverse("appointments"),
    }
    if getattr(request, "htmx", False):
        return render(request, "raincheck/staff/appointments/details.html", context)
    return show(
        request, staff, "raincheck/staff/appointments/appointment.html", context, current="appointments"
    )


def own_appointment(staff: Staff, ref: UUID) -> Appointment:
    """Return an appointment with everything its pages speak of. One of somebody else's is not there: 404."""
    return get_object_or_404(in_detail(staff.own(Appointment.objects.all())), ref=ref)


def _chosen_appointment(request: HttpRequest, staff: Staff) -> Appointment | None:
    chosen = request.GET.get("appointment")
    return own_appointment(staff, ref_in(chosen)) if chosen else None


def details_of(staff: Staff, row: Appointment, *, now: datetime) -> dict[str, Any]:
    """Return what the details say; two zones of time, the open request, the ways to change it, and its story."""
    request, zone = open_request(row), row.provider.zone
    return {
        "appointment": row,
        "client": row.client,
        "zone": zone,
        "when": when(row.span, zone, now=now),
        "for_client": for_client(row, zone=zone),
        "type": type_words(row),
        "series": series_words(row.series, row),
        "tags": tags(row, request, now=now),
        "why_cancelled": why_cancelled(row),
        "request": request,
        "reason": NAMES[Reason(request.batch.reason)] if request else "",
        "ways": ways(row, request, now=now),
        "story": _story(staff, row, now=now),
        "message_url": "" if staff.is_manager else reverse("message-client", args=[row.client.ref]),
    }


def _story(staff: Staff, row: Appointment, *, now: datetime) -> list[tuple[datetime, str]]:
    rows, zone = history_of(row), row.provider.zone
    managers = {one.actor for one in rows if one.actor_kind == ActorKind.MANAGER and one.actor is not None}
    you = _("You") if staff.provider is not None else row.provider.short_name
    names = Names(row.client.first_name, you, names_of_managers(managers))
    return [(one.at, told(one, names, zone=zone, now=now)) for one in rows]


def _list(request: HttpRequest, staff: Staff, provider: Provider, *, now: datetime) -> dict[str, Any]:
    is_past = request.GET.get("when") == "past"
    rows = past(provider, now=now) if is_past else ahead(provider, now=now)
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    here = of_provider("?view=list&when=past" if is_past else "?view=list", staff, provider)
    return {
        "is_past": is_past,
        "page": page,
        "query": here.removeprefix("?"),
        "days": list(_days(page, provider.zone, here=here, now=now)),
        "time_off": [] if is_past or page.number > 1 else _time_off(provider, now=now),
        "ahead_url": of_provider("?view=list", staff, provider),
        "past_url": of_provider("?view=list&when=past", staff, provider),
        "new_url": of_provider(reverse("appointment-new"), staff, provider),
        "block_url": of_provider(reverse("block-new"), staff, provider),
    }


def _days(page: Page[Appointment], zone: str, *, here: str, now: datetime) -> Iterator[Day]:
    listed = with_open_requests(page.object_list)
    for name, rows in groupby(listed, key=lambda one: long_day(one.appointment.starts_at, zone, now=now)):
        yield Day(name, [_line(one, zone, page=page, here=here, now=now) for one in rows])


def _line(listed: Listed, zone: str, *, page: Page[Appointment], here: str, now: datetime) -> Line:
    row = listed.appointment
    turned = f"&page={page.number}" if page.number > 1 else ""
    return Line(
        appointment=row,
        time=clock_range(row.span, zone),
        type=type_words(row),
        tags=tags(row, listed.request, now=now),
        url=f"{here}{turned}&appointment={row.ref}",
    )


def _time_off(provider: Provider, *, now: datetime) -> list[TimeOff]:
    zone = provider.zone
    return [
        TimeOff(
            whole_days_words(Span(block.starts_at, block.ends_at), zone, now=now)
            if block.all_day
            else when(Span(block.starts_at, block.ends_at), zone, now=now),
            block.note,
            reverse("block", args=[block.ref]),
        )
        for block in blocks_ahead(provider, now=now)
    ]

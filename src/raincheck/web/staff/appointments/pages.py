"""Appointments: the list, the calendar, and one of them in detail beside either or on a page of its own."""

from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from raincheck.data.models import Appointment, Provider
from raincheck.domain.appointments.needed_by import NeededFor
from raincheck.domain.reschedule.lifecycle import Reason
from raincheck.domain.spans import Span
from raincheck.notifications.formats import long_day
from raincheck.queries.appointments.listing import (
    ahead,
    history_of,
    past,
    with_open_requests,
)
from raincheck.queries.out_of_office import blocks_ahead
from raincheck.queries.people import names_by_membership
from raincheck.web.paging import Page, Paginator
from raincheck.web.reasons import NAMES
from raincheck.web.requests import Ref, ref_in
from raincheck.web.staff.appointments.appointment import head_of, own_appointment
from raincheck.web.staff.appointments.calendar_view import frame, print_head
from raincheck.web.staff.appointments.edit_menu import edit_menu
from raincheck.web.staff.appointments.needed_by import REASONS as NEEDED_FOR
from raincheck.web.staff.appointments.outcomes import question_about
from raincheck.web.staff.appointments.reinstate import reinstate_url
from raincheck.web.staff.appointments.team import TEAM, may_see_team, team_frame
from raincheck.web.staff.appointments.words import (
    OUTCOMES,
    Tag,
    asks_what_happened,
    clock_range,
    series_words,
    tags,
    told,
    type_words,
    waits_for_delivery,
    when,
    whole_days_words,
    why_cancelled,
)
from raincheck.web.staff.shell import Context, Names, Staff, chosen_provider, for_staff, of_provider, show
from raincheck.web.staff.shell.undo import undoable_ask, undoable_change
from raincheck.web.submission import fresh_key

ON_A_PAGE = 30
TEAM_CHOSEN = "team_chosen"
"""In the session of who has no calendar: that they looked at the team last."""


@dataclass(frozen=True, slots=True)
class Line:
    """One appointment of the list."""

    appointment: Appointment
    time: str
    type: str
    tags: list[Tag]
    asks: bool
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
def appointments_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show a provider's appointments as a calendar or a list, with the chosen one's details beside it."""
    ref = request.GET.get("appointment")
    chosen = own_appointment(staff, ref_in(ref)) if ref else None
    # A manager's link to one appointment needs not say whose it is.
    # In the address, so that a view can be kept as a bookmark and "back" leads to it.
    in_list = request.GET.get("view") == "list"
    if _wants_team(request, staff, in_list=in_list):
        # A list has one provider's lines; the team is seen by the day.
        return redirect(f"{reverse('appointments')}?view=list") if in_list else _team(request, staff, chosen)
    provider = chosen.provider if chosen else chosen_provider(request, staff)
    context: Context = {
        "in_list": in_list,
        "print_head": print_head(staff, provider),
        "provider": provider,
        "providers": staff.choices(),
        "details": details_of(staff, chosen) if chosen else None,
        "close_url": of_provider(f"?view={'list' if in_list else 'calendar'}", staff, provider),
    }
    if in_list:
        context |= _list(request, staff, provider)
    else:
        context["calendar"] = frame(request, staff, provider)
    return show(
        request, staff, "raincheck/staff/appointments/appointments.html", context, current="appointments"
    )


def _wants_team(request: HttpRequest, staff: Staff, *, in_list: bool) -> bool:
    """Return whether the team is asked for; who has no calendar of their own comes back to it, too."""
    named = request.GET.get("provider")
    if staff.provider is None and named and (named == TEAM) != request.session.get(TEAM_CHOSEN, False):
        request.session[TEAM_CHOSEN] = named == TEAM
    comes_back = named is None and not in_list and request.session.get(TEAM_CHOSEN, False)
    return (named == TEAM or (comes_back and staff.provider is None)) and may_see_team(staff)


def _team(request: HttpRequest, staff: Staff, chosen: Appointment | None) -> HttpResponse:
    frame = team_frame(request, staff)
    context = {
        "team": frame,
        "print_head": staff.practice.name,
        "providers": staff.choices(),
        "details": details_of(staff, chosen) if chosen else None,
        "close_url": f"{frame['here']}&date={frame['date']}",
    }
    return show(
        request, staff, "raincheck/staff/appointments/appointments.html", context, current="appointments"
    )


@require_safe
@for_staff
def appointment_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Show one appointment: as a part for the sidebar, or as a page."""
    row = own_appointment(staff, ref)
    staff = staff.acting_for(row.provider)
    context = {
        "details": details_of(staff, row),
        "close_url": reverse("appointments"),
    }
    # The sidebar asks for its part; the same address opened by itself is a page.
    if getattr(request, "htmx", False):
        return render(request, "raincheck/staff/appointments/details.html", context)
    return show(
        request, staff, "raincheck/staff/appointments/appointment.html", context, current="appointments"
    )


def details_of(staff: Staff, row: Appointment) -> Context:
    """Return what the details say: two zones of time, the open request, the menu to change it, and its story."""
    details, zone = head_of(row, now=staff.now), row.provider.zone
    request, happened = details["request"], history_of(row)
    members = names_by_membership((one.actor_kind, one.actor) for one in happened)
    mine, private = staff.is_own(row.provider), staff.may_read_private(row.provider)
    names = Names(row.client.known_as, _("You") if mine else row.provider.short_name, members)
    return details | {
        "type": type_words(row),
        "series": series_words(row.series, row, now=staff.now),
        "why_cancelled": why_cancelled(row),
        "reason": NAMES[Reason(request.batch.reason)] if request else "",
        "undo": undoable_ask(request, now=staff.now) if request else undoable_change(row, now=staff.now),
        "undo_key": fresh_key(staff.now),
        "reinstate_url": reinstate_url(row, now=staff.now),
        "may_need": not details["over"],
        "needed_for": NEEDED_FOR[NeededFor(row.needed_for)] if row.needed_for and private else "",
        "undelivered": request is not None and waits_for_delivery(request, now=staff.now),
        "question": question_about(staff, row, names),
        "key": fresh_key(staff.now),
        "edit_menu": edit_menu(row, request, now=staff.now),
        "story": [(one.at, told(one, names, zone=zone, now=staff.now)) for one in happened],
        # A conversation is between a client and their provider; others have none.
        "message_url": reverse("message-client", args=[row.client.ref]) if mine else "",
        # What a client or a colleague wrote is not a scheduler's.
        "cancel_note": row.cancel_note if private else "",
        "private_note": request.batch.private_note if request and private else "",
    }


def _list(request: HttpRequest, staff: Staff, provider: Provider) -> Context:
    is_past, zone = request.GET.get("when") == "past", provider.zone
    rows = past(provider, now=staff.now) if is_past else ahead(provider, now=staff.now)
    page: Page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    here = of_provider("?view=list&when=past" if is_past else "?view=list", staff, provider)
    turned = f"&page={page.number}" if page.number > 1 else ""
    by_day = groupby(
        with_open_requests(list(page)),
        key=lambda one: long_day(one.appointment.starts_at, zone, now=staff.now),
    )
    # Blocks stand above the first page of what is ahead, where they still matter.
    blocks = [] if is_past or page.number > 1 else blocks_ahead(provider, now=staff.now)
    return {
        "is_past": is_past,
        "outcomes": OUTCOMES.items(),
        "key": fresh_key(staff.now),
        "page": page,
        "query": here.removeprefix("?"),
        "days": [
            Day(
                name,
                [
                    Line(
                        appointment=one.appointment,
                        time=clock_range(one.appointment.span, zone),
                        type=type_words(one.appointment),
                        tags=tags(one.appointment, one.request, now=staff.now),
                        asks=asks_what_happened(one.appointment, now=staff.now),
                        url=f"{here}{turned}&appointment={one.appointment.ref}",
                    )
                    for one in listed
                ],
            )
            for name, listed in by_day
        ],
        "time_off": [
            TimeOff(
                (whole_days_words if block.all_day else when)(
                    Span(block.starts_at, block.ends_at), zone, now=staff.now
                ),
                block.note if staff.may_read_private(provider) else "",
                reverse("block", args=[block.ref]),
            )
            for block in blocks
        ],
        "ahead_url": of_provider("?view=list", staff, provider),
        "past_url": of_provider("?view=list&when=past", staff, provider),
        "new_url": of_provider(reverse("appointment-new"), staff, provider),
        "block_url": of_provider(reverse("block-new"), staff, provider),
    }

"""The preview while the availability form is being filled in: what is typed is read, shown and kept nowhere."""

from __future__ import annotations

from raincheck.data.schedule import schedule_of
from raincheck.domain.refusals import Refusal
from raincheck.queries.appointments.listing import places_of
from raincheck.web.staff.availability.pages import what_it_leads_to
from raincheck.web.staff.availability.schedule_form import typed_availability
from raincheck.web.staff.shell import (
    HttpRequest,
    HttpResponse,
    Staff,
    arrival_of,
    chosen_provider,
    for_staff,
    render,
    require_POST,
)


@require_POST
@for_staff
def availability_preview(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Answer with the open times that the typed form would lead to. A form that can't be read yet leaves those shown before."""
    provider, places = chosen_provider(request, staff), list(places_of(staff.practice))
    now = arrival_of(request).at
    try:
        typed = typed_availability(request.POST, kept=schedule_of(provider), places=places, now=now)
    except Refusal:
        unread = render(request, "raincheck/staff/availability/preview_unread.html")
        unread["HX-Retarget"], unread["HX-Reswap"] = "#preview-unread", "outerHTML"
        return unread
    context = what_it_leads_to(request, staff, provider, typed, places=places)
    return render(request, "raincheck/staff/availability/preview_part.html", context)

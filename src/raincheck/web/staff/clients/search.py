"""The search box: clients by name, phone or e-mail, each with their next appointment and the way to it."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from raincheck.data.models import Appointment, Client
from raincheck.notifications.formats import short_day_and_time
from raincheck.queries.appointments.listing import next_appointments
from raincheck.queries.people import searched
from raincheck.web.requests import words_in
from raincheck.web.staff.appointments.appointment import calendar_at
from raincheck.web.staff.shell import Staff, for_staff, show

# So many are named at once; more words tell more.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Found:
    """A client who was found. `when` and `url` are of their next appointment, empty without one."""

    client: Client
    when: str = ""
    provider: str = ""
    url: str = ""


@require_safe
@for_staff
def search_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Answer who is found by the words of `?q=`: as the part of the search box, or as a page."""
    words = words_in(request.GET.get("q"))
    found = _found(words, staff) if words else []
    context = {"words": words, "found": found[:SHOWN], "more": len(found) > SHOWN}
    # The box asks for its part; the same address opened by itself is a page.
    if getattr(request, "htmx", False):
        return render(request, "raincheck/staff/clients/found.html", context)
    return show(request, staff, "raincheck/staff/clients/search.html", context)


def _found(words: str, staff: Staff) -> list[Found]:
    # Who acts for all finds everybody of the practice, a provider their own clients.
    provider_id = staff.provider.pk if staff.provider and not staff.acts_for_all else None
    rows = searched(words, practice_id=staff.practice.pk, provider_id=provider_id, now=staff.now)
    clients = list(rows[: SHOWN + 1])
    upcoming = next_appointments(staff.own(Appointment.objects.all()), clients, now=staff.now)
    found = []
    for client in clients:
        row = upcoming.get(client.pk)
        if row is None:
            found.append(Found(client))
            continue
        when = short_day_and_time(row.starts_at, row.provider.zone, now=staff.now)
        # A provider looks for their own; whose an appointment is says who acts for several.
        provider = row.provider.short_name if staff.acts_for_all else ""
        url = f"{calendar_at(staff, row)}&appointment={row.ref}"
        found.append(Found(client, when=when, provider=provider, url=url))
    return found

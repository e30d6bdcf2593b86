"""The appointment that a page is about: found for its reader, told at the head of the page, and gone back from."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from raincheck.data.models import Appointment
from raincheck.domain.zones import start_at
from raincheck.notifications.formats import clock_time
from raincheck.queries.appointments.listing import in_detail, open_request
from raincheck.web.requests import Ref
from raincheck.web.staff.appointments.edit_menu import ask_label, why_not_ask, why_over
from raincheck.web.staff.appointments.words import for_client, tags, when
from raincheck.web.staff.shell import Context, Staff, is_repeated, of_provider, shown_at, zone_of
from raincheck.web.staff.shell.undo import say_until_undone
from raincheck.web.tags import Undoable


def own_appointment(staff: Staff, ref: Ref) -> Appointment:
    """Return an appointment with everything its pages speak of. One of somebody else's is not there: 404."""
    return get_object_or_404(in_detail(staff.own(Appointment.objects.all())), ref=ref)


def head_of(row: Appointment, *, now: datetime) -> Context:
    """Return what the head of every page about an appointment says: whose, when on both clocks, how it stands, what can be done."""
    # On the provider's clock whoever reads: a manager and a provider on the phone must speak of the same time.
    asked, zone = open_request(row), row.provider.zone
    return {
        "appointment": row,
        "client": row.client,
        "zone": zone,
        "when": when(row.span, zone, now=now),
        "for_client": for_client(row, zone=zone),
        "tags": tags(row, asked, now=now),
        "request": asked,
        "over": why_over(row, now=now),
        "ask_label": "" if why_not_ask(row, asked, now=now) else ask_label(row),
    }


def back_to_calendar(
    request: HttpRequest, staff: Staff, row: Appointment, said: str, undo: Undoable | None = None
) -> HttpResponse:
    """Say what was done, with `%(name)s`, `%(when)s` and `%(first_name)s` filled in, and go to the calendar on that day."""
    values = {
        "name": row.client.name,
        "when": when(row.span, row.provider.zone, now=staff.now),
        "first_name": row.client.known_as,
    }
    say_until_undone(request, said % values, undo)
    return redirect(calendar_at(staff, row))


def say_if_repeated(request: HttpRequest, row: Appointment) -> None:
    """Say which of two was meant when the clock shows an appointment's time twice that day."""
    zone = zone_of(row.provider)
    shown = shown_at(row.starts_at, zone=zone)
    # An appointment that was in the second of the two stays there, and then nothing was chosen for anybody.
    if is_repeated(shown, zone=zone) and row.starts_at == start_at(shown, zone=zone):
        said = _("The clocks show %(time)s twice on that day; the first one is meant.")
        messages.info(request, said % {"time": clock_time(row.starts_at, row.provider.zone)})


def calendar_at(staff: Staff, row: Appointment) -> str:
    """Return the address of the calendar on an appointment's day."""
    # The provider's day; in UTC an evening in Los Angeles is tomorrow.
    day = shown_at(row.starts_at, zone=zone_of(row.provider)).date().isoformat()
    return of_provider(f"{reverse('appointments')}?view=calendar&date={day}", staff, row.provider)

"""Change appointment details: what was agreed with the client, told to them as soon as it is saved."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django import forms

from raincheck.actions.appointments.booking import Details, change_appointment_details
from raincheck.data.models import Appointment
from raincheck.domain.zones import start_at
from raincheck.notifications.formats import clock_time
from raincheck.queries.appointments.listing import open_request
from raincheck.web.staff.appointments.edit_menu import ask_label, why_not_ask, why_over
from raincheck.web.staff.appointments.pages import own_appointment
from raincheck.web.staff.appointments.session_form import SessionForm
from raincheck.web.staff.appointments.words import for_client, tags, when
from raincheck.web.staff.shell import (
    HttpRequest,
    HttpResponse,
    Staff,
    WebAddressField,
    _,
    arrival_of,
    for_staff,
    is_repeated,
    key_of,
    later,
    messages,
    of_provider,
    redirect,
    require_http_methods,
    reverse,
    send,
    show,
    shown_at,
    wall_time_in,
    zone_of,
)


class DetailsForm(SessionForm):
    """Everything that can be agreed about an appointment; `sequence` is the one it had when the form was made."""

    join_url = WebAddressField(label=later("Join link"), required=False)
    sequence = forms.IntegerField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def change(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Show the form with what was agreed, or with the start of a drag; save it and tell the client."""
    row, now = own_appointment(staff, ref), arrival_of(request).at
    if request.method != "POST":
        return _page(request, staff, row, _prefilled(request, row, now=now), now=now)
    form = DetailsForm(request.POST, provider=row.provider, appointment=row, now=now)
    if not form.is_settled:
        return _page(request, staff, row, form, now=now, status=422)
    sent = send(request, staff, form, partial(change_appointment_details, row.ref, details=_details(form)))
    if sent.answer is None:
        return _page(request, staff, own_appointment(staff, ref), form, now=now, status=sent.status)
    return _done(request, staff, own_appointment(staff, ref), now=now)


def _prefilled(request: HttpRequest, row: Appointment, *, now: datetime) -> DetailsForm:
    shown = shown_at(row.starts_at, zone=zone_of(row.provider))
    day, clock = wall_time_in(request.GET.get("start")) or (shown.date(), shown.time())
    initial = {
        "day": day,
        "time": clock or shown.time(),
        "type": row.type,
        "place": row.place,
        "join_url": row.join_url,
    }
    form = DetailsForm(initial=initial, provider=row.provider, appointment=row, now=now)
    dragged = datetime.combine(initial["day"], initial["time"])
    if dragged != shown:
        form.weigh(start_at(dragged, zone=zone_of(row.provider)), row.type, row.place)
    return form


def _details(form: DetailsForm) -> Details:
    said = form.cleaned_data
    assert form.start is not None, "a settled form has its start"
    return Details(form.start, said["type"].pk, said["place"].pk, said["join_url"], said["sequence"])


def _page(
    request: HttpRequest,
    staff: Staff,
    row: Appointment,
    form: DetailsForm,
    *,
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    asked = open_request(row)
    context: dict[str, Any] = {
        "appointment": row,
        "client": row.client,
        "form": form,
        "key": key_of(request),
        "zone": row.provider.zone,
        "when": when(row.span, row.provider.zone, now=now),
        "for_client": for_client(row, zone=row.provider.zone),
        "tags": tags(row, asked, now=now),
        "request": asked,
        "over": why_over(row, now=now),
        "ask_label": "" if why_not_ask(row, asked, now=now) else ask_label(row),
    }
    return show(
        request,
        staff,
        "raincheck/staff/appointments/edit.html",
        context,
        current="appointments",
        status=status,
    )


def _done(request: HttpRequest, staff: Staff, row: Appointment, *, now: datetime) -> HttpResponse:
    said = _("Saved: %(name)s, %(when)s. %(first_name)s is told.")
    values = {
        "name": row.client.name,
        "when": when(row.span, row.provider.zone, now=now),
        "first_name": row.client.first_name,
    }
    messages.success(request, said % values)
    say_if_repeated(request, row)
    return redirect(calendar_at(staff, row))


def say_if_repeated(request: HttpRequest, row: Appointment) -> None:
    """Say which of two was meant when the clock shows an appointment's time twice that day."""
    zone = zone_of(row.provider)
    shown = shown_at(row.starts_at, zone=zone)
    if is_repeated(shown, zone=zone) and row.starts_at == start_at(shown, zone=zone):
        said = _("The clocks show %(time)s twice on that day; the first one is meant.")
        messages.info(request, said % {"time": clock_time(row.starts_at, row.provider.zone)})


def calendar_at(staff: Staff, row: Appointment) -> str:
    """Return the address of the calendar on an appointment's day."""
    day = shown_at(row.starts_at, zone=zone_of(row.provider)).date().isoformat()
    return of_provider(f"{reverse('appointments')}?view=calendar&date={day}", staff, row.provider)

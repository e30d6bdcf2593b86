"""A canceled appointment is put back: a page that says what comes of it, and what was booked instead."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from raincheck.actions.appointments.reinstate import reinstate
from raincheck.data.appointments.reinstating import booked_anew
from raincheck.data.appointments.undo import undo_until
from raincheck.data.models import Appointment
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.appointments.reinstating import must_be_cancelled_and_ahead
from raincheck.domain.refusals import Refusal
from raincheck.web.requests import Ref
from raincheck.web.staff.appointments.appointment import calendar_at, head_of, own_appointment
from raincheck.web.staff.shell import PageForm, Staff, for_staff, send, show
from raincheck.web.submission import key_of

TEMPLATE = "raincheck/staff/appointments/reinstate.html"


class ReinstateForm(PageForm):
    """Where the client has booked another time instead, a tick that both shall stand."""

    new_time = forms.BooleanField(required=False)
    sequence = forms.IntegerField(required=False)


def reinstate_url(row: Appointment, *, now: datetime) -> str:
    """Return the address of the page that puts an appointment back; empty where there is nothing to put back."""
    try:
        must_be_cancelled_and_ahead(
            status=Status(row.status), why=row.cancelled_why, starts_at=row.starts_at, now=now
        )
    except Refusal:
        return ""
    until = undo_until(row)
    if until is not None and until > now:
        return ""
    return reverse("appointment-reinstate", args=[row.ref])


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def reinstate_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Put a canceled appointment back, after saying who is told and what was booked instead."""
    row = own_appointment(staff, ref)
    staff = staff.acting_for(row.provider)
    if request.method != "POST":
        return _page(request, staff, row, ReinstateForm())
    form = ReinstateForm(request.POST)
    if not form.is_valid():
        return _page(request, staff, row, form, status=422)
    said = form.cleaned_data
    sent = send(
        request,
        staff,
        form,
        reinstate,
        row.ref,
        sequence=said["sequence"],
        new_time_confirmed=said["new_time"],
    )
    row = own_appointment(staff, ref)
    if sent.answer is None:
        return _page(request, staff, row, form, status=sent.status)
    told = _("Put back. The appointment of %(name)s stands, and %(name)s is told.")
    messages.success(request, told % {"name": row.client.known_as})
    return redirect(calendar_at(staff, row))


def _page(
    request: HttpRequest, staff: Staff, row: Appointment, form: ReinstateForm, *, status: int = 200
) -> HttpResponse:
    context = head_of(row, now=staff.now) | {
        "form": form,
        "key": key_of(request),
        "may": bool(reinstate_url(row, now=staff.now)),
        "instead": booked_anew(row, now=staff.now),
    }
    return show(request, staff, TEMPLATE, context, current="appointments", status=status)

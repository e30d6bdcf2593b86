"""Change appointment details: what was agreed with the client, told to them as soon as it is saved."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods

from raincheck.actions.appointments.booking import Details, change_appointment_details
from raincheck.actions.appointments.series_changes import change_series
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import Appointment
from raincheck.domain.appointments.series import Scope
from raincheck.domain.zones import start_at
from raincheck.web.requests import Ref
from raincheck.web.staff.appointments.appointment import (
    back_to_calendar,
    head_of,
    own_appointment,
    say_if_repeated,
)
from raincheck.web.staff.appointments.scope import ScopeFields, asked_words, offer_scopes
from raincheck.web.staff.appointments.session_form import SessionForm
from raincheck.web.staff.appointments.times_beside import TIMES, picked, start_said, times_beside
from raincheck.web.staff.shell import (
    Staff,
    WebAddressField,
    for_staff,
    send,
    show,
    shown_at,
    zone_of,
)
from raincheck.web.staff.shell.undo import undoable_change
from raincheck.web.submission import first_answer, has_acted, key_of

TEMPLATE = "raincheck/staff/appointments/edit.html"


class DetailsForm(ScopeFields, SessionForm):
    """Everything that can be agreed about an appointment; `sequence` is the one it had when the form was made."""

    join_url = WebAddressField(label=later("Join link"), required=False)
    # Refused by the verb when somebody changed the appointment since: two people's agreements must not be mixed.
    sequence = forms.IntegerField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def edit_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Show the form with what was agreed, or with the start of a drag; save it and tell the client."""
    row = own_appointment(staff, ref)
    staff = staff.acting_for(row.provider)
    if request.method != "POST":
        shown = shown_at(row.starts_at, zone=zone_of(row.provider))
        day, clock = start_said(request.GET)
        day, clock = day or shown.date(), clock or shown.time()
        form = DetailsForm(provider=row.provider, appointment=row, now=staff.now)
        offer_scopes(form, row, now=staff.now)
        kind = picked(form, "type", request.GET) or row.type
        place = picked(form, "place", request.GET) or row.place
        form.initial = {"day": day, "time": clock, "type": kind, "place": place, "join_url": row.join_url}
        dragged = datetime.combine(day, clock)
        # What stands already is not weighed; a drag is, so that its warnings are read before anything is sent.
        if dragged != shown:
            form.weigh(start_at(dragged, zone=zone_of(row.provider)), kind, place)
        return _page(request, staff, row, form)
    form = DetailsForm(request.POST, provider=row.provider, appointment=row, now=staff.now)
    offer_scopes(form, row, now=staff.now)
    settled = form.is_settled
    # Sent again it gets its first answer, whatever speaks against its time by now.
    if not settled and not has_acted(request, staff.actor):
        return _page(request, staff, row, form, status=422)
    sent = send(request, staff, form, _verb(form, row) if settled else first_answer)
    # Read anew either way: saved, or what somebody else has made of it meanwhile.
    row = own_appointment(staff, ref)
    if sent.answer is None:
        return _page(request, staff, row, form, status=sent.status)
    told = _("Saved: %(name)s, %(when)s. %(first_name)s is told.")
    if "changed" in sent.answer:
        words = _("Saved: %(count)s appointments of %%(name)s, this one %%(when)s. %%(first_name)s is told.")
        told = words % {"count": sent.answer["changed"]}
    response = back_to_calendar(request, staff, row, told, undoable_change(row, now=staff.now))
    say_if_repeated(request, row)
    return response


def _verb(form: DetailsForm, row: Appointment) -> Callable[..., Answer]:
    """Return what a settled form changes: one appointment, or several of its series."""
    said, scope = form.cleaned_data, form.chosen_scope
    assert form.start is not None, "a settled form has its start"
    details = Details(form.start, said["type"].pk, said["place"].pk, said["join_url"], said["sequence"])
    if scope is Scope.THIS:
        return partial(change_appointment_details, row.ref, details=details)
    return partial(change_series, row.ref, scope=scope, details=details)


def _page(
    request: HttpRequest,
    staff: Staff,
    row: Appointment,
    form: DetailsForm,
    *,
    status: int = 200,
) -> HttpResponse:
    said = request.GET.dict() | request.POST.dict()
    kind, place = picked(form, "type", said) or row.type, picked(form, "place", said) or row.place
    # Beginning with the day it has now, until another is chosen.
    if not start_said(said)[0]:
        said["day"] = shown_at(row.starts_at, zone=zone_of(row.provider)).date().isoformat()
    context = head_of(row, now=staff.now) | {
        "form": form,
        "times": times_beside(form, said, kind, place, client_id=row.client_id),
        "times_url": request.path,
        "asked_too": asked_words(row, now=staff.now),
        "key": key_of(request),
    }
    # Another choice in the form: only the times beside it are asked for.
    if getattr(request, "htmx", False) and request.method != "POST":
        return render(request, TIMES, context)
    return show(request, staff, TEMPLATE, context, current="appointments", status=status)

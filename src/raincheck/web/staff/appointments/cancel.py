"""The cancel flow: a reason, a note, a way to book again; where availability is the matter, the ask is offered once."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django import forms

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.data.models import Appointment
from raincheck.domain.appointments import CancelReason, TypeKind
from raincheck.domain.reschedule import NOTE_LIMIT
from raincheck.queries.appointments.listing import open_request
from raincheck.queries.reschedule.ask import follow_through
from raincheck.web.staff.appointments.edit import calendar_at
from raincheck.web.staff.appointments.edit_menu import ask_label, why_not_ask, why_over
from raincheck.web.staff.appointments.pages import own_appointment
from raincheck.web.staff.appointments.words import for_client, when
from raincheck.web.staff.shell import (
    HttpRequest,
    HttpResponse,
    PageForm,
    Staff,
    WordsField,
    _,
    arrival_of,
    for_staff,
    key_of,
    later,
    messages,
    redirect,
    require_http_methods,
    send,
    show,
)

REASONS = [
    (CancelReason.CLINICAL.value, later("Clinically necessary")),
    (CancelReason.CLIENT_ASKED.value, later("Client asked")),
    (CancelReason.NO_LONGER_NEEDED.value, later("No longer needed")),
    (CancelReason.UNAVAILABLE.value, later("Provider unavailable")),
    (CancelReason.OTHER.value, later("Other")),
]


class CancelForm(PageForm):
    """Why, and what comes with it. `offered` remembers that the ask has been offered; `sequence` as for details."""

    reason = forms.ChoiceField(
        label=later("Reason"),
        choices=REASONS,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": later("Please choose one of these reasons.")},
    )
    note = WordsField(
        label=later("Note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": NOTE_LIMIT}),
        help_text=later("Stays with the practice. It may be part of the record the client can ask for."),
    )
    rebook_link = forms.BooleanField(
        label=later("Include a link to book a new time"),
        required=False,
        help_text=later("One new booking with the same provider, type and place, for 30 days."),
    )
    waive = forms.BooleanField(label=later("Waive the late cancellation"), required=False)
    offered = forms.BooleanField(required=False)
    sequence = forms.IntegerField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def cancel(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Cancel an appointment for a reason, after offering the ask once where that may be the kinder way."""
    row, now = own_appointment(staff, ref), arrival_of(request).at
    if request.method != "POST":
        return _page(request, staff, row, CancelForm(), now=now)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _page(request, staff, row, form, now=now, status=422)
    if _should_offer_the_ask(row, form, now=now):
        return _page(request, staff, row, form, now=now, offer=True)
    verb = partial(cancel_appointment, row.ref, cancellation=_cancellation(form))
    sent = send(request, staff, form, verb)
    if sent.answer is None:
        return _page(request, staff, own_appointment(staff, ref), form, now=now, status=sent.status)
    said = _("Canceled: %(name)s, %(when)s. %(first_name)s is told.")
    values = {
        "name": row.client.name,
        "when": when(row.span, row.provider.zone, now=now),
        "first_name": row.client.first_name,
    }
    messages.success(request, said % values)
    return redirect(calendar_at(staff, row))


def _cancellation(form: CancelForm) -> Cancellation:
    said = form.cleaned_data
    return Cancellation(
        CancelReason(said["reason"]) if said["reason"] else None,
        note=said["note"],
        rebook_link=said["rebook_link"],
        waived=said["waive"],
        sequence=said["sequence"],
    )


def _should_offer_the_ask(row: Appointment, form: CancelForm, *, now: datetime) -> bool:
    """Offer it once, for a provider who is not available and for any first session, and only while it can be done."""
    said = form.cleaned_data
    about_availability = said["reason"] == CancelReason.UNAVAILABLE or row.type.kind == TypeKind.INTAKE
    if not said["reason"] or said["offered"] or not about_availability:
        return False
    return not why_not_ask(row, open_request(row), now=now)


def _page(
    request: HttpRequest,
    staff: Staff,
    row: Appointment,
    form: CancelForm,
    *,
    now: datetime,
    status: int = 200,
    offer: bool = False,
) -> HttpResponse:
    asked, cut_off = open_request(row), row.practice.rules.self_service_cut_off
    context: dict[str, Any] = {
        "appointment": row,
        "client": row.client,
        "form": form,
        "key": key_of(request),
        "when": when(row.span, row.provider.zone, now=now),
        "zone": row.provider.zone,
        "for_client": for_client(row, zone=row.provider.zone),
        "request": asked,
        "over": why_over(row, now=now),
        "is_late": row.starts_at - now < cut_off,
        "cut_off": cut_off,
        "offer": offer,
        "follow_through": follow_through(row.practice_id) if offer else None,
        "ask_label": "" if why_not_ask(row, asked, now=now) else ask_label(row),
    }
    return show(
        request,
        staff,
        "raincheck/staff/appointments/cancel.html",
        context,
        current="appointments",
        status=status,
    )

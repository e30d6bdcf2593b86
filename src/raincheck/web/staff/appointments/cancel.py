"""The cancel flow: a reason, a note, a way to book again; where availability is the matter, the ask is offered once."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.appointments.series_changes import cancel_series
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import Appointment
from raincheck.domain.appointments.lifecycle import CancelReason, TypeKind
from raincheck.domain.appointments.series import Scope
from raincheck.domain.reschedule.lifecycle import NOTE_LIMIT
from raincheck.queries.appointments.listing import open_request
from raincheck.queries.reschedule.ask import follow_through
from raincheck.web.requests import Ref
from raincheck.web.staff.appointments.appointment import back_to_calendar, head_of, own_appointment
from raincheck.web.staff.appointments.edit_menu import why_not_ask
from raincheck.web.staff.appointments.scope import ScopeFields, asked_words, offer_scopes
from raincheck.web.staff.shell import Staff, WordsField, for_staff, send, show
from raincheck.web.staff.shell.undo import undoable_change
from raincheck.web.submission import first_answer, has_acted, key_of

TEMPLATE = "raincheck/staff/appointments/cancel.html"
# What the practice counts; the client reads that the provider canceled, never the chosen reason.
REASONS = [
    (CancelReason.CLINICAL.value, later("Clinically necessary")),
    (CancelReason.CLIENT_ASKED.value, later("Client asked")),
    (CancelReason.NO_LONGER_NEEDED.value, later("No longer needed")),
    (CancelReason.UNAVAILABLE.value, later("Provider unavailable")),
    (CancelReason.OTHER.value, later("Other")),
]


class CancelForm(ScopeFields):
    """A reason, and what comes with it. `offered` remembers that the ask has been offered; `sequence` as for details."""

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
    # Asked by the client inside the cut-off is late, and a fee may be charged, unless this is ticked.
    waive = forms.BooleanField(label=later("Waive the late cancellation"), required=False)
    offered = forms.BooleanField(required=False)
    sequence = forms.IntegerField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def cancel_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Cancel an appointment for a reason, after offering the ask once where that may be the kinder way."""
    row = own_appointment(staff, ref)
    staff = staff.acting_for(row.provider)
    form = CancelForm(request.POST if request.method == "POST" else None)
    offer_scopes(form, row, now=staff.now)
    if request.method != "POST":
        return _page(request, staff, row, form)
    sound = form.is_valid()
    offers = sound and _offers_to_ask(form, row, now=staff.now)
    # Sent again it gets its first answer, whatever could be offered by now.
    if (offers or not sound) and not has_acted(request, staff.actor):
        return _page(request, staff, row, form, offer=offers, status=200 if offers else 422)
    sent = send(request, staff, form, _verb(form, row) if sound else first_answer)
    if sent.answer is None:
        # Read anew: somebody else was quicker, and the page shows what has become of it.
        return _page(request, staff, own_appointment(staff, ref), form, status=sent.status)
    told = _("Canceled: %(name)s, %(when)s. %(first_name)s is told.")
    if "cancelled" in sent.answer:
        words = _("Canceled: %(count)s appointments of %%(name)s. %%(first_name)s is told.")
        told = words % {"count": sent.answer["cancelled"]}
    undo = undoable_change(own_appointment(staff, ref), now=staff.now)
    return back_to_calendar(request, staff, row, told, undo)


def _offers_to_ask(form: CancelForm, row: Appointment, *, now: datetime) -> bool:
    """Return whether to offer the ask: once, to a provider who is not available and for any first session, while it can be done."""
    said = form.cleaned_data
    about_availability = said["reason"] == CancelReason.UNAVAILABLE or row.type.kind == TypeKind.INTAKE
    may_offer = said["reason"] and about_availability and not said["offered"]
    return bool(may_offer and not why_not_ask(row, open_request(row), now=now))


def _verb(form: CancelForm, row: Appointment) -> Callable[..., Answer]:
    """Return what a sound form cancels: one appointment, or several of its series."""
    said, scope = form.cleaned_data, form.chosen_scope
    cancellation = Cancellation(
        CancelReason(said["reason"]) if said["reason"] else None,
        note=said["note"],
        rebook_link=said["rebook_link"],
        waived=said["waive"],
        sequence=said["sequence"],
    )
    if scope is Scope.THIS:
        return partial(cancel_appointment, row.ref, cancellation=cancellation)
    return partial(cancel_series, row.ref, scope=scope, cancellation=cancellation)


def _page(
    request: HttpRequest,
    staff: Staff,
    row: Appointment,
    form: CancelForm,
    *,
    status: int = 200,
    offer: bool = False,
) -> HttpResponse:
    cut_off = row.practice.rules.self_service_cut_off
    context = head_of(row, now=staff.now) | {
        "form": form,
        "key": key_of(request),
        "asked_too": asked_words(row, now=staff.now),
        "is_late": row.starts_at - staff.now < cut_off,
        "cut_off": cut_off,
        "offer": offer,
        "follow_through": follow_through(row.practice_id) if offer else None,
    }
    return show(request, staff, TEMPLATE, context, current="appointments", status=status)

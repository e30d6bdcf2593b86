"""The day by which an appointment is needed, and why: a page of its own, since nothing of it is the client's to read."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods

from raincheck.actions.appointments.needed_by import set_needed_by
from raincheck.data.models import Appointment
from raincheck.domain.appointments.needed_by import NeededFor
from raincheck.web.requests import Ref
from raincheck.web.staff.appointments.appointment import back_to_calendar, head_of, own_appointment
from raincheck.web.staff.shell import DayField, PageForm, Staff, for_staff, send, show
from raincheck.web.submission import key_of

REASONS = {
    NeededFor.REFILL: later("Refill of medicine"),
    NeededFor.AFTER_HOSPITAL: later("After a hospital stay"),
    NeededFor.COURT: later("Court date"),
    NeededFor.AUTHORIZATION: later("Authorization ends"),
    NeededFor.OTHER: later("Something else"),
}


class NeededByForm(PageForm):
    """A day, on the provider's clock, and a reason; both empty take it back."""

    needed_by = DayField(label=later("Needed by"), required=False)
    needed_for = forms.ChoiceField(
        label=later("Why"),
        required=False,
        choices=[("", later("Not said")), *((reason.value, words) for reason, words in REASONS.items())],
        help_text=later(
            "Only the provider and managers see why. It may be part of the record the client can ask for."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def needed_by_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Say by when an appointment is needed. Nobody is told, but for a client who was asked and of whom silence now cancels nothing."""
    row = own_appointment(staff, ref)
    staff = staff.acting_for(row.provider)
    known = {"needed_by": row.needed_by, "needed_for": row.needed_for or ""}
    form = NeededByForm(request.POST if request.method == "POST" else None, initial=known)
    if not staff.may_read_private(row.provider):
        del form.fields["needed_for"]
    if request.method != "POST":
        return _page(request, staff, row, form)
    if not form.is_valid():
        return _page(request, staff, row, form, status=422)
    day = form.cleaned_data["needed_by"]
    # Who doesn't see the reason leaves it as it is, as long as there is a day.
    why = form.cleaned_data.get("needed_for", known["needed_for"] if day else "")
    reason = NeededFor(why) if why else None
    sent = send(request, staff, form, set_needed_by, row.ref, needed_by=day, needed_for=reason)
    row = own_appointment(staff, ref)
    if sent.answer is None:
        return _page(request, staff, row, form, status=sent.status)
    told = _(
        "Saved: %(name)s, %(when)s. %(first_name)s is told that an open request no longer cancels anything by itself."
    )
    quiet = _("Saved: %(name)s, %(when)s. Nobody was written to.")
    return back_to_calendar(request, staff, row, told if int(sent.answer["told"]) else quiet)


def _page(
    request: HttpRequest, staff: Staff, row: Appointment, form: PageForm, *, status: int = 200
) -> HttpResponse:
    context = head_of(row, now=staff.now) | {"form": form, "key": key_of(request)}
    template = "raincheck/staff/appointments/needed_by.html"
    return show(request, staff, template, context, current="appointments", status=status)

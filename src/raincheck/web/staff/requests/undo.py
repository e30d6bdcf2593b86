"""Undo of an ask: one press; where somebody has edited the block made with it, a question about that first."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_POST

from raincheck.actions.reschedule.undo import undo_ask
from raincheck.data.out_of_office import block_of
from raincheck.web.requests import Ref
from raincheck.web.staff.appointments.appointment import calendar_at
from raincheck.web.staff.requests.answers import shared
from raincheck.web.staff.requests.pages import own_request
from raincheck.web.staff.shell import PageForm, Staff, for_staff, send, show


class UndoForm(PageForm):
    """Nothing to fill in, but what becomes of a block that somebody edited."""

    edited_block = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        choices=[
            ("keep", later("Keep it: I am out of office then")),
            ("remove", later("Remove it: this time can be booked again")),
        ],
        label=later("The time off you blocked"),
    )


@require_POST
@for_staff
def undo_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Take an ask back before anything of it leaves, with all that was sent together with it."""
    asked, form = own_request(staff, ref), UndoForm(request.POST)
    staff = staff.acting_for(asked.provider)
    edited_block = form.cleaned_data["edited_block"] if form.is_valid() else ""
    sent = send(request, staff, form, undo_ask, asked.ref, edited_block=edited_block)
    asked = own_request(staff, ref)
    if sent.answer is None:
        if form.has_error("edited_block"):
            context = shared(request, asked, form) | {"time_off": block_of(asked)}
            template = "raincheck/staff/requests/undo.html"
            return show(request, staff, template, context, current="requests", status=sent.status)
        # On the request's own page, which shows what has become of it.
        messages.error(request, str(form.non_field_errors()[0]))
        return redirect("request", ref=ref)
    told = _("Undone. Nothing was sent to %(name)s, and the appointment stands.")
    messages.success(request, told % {"name": asked.client.known_as})
    return redirect(calendar_at(staff, asked.appointment))

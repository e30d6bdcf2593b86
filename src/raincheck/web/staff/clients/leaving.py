"""Ending somebody's care, putting a record away, and bringing either back."""

from collections.abc import Callable
from functools import partial

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _, gettext_lazy as later, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from raincheck.actions.clients.leaving import Discharge, archive, bring_back, discharge
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import Appointment, Client
from raincheck.domain.clients.leaving import Told
from raincheck.domain.conversations import MESSAGE_LIMIT
from raincheck.domain.people import ActorKind
from raincheck.domain.zones import wall, zone_named
from raincheck.queries.appointments.listing import appointments_ahead, with_open_requests
from raincheck.web.requests import Ref
from raincheck.web.staff.shell import (
    PageForm,
    Staff,
    WordsField,
    clients_seen_by,
    for_staff,
    send,
    send_and_tell,
    show,
)
from raincheck.web.submission import key_of

TOLD = [
    (
        Told.STANDARD.value,
        later("The usual words: these appointments were canceled, with our phone and where to get help"),
    ),
    (Told.OWN_WORDS.value, later("The same, and words of yours in the conversation")),
    (Told.NOTHING.value, later("Nothing by message: I tell them myself")),
]
SHOWN = 100


class DischargeForm(PageForm):
    """What somebody reads of the end of their care. The verb says what is missing."""

    told = forms.ChoiceField(
        choices=TOLD, required=False, label=later("What they read"), widget=forms.RadioSelect
    )
    words = WordsField(
        required=False,
        label=later("Your words"),
        help_text=later("They stand in the conversation; the e-mail only says that there is a message."),
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": MESSAGE_LIMIT}),
    )

    def said(self) -> Discharge:
        told = self.cleaned_data["told"]
        return Discharge(Told(told) if told else None, self.cleaned_data["words"])


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def discharge_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Show what ends with somebody's care, and end it once somebody has chosen the words."""
    # Whether care ends is no question of the calendar.
    if staff.actor.kind is ActorKind.SCHEDULER:
        raise Http404
    client = get_object_or_404(clients_seen_by(staff), ref=ref)
    form = DischargeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        sent = send(request, staff, form, discharge, client.pk, said=form.said())
        if sent.answer is not None:
            count = int(sent.answer["canceled"])
            words = _("Discharged. Nothing was ahead that had to be canceled.")
            if count:
                words = ngettext(
                    "Discharged. One appointment was canceled.",
                    "Discharged. %(count)d appointments were canceled.",
                    count,
                ) % {"count": count}
            messages.success(request, words)
            return redirect("client", ref=client.ref)
        return _page(request, staff, client, form, status=sent.status)
    return _page(request, staff, client, form, status=422 if form.is_bound else 200)


@require_POST
@for_staff
def archive_client(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Put a record away."""
    return _pressed(request, staff, ref, archive, told=_("Archived. The record is found among the archived."))


@require_POST
@for_staff
def bring_client_back(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Let somebody be in care again."""
    return _pressed(
        request, staff, ref, bring_back, told=_("In care again. What was canceled stays canceled.")
    )


def left_on(client: Client, staff: Staff) -> str:
    """Return the day on which somebody left care, as people write it; empty for who is in care."""
    at = client.archived_at or client.discharged_at
    if at is None:
        return ""
    return formatted(wall(at, zone=zone_named(staff.practice.zone)).date(), pgettext("date", "F j, Y"))


def _pressed(
    request: HttpRequest, staff: Staff, ref: Ref, verb: Callable[..., Answer], *, told: str
) -> HttpResponse:
    client = get_object_or_404(clients_seen_by(staff), ref=ref)
    there = reverse("client", args=[client.ref])
    return send_and_tell(request, staff, partial(verb, client.pk), told=told, to=there)


def _page(
    request: HttpRequest, staff: Staff, client: Client, form: DischargeForm, *, status: int
) -> HttpResponse:
    ahead = appointments_ahead(Appointment.objects.filter(client=client), now=staff.now)[:SHOWN]
    context = {
        "client": client,
        "form": form,
        "ahead": with_open_requests(list(ahead)),
        "zone": staff.zone,
        "key": key_of(request),
    }
    return show(
        request, staff, "raincheck/staff/clients/discharge.html", context, current="clients", status=status
    )

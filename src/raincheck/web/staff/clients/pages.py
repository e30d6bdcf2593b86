"""Clients: the list with its search, and one client's record with how they are reached."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms

from raincheck.actions.access_log import Opened
from raincheck.actions.engine.runner import Answer
from raincheck.actions.people import change_contact, mark_do_not_auto_cancel
from raincheck.data.models import Appointment, Client, Recipient, RescheduleRequest
from raincheck.domain.people import EMAIL_LENGTH, Actor, contact_of
from raincheck.domain.reschedule import State
from raincheck.queries.people import (
    SHOWN,
    appointments_ahead,
    appointments_past,
    clients_of,
    own_recipient,
    searched,
)
from raincheck.queries.reschedule.requests import listed
from raincheck.web.staff.shell import (
    HttpRequest,
    HttpResponse,
    PageForm,
    Paginator,
    Staff,
    _,
    arrival_of,
    for_staff,
    get_object_or_404,
    key_of,
    later,
    log_opened,
    messages,
    redirect,
    send,
    show,
)
from raincheck.web.staff.shell.words import STATES

ON_A_PAGE = 30
LONGEST_SEARCH = 80


class ContactForm(PageForm):
    """How a client is reached. What is no address is said by the verb's own words."""

    email = forms.CharField(
        required=False,
        max_length=EMAIL_LENGTH,
        label=later("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        required=False,
        max_length=40,
        label=later("Phone"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    texts = forms.BooleanField(required=False, label=later("Agreed to get text messages at this number"))


@for_staff
def listing(request: HttpRequest, staff: Staff) -> HttpResponse:
    """List the clients whose name holds every word of `?q=`."""
    words = request.GET.get("q", "").replace("\x00", "")[:LONGEST_SEARCH].strip()
    found = searched(
        words,
        practice_id=staff.practice.pk,
        provider_id=staff.provider.pk if staff.provider else None,
        now=arrival_of(request).at,
    )
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    query = urlencode({"q": words}) if words else ""
    context = {"page": page, "words": words, "query": query, "zone": staff.zone}
    return show(request, staff, "raincheck/staff/clients/clients.html", context, current="clients")


@for_staff
def one(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Show a client's record, and write down that it was read."""
    client = get_object_or_404(_own(staff), ref=ref)
    log_opened(request, staff, client, what=Opened.RECORD)
    return _record(request, staff, client)


@for_staff
def contact(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Change how a client is reached."""
    client = get_object_or_404(_own(staff), ref=ref)
    if request.method != "POST":
        return redirect("client", ref=client.ref)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _record(request, staff, client, form=form, status=422)
    sent = send(request, staff, form, partial(_change_contact, client, form))
    if sent.answer is None:
        return _record(request, staff, client, form=form, status=sent.status)
    messages.success(request, _("Saved. Links sent to an address that changed have ended."))
    return redirect("client", ref=client.ref)


@for_staff
def auto_cancel(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Mark a client as `do not auto-cancel`, or take the mark away."""
    client = get_object_or_404(_own(staff), ref=ref)
    if request.method != "POST":
        return redirect("client", ref=client.ref)
    marked = request.POST.get("marked") == "yes"

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # the mark is kept without who and when
        return mark_do_not_auto_cancel(client.pk, marked=marked)

    refused = PageForm(request.POST)
    sent = send(request, staff, refused, verb)
    if sent.answer is None:
        return _record(request, staff, client, refused=refused, status=sent.status)
    messages.success(request, _("Saved."))
    return redirect("client", ref=client.ref)


def _change_contact(client: Client, form: ContactForm, *, by: Actor, now: datetime) -> Answer:
    said = form.cleaned_data
    contact = contact_of(email=said["email"], phone=said["phone"], texts=said["texts"])
    return change_contact(client.pk, contact=contact, by=by, now=now)


def _own(staff: Staff) -> Any:
    provider_id = staff.provider.pk if staff.provider else None
    return clients_of(practice_id=staff.practice.pk, provider_id=provider_id)


def _record(
    request: HttpRequest,
    staff: Staff,
    client: Client,
    *,
    form: ContactForm | None = None,
    refused: PageForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = arrival_of(request).at
    appointments = staff.own(Appointment.objects.filter(client=client))
    requests = listed(staff.own(RescheduleRequest.objects.filter(client=client)))[:SHOWN]
    recipient = own_recipient(client)
    context = {
        "client": client,
        "client_zone": client.zone_in(staff.practice),
        "zone": staff.zone,
        "recipient": recipient,
        "form": form or ContactForm(initial=_known(client, recipient)),
        "refused": refused,
        "ahead": appointments_ahead(appointments, now=now),
        "past": appointments_past(appointments, now=now),
        "requests": [(row, *STATES[State(row.state)]) for row in requests],
        "key": key_of(request),
    }
    return show(
        request, staff, "raincheck/staff/clients/client.html", context, current="clients", status=status
    )


def _known(client: Client, recipient: Recipient | None) -> dict[str, Any]:
    if recipient is None:
        return {"phone": client.phone}
    return {"email": recipient.email, "phone": recipient.phone or client.phone, "texts": recipient.gets_sms}

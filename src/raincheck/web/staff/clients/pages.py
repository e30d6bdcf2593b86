"""Clients: the list with its search, and one client's record with how they are reached."""

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.actions.people import change_contact, mark_do_not_auto_cancel
from raincheck.data.models import Appointment, Client, Provider, RescheduleRequest
from raincheck.domain.clients.phones import shown_phone
from raincheck.domain.clients.record import contact_of
from raincheck.domain.people import EMAIL_LENGTH
from raincheck.domain.reschedule import State
from raincheck.queries.appointments.listing import appointments_ahead, appointments_past, with_open_requests
from raincheck.queries.people import (
    clients_of,
    own_recipient,
    searched,
)
from raincheck.queries.reschedule.requests import listed
from raincheck.web.paging import Paginator
from raincheck.web.requests import Ref, words_in
from raincheck.web.staff.appointments.words import status_of, with_asked_tags
from raincheck.web.staff.shell import (
    STATES,
    Context,
    PageForm,
    Staff,
    for_staff,
    send,
    show,
    whose,
)
from raincheck.web.staff.shell.access import EVERYONE
from raincheck.web.submission import key_of

ON_A_PAGE = 30
# So many appointments ahead, appointments past and requests a client's page lists.
SHOWN = 12


class ContactForm(PageForm):
    """Ways to reach a client. The verb's own words say what is no address."""

    # Plain text fields: browsers and the verb differ on what an address is, and one sentence should say it.
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
def clients_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """List the clients whose name holds every word of `?q=`."""
    words = words_in(request.GET.get("q"))
    found = searched(
        words,
        practice_id=staff.practice.pk,
        provider_id=staff.listed_provider,
        now=staff.now,
    )
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    query = urlencode(({"q": words} if words else {}) | ({"whose": EVERYONE} if staff.chose_everyone else {}))
    context = {
        "page": page,
        "words": words,
        "query": query,
        "whose": whose(request, staff),
        "zone": staff.zone,
    }
    return show(request, staff, "raincheck/staff/clients/clients.html", context, current="clients")


@for_staff
def client_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Show a client's record."""
    client = get_object_or_404(_own(staff), ref=ref)
    return _record(request, staff, client)


@for_staff
def contact(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Change how a client is reached."""
    client = get_object_or_404(_own(staff), ref=ref)
    if request.method != "POST":
        return redirect("client", ref=client.ref)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _record(request, staff, client, form=form, status=422)
    said = form.cleaned_data
    # Read inside the verb: an address that is none is refused with the sentence it has everywhere.
    sent = send(
        request,
        staff,
        form,
        lambda **at: change_contact(
            client.pk,
            contact=contact_of(
                email=said["email"], phone=said["phone"], texts=said["texts"], region=staff.practice.region
            ),
            **at,
        ),
    )
    if sent.answer is None:
        return _record(request, staff, client, form=form, status=sent.status)
    messages.success(request, _("Saved. Links sent to an address that changed have ended."))
    return redirect("client", ref=client.ref)


@for_staff
def auto_cancel(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Mark a client as `do not auto-cancel`, or take the mark away."""
    client = get_object_or_404(_own(staff), ref=ref)
    if request.method != "POST":
        return redirect("client", ref=client.ref)
    marked = request.POST.get("marked") == "yes"
    refused = PageForm(request.POST)
    sent = send(request, staff, refused, mark_do_not_auto_cancel, client.pk, marked=marked)
    if sent.answer is None:
        return _record(request, staff, client, refused=refused, status=sent.status)
    words = _("Saved.")
    if sent.answer.get("told", "0") != "0":
        words = _("Saved. %(name)s is told that an open request no longer cancels anything by itself.")
    messages.success(request, words % {"name": client.first_name})
    return redirect("client", ref=client.ref)


def _own(staff: Staff) -> QuerySet[Client]:
    own = None if staff.acts_for_all or staff.provider is None else staff.provider.pk
    return clients_of(practice_id=staff.practice.pk, provider_id=own)


def _is_own(client: Client, provider: Provider) -> bool:
    return clients_of(practice_id=provider.practice_id, provider_id=provider.pk).filter(pk=client.pk).exists()


def _record(
    request: HttpRequest,
    staff: Staff,
    client: Client,
    *,
    form: ContactForm | None = None,
    refused: PageForm | None = None,
    status: int = 200,
) -> HttpResponse:
    recipient = own_recipient(client)
    # Who acts for all sees all of a client's appointments; a provider those with themselves.
    appointments = staff.own(Appointment.objects.filter(client=client))
    requests = listed(staff.own(RescheduleRequest.objects.filter(client=client)))[:SHOWN]
    ahead = appointments_ahead(appointments, now=staff.now)[:SHOWN]
    region = staff.practice.region
    known: Context = {"phone": shown_phone(client.phone, region=region)}
    if recipient is not None:
        known = {
            "email": recipient.email,
            "phone": shown_phone(recipient.phone or client.phone, region=region),
            "texts": recipient.gets_sms,
        }
    # A conversation is between a client and their provider; others have none.
    context = {
        "client": client,
        "may_message": staff.provider is not None
        and (not staff.acts_for_all or _is_own(client, staff.provider)),
        "client_zone": client.zone_in(staff.practice),
        "zone": staff.zone,
        "recipient": recipient,
        "form": form or ContactForm(initial=known),
        "refused": refused,
        "ahead": with_asked_tags(with_open_requests(list(ahead)), now=staff.now),
        "past": [
            (row, status_of(row, now=staff.now))
            for row in appointments_past(appointments, now=staff.now)[:SHOWN]
        ],
        # The tag beside each says how it ended.
        "requests": [(row, *STATES[State(row.state)]) for row in requests],
        "key": key_of(request),
    }
    return show(
        request, staff, "raincheck/staff/clients/client.html", context, current="clients", status=status
    )

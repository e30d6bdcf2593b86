"""Writing a client down, and changing what is written down of them."""

from collections.abc import Sequence
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from raincheck.actions.clients.record import add_client, change_client
from raincheck.data.models import Client
from raincheck.queries.people import asked_to_stop, own_recipient
from raincheck.web.requests import Ref
from raincheck.web.staff.clients.client_form import ClientForm, known_of
from raincheck.web.staff.clients.words import record_facts
from raincheck.web.staff.shell import (
    Alike,
    Context,
    Staff,
    asked_about,
    clients_seen_by,
    for_staff,
    send,
    show,
    with_meant,
)
from raincheck.web.submission import key_of

TEMPLATE = "raincheck/staff/clients/record.html"


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def new_client_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Add a client; nothing is sent to them."""
    if request.method != "POST":
        # Whoever a provider adds is theirs; a manager may say whose they are.
        fresh = {"usual_provider": staff.provider.ref if staff.provider else "", "reminders": True}
        return _page(request, staff, ClientForm(staff=staff, client=None, initial=fresh))
    form = ClientForm(with_meant(request.POST), staff=staff, client=None)
    if not form.is_settled:
        return _page(request, staff, form, status=422)
    if alike := asked_about(request, staff, form.details()):
        return _page(request, staff, form, alike=alike, status=422)
    sent = send(request, staff, form, add_client, staff.practice.pk, details=form.details())
    if sent.answer is None:
        return _page(request, staff, form, status=sent.status)
    client = Client.objects.get(ref=sent.answer["client"])
    messages.success(request, _("Added: %(name)s. Nothing was sent.") % {"name": client.name})
    return _back_to(staff, client)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def client_edit_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Change a client's record. Somebody who was quicker is noticed, and nothing typed is lost."""
    client = get_object_or_404(clients_seen_by(staff).select_related("usual_provider"), ref=ref)
    recipient, stopped = own_recipient(client), asked_to_stop(client)
    known = known_of(client, recipient, staff)
    new = partial(ClientForm, staff=staff, client=client, asked_to_stop=stopped, initial=known)
    if request.method != "POST":
        return _page(request, staff, new(), client=client)
    form = new(with_meant(request.POST))
    if not form.is_settled:
        return _page(request, staff, form, client=client, status=422)
    if alike := asked_about(request, staff, form.details(), client=client):
        return _page(request, staff, form, client=client, alike=alike, status=422)
    sent = send(
        request,
        staff,
        form,
        change_client,
        client.pk,
        details=form.details(),
        seen=form.cleaned_data["seen"],
        confirmed=form.cleaned_data.get("confirmed", False),
    )
    if sent.answer is None:
        return _page(request, staff, form, client=client, status=sent.status)
    words = _("Saved. Links sent to an address that changed have ended.")
    if sent.answer["told"] != "0":
        words = _("Saved. %(name)s is told that an open request no longer cancels anything by itself.")
    messages.success(request, words % {"name": client.known_as})
    return _back_to(staff, client)


def _back_to(staff: Staff, client: Client) -> HttpResponse:
    """Go to the client's page, or to the list when they are now somebody else's."""
    if clients_seen_by(staff).filter(pk=client.pk).exists():
        return redirect("client", ref=client.ref)
    return redirect("clients")


def _page(
    request: HttpRequest,
    staff: Staff,
    form: ClientForm,
    *,
    client: Client | None = None,
    alike: Sequence[Alike] = (),
    status: int = 200,
) -> HttpResponse:
    context: Context = {"form": form, "client": client, "key": key_of(request), "stands": (), "alike": alike}
    if form.outdated and client is not None:
        # The row was read before the other change.
        client = get_object_or_404(Client.objects.select_related("usual_provider"), pk=client.pk)
        recipient = own_recipient(client)
        form.take_over(known_of(client, recipient, staff))
        context["stands"] = record_facts(staff, client, recipient)
    return show(request, staff, TEMPLATE, context, current="clients", status=status)

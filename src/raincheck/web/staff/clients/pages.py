"""Clients: the list with its search, and one client's record with its history."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from raincheck.data.models import Appointment, RescheduleRequest
from raincheck.domain.reschedule.lifecycle import State
from raincheck.queries.access.emergency import closed_conversations
from raincheck.queries.appointments.listing import appointments_ahead, appointments_past, with_open_requests
from raincheck.queries.clients.history import latest_changes
from raincheck.queries.people import asked_to_stop, own_recipient, searched
from raincheck.queries.reschedule.requests import listed
from raincheck.web.paging import Paginator
from raincheck.web.requests import Ref, words_in
from raincheck.web.staff.appointments.words import status_tag, with_asked_tags
from raincheck.web.staff.clients.leaving import left_on
from raincheck.web.staff.clients.merging import merges_of, record_it_became
from raincheck.web.staff.clients.words import changes_in_words, record_facts
from raincheck.web.staff.shell import (
    STATES,
    Staff,
    clients_of_provider,
    clients_seen_by,
    for_staff,
    of_provider,
    show,
    whose,
)
from raincheck.web.staff.shell.access import EVERYONE

ON_A_PAGE = 30
# So many appointments ahead, appointments past and requests a client's page lists.
SHOWN = 12


@for_staff
def clients_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """List the clients whose name holds every word of `?q=`."""
    words, archived = words_in(request.GET.get("q")), request.GET.get("archived") == "yes"
    found = searched(
        words,
        practice_id=staff.practice.pk,
        provider_id=staff.listed_provider,
        now=staff.now,
        archived=archived,
    )
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    kept = {
        "q": words,
        "whose": EVERYONE if staff.chose_everyone else "",
        "archived": "yes" if archived else "",
    }
    query = urlencode({name: value for name, value in kept.items() if value})
    context = {
        "page": page,
        "words": words,
        "archived": archived,
        "query": query,
        "whose": whose(request, staff),
        "zone": staff.zone,
    }
    return show(request, staff, "raincheck/staff/clients/clients.html", context, current="clients")


@for_staff
def client_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Show a client's record; one that became part of another leads there."""
    if became := record_it_became(staff, ref):
        return redirect("client", ref=became.ref)
    client = get_object_or_404(clients_seen_by(staff).select_related("usual_provider"), ref=ref)
    recipient = own_recipient(client)
    # Who acts for all sees all of a client's appointments; a provider those with themselves.
    appointments = staff.own(Appointment.objects.filter(client=client))
    requests = listed(staff.own(RescheduleRequest.objects.filter(client=client)))[:SHOWN]
    ahead = appointments_ahead(appointments, now=staff.now)[:SHOWN]
    # With their usual provider, where the reader acts for several.
    address, usual = f"{reverse('appointment-new')}?client={client.ref}", client.usual_provider
    # A conversation is between a client and their provider; others have none.
    context = {
        "client": client,
        "may_message": staff.provider is not None
        and (not staff.acts_for_all or clients_of_provider(staff.provider).filter(pk=client.pk).exists()),
        "client_zone": client.zone_in(staff.practice),
        "zone": staff.zone,
        "recipient": recipient,
        "facts": record_facts(staff, client, recipient),
        "asked_to_stop": asked_to_stop(client),
        "ahead": with_asked_tags(with_open_requests(list(ahead)), now=staff.now),
        "past": [
            (row, status_tag(row, now=staff.now))
            for row in appointments_past(appointments, now=staff.now)[:SHOWN]
        ],
        # The tag beside each says how it ended.
        "requests": [(row, *STATES[State(row.state)]) for row in requests],
        "booking_url": of_provider(address, staff, usual) if usual and staff.acts_for_all else address,
        "changes": changes_in_words(staff, latest_changes(client)),
        "merges": merges_of(client, staff),
        "left_on": left_on(client, staff),
        "closed": closed_conversations(client, but=staff.provider, manager=staff.manages.who, now=staff.now)
        if staff.manages and staff.manages.who
        else [],
    }
    return show(request, staff, "raincheck/staff/clients/client.html", context, current="clients")

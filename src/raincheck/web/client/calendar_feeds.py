"""A client's private address for calendar programs: made in the portal, and shown once."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from raincheck.actions.calendars.feeds import stop_feed
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import CalendarFeed, Client
from raincheck.domain.people import Actor
from raincheck.domain.refusals import Refusal
from raincheck.web.client.link_access import Memberships, acting_as, for_clients
from raincheck.web.feeds import in_a_calendar_program, make_address
from raincheck.web.submission import Submission, sentence_of


@require_POST
@for_clients
def make(request: HttpRequest, memberships: Memberships, ref: UUID) -> HttpResponse:
    """Make a new address and show it, this once; the former one ends."""
    mine = next((one for one in memberships if one.client is not None and one.client.ref == ref), None)
    if mine is None:
        raise Http404  # somebody else's ref looks as if it did not exist
    client: Client = mine.client
    try:
        made = make_address(request, client, by=acting_as(client, request))
    except Refusal as refusal:
        messages.error(request, sentence_of(refusal))
        return redirect(f"{reverse('portal')}#feed")
    context = {
        "practice": mine.practice,
        "address": made,
        "program": in_a_calendar_program(made),
        "back": reverse("portal"),
    }
    return render(request, "raincheck/client/calendar_feed_made.html", context)


@require_POST
@for_clients
def stop(request: HttpRequest, memberships: Memberships, ref: UUID) -> HttpResponse:
    """End an address."""
    clients = {membership.client_id: membership.client for membership in memberships}
    # Among their own only: another's ref looks as if it did not exist.
    feed = CalendarFeed.objects.filter(client__in=clients, ref=ref).first()
    if feed is None:
        raise Http404

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # an address ends whoever ends it
        return stop_feed(ref, now=now)

    try:
        Submission.of(request, by=acting_as(clients[feed.client_id], request)).run(verb)
    except Refusal as refusal:
        messages.error(request, sentence_of(refusal))
        return redirect(f"{reverse('portal')}#feed")
    messages.success(
        request, _("The address has ended. Calendar programs that used it show nothing new from now on.")
    )
    return redirect(f"{reverse('portal')}#feed")

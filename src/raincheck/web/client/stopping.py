"""The way out of reminders that every such mail carries: one press in a mail program (RFC 8058), or a page that asks."""

from datetime import datetime
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from raincheck.actions.appointments.self_service import want_reminders
from raincheck.actions.engine.runner import run_command
from raincheck.data.access.shown import shows_only
from raincheck.data.models import Link, Recipient
from raincheck.domain.people import Actor, ActorKind
from raincheck.queries.reschedule.links import Standing, link_behind, standing
from raincheck.web.access.guesses import refused_guess
from raincheck.web.client import access_denied
from raincheck.web.kept_pages import standing_alone
from raincheck.web.requests import arrival_of


# A mail program sends it without any page of ours, so that no token of a form can come along: the link's own says who it is,
# and no cookie is read.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_reminders(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, since mail scanners follow links; POST stops the reminders of whoever the link was sent to, as often as it comes."""
    link = link_behind(token)
    if link is None or link.appointment is None or link.recipient_id is None:
        return refused_guess(request) or access_denied.unknown(request)
    # Sent to an address that is theirs no more: whoever reads there changes nothing for them.
    if standing(link, now=arrival_of(request).at) is Standing.REVOKED:
        return access_denied.revoked(request, link.practice)
    if request.method == "POST":
        _stop(request, link, link.recipient_id, now=arrival_of(request).at)
        # A mail program follows no redirect (RFC 8058); a person gets a page that can be loaded again.
        if request.POST.get("List-Unsubscribe") != "One-Click":
            return HttpResponse(status=303, headers={"Location": request.path})
    shows_only([])  # nobody is named here
    stopped = Recipient.objects.filter(pk=link.recipient_id, reminders_off_at__isnull=False).exists()
    context = {"practice": link.practice, "stopped": stopped}
    return standing_alone(render(request, "raincheck/client/stop_reminders.html", context))


def _stop(request: HttpRequest, link: Link, recipient: int, *, now: datetime) -> None:
    by = Actor(
        ActorKind.CLIENT_BY_LINK,
        link.client_id,
        recipient=recipient,
        request_id=arrival_of(request).request_id,
        practice=link.practice_id,
    )
    verb = partial(want_reminders, recipient, wanted=False, by=by, now=now)
    # Without a key: sent again, it finds that nothing is left to change.
    run_command(verb, key=None, body={}, by=by, now=now)

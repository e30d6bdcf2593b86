"""A client's link: exchanged for a cookie at a clean address, and "Not you?", which gives it up."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from raincheck.actions.reschedule.links import revoke_links
from raincheck.domain.refusals import Refusal
from raincheck.queries.reschedule.links import Standing, link_behind, standing
from raincheck.web.client import strangers
from raincheck.web.client.page import said_to_client, show
from raincheck.web.client.remembered import forget, remember
from raincheck.web.client.visits import Visit
from raincheck.web.requests import arrival_of
from raincheck.web.submission import Submission, status_of


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Remember the link in a cookie and go on to what it opens. It never acts: mail scanners follow links."""
    link = link_behind(token)
    if link is None:
        return strangers.unknown(request)
    match standing(link, now=arrival_of(request).at):
        case Standing.REVOKED:
            return strangers.revoked(request)
        case Standing.ENDED:
            return strangers.ended(request, link.practice)
    if link.rebook_offer is not None:
        response = HttpResponseRedirect(reverse("book", args=[link.rebook_offer.ref]))
    else:
        response = HttpResponseRedirect(reverse("choose", args=[link.batch.ref]))
    remember(request, response, link)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def not_you(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Somebody says that the link is not theirs: GET asks once more, POST ends the links sent to that address."""
    link = visit.link
    if link is None:
        return strangers.unknown(request)
    if request.method != "POST":
        return show(request, visit, "not_you.html", {})
    try:
        Submission.of(request, by=visit.actor).run(lambda now, **_by: revoke_links(link, now=now))
    except Refusal as refusal:
        context = {"refused": said_to_client(refusal)}
        return show(request, visit, "not_you.html", context, status=status_of(refusal))
    response = strangers.given_up(request)
    forget(request, response, link)
    return response

"""A client's link: exchanged for a cookie at a clean address, given up by "Not you?", and the zone its times are read in."""

from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from raincheck.actions.reschedule.links import choose_zone, revoke_links
from raincheck.data.notifications import Link
from raincheck.domain.refusals import Refusal
from raincheck.notifications.formats import zone_city
from raincheck.queries.reschedule.links import Standing, link_behind, standing
from raincheck.web.access.guesses import refused_guess
from raincheck.web.client import access_denied
from raincheck.web.client.link_access import Visit
from raincheck.web.client.link_cookie import forget, remember
from raincheck.web.client.page import said_to_client, show
from raincheck.web.client.picker import carried
from raincheck.web.requests import arrival_of
from raincheck.web.submission import Submission, status_of
from raincheck.web.zone_choices import zone_choices


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Remember the link in a cookie and go on to what it opens. It never acts: mail scanners follow links."""
    link = link_behind(token)
    if link is None:
        return refused_guess(request) or access_denied.unknown(request)
    # Mail scanners follow links too, so nothing is written here; the page's script says when a person has it in view.
    match standing(link, now=arrival_of(request).at):
        case Standing.REVOKED:
            return access_denied.revoked(request, link.practice)
        case Standing.ENDED:
            return access_denied.ended(request, link.practice, to_book=link.rebook_offer is not None)
    if link.conversation is not None:
        response = HttpResponseRedirect(_way_to_conversation(request, link))
    elif link.rebook_offer is not None:
        response = HttpResponseRedirect(reverse("book", args=[link.rebook_offer.ref]))
    elif link.appointment is not None:
        response = HttpResponseRedirect(reverse("my-appointment", args=[link.appointment.ref]))
    else:
        response = HttpResponseRedirect(reverse("choose", args=[link.batch.ref]))
    remember(request, response, link)
    return response


def _way_to_conversation(request: HttpRequest, link: Link) -> str:
    """Return where a notice of a message leads: to the conversation, for who is not signed in by way of that.

    The sign-in knows the address to which the notice went by the link in the cookie, so that no address stands in one.
    """
    of_client = link.recipient is not None
    thread = reverse("portal-conversation" if of_client else "conversation", args=[link.conversation.ref])
    if request.user.is_authenticated:
        return thread
    sign_in = reverse("account_request_login_code" if of_client else "sign-in")
    return f"{sign_in}?{urlencode({REDIRECT_FIELD_NAME: thread})}"


@require_http_methods(["GET", "HEAD", "POST"])
def not_you(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Somebody says that the link is not theirs: GET asks once more, POST ends all links of that recipient."""
    link = visit.link
    if link is None:
        return access_denied.unknown(request)
    # A scanner that follows links must not end them.
    if request.method != "POST":
        return show(request, visit, "not_you.html", {})
    try:
        Submission.of(request, by=visit.actor).run(lambda now, **_by: revoke_links(link, now=now))
    except Refusal as refusal:
        context = {"refused": said_to_client(refusal)}
        return show(request, visit, "not_you.html", context, status=status_of(refusal))
    response = access_denied.given_up(request, visit.practice)
    forget(request, response, link)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def zone(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Choose the zone in which this client's times are shown from now on."""
    if request.method != "POST":
        return _zone_page(request, visit, chosen=visit.zone)
    chosen = request.POST.get("zone", "")
    try:
        Submission.of(request, by=visit.actor).run(partial(choose_zone, visit.client, zone=chosen))
    except Refusal as refusal:
        return _zone_page(request, visit, chosen=chosen, refusal=refusal)
    messages.success(request, _("Times are now shown in %(city)s time.") % {"city": zone_city(chosen)})
    return HttpResponseRedirect(f"{visit.address()}{carried(request)}")


def _zone_page(
    request: HttpRequest, visit: Visit, *, chosen: str, refusal: Refusal | None = None
) -> HttpResponse:
    context = {
        "zones": zone_choices(kept=visit.zone, chosen=chosen),
        "refused": said_to_client(refusal) if refusal else "",
    }
    return show(request, visit, "zone.html", context, status=status_of(refusal) if refusal else 200)

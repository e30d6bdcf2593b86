"""The zone a client's times are shown in: offered by the page's script, or chosen from a list; only the choice is saved."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from raincheck.actions.reschedule.links import choose_zone
from raincheck.domain.refusals import Refusal
from raincheck.notifications.formats import zone_city
from raincheck.web.client.page import said_to_client, show
from raincheck.web.client.visits import Visit
from raincheck.web.submission import Submission, status_of
from raincheck.web.zone_choices import zone_choices


@require_http_methods(["GET", "HEAD", "POST"])
def zone(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Choose the zone in which this client's times are shown from now on."""
    if request.method != "POST":
        return _page(request, visit, chosen=visit.zone)
    chosen = request.POST.get("zone", "")
    try:
        Submission.of(request, by=visit.actor).run(lambda **_stamp: choose_zone(visit.client, zone=chosen))
    except Refusal as refusal:
        return _page(request, visit, chosen=chosen, refusal=refusal)
    messages.success(request, _("Times are now shown in %(city)s time.") % {"city": zone_city(chosen)})
    return HttpResponseRedirect(visit.address())


def _page(request: HttpRequest, visit: Visit, *, chosen: str, refusal: Refusal | None = None) -> HttpResponse:
    context = {
        "zones": zone_choices(kept=visit.zone, chosen=chosen),
        "refused": said_to_client(refusal) if refusal else "",
    }
    return show(request, visit, "zone.html", context, status=status_of(refusal) if refusal else 200)

"""The open times of a provider over some days, for the Calendar View to lay behind the week."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import JsonResponse

from raincheck.data.models import Provider
from raincheck.domain.zones import zone_named
from raincheck.queries.appointments.listing import places_of, types_of
from raincheck.queries.appointments.open_times import open_times, wanted_in
from raincheck.web.staff.appointments.calendar_view import bad_stretch, stretch_in
from raincheck.web.staff.appointments.words import minutes
from raincheck.web.staff.shell import (
    Http404,
    HttpRequest,
    HttpResponse,
    Staff,
    arrival_of,
    chosen_provider,
    for_staff,
    of_provider,
    ref_in,
    require_safe,
    reverse,
)

MINUTE = timedelta(minutes=1)


def choices(staff: Staff, provider: Provider) -> dict[str, Any]:
    """Return what the calendar's page offers: the address to ask, and the types and places to ask about."""
    types = [(str(kind.ref), f"{kind.name} · {minutes(kind.length)}") for kind in types_of(staff.practice)]
    places = [(str(place.ref), place.name) for place in places_of(staff.practice)]
    return {
        "open_times_url": of_provider(reverse("open-times"), staff, provider),
        "types": types,
        "places": places if len(places) > 1 else [],
    }


@require_safe
@for_staff
def feed(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Answer with the starts from the day `from` to before the day `to` that are open for `type`, at `place` when it is named.

    A start is written as the provider's clock shows it, with its offset: it says the wall time and the instant.
    """
    provider = chosen_provider(request, staff)
    zone = zone_named(provider.zone)
    within = stretch_in(request, zone=zone)
    if within is None:
        return bad_stretch()
    place = ref_in(request.GET["place"]) if request.GET.get("place") else None
    wanted = wanted_in(staff.practice, kind=ref_in(request.GET.get("type")), place=place)
    if wanted is None:
        raise Http404
    starts = open_times(provider, wanted, practice=staff.practice, within=within, now=arrival_of(request).at)
    return JsonResponse(
        {
            "zone": provider.zone,
            "minutes": wanted.kind.length // MINUTE,
            "starts": [start.astimezone(zone).isoformat() for start in starts],
        }
    )

"""Availability: a provider's weekly hours, and the open times they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from raincheck.actions.availability import set_availability
from raincheck.actions.runner import Answer
from raincheck.data.appointments import Place
from raincheck.data.people import Provider
from raincheck.domain.availability import Availability, Window, availability_from
from raincheck.domain.people import Actor
from raincheck.domain.refusals import Refusal
from raincheck.domain.zones import wall, zone_named
from raincheck.queries.appointments import places_of
from raincheck.queries.availability import OpenTimes, next_open_times
from raincheck.web.acting import carry_out, sentence_of, status_of
from raincheck.web.provider.forms import key_of
from raincheck.web.provider.hours import (
    Weekday,
    hours_in,
    week_of,
    week_typed,
    with_error,
    with_one_less,
    with_one_more,
)
from raincheck.web.provider.page import show
from raincheck.web.provider.refs import ref_in
from raincheck.web.requests import arrival_of
from raincheck.web.staff import Staff, for_staff

DAYS_SHOWN = 5
"""Of the open times, so many days are written out; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The form shown again: the week as typed, and what is wrong above it."""

    week: Sequence[Weekday] | None = None
    refused: str = ""
    status: int = 200


@for_staff
def weekly_hours(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the page; a POST saves the weekly hours, or adds and removes a row of the form."""
    provider = provider_shown(request, staff)
    if request.method != "POST":
        return page(request, staff, provider)
    week = week_typed(request.POST)
    if "add" in request.POST:
        return page(request, staff, provider, Typed(with_one_more(week, request.POST["add"])))
    if "remove" in request.POST:
        return page(request, staff, provider, Typed(with_one_less(week, request.POST["remove"])))
    return _save(request, staff, provider, week)


def provider_shown(request: HttpRequest, staff: Staff) -> Provider:
    """Return whose availability it is: a provider's own, for a manager the one named by `?provider=`, else the first."""
    named = request.GET.get("provider")
    rows = staff.providers()
    provider = get_object_or_404(rows, ref=ref_in(named)) if named else rows.first()
    if provider is None:
        raise Http404
    provider.practice = staff.practice
    return provider


def address(staff: Staff, provider: Provider, page: str = "availability") -> str:
    """Return the address of a page of availability, which names the provider for a manager."""
    here = reverse(page)
    return f"{here}?provider={provider.ref}" if staff.is_manager else here


def heading(staff: Staff, provider: Provider, page: str) -> dict[str, Any]:
    """Return what the head of every page of availability shows."""
    return {
        "provider": provider,
        "providers": list(staff.providers()) if staff.is_manager else [],
        "whose": reverse(page),
        "here": address(staff, provider, page),
        "query": f"?provider={provider.ref}" if staff.is_manager else "",
        "zone": provider.zone,
    }


def page(request: HttpRequest, staff: Staff, provider: Provider, typed: Typed | None = None) -> HttpResponse:
    """Render the page of one provider, with what was typed where a form is shown again."""
    typed = typed or Typed()
    now = arrival_of(request).at
    hours = availability_from(provider.availability)
    context = heading(staff, provider, "availability") | {
        "week": typed.week or week_of(hours),
        "places": list(places_of(staff.practice)),
        "other_days": _other_days(hours, zone=provider.zone, now=now),
        "open_times": _preview(next_open_times(provider, now=now), zone=provider.zone),
        "refused": typed.refused,
        "key": key_of(request),
    }
    return show(
        request,
        staff,
        "raincheck/staff/availability.html",
        context,
        current="availability",
        status=typed.status,
    )


def _save(request: HttpRequest, staff: Staff, provider: Provider, week: list[Weekday]) -> HttpResponse:
    places: list[Place] = list(places_of(staff.practice))

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # hours are kept without who changed them
        kept = availability_from(provider.availability)
        return set_availability(provider.pk, availability=hours_in(week, kept=kept, places=places), now=now)

    try:
        carry_out(request, verb, by=staff.actor)
    except Refusal as refusal:
        marked = with_error(week, refusal)
        return page(
            request, staff, provider, Typed(marked, refused=sentence_of(refusal), status=status_of(refusal))
        )
    messages.success(request, _("Your hours are saved. Appointments outside them stay as they are."))
    return redirect(address(staff, provider))


@dataclass(frozen=True, slots=True)
class Preview:
    """The open times that the hours lead to: how many there are, and the first days of them."""

    type: Any
    count: int
    days: list[tuple[datetime, list[datetime]]]


def _preview(found: OpenTimes | None, *, zone: str) -> Preview | None:
    if found is None:
        return None

    def day(start: datetime) -> date:
        return wall(start, zone=zone_named(zone)).date()

    days = [list(starts) for _day, starts in groupby(found.starts, key=day)]
    return Preview(found.type, len(found.starts), [(starts[0], starts) for starts in days[:DAYS_SHOWN]])


def _other_days(hours: Availability, *, zone: str, now: datetime) -> list[tuple[date, tuple[Window, ...]]]:
    """Return the dates ahead on which other hours hold."""
    today = wall(now, zone=zone_named(zone)).date()
    return [(day, windows) for day, windows in hours.overrides if day >= today]

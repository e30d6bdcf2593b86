"""Connecting a calendar that is read again and again: under an address, or in an account by CalDAV.

Everything is fetched and read before anything is written: what cannot be read is not connected, and what was typed stays,
but for a password.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from raincheck import clock
from raincheck.actions.calendars.sources import Brought, connect_calendars
from raincheck.actions.engine.runner import Answer
from raincheck.data.encryption import SealBroken, seal, unseal
from raincheck.data.people import Provider
from raincheck.domain.calendars.busy import calendar_name
from raincheck.domain.calendars.checks import CalendarKind, Source
from raincheck.domain.calendars.faults import (
    AccountForgotten,
    AccountIncomplete,
    CalendarAddressMissing,
    CalendarAnswerStrange,
    NoCalendarChosen,
    TooManyCalendarsAtOnce,
)
from raincheck.domain.people import Actor
from raincheck.domain.refusals import Refusal
from raincheck.domain.zones import zone_named
from raincheck.integrations.caldav.accounts import CalendarAccount, FoundCalendar, server_address
from raincheck.integrations.calendar_checks import guard, read_source
from raincheck.integrations.http.safe_http import Login
from raincheck.integrations.http.ssrf_guard import parts_of
from raincheck.queries.calendars.sources import names_to_call
from raincheck.web.requests import arrival_of
from raincheck.web.staff.availability.pages import address, heading, provider_shown
from raincheck.web.staff.calendars.forms import AccountForm, ChosenForm, LinkForm
from raincheck.web.staff.calendars.pages import page, shown_again
from raincheck.web.staff.shell.access import Staff, for_staff
from raincheck.web.staff.shell.page import show
from raincheck.web.submission import Submission, key_of

ACCOUNT = "calendar-account"
REMEMBERED_FOR = timedelta(minutes=30)
"""How long an account stays known, sealed, between its sign-in and the choice of calendars."""
SECONDS_FOR_ALL = 20.0
"""After so long no further calendar is begun: a person waits for the page, and so do others for the thread that writes it."""


@for_staff
def link(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Subscribe to a calendar under an address."""
    provider = provider_shown(request, staff)
    if request.method != "POST":
        return redirect(address(staff, provider, "calendars"))
    form = LinkForm(request.POST, is_own=not staff.is_manager)
    try:
        name = calendar_name(request.POST.get("name", ""))
        sources = {name: _subscription(request.POST.get("address", ""))}
        return _connect(request, staff, provider, sources, keeps_titles=form.wants_titles)
    except Refusal as refusal:
        form.refuse(refusal)
        return page(request, staff, provider, shown_again("link", form, refusal))


@for_staff
def account(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Sign in to an account, and show its calendars to choose from."""
    provider = provider_shown(request, staff)
    if request.method != "POST":
        return redirect(address(staff, provider, "calendars"))
    form = AccountForm(request.POST)
    try:
        source = _account(request)
        found = CalendarAccount(
            source.address, Login(source.username, source.password), guard=guard(somebody_waits=True)
        ).calendars()
    except Refusal as refusal:
        form.refuse(refusal)
        return page(request, staff, provider, shown_again("account", form, refusal))
    _remember(request, provider, source, found)
    names = [one.name for one in found]
    return _choice(request, staff, provider, ChosenForm(names=names, is_own=not staff.is_manager))


@for_staff
def choose(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Connect the chosen calendars of the account that was signed in to."""
    provider = provider_shown(request, staff)
    if request.method != "POST":
        return redirect(address(staff, provider, "calendars"))
    try:
        known = _remembered(request, provider)
    except Refusal as refusal:
        form = AccountForm(request.POST)
        form.refuse(refusal)
        return page(request, staff, provider, shown_again("account", form, refusal))
    chosen = ChosenForm(
        request.POST, names=[one["name"] for one in known["found"]], is_own=not staff.is_manager
    )
    try:
        places = chosen.chosen()
        if not places:
            raise NoCalendarChosen
        answer = _connect(
            request, staff, provider, _sources(known, places, provider), keeps_titles=chosen.wants_titles
        )
    except Refusal as refusal:
        chosen.refuse(refusal)
        return _choice(request, staff, provider, chosen, status=shown_again("", chosen, refusal).status)
    request.session.pop(ACCOUNT, None)
    return answer


def _connect(
    request: HttpRequest, staff: Staff, provider: Provider, sources: dict[str, Source], *, keeps_titles: bool
) -> HttpResponse:
    """Read every calendar first, outside of any transaction, then keep them all."""
    brought: list[Brought] = []
    until = clock.monotonic() + SECONDS_FOR_ALL
    for name, source in sources.items():
        if brought and clock.monotonic() >= until:
            raise TooManyCalendarsAtOnce
        brought.append(
            _brought(name, source, provider, keeps_titles=keeps_titles, now=arrival_of(request).at)
        )

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # a calendar is kept without who brought it
        return connect_calendars(provider.pk, calendars=brought, now=now)

    answered = Submission.of(request, by=staff.actor).run(verb)
    messages.success(request, _("Connected. Nobody is offered the times it keeps you busy."))
    return redirect(f"{address(staff, provider, 'calendars')}#calendar-{answered['calendar']}")


def _brought(name: str, source: Source, provider: Provider, *, keeps_titles: bool, now: datetime) -> Brought:
    reading = read_source(source, zone=zone_named(provider.zone), now=now, somebody_waits=True)
    if reading is None:
        raise CalendarAnswerStrange  # unchanged is no answer to a first question
    return Brought(name, reading, source, keeps_titles)


def _subscription(typed: str) -> Source:
    if not typed.strip():
        raise CalendarAddressMissing
    parts = parts_of(typed)
    return Source(CalendarKind.SUBSCRIPTION, parts.hostname or "", parts.geturl())


def _account(request: HttpRequest) -> Source:
    server, username, password = (
        request.POST.get(name, "").strip() for name in ("server", "username", "password")
    )
    if not (server and username and password):
        raise AccountIncomplete
    whole = server_address(server)
    return Source(CalendarKind.CALDAV, urlsplit(whole).hostname or "", whole, username, password)


def _remember(
    request: HttpRequest, provider: Provider, source: Source, found: Sequence[FoundCalendar]
) -> None:
    known = {
        "provider": str(provider.ref),
        "until": (arrival_of(request).at + REMEMBERED_FOR).isoformat(),
        "username": source.username,
        "password": source.password,
        "found": [{"name": one.name, "address": one.address} for one in found],
    }
    request.session[ACCOUNT] = seal(json.dumps(known))


def _remembered(request: HttpRequest, provider: Provider) -> dict[str, Any]:
    """Return the account that was signed in to. Raises AccountForgotten."""
    try:
        known: dict[str, Any] = json.loads(unseal(request.session.get(ACCOUNT, "")) or "{}")
    except SealBroken:
        raise AccountForgotten from None
    if known.get("provider") != str(provider.ref) or arrival_of(request).at >= datetime.fromisoformat(
        known["until"]
    ):
        raise AccountForgotten
    return known


def _sources(known: dict[str, Any], places: Sequence[int], provider: Provider) -> dict[str, Source]:
    """Return the chosen calendars by the names they get here."""
    chosen = [known["found"][place] for place in places]
    sources = [
        Source(
            CalendarKind.CALDAV,
            urlsplit(one["address"]).hostname or "",
            one["address"],
            known["username"],
            known["password"],
        )
        for one in chosen
    ]
    names = names_to_call([one["name"] for one in chosen], sources, provider_id=provider.pk)
    return dict(zip(names, sources, strict=True))


def _choice(
    request: HttpRequest, staff: Staff, provider: Provider, form: ChosenForm, *, status: int = 200
) -> HttpResponse:
    context = heading(staff, provider, "calendars") | {"form": form, "key": key_of(request)}
    return show(
        request,
        staff,
        "raincheck/staff/calendars/account_calendars.html",
        context,
        current="availability",
        status=status,
    )

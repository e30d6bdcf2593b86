"""Connections to calendars that are read again and again: under an address, or in an account by CalDAV.

Everything is fetched and read before anything is written: what cannot be read is not connected, and what was typed stays,
but for a password.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from raincheck import clock
from raincheck.actions.calendars.sources import Brought, connect_calendars
from raincheck.actions.engine.runner import Answer
from raincheck.data.encryption import DecryptionFailed, decrypt, encrypt
from raincheck.data.models import Provider
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
from raincheck.domain.refusals import Refusal
from raincheck.integrations.caldav.accounts import CalendarAccount, server_address
from raincheck.integrations.calendar_checks import guard, read_source
from raincheck.integrations.http.safe_http import Login
from raincheck.integrations.http.ssrf_guard import parts_of
from raincheck.queries.calendars.sources import names_to_call
from raincheck.web.requests import arrival_of
from raincheck.web.staff.availability.pages import heading
from raincheck.web.staff.calendars.forms import AccountForm, ChosenForm, LinkForm
from raincheck.web.staff.calendars.pages import at_calendar, show_calendars, shown_again, whose_calendars
from raincheck.web.staff.shell import Staff, for_readers_of_settings, of_provider, show, zone_of
from raincheck.web.submission import Submission, first_answer, has_acted, key_of

ACCOUNT = "calendar-account"
# How long an account stays known, sealed, between its sign-in and the choice of calendars.
REMEMBERED_FOR = timedelta(minutes=30)
# After so long no further calendar is begun: a person waits for the page, and so do others for the thread that writes it.
SECONDS_FOR_ALL = 20.0


@for_readers_of_settings
def link_calendar(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Subscribe to a calendar under an address."""
    staff, provider = whose_calendars(request, staff)
    if request.method != "POST":
        return redirect(of_provider(reverse("calendars"), staff, provider))
    form = LinkForm(request.POST, is_own=staff.is_own(provider))
    try:
        name = calendar_name(request.POST.get("name", ""))
        typed = request.POST.get("address", "")
        if not typed.strip():
            raise CalendarAddressMissing
        parts = parts_of(typed)
        sources = {name: Source(CalendarKind.SUBSCRIPTION, parts.hostname or "", parts.geturl())}
        return _connect(request, staff, provider, sources, keeps_titles=form.wants_titles)
    except Refusal as refusal:
        form.refuse(refusal)
        return show_calendars(request, staff, provider, shown_again("link", form, refusal))


@for_readers_of_settings
def sign_in_to_account(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Sign in to an account, and show its calendars to choose from."""
    staff, provider = whose_calendars(request, staff)
    if request.method != "POST":
        return redirect(of_provider(reverse("calendars"), staff, provider))
    form = AccountForm(request.POST)
    try:
        server, username, password = (
            request.POST.get(name, "").strip() for name in ("server", "username", "password")
        )
        if not (server and username and password):
            raise AccountIncomplete
        login = Login(username, password)
        found = CalendarAccount(server_address(server), login, guard=guard(somebody_waits=True)).calendars()
    except Refusal as refusal:
        form.refuse(refusal)
        return show_calendars(request, staff, provider, shown_again("account", form, refusal))
    # Sealed in the session, so that the password travels once and no page holds it.
    known = {
        "provider": str(provider.ref),
        "until": (staff.now + REMEMBERED_FOR).isoformat(),
        "username": username,
        "password": password,
        "found": [{"name": one.name, "address": one.address} for one in found],
    }
    request.session[ACCOUNT] = encrypt(json.dumps(known))
    names = [one.name for one in found]
    return _choice(request, staff, provider, ChosenForm(names=names, is_own=staff.is_own(provider)))


@for_readers_of_settings
def choose_calendars(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Connect the chosen calendars of the account that was signed in to."""
    staff, provider = whose_calendars(request, staff)
    if request.method != "POST":
        return redirect(of_provider(reverse("calendars"), staff, provider))
    try:
        # Its account was forgotten as soon as it had acted.
        if has_acted(request, staff.actor):
            return _connected(request, staff, provider, first_answer)
        known = _remembered(request, provider)
    except Refusal as refusal:
        form = AccountForm(request.POST)
        form.refuse(refusal)
        return show_calendars(request, staff, provider, shown_again("account", form, refusal))
    chosen = ChosenForm(
        request.POST, names=[one["name"] for one in known["found"]], is_own=staff.is_own(provider)
    )
    try:
        places = chosen.chosen()
        if not places:
            raise NoCalendarChosen
        found = [known["found"][place] for place in places]
        login = known["username"], known["password"]
        sources = [
            Source(CalendarKind.CALDAV, urlsplit(one["address"]).hostname or "", one["address"], *login)
            for one in found
        ]
        # Two calendars called "Work" must not overwrite each other.
        names = names_to_call([one["name"] for one in found], sources, provider_id=provider.pk)
        by_name = dict(zip(names, sources, strict=True))
        answer = _connect(request, staff, provider, by_name, keeps_titles=chosen.wants_titles)
    except Refusal as refusal:
        # The account stays known until the choice has worked: nobody should sign in twice for a typo.
        chosen.refuse(refusal)
        return _choice(request, staff, provider, chosen, status=shown_again("", chosen, refusal).status)
    request.session.pop(ACCOUNT, None)
    return answer


def _connect(
    request: HttpRequest, staff: Staff, provider: Provider, sources: dict[str, Source], *, keeps_titles: bool
) -> HttpResponse:
    """Read every calendar first, outside of any transaction, then keep them all."""
    # All or none: half of what was ticked would look like all of it.
    brought: list[Brought] = []
    until = clock.monotonic() + SECONDS_FOR_ALL
    for name, source in sources.items():
        # The first is always read: a slow server is told by its own refusal, not by this one.
        if brought and clock.monotonic() >= until:
            raise TooManyCalendarsAtOnce
        reading = read_source(source, zone=zone_of(provider), now=staff.now, somebody_waits=True)
        if reading is None:
            raise CalendarAnswerStrange  # unchanged is no answer to a first question
        brought.append(Brought(name, reading, source, keeps_titles))
    return _connected(
        request,
        staff,
        provider,
        lambda now, **_by: connect_calendars(provider.pk, calendars=brought, now=now),
    )


def _connected(
    request: HttpRequest, staff: Staff, provider: Provider, verb: Callable[..., Answer]
) -> HttpResponse:
    answered = Submission.of(request, by=staff.actor).run(verb)
    messages.success(request, _("Connected. Nobody is offered the times it keeps you busy."))
    return redirect(at_calendar(staff, provider, answered["calendar"]))


def _remembered(request: HttpRequest, provider: Provider) -> dict[str, Any]:
    """Return the account that was signed in to. Raises AccountForgotten."""
    try:
        known: dict[str, Any] = json.loads(decrypt(request.session.get(ACCOUNT, "")) or "{}")
    except DecryptionFailed:
        raise AccountForgotten from None
    # For this provider's calendars only: a manager may have several pages open.
    if known.get("provider") != str(provider.ref) or arrival_of(request).at >= datetime.fromisoformat(
        known["until"]
    ):
        raise AccountForgotten
    return known


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

"""A provider's private address for calendar programs: made by the provider alone, and shown once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms

from raincheck.actions.calendars.feeds import stop_feed, title_feed
from raincheck.actions.engine.runner import Answer
from raincheck.data.calendars.feeds import live_feeds
from raincheck.data.models import CalendarFeed, Provider
from raincheck.domain.calendars.feeds import Titles
from raincheck.domain.people import Actor
from raincheck.domain.refusals import Refusal
from raincheck.web.feeds import in_a_calendar_program, last_use, make_address
from raincheck.web.staff.availability.pages import address
from raincheck.web.staff.shell import (
    Http404,
    HttpRequest,
    HttpResponse,
    PageForm,
    Staff,
    Submission,
    _,
    for_staff,
    get_object_or_404,
    later,
    messages,
    redirect,
    require_POST,
    sentence_of,
    show,
)


class TitlesForm(PageForm):
    """What the entries are called."""

    titles = forms.ChoiceField(
        label=later("Each entry is called"),
        choices=[
            (Titles.NEUTRAL.value, later("Appointment")),
            (Titles.INITIALS.value, later("The client's initials, like “R. B.”")),
        ],
        widget=forms.RadioSelect,
        initial=Titles.NEUTRAL.value,
        error_messages={"required": later("Please choose what each entry is called.")},
    )

    def chosen(self) -> Titles:
        """Return what was chosen; anything else than the two choices is neutral, which gives away less."""
        return Titles(self.cleaned_data["titles"]) if self.is_valid() else Titles.NEUTRAL


def feed_shown(staff: Staff, provider: Provider, *, now: datetime) -> dict[str, Any]:
    """Return what the section of the calendars' page shows about a provider's address."""
    feed = live_feeds(provider).first()
    return {
        "feed": feed,
        "feed_use": last_use(feed, now=now) if feed else "",
        "feed_form": TitlesForm(initial={"titles": feed.titles} if feed else None),
        "feed_is_mine": not staff.is_manager,
    }


@require_POST
@for_staff
def make(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Make a new address and show it, this once; the former one ends."""
    provider = _own(staff)
    try:
        made = make_address(request, provider, titles=TitlesForm(request.POST).chosen(), by=staff.actor)
    except Refusal as refusal:
        return _back(request, staff, provider, refused=refusal)
    context = {
        "address": made,
        "program": in_a_calendar_program(made),
        "back": address(staff, provider, "calendars"),
    }
    return show(request, staff, "raincheck/staff/calendars/feed_made.html", context, current="availability")


@require_POST
@for_staff
def titles(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Change what the entries are called; the address stays."""
    provider = _own(staff)
    chosen = TitlesForm(request.POST).chosen()

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # titles are kept without who chose them
        return title_feed(provider, titles=chosen)

    return _sent(
        request, staff, provider, verb, said=_("Saved. Calendar programs show it when they next ask.")
    )


@require_POST
@for_staff
def stop(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """End an address; a manager may, for a provider who can't."""
    feed = get_object_or_404(staff.own(CalendarFeed.objects.filter(provider__isnull=False)), ref=ref)
    provider = feed.provider
    assert provider is not None, "only feeds of providers were looked for"

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # an address ends whoever ends it
        return stop_feed(ref, now=now)

    said = _("The address has ended. Calendar programs that used it show nothing new from now on.")
    return _sent(request, staff, provider, verb, said=said)


def _own(staff: Staff) -> Provider:
    """Return the provider who asks. A manager gets no provider's schedule for a program of their own: 404."""
    if staff.provider is None:
        raise Http404
    return staff.provider


def _sent(
    request: HttpRequest, staff: Staff, provider: Provider, verb: Callable[..., Answer], *, said: str
) -> HttpResponse:
    try:
        Submission.of(request, by=staff.actor).run(verb)
    except Refusal as refusal:
        return _back(request, staff, provider, refused=refusal)
    messages.success(request, said)
    return _back(request, staff, provider)


def _back(
    request: HttpRequest, staff: Staff, provider: Provider, *, refused: Refusal | None = None
) -> HttpResponse:
    if refused is not None:
        messages.error(request, sentence_of(refused))
    return redirect(f"{address(staff, provider, 'calendars')}#feed")

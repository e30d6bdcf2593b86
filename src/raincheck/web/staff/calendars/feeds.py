"""A provider's private address for calendar programs: made by the provider alone, and shown once."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_POST

from raincheck.actions.calendars.feeds import stop_feed, title_feed
from raincheck.data.calendars.feeds import live_feeds
from raincheck.data.models import CalendarFeed, Provider
from raincheck.domain.calendars.feeds import Titles
from raincheck.domain.refusals import Refusal
from raincheck.web.feeds import in_a_calendar_program, last_use, make_address
from raincheck.web.requests import Ref
from raincheck.web.staff.shell import (
    Context,
    PageForm,
    Staff,
    for_providers,
    for_readers_of_settings,
    of_provider,
    send_and_tell,
    show,
)
from raincheck.web.submission import sentence_of


class TitlesForm(PageForm):
    """A choice of what the entries are called."""

    titles = forms.ChoiceField(
        label=later("Each entry is called"),
        choices=[
            (Titles.NEUTRAL.value, later("Appointment")),
            (Titles.INITIALS.value, later("The client's initials, like “R. B.”")),
        ],
        widget=forms.RadioSelect,
        # Neutral unless chosen: entries may show on a locked phone or a shared screen.
        initial=Titles.NEUTRAL.value,
        error_messages={"required": later("Please choose what each entry is called.")},
    )

    def chosen(self) -> Titles:
        """Return what was chosen; anything else than the two choices is neutral, which gives away less."""
        return Titles(self.cleaned_data["titles"]) if self.is_valid() else Titles.NEUTRAL


def feed_section(staff: Staff, provider: Provider) -> Context:
    """Return what the section of the calendars' page shows about a provider's address."""
    feed = live_feeds(provider).first()
    return {
        "feed": feed,
        "feed_use": last_use(feed, now=staff.now) if feed else "",
        "feed_form": TitlesForm(initial={"titles": feed.titles} if feed else None),
        "feed_is_mine": staff.is_own(provider),
    }


@require_POST
@for_providers
def make(request: HttpRequest, staff: Staff, provider: Provider) -> HttpResponse:
    """Make a new address and show it, this once; the former one ends.

    A manager gets no provider's schedule for a program of their own.
    """
    back = reverse("calendars")
    try:
        made = make_address(request, provider, titles=TitlesForm(request.POST).chosen(), by=staff.actor)
    except Refusal as refusal:
        messages.error(request, sentence_of(refusal))
        return redirect(f"{back}#feed")
    # Rendered in the answer to the POST and never behind a redirect: only its hash is kept, so no later page could show it.
    context = {"address": made, "program": in_a_calendar_program(made), "back": back}
    return show(request, staff, "raincheck/staff/calendars/feed_made.html", context, current="availability")


@require_POST
@for_providers
def titles(request: HttpRequest, staff: Staff, provider: Provider) -> HttpResponse:
    """Change what the entries are called; the address stays."""
    chosen = TitlesForm(request.POST).chosen()
    return send_and_tell(
        request,
        staff,
        lambda **_by: title_feed(provider, titles=chosen),
        told=_("Saved. Calendar programs show it when they next ask."),
        to=f"{reverse('calendars')}#feed",
    )


@require_POST
@for_readers_of_settings
def stop(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """End an address; a manager may, for a provider who can't."""
    feed = get_object_or_404(staff.own(CalendarFeed.objects.filter(provider__isnull=False)), ref=ref)
    assert feed.provider is not None, "only feeds of providers were looked for"
    if not staff.may_read_private(feed.provider):
        raise Http404
    staff = staff.acting_for(feed.provider)
    return send_and_tell(
        request,
        staff,
        lambda now, **_by: stop_feed(ref, now=now),
        told=_("The address has ended. Calendar programs that used it show nothing new from now on."),
        to=f"{of_provider(reverse('calendars'), staff, feed.provider)}#feed",
    )

"""Pushes: a provider's appointments written into a calendar of theirs, switched on, shown how it goes, and stopped."""

from dataclasses import dataclass

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_POST

from raincheck.actions.calendars.pushes import push_into, stop_pushing
from raincheck.data.models import CalendarPush, Provider
from raincheck.queries.calendars.pushes import calendars_to_push_into, push_status
from raincheck.web.requests import Ref, ref_in
from raincheck.web.staff.calendars.words import push_trouble, push_words
from raincheck.web.staff.shell import (
    Context,
    PageForm,
    Staff,
    for_providers,
    for_readers_of_settings,
    of_provider,
    send_and_tell,
)


class StopForm(PageForm):
    """A choice of what becomes of the entries that were written."""

    entries = forms.ChoiceField(
        label=later("The entries already there"),
        choices=[("take_back", later("Take them back")), ("leave", later("Leave them as they are"))],
        widget=forms.RadioSelect,
        initial="take_back",
    )


@dataclass(frozen=True, slots=True)
class PushShown:
    """The state of writing in sentences: the usual one, and what somebody has to know."""

    row: CalendarPush
    words: str
    trouble: str


def push_section(staff: Staff, provider: Provider) -> Context:
    """Return what the section of the calendars' page shows about a provider's pushes."""
    status, shown = push_status(provider, now=staff.now), None
    if status:
        words, trouble = push_words(status, now=staff.now), push_trouble(status, zone=provider.zone)
        shown = PushShown(status.push, words, trouble)
    # Into one calendar at a time; another is chosen after the first has been stopped.
    may_start = staff.is_own(provider) and status is None
    return {
        "push": shown,
        "push_targets": calendars_to_push_into(provider) if may_start else [],
        "push_stop_form": StopForm(),
    }


@require_POST
@for_providers
def start(request: HttpRequest, staff: Staff, provider: Provider) -> HttpResponse:
    """Have one's appointments written into a calendar. A manager decides this for nobody."""
    ref = ref_in(request.POST.get("calendar"))
    return send_and_tell(
        request,
        staff,
        lambda now, **_by: push_into(ref, provider_id=provider.pk, now=now),
        told=_("Your appointments go into that calendar from now on. The first ones take a minute."),
        to=f"{reverse('calendars')}#push",
    )


@require_POST
@for_readers_of_settings
def stop(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Write no more, and take back what was written unless it shall stay."""
    # A manager may: a provider who has left can no longer do it.
    push = get_object_or_404(staff.own(CalendarPush.objects.select_related("provider")), ref=ref)
    if not staff.may_read_private(push.provider):
        raise Http404
    staff = staff.acting_for(push.provider)
    take_back = request.POST.get("entries") != "leave"
    return send_and_tell(
        request,
        staff,
        lambda now, **_by: stop_pushing(ref, take_back=take_back, now=now),
        told=_("Nothing more is written there. What was written is being taken back.")
        if take_back
        else _("Nothing more is written there. What was written stays."),
        to=f"{of_provider(reverse('calendars'), staff, push.provider)}#push",
    )

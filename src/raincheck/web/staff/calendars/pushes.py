"""A provider's appointments written into a calendar of theirs: switched on, shown how it goes, and stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms

from raincheck.actions.calendars.pushes import COPIES_REFUSED, stop_writing, write_into
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import CalendarWriting, Provider
from raincheck.domain.calendars.faults import why
from raincheck.domain.people import Actor
from raincheck.domain.refusals import Refusal
from raincheck.notifications import formats as wording
from raincheck.queries.calendars.pushes import Standing, calendars_to_write_into, standing_of
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
    ngettext,
    redirect,
    ref_in,
    require_POST,
    sentence_of,
)

JUST_NOW = timedelta(minutes=1)
SOME_REFUSED = later("its server does not take some of the entries")


class StopForm(PageForm):
    """What becomes of the entries that were written."""

    entries = forms.ChoiceField(
        label=later("The entries already there"),
        choices=[("take_back", later("Take them back")), ("leave", later("Leave them as they are"))],
        widget=forms.RadioSelect,
        initial="take_back",
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """How it goes, in sentences: the usual one, and what somebody has to know."""

    writing: CalendarWriting
    words: str
    trouble: str


def copies_shown(staff: Staff, provider: Provider, *, now: datetime) -> dict[str, Any]:
    """Return what the section of the calendars' page shows about a provider's copies."""
    standing = standing_of(provider, now=now)
    mine = not staff.is_manager
    return {
        "copies": _shown(standing, zone=provider.zone, now=now) if standing else None,
        "copies_targets": calendars_to_write_into(provider) if mine and standing is None else [],
        "copies_stop_form": StopForm(),
    }


@require_POST
@for_staff
def start(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Have one's appointments written into a calendar. A manager decides this for nobody: 404."""
    provider = staff.provider
    if provider is None:
        raise Http404
    ref = ref_in(request.POST.get("calendar"))

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # the calendar's owner alone can ask
        return write_into(ref, provider_id=provider.pk, now=now)

    said = _("Your appointments go into that calendar from now on. The first ones take a minute.")
    return _sent(request, staff, provider, verb, said=said)


@require_POST
@for_staff
def stop(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Write no more, and take back what was written unless it shall stay."""
    writing = get_object_or_404(staff.own(CalendarWriting.objects.select_related("provider")), ref=ref)
    take_back = request.POST.get("entries") != "leave"

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # it ends whoever ends it
        return stop_writing(ref, take_back=take_back, now=now)

    said = (
        _("Nothing more is written there. What was written is being taken back.")
        if take_back
        else _("Nothing more is written there. What was written stays.")
    )
    return _sent(request, staff, writing.provider, verb, said=said)


def _sent(
    request: HttpRequest, staff: Staff, provider: Provider, verb: Callable[..., Answer], *, said: str
) -> HttpResponse:
    try:
        Submission.of(request, by=staff.actor).run(verb)
        messages.success(request, said)
    except Refusal as refusal:
        messages.error(request, sentence_of(refusal))
    return redirect(f"{address(staff, provider, 'calendars')}#copies")


def _shown(standing: Standing, *, zone: str, now: datetime) -> Shown:
    return Shown(standing.writing, _words(standing, now=now), _trouble(standing, zone=zone))


def _words(standing: Standing, *, now: datetime) -> str:
    writing, name = standing.writing, standing.writing.calendar.name
    if writing.removing:
        return ngettext(
            "Stopped. %(count)d entry is still to be taken back from “%(name)s”.",
            "Stopped. %(count)d entries are still to be taken back from “%(name)s”.",
            standing.there,
        ) % {"count": standing.there, "name": name}
    if standing.waiting:
        return ngettext(
            "%(count)d appointment is on its way into “%(name)s”.",
            "%(count)d appointments are on their way into “%(name)s”.",
            standing.waiting,
        ) % {"count": standing.waiting, "name": name}
    if standing.latest_at is None:
        return _("Every new appointment goes into “%(name)s”.") % {"name": name}
    ago = now - standing.latest_at
    return _("“%(name)s” is up to date. The last change was written %(ago)s ago.") % {
        "name": name,
        "ago": wording.time_left(max(ago, JUST_NOW)),
    }


def _trouble(standing: Standing, *, zone: str) -> str:
    writing = standing.writing
    if writing.failing_since is not None:
        when = wording.short_day_and_time(writing.failing_since, zone)
        return _("Could not write since %(when)s: %(why)s. We keep trying.") % {
            "when": when,
            "why": SOME_REFUSED if writing.fault == COPIES_REFUSED else _(why(writing.fault)),
        }
    if standing.taken:
        return ngettext(
            "%(count)d appointment is left out: an entry that is not ours stands in its place.",
            "%(count)d appointments are left out: entries that are not ours stand in their place.",
            standing.taken,
        ) % {"count": standing.taken}
    return ""

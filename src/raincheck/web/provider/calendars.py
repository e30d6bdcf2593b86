"""A provider's own calendars: a file taken in as busy time, and one forgotten again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_POST

from raincheck.actions.calendars import import_busy_time, remove_calendar
from raincheck.actions.runner import Answer
from raincheck.data.calendars import BusyCalendar
from raincheck.data.people import Provider
from raincheck.domain.calendar_checks import reading_window
from raincheck.domain.calendars import (
    NAME_LENGTH,
    READING_REFUSALS,
    CalendarFileMissing,
    CalendarTooLarge,
    CalendarUnreadable,
    calendar_name,
)
from raincheck.domain.people import Actor
from raincheck.domain.refusals import Refusal
from raincheck.domain.zones import zone_named
from raincheck.integrations.calendars import kept_of, read_busy_safely
from raincheck.queries.calendars import calendars_of
from raincheck.web.acting import carry_out, status_of
from raincheck.web.provider.availability import address, heading, provider_shown
from raincheck.web.provider.calendar_copies import copies_shown
from raincheck.web.provider.calendar_feeds import feed_shown
from raincheck.web.provider.forms import PageForm, key_of, send
from raincheck.web.provider.page import show
from raincheck.web.requests import arrival_of
from raincheck.web.staff import Staff, for_staff


class CalendarForm(PageForm):
    """A calendar's name and its file."""

    name = forms.Field(  # cut to one plain line by the verb's own rule
        required=False,
        label=later("Name of the calendar"),
        help_text=later("A calendar with the same name is replaced."),
        widget=forms.TextInput(attrs={"maxlength": NAME_LENGTH}),
    )
    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        label=later("Calendar file (.ics)"),
        help_text=later("Only when you are busy is kept, never what an event is about."),
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
    )


@dataclass(frozen=True, slots=True)
class Typed:
    """The form shown again: what was typed, what could not be read, and what is wrong above it."""

    form: Any = None
    problems: Sequence[str] = ()
    refused: str = ""
    status: int = 200


@for_staff
def take_in(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the page; a POST reads a calendar file as busy time.

    One that cannot be read changes nothing, and what was typed stays.
    """
    provider = provider_shown(request, staff)
    if request.method != "POST":
        return page(request, staff, provider)
    try:
        answered = _import(request, provider, by=staff.actor)
    except Refusal as refusal:
        return _refused(request, staff, provider, refusal)
    messages.success(request, _("The calendar was read. Nobody is offered the times it keeps you busy."))
    return redirect(f"{address(staff, provider, 'calendars')}#calendar-{answered['calendar']}")


@require_POST
@for_staff
def remove(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Forget a calendar and its busy time."""
    calendar = get_object_or_404(
        staff.own(BusyCalendar.objects.select_related("provider__practice")), ref=ref
    )
    provider = calendar.provider

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # the calendar goes without a trace
        return remove_calendar(ref, provider_id=provider.pk, now=now)

    form = PageForm(request.POST)
    sent = send(request, form, verb, by=staff.actor)
    if sent.answer is None:
        said = " ".join(str(error) for error in form.non_field_errors())
        return page(request, staff, provider, Typed(refused=said, status=sent.status))
    messages.success(request, _("The calendar was removed, and its busy times with it."))
    return redirect(address(staff, provider, "calendars"))


def page(request: HttpRequest, staff: Staff, provider: Provider, typed: Typed | None = None) -> HttpResponse:
    """Render the calendars of one provider, with what was typed where a form is shown again."""
    typed = typed or Typed()
    context = heading(staff, provider, "calendars") | {
        "calendars": calendars_of(provider.pk, now=arrival_of(request).at),
        "calendar_form": typed.form or CalendarForm(),
        "calendar_problems": typed.problems,
        "refused": typed.refused,
        "key": key_of(request),
    }
    context |= feed_shown(staff, provider, now=arrival_of(request).at)
    context |= copies_shown(staff, provider, now=arrival_of(request).at)
    return show(
        request, staff, "raincheck/staff/calendars.html", context, current="availability", status=typed.status
    )


def _import(request: HttpRequest, provider: Provider, *, by: Actor) -> Answer:
    """Read the file first, outside of any transaction, then keep what it says."""
    now = arrival_of(request).at
    window = reading_window(now)
    name = calendar_name(request.POST.get("name", ""))
    reading = read_busy_safely(_uploaded(request), window=window, zone=zone_named(provider.zone))

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # a calendar is kept without who brought it
        return import_busy_time(
            provider.pk,
            name=name,
            kept=kept_of(reading, window=window),
            now=now,
        )

    return carry_out(request, verb, by=by)


def _uploaded(request: HttpRequest) -> bytes:
    """Return the file's bytes. Raises CalendarFileMissing, or CalendarTooLarge for one that was too large to be taken."""
    file = request.FILES.get("file")
    if file is not None and file.size:
        return bytes(file.read())
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        raise CalendarTooLarge
    raise CalendarFileMissing


def _refused(request: HttpRequest, staff: Staff, provider: Provider, refusal: Refusal) -> HttpResponse:
    form = CalendarForm(request.POST, request.FILES)
    if isinstance(refusal, READING_REFUSALS):
        refusal.field = "file"
    form.refuse(refusal)
    problems = refusal.problems if isinstance(refusal, CalendarUnreadable) else ()
    said = [problem.told(_(problem.template)) for problem in problems]
    typed = Typed(form, said, status=status_of(refusal))
    return page(request, staff, provider, typed)

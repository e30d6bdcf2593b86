"""A provider's own calendars: the list with its states, a file taken in as busy time, and one looked at or forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from raincheck.actions.calendars.checks import check_now
from raincheck.actions.calendars.sources import import_busy_time, keep_titles, remove_calendar
from raincheck.actions.engine.runner import Answer
from raincheck.data.calendars.busy import BusyCalendar
from raincheck.data.people import Provider
from raincheck.domain.calendars.busy import CalendarFileMissing, calendar_name
from raincheck.domain.calendars.checks import CalendarKind, reading_window
from raincheck.domain.calendars.faults import NEEDING_CREDENTIALS, CalendarTooLarge, CalendarUnreadable, why
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.refusals import Refusal
from raincheck.domain.zones import zone_named
from raincheck.integrations.caldav.accounts import is_installed
from raincheck.integrations.calendar_checks import check, stored
from raincheck.integrations.ics.files import read_busy_safely
from raincheck.queries.calendars.sources import calendars_of
from raincheck.web.requests import arrival_of
from raincheck.web.staff.availability.pages import address, heading, provider_shown
from raincheck.web.staff.calendars.feeds import feed_shown
from raincheck.web.staff.calendars.forms import AccountForm, FileForm, LinkForm
from raincheck.web.staff.calendars.pushes import copies_shown
from raincheck.web.staff.calendars.words import failing_words, updated_words
from raincheck.web.staff.shell.access import Staff, for_staff
from raincheck.web.staff.shell.forms import PageForm, send
from raincheck.web.staff.shell.page import show
from raincheck.web.submission import Submission, key_of, status_of


@dataclass(frozen=True, slots=True)
class Typed:
    """A form shown again: which one, what could not be read, and what is wrong above them all."""

    way: str = ""
    form: Any = None
    problems: Sequence[str] = ()
    refused: str = ""
    status: int = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A calendar as the list shows it."""

    row: BusyCalendar
    failing: str
    updated: str
    wants_secret: bool


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
    provider = _calendar(staff, ref).provider

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # the calendar goes without a trace
        return remove_calendar(ref, provider_id=provider.pk, now=now)

    said = _("The calendar was removed, and its busy times with it.")
    return _done_or_refused(request, staff, provider, verb, said=said)


@require_POST
@for_staff
def titles(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Keep the titles of a calendar's events, or forget them: the provider's own choice."""
    if staff.provider is None:
        raise Http404
    provider, keep = _calendar(staff, ref).provider, request.POST.get("keep") == "1"

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # it is always the provider
        return keep_titles(ref, provider_id=provider.pk, keep=keep, now=now)

    said = _("Titles come with the next reading.") if keep else _("The titles were erased.")
    return _done_or_refused(request, staff, provider, verb, said=said)


@require_POST
@for_staff
def look_now(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Read a calendar now instead of within the quarter of an hour."""
    calendar = _calendar(staff, ref)
    provider = calendar.provider

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # who looked is not kept
        return check_now(ref, provider_id=provider.pk, now=now)

    form = PageForm(request.POST)
    sent = send(request, form, verb, by=staff.actor)
    if sent.answer is None:
        return _refused_above(request, staff, provider, form, status=sent.status)
    code = check(calendar.pk, now=arrival_of(request).at, somebody_waits=True)
    if code:
        said = _("“%(name)s” could not be read: %(why)s. Times read before are still kept busy.")
        messages.warning(request, said % {"name": calendar.name, "why": _(why(code))})
    else:
        messages.success(request, _("“%(name)s” is up to date.") % {"name": calendar.name})
    return redirect(f"{address(staff, provider, 'calendars')}#calendar-{ref}")


def page(request: HttpRequest, staff: Staff, provider: Provider, typed: Typed | None = None) -> HttpResponse:
    """Render the calendars of one provider, with what was typed where a form is shown again."""
    typed = typed or Typed()
    now, is_own = arrival_of(request).at, not staff.is_manager
    forms = {"file": FileForm(is_own=is_own), "link": LinkForm(is_own=is_own), "account": AccountForm()}
    context = heading(staff, provider, "calendars") | {
        "calendars": [_shown(row, provider, now=now) for row in calendars_of(provider.pk, now=now)],
        "forms": forms | ({typed.way: typed.form} if typed.way else {}),
        "way": typed.way,
        "accounts_can_be_read": is_installed(),
        "calendar_problems": typed.problems,
        "refused": typed.refused,
        "key": key_of(request),
    }
    context |= feed_shown(staff, provider, now=now) | copies_shown(staff, provider, now=now)
    return show(
        request,
        staff,
        "raincheck/staff/calendars/calendars.html",
        context,
        current="availability",
        status=typed.status,
    )


def _shown(row: BusyCalendar, provider: Provider, *, now: datetime) -> Shown:
    zone = provider.zone
    return Shown(
        row,
        failing_words(row, zone=zone, now=now),
        "" if row.kind == CalendarKind.FILE else updated_words(row, zone=zone, now=now),
        row.fault in NEEDING_CREDENTIALS,
    )


def _calendar(staff: Staff, ref: UUID) -> BusyCalendar:
    return get_object_or_404(staff.own(BusyCalendar.objects.select_related("provider__practice")), ref=ref)


def _done_or_refused(
    request: HttpRequest, staff: Staff, provider: Provider, verb: Callable[..., Answer], *, said: str
) -> HttpResponse:
    form = PageForm(request.POST)
    sent = send(request, form, verb, by=staff.actor)
    if sent.answer is None:
        return _refused_above(request, staff, provider, form, status=sent.status)
    messages.success(request, said)
    return redirect(address(staff, provider, "calendars"))


def _refused_above(
    request: HttpRequest, staff: Staff, provider: Provider, form: PageForm, *, status: int
) -> HttpResponse:
    said = " ".join(str(error) for error in form.non_field_errors())
    return page(request, staff, provider, Typed(refused=said, status=status))


def _import(request: HttpRequest, provider: Provider, *, by: Actor) -> Answer:
    """Read the file first, outside of any transaction, then keep what it says."""
    now = arrival_of(request).at
    window = reading_window(now)
    name = calendar_name(request.POST.get("name", ""))
    reading = read_busy_safely(_uploaded(request), window=window, zone=zone_named(provider.zone))

    def verb(*, by: Actor, now: datetime) -> Answer:
        return import_busy_time(
            provider.pk,
            name=name,
            reading=stored(reading, window=window),
            keeps_titles=by.kind == ActorKind.PROVIDER and bool(request.POST.get("keeps_titles")),
            now=now,
        )

    return Submission.of(request, by=by).run(verb)


def _uploaded(request: HttpRequest) -> bytes:
    """Return the file's bytes. Raises CalendarFileMissing, or CalendarTooLarge for one that was too large to be taken."""
    file = request.FILES.get("file")
    if file is not None and file.size:
        return bytes(file.read())
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        raise CalendarTooLarge
    raise CalendarFileMissing


def _refused(request: HttpRequest, staff: Staff, provider: Provider, refusal: Refusal) -> HttpResponse:
    form = FileForm(request.POST, request.FILES, is_own=not staff.is_manager)
    form.refuse(refusal)
    return page(request, staff, provider, shown_again("file", form, refusal))


def shown_again(way: str, form: PageForm, refusal: Refusal) -> Typed:
    """Return a refused form as the page shows it, with what was wrong with each event."""
    problems = refusal.problems if isinstance(refusal, CalendarUnreadable) else ()
    said = [problem.told(_(problem.template)) for problem in problems]
    return Typed(way, form, said, status=status_of(refusal))

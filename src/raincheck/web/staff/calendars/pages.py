"""A provider's own calendars: the list with its states, a file taken in as busy time, and one looked at or forgotten."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from raincheck.actions.calendars.checks import check_now
from raincheck.actions.calendars.sources import import_busy_time, keep_titles, remove_calendar
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import BusyCalendar, Provider
from raincheck.domain.calendars.busy import (
    CalendarFileMissing,
    calendar_name,
)
from raincheck.domain.calendars.checks import CalendarKind, reading_window
from raincheck.domain.calendars.faults import NEEDING_CREDENTIALS, CalendarTooLarge, CalendarUnreadable, why
from raincheck.domain.refusals import Refusal
from raincheck.integrations.calendar_checks import check, stored
from raincheck.integrations.ics.files import read_busy_safely
from raincheck.queries.calendars.sources import calendars_of
from raincheck.web.requests import Ref
from raincheck.web.staff.availability.pages import heading
from raincheck.web.staff.calendars.feeds import feed_section
from raincheck.web.staff.calendars.forms import AccountForm, FileForm, LinkForm
from raincheck.web.staff.calendars.pushes import push_section
from raincheck.web.staff.calendars.words import failing_words, updated_words
from raincheck.web.staff.shell import (
    PageForm,
    Staff,
    chosen_provider,
    for_providers,
    for_readers_of_settings,
    of_provider,
    send,
    show,
    zone_of,
)
from raincheck.web.submission import Submission, key_of, status_of


@dataclass(frozen=True, slots=True)
class FormAgain:
    """A form shown again: which one, what could not be read, and what is wrong above them all."""

    way: str = ""
    form: Any = None
    problems: Sequence[str] = ()
    refused: str = ""
    status: int = 200


@dataclass(frozen=True, slots=True)
class CalendarShown:
    """A calendar as the list shows it."""

    row: BusyCalendar
    failing: str
    updated: str
    wants_secret: bool


@for_readers_of_settings
def calendars_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the page; a POST reads a calendar file as busy time.

    One that cannot be read changes nothing, and what was typed stays.
    """
    staff, provider = whose_calendars(request, staff)
    if request.method != "POST":
        return show_calendars(request, staff, provider)
    try:
        answered = _import(request, staff, provider)
    except Refusal as refusal:
        form = FileForm(request.POST, request.FILES, is_own=staff.is_own(provider))
        form.refuse(refusal)
        return show_calendars(request, staff, provider, shown_again("file", form, refusal))
    messages.success(request, _("The calendar was read. Nobody is offered the times it keeps you busy."))
    return redirect(at_calendar(staff, provider, answered["calendar"]))


@require_POST
@for_readers_of_settings
def remove(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Forget a calendar and its busy time."""
    provider = _calendar(staff, ref).provider
    staff = staff.acting_for(provider)
    return _done_or_refused(
        request,
        staff,
        provider,
        lambda now, **_by: remove_calendar(ref, provider_id=provider.pk, now=now),
        told=_("The calendar was removed, and its busy times with it."),
    )


@require_POST
@for_providers
def titles(request: HttpRequest, staff: Staff, provider: Provider, ref: Ref) -> HttpResponse:
    """Keep the titles of a calendar's events, or forget them: the provider's own choice."""
    # Only to be sure that it is theirs.
    _calendar(staff, ref)
    keep = request.POST.get("keep") == "1"
    return _done_or_refused(
        request,
        staff,
        provider,
        lambda now, **_by: keep_titles(ref, provider_id=provider.pk, keep=keep, now=now),
        told=_("Titles come with the next reading.") if keep else _("The titles were erased."),
    )


@require_POST
@for_readers_of_settings
def check_calendar(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Read a calendar now instead of within the quarter of an hour."""
    calendar, form = _calendar(staff, ref), PageForm(request.POST)
    provider = calendar.provider
    staff = staff.acting_for(provider)
    sent = send(request, staff, form, lambda now, **_by: check_now(ref, provider_id=provider.pk, now=now))
    if sent.answer is None:
        return _refused_above(request, staff, provider, form, status=sent.status)
    # After the commit: no transaction waits for somebody else's server.
    code = check(calendar.pk, now=staff.now, somebody_waits=True)
    if code:
        said = _("“%(name)s” could not be read: %(why)s. Times read before are still kept busy.")
        messages.warning(request, said % {"name": calendar.name, "why": _(why(code))})
    else:
        messages.success(request, _("“%(name)s” is up to date.") % {"name": calendar.name})
    return redirect(at_calendar(staff, provider, ref))


def at_calendar(staff: Staff, provider: Provider, ref: object) -> str:
    """Return the address of the page at one of its calendars."""
    return f"{of_provider(reverse('calendars'), staff, provider)}#calendar-{ref}"


def show_calendars(
    request: HttpRequest, staff: Staff, provider: Provider, again: FormAgain | None = None
) -> HttpResponse:
    """Render the calendars of one provider, with what was typed where a form is shown again."""
    again = again or FormAgain()
    zone, is_own = provider.zone, staff.is_own(provider)
    # Three ways in, the simplest first; the one that was refused opens with what was typed.
    forms = {"file": FileForm(is_own=is_own), "link": LinkForm(is_own=is_own), "account": AccountForm()}
    context = heading(staff, provider, "calendars") | {
        "calendars": [
            CalendarShown(
                row,
                failing_words(row, zone=zone, now=staff.now),
                # A file is read once: it grows old, and there is nothing to update.
                "" if row.kind == CalendarKind.FILE else updated_words(row, zone=zone, now=staff.now),
                row.fault in NEEDING_CREDENTIALS,
            )
            for row in calendars_of(provider.pk, now=staff.now)
        ],
        "forms": forms | ({again.way: again.form} if again.way else {}),
        "way": again.way,
        "calendar_problems": again.problems,
        "refused": again.refused,
        "key": key_of(request),
    }
    context |= feed_section(staff, provider) | push_section(staff, provider)
    return show(
        request,
        staff,
        "raincheck/staff/calendars/calendars.html",
        context,
        current="availability",
        status=again.status,
    )


def whose_calendars(request: HttpRequest, staff: Staff) -> tuple[Staff, Provider]:
    """Return the provider whose calendars are meant, and the reader as who they act there. Not a scheduler's to see: 404."""
    provider = chosen_provider(request, staff)
    if not staff.may_read_private(provider):
        raise Http404
    return staff.acting_for(provider), provider


def _calendar(staff: Staff, ref: Ref) -> BusyCalendar:
    row = get_object_or_404(staff.own(BusyCalendar.objects.select_related("provider__practice")), ref=ref)
    if not staff.may_read_private(row.provider):
        raise Http404
    return row


def _done_or_refused(
    request: HttpRequest, staff: Staff, provider: Provider, verb: Callable[..., Answer], *, told: str
) -> HttpResponse:
    form = PageForm(request.POST)
    sent = send(request, staff, form, verb)
    if sent.answer is None:
        return _refused_above(request, staff, provider, form, status=sent.status)
    messages.success(request, told)
    return redirect(of_provider(reverse("calendars"), staff, provider))


def _refused_above(
    request: HttpRequest, staff: Staff, provider: Provider, form: PageForm, *, status: int
) -> HttpResponse:
    said = " ".join(str(error) for error in form.non_field_errors())
    return show_calendars(request, staff, provider, FormAgain(refused=said, status=status))


def _import(request: HttpRequest, staff: Staff, provider: Provider) -> Answer:
    """Read the file first, outside of any transaction, then keep what it says."""
    window = reading_window(staff.now)
    name, file = calendar_name(request.POST.get("name", "")), request.FILES.get("file")
    if file is None or not file.size:
        # A file over the limit never gets as far as FILES; only its length tells it from none at all.
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            raise CalendarTooLarge
        raise CalendarFileMissing
    reading = read_busy_safely(bytes(file.read()), window=window, zone=zone_of(provider))
    # A box that only the provider's own page shows can still be sent.
    keeps_titles = staff.is_own(provider) and bool(request.POST.get("keeps_titles"))
    return Submission.of(request, by=staff.actor).run(
        lambda now, **_by: import_busy_time(
            provider.pk,
            name=name,
            reading=stored(reading, window=window),
            keeps_titles=keeps_titles,
            now=now,
        )
    )


def shown_again(way: str, form: PageForm, refusal: Refusal) -> FormAgain:
    """Return a refused form as the page shows it, with what was wrong with each event."""
    problems = refusal.problems if isinstance(refusal, CalendarUnreadable) else ()
    said = [problem.told(_(problem.template)) for problem in problems]
    return FormAgain(way, form, said, status=status_of(refusal))

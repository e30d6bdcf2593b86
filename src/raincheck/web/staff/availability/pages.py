"""Availability: a provider's weekly hours, and the open times they lead to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from raincheck.actions.availability import set_availability
from raincheck.data.models import Place, Provider
from raincheck.data.schedule import schedule_of, with_schedule
from raincheck.domain.availability.schedule import STEPS, HoursChangedMeanwhile, Schedule
from raincheck.domain.refusals import Refusal
from raincheck.notifications.formats import short_day_and_time
from raincheck.queries.appointments.listing import places_of
from raincheck.queries.availability.hours import last_save, next_open_times
from raincheck.queries.people import names_by_membership
from raincheck.web.staff.availability.hours import nights_to_ask_about
from raincheck.web.staff.availability.hours_warnings import hours_warnings
from raincheck.web.staff.availability.preview import preview_of
from raincheck.web.staff.availability.schedule_form import (
    Problem,
    ScheduleForm,
    form_of,
    form_typed,
    problems,
    read_form,
    typed_availability,
    with_refusals,
)
from raincheck.web.staff.shell import Context, Names, Staff, chosen_provider, for_staff, of_provider, show
from raincheck.web.submission import Submission, key_of, status_of
from raincheck.web.zone_choices import zone_choices

MINUTE = timedelta(minutes=1)
# In the session, until the page is next shown: refs of the appointments that a save left outside the hours.
LEFT_OUTSIDE = "left-outside"


@dataclass(frozen=True, slots=True)
class FormShown:
    """The form as it is to stand on the page, and what is wrong above it. `made_from` is the mark of the schedule it began with.

    `new` are the refs of the appointments that the last save left outside the hours.
    """

    form: ScheduleForm
    made_from: str
    problems: Sequence[Problem] = ()
    status: int = 200
    new: Collection[str] = ()


@for_staff
def availability_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the page; a POST saves the schedule, or only changes the form: a row or an entry more or less."""
    provider = chosen_provider(request, staff)
    staff, kept = staff.acting_for(provider), schedule_of(provider)
    if request.method != "POST":
        # Marked once: on the next look they are appointments outside the hours like the rest.
        new = request.session.pop(LEFT_OUTSIDE, ())
        return page(request, staff, provider, FormShown(form_of(kept, now=staff.now), kept.mark, new=new))
    post = request.POST
    form = form_typed(post, kept=kept, now=staff.now)
    if "add" in post:
        form = form.with_one_more(post["add"])
    elif "remove" in post:
        form = form.with_one_less(post["remove"])
    elif "copy" in post:
        day = post["copy"].partition("-")[0]
        form = form.with_copies(post["copy"], ticked=post.getlist(f"copy-{day}"))
    # A save over somebody else's hours is refused by this mark.
    shown = FormShown(form, post.get("made-from", kept.mark))
    # Without a script the preview is a button like the others: it shows the form again and saves nothing.
    if any(button in post for button in ("add", "remove", "copy", "preview")):
        return page(request, staff, provider, shown)
    return _save(request, staff, provider, shown)


def heading(staff: Staff, provider: Provider, page: str) -> Context:
    """Return what the head of every page of availability shows."""
    return {
        "provider": provider,
        "providers": staff.choices(),
        "whose": reverse(page),
        "here": of_provider(reverse(page), staff, provider),
        "with_calendars": staff.may_read_private(provider),
        "query": "" if staff.is_own(provider) else f"?provider={provider.ref}",
        "zone": provider.zone,
    }


def page(request: HttpRequest, staff: Staff, provider: Provider, shown: FormShown) -> HttpResponse:
    """Render the page of one provider with the form as it stands."""
    places, kept = list(places_of(staff.practice)), schedule_of(provider)
    typed, _wrong = read_form(shown.form.without_undated(), kept=kept, places=places, now=staff.now)
    schedule = typed or kept
    context = heading(staff, provider, "availability") | {
        "form": shown.form,
        "made_from": shown.made_from,
        # The product's steps, and the one that is kept if it is another.
        "steps": [(str(step // MINUTE), step) for step in sorted({*STEPS, provider.grid_step})],
        "zones": zone_choices(kept=provider.zone, chosen=shown.form.zone),
        "places": places,
        "zone": schedule.zone.key,
        "last_saved": _last_saved(provider, staff),
        "problems": shown.problems,
        "key": key_of(request),
    }
    context |= what_it_leads_to(request, staff, provider, schedule, places=places, new=shown.new)
    return show(
        request,
        staff,
        "raincheck/staff/availability/availability.html",
        context,
        current="availability",
        status=shown.status,
    )


def _last_saved(provider: Provider, staff: Staff) -> str:
    """Return who saved the hours last, and when; nothing while nobody has."""
    row = last_save(provider)
    if row is None:
        return ""
    # A colleague's save is named, so that a provider knows whom to ask.
    mine = (row.actor_kind, row.actor) == (staff.actor.kind, staff.actor.who)
    members = {} if mine else names_by_membership([(row.actor_kind, row.actor)])
    names = Names(client="", provider=provider.name, members=members)
    values = {
        "who": _("you") if mine else names.of(row.actor_kind, row.actor),
        "when": short_day_and_time(row.at, provider.zone, now=staff.now),
    }
    return _("Last saved by %(who)s, %(when)s") % values


def what_it_leads_to(
    request: HttpRequest,
    staff: Staff,
    provider: Provider,
    schedule: Schedule,
    *,
    places: Sequence[Place],
    new: Collection[str] = (),
) -> Context:
    """Return what stands beside the form: the open times that a schedule leads to, typed or kept, and what is odd about it."""
    # The schedule is put on a row that is never saved: questions are asked as if it were kept.
    imagined = with_schedule(provider, schedule)
    open_times = next_open_times(imagined, now=staff.now)
    warnings = hours_warnings(
        provider,
        schedule,
        kept=schedule_of(provider),
        places=places,
        has_open_times=bool(open_times and open_times.starts),
        now=staff.now,
        new=new,
    )
    addresses = {
        "here": of_provider(reverse("availability"), staff, provider),
        "preview_url": of_provider(reverse("availability-preview"), staff, provider),
    }
    preview = preview_of(imagined, said=request.POST, places=places, now=staff.now)
    return preview | addresses | {"hours_warnings": warnings}


@require_POST
@for_staff
def preview_part(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Answer with the open times that the typed form would lead to. What is typed is read, shown and kept nowhere."""
    provider, places = chosen_provider(request, staff), list(places_of(staff.practice))
    try:
        typed = typed_availability(request.POST, kept=schedule_of(provider), places=places, now=staff.now)
    except Refusal:
        # Half a time is being typed: what was shown before stays, with a word that it is not of this form.
        unread = render(request, "raincheck/staff/availability/preview_unread.html")
        unread["HX-Retarget"], unread["HX-Reswap"] = "#preview-unread", "outerHTML"
        return unread
    context = what_it_leads_to(request, staff, provider, typed, places=places)
    return render(request, "raincheck/staff/availability/preview_part.html", context)


def _save(request: HttpRequest, staff: Staff, provider: Provider, shown: FormShown) -> HttpResponse:
    places = list(places_of(staff.practice))
    schedule, refusals = read_form(shown.form, kept=schedule_of(provider), places=places, now=staff.now)
    refusals += nights_to_ask_about(shown.form.rows, refused={refusal.field for refusal in refusals})
    if schedule is None or refusals:
        return _refused(request, staff, provider, shown, refusals)

    try:
        answer = Submission.of(request, by=staff.actor).run(
            lambda **at: set_availability(
                provider.pk,
                availability=schedule.availability,
                step=schedule.step,
                zone=schedule.zone,
                zone_confirmed=shown.form.zone_confirmed,
                made_from=shown.made_from,
                **at,
            )
        )
    except Refusal as refusal:
        return _refused(request, staff, provider, shown, [refusal])
    left_outside = answer["left_outside"].split()
    request.session[LEFT_OUTSIDE] = left_outside
    words = _("Your hours are saved.")
    if left_outside:
        words = ngettext(
            "Your hours are saved. One appointment does not fit them any more; it stays as it is booked and is listed below.",
            "Your hours are saved. %(count)d appointments do not fit them any more; they stay as they are booked and are listed below.",
            len(left_outside),
        ) % {"count": len(left_outside)}
    messages.success(request, words)
    return redirect(of_provider(reverse("availability"), staff, provider))


def _refused(
    request: HttpRequest, staff: Staff, provider: Provider, shown: FormShown, refusals: Sequence[Refusal]
) -> HttpResponse:
    """Show the form again as it was typed, with each sentence where it belongs.

    After another save it goes on from what is kept by then: who has read the sentence may save over it.
    """
    stale = isinstance(refusals[0], HoursChangedMeanwhile)
    # Read before the other save, which is the one to go on from.
    provider.refresh_from_db()
    again = FormShown(
        with_refusals(shown.form, refusals),
        schedule_of(provider).mark if stale else shown.made_from,
        problems(shown.form, refusals),
        status_of(refusals[0]),
    )
    return page(request, staff, provider, again)

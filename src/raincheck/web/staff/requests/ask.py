"""The ask: a form about one or several appointments of a client, what to know before sending, and the sending."""

from dataclasses import dataclass
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods

from raincheck.actions.reschedule.ask import ask_to_reschedule
from raincheck.data.models import Appointment, RescheduleRequest
from raincheck.notifications.formats import short_day_and_time
from raincheck.queries.appointments.listing import open_request
from raincheck.queries.reschedule.ask import Candidate, candidates, reach_of
from raincheck.web.requests import Ref
from raincheck.web.staff.appointments.appointment import calendar_at, head_of, own_appointment
from raincheck.web.staff.appointments.edit_menu import ask_label, why_not_ask
from raincheck.web.staff.appointments.words import asked, block_words, too_late_to_ask, type_words, when
from raincheck.web.staff.requests.ask_form import AskForm, prefilled, span_to_block
from raincheck.web.staff.requests.ask_preview import ask_preview
from raincheck.web.staff.requests.suggest_calendar import LOOK, day_looked_at, suggest_calendar
from raincheck.web.staff.shell import Context, Staff, for_staff, send, show, shown_at, zone_of
from raincheck.web.staff.shell.undo import say_until_undone, undoable_ask
from raincheck.web.submission import first_answer, has_acted, key_of


@dataclass(frozen=True, slots=True)
class Box:
    """One appointment of "Which appointments?"; with a `why_not` it cannot be ticked."""

    ref: Ref
    sequence: int
    day: str
    when: str
    type: str
    ticked: bool
    why_not: str


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def ask_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Show the form, or why asking is not possible; send it to the client."""
    row = own_appointment(staff, ref)
    staff = staff.acting_for(row.provider)
    # All upcoming ones of this client with this provider: one message is better than three.
    about: Context = {
        "appointment": row,
        "candidates": candidates(row, now=staff.now),
        # Who may not read a private note writes none: nobody would know whose it is to answer for.
        "with_private_note": staff.may_read_private(row.provider),
        "now": staff.now,
    }
    if request.method == "POST":
        form = AskForm(request.POST, **about)
        sound = form.is_valid()
        # A button of the calendar shows another day of it, without a script too, and nothing is sent.
        if LOOK in request.POST:
            return _page(request, staff, row, form)
        settled = sound and not form.is_news
        # Sent again it gets its first answer: what it asked about can be asked about no more.
        if not settled and not has_acted(request, staff.actor):
            return _page(request, staff, row, form, status=422)
        verb = (
            partial(ask_to_reschedule, form.ask(), practice_id=row.practice_id) if settled else first_answer
        )
        sent = send(request, staff, form, verb)
        if sent.answer is None:
            return _page(request, staff, row, form, status=sent.status)
        asked = RescheduleRequest.objects.select_related("batch").get(ref=sent.answer["request"])
        count = RescheduleRequest.objects.filter(batch=asked.batch_id).count()
        words = ngettext(
            "%(name)s is asked to choose a new time.",
            "%(name)s is asked to choose new times for %(count)d appointments.",
            count,
        )
        told, undo = words % {"name": row.client.known_as, "count": count}, undoable_ask(asked, now=staff.now)
        # Nothing is sent before the time to undo is over.
        say_until_undone(request, told if undo else _("Sent. %(told)s") % {"told": told}, undo)
        return redirect(calendar_at(staff, row))
    why_not = why_not_ask(row, open_request(row), now=staff.now)
    if why_not:
        context = head_of(row, now=staff.now) | {"heading": ask_label(row), "why_not": why_not}
        return show(
            request, staff, "raincheck/staff/requests/ask_not_possible.html", context, current="appointments"
        )
    # The form asks with what is ticked so far, to show the panel beside it; nothing is refused yet.
    if getattr(request, "htmx", False):
        form = AskForm(request.GET, **about)
        form.is_valid()
        if LOOK in request.GET:
            context = _calendar(request, row, form) | {
                "form": form,
                "client": row.client,
                "path": request.path,
            }
            return render(request, "raincheck/staff/requests/suggest_times.html", context)
        return render(request, "raincheck/staff/requests/ask_parts.html", _context(request, row, form))
    form = AskForm(initial=prefilled(row), **about)
    span = span_to_block(row)
    if span is not None:
        form.look_inside(span, besides=[row.pk])
    return _page(request, staff, row, form)


def _page(
    request: HttpRequest, staff: Staff, row: Appointment, form: AskForm, *, status: int = 200
) -> HttpResponse:
    context = _context(request, row, form) | _calendar(request, row, form) | {"key": key_of(request)}
    return show(
        request, staff, "raincheck/staff/requests/ask.html", context, current="appointments", status=status
    )


def _calendar(request: HttpRequest, row: Appointment, form: AskForm) -> Context:
    """Return the calendar in which times are suggested for what is ticked."""
    said = request.POST if request.method == "POST" else request.GET
    wanted = day_looked_at(said, form.starts, provider=row.provider)
    appointments = [one.appointment for one in form.ticked if one.can_be_asked] or [row]
    calendar = suggest_calendar(appointments, form.starts, wanted=wanted, now=form.now)
    return {"calendar": calendar, "zone": row.provider.zone}


def _context(request: HttpRequest, row: Appointment, form: AskForm) -> Context:
    reach, zone = reach_of(row.client), row.provider.zone
    preview = ask_preview(row, form.ticked, reach, now=form.now, block=form.span, by_video=form.offers_video)
    channels = _("Text") if reach.text else _("E-mail")
    if reach.email and reach.text:
        channels = _("E-mail and text")
    return {
        "appointment": row,
        "client": row.client,
        "form": form,
        "heading": ask_label(row),
        "zone": zone,
        "boxes": [_box(one, form) for one in form.candidates],
        "reach": reach,
        "channels": channels,
        "ask_preview": preview,
        "suggested": [short_day_and_time(start, zone, now=form.now) for start in sorted(set(form.starts))],
        # The boxes to confirm stay out of sight until something needs them.
        "confirms": preview["last_minute"] or preview["earlier_asks"] or form["last_minute"].errors,
        "path": request.path,
        # The part that the form asks for is rendered without the shell, which has it otherwise.
        "now": form.now,
        "block_words": when(form.span, zone, now=form.now) if form.span else "",
        "blocked_already": [block_words(block, zone, now=form.now) for block in form.blocks],
    }


def _box(one: Candidate, form: AskForm) -> Box:
    row, why_not = one.appointment, ""
    if one.request is not None:
        why_not = asked(one.request, now=form.now)
    elif one.deadline_at is None:
        why_not = too_late_to_ask(row)
    return Box(
        ref=row.ref,
        sequence=row.ical_sequence,
        day=shown_at(row.starts_at, zone=zone_of(row.provider)).date().isoformat(),
        when=short_day_and_time(row.starts_at, row.provider.zone, now=form.now),
        type=type_words(row),
        ticked=any(other.appointment.pk == row.pk for other in form.ticked),
        why_not=why_not,
    )

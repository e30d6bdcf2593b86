"""A client's own appointment: how it stands, and the ways to move or cancel it until the cut-off."""

from datetime import datetime
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from raincheck.actions.appointments.self_service import (
    cancel_own_appointment,
    move_own_appointment,
    want_reminders,
)
from raincheck.data.models import Appointment, Recipient
from raincheck.domain.appointments import SlotNotOpen, SlotTaken
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule import NOTE_LIMIT
from raincheck.notifications.formats import long_day_and_time
from raincheck.queries.appointments.own import (
    appointment_named,
    good_times_to_move,
    how_it_stands,
    move_starts,
    own_recipient_of,
)
from raincheck.queries.reschedule.choose import sessions_ahead
from raincheck.web.client.link_access import Visit, for_appointment
from raincheck.web.client.outcome_pages import others_stand, own_ending, where
from raincheck.web.client.page import calendar_file, said_to_client, show
from raincheck.web.client.picker import FIELD, Times, Wanted, already, chosen_in, times, way_on
from raincheck.web.client.slots import start_from, value_of
from raincheck.web.client.times import Clock
from raincheck.web.submission import Submission, status_of

form_or_answer = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@for_appointment
def own_appointment(request: HttpRequest, visit: Visit) -> HttpResponse:
    """How the appointment stands now, with the ways on that its state leaves."""
    return _page(request, visit)


@form_or_answer
@for_appointment
def move(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Choose another time and move the appointment to it; a POST may also only look at another day."""
    row, home = _appointment(visit), visit.address("move")
    if request.method != "POST":
        return _move_page(request, visit)
    if "see" in request.POST or "go" in request.POST:
        ways = {name: visit.address(name) for name in ("write", "zone", "cancel")}
        return way_on(request, home=home, ways=ways)
    start = None
    try:
        start = start_from(request.POST.get("start", ""))
        # As with a pick: without a script the words on the button named no time, so they are asked about once.
        if request.POST.get("confirmed") != value_of(start):
            if start not in move_starts(row, now=visit.now):
                raise SlotNotOpen
            return _confirm_page(request, visit, start)
        verb = partial(move_own_appointment, row.ref, start=start, sequence=_sequence(request))
        Submission.of(request, by=visit.actor).run(verb)
    except Refusal as refusal:
        lost = ""
        if isinstance(refusal, SlotTaken) and start is not None:
            when = Clock.at(_appointment(visit).place, own=visit.zone).short(start)
            lost = _("%(when)s was just taken. Your appointment stands as it was.") % {"when": when}
        told = said_to_client(refusal)
        return _move_page(request, visit, sentence=told, lost=lost, status=status_of(refusal))
    messages.success(request, _("Your appointment was moved. A confirmation is on its way to you."))
    return HttpResponseRedirect(visit.address())


@form_or_answer
@for_appointment
def cancel(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Cancel the appointment; GET asks once more, naming it."""
    row = _appointment(visit)
    if request.method != "POST":
        if how_it_stands(row, now=visit.now).changes_until is None:
            return HttpResponseRedirect(visit.address())
        return _cancel_page(request, visit, row)
    reason = request.POST.get("reason", "")
    try:
        verb = partial(cancel_own_appointment, row.ref, sequence=_sequence(request), words=reason)
        Submission.of(request, by=visit.actor).run(verb)
    except Refusal as refusal:
        now_so = _read_again(visit)
        if how_it_stands(now_so, now=visit.now).changes_until is None:
            return _page(request, visit, sentence=said_to_client(refusal), status=status_of(refusal))
        context: dict[str, object] = {"reason": reason, "refused": said_to_client(refusal)}
        return _cancel_page(request, visit, now_so, context, status=status_of(refusal))
    return HttpResponseRedirect(visit.address())


@require_POST
@for_appointment
def reminders(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Stop reminders of appointments, or have them again."""
    recipient, wanted = _recipient(visit), request.POST.get("wanted") == "yes"
    if recipient is None:
        return HttpResponseRedirect(visit.address())
    try:
        Submission.of(request, by=visit.actor).run(partial(want_reminders, recipient.pk, wanted=wanted))
    except Refusal as refusal:
        return _page(request, visit, sentence=said_to_client(refusal), status=status_of(refusal))
    said = (
        _("You get reminders again.") if wanted else _("You get no more reminders. Your appointments stand.")
    )
    messages.success(request, said)
    return HttpResponseRedirect(visit.address())


@require_safe
@for_appointment
def calendar(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The appointment as a calendar file."""
    return calendar_file(request, visit, _appointment(visit))


def _page(request: HttpRequest, visit: Visit, *, sentence: str = "", status: int = 200) -> HttpResponse:
    stands = how_it_stands(_read_again(visit) if sentence else _appointment(visit), now=visit.now)
    recipient = _recipient(visit)
    ahead = stands.offer is None and stands.appointment.starts_at > visit.now
    context = {
        "ending": own_ending(stands, visit),
        "for_medicine": stands.appointment.type.for_medicine,
        "may_change": stands.changes_until is not None,
        "asked_url": reverse("choose", args=[stands.asked.batch.ref]) if stands.asked else "",
        "move_url": visit.address("move"),
        "cancel_url": visit.address("cancel"),
        "reminders_url": visit.address("reminders") if recipient is not None and ahead else "",
        "gets_reminders": recipient is not None and recipient.reminders_off_at is None,
        "refused": sentence,
    }
    return show(request, visit, "own_appointment.html", context, status=status)


def _move_page(
    request: HttpRequest, visit: Visit, *, sentence: str = "", lost: str = "", status: int = 200
) -> HttpResponse:
    row = _read_again(visit)
    until = how_it_stands(row, now=visit.now).changes_until
    if until is None:
        return _page(request, visit, sentence=sentence, status=status)
    clock = Clock.at(row.place, own=visit.zone)
    context = {
        "when": clock.when(row.starts_at, now=visit.now),
        "until": long_day_and_time(until, visit.zone, now=visit.now),
        "where": where(row.place, visit.provider, row.length),
        "clock": clock,
        "ref": str(row.ref),
        "sequence": row.ical_sequence,
        "times": _times(request, visit, row, clock, lost=lost),
        "refused": "" if lost else sentence,
        "look_url": visit.address("move"),
        "back_url": visit.address(),
    }
    return show(request, visit, "move.html", context, status=status)


def _confirm_page(request: HttpRequest, visit: Visit, start: datetime) -> HttpResponse:
    row = _appointment(visit)
    clock = Clock.at(row.place, own=visit.zone)
    context = {
        "former": clock.when(row.starts_at, now=visit.now),
        "when": clock.when(start, now=visit.now),
        "named": clock.named(start),
        "short": clock.short(start),
        "start": value_of(start),
        "action": visit.address("move"),
        "where": where(row.place, visit.provider, row.length),
        "chosen": {"sequence": _sequence(request)},
        "home": visit.address("move"),
    }
    return show(request, visit, "confirm.html", context)


def _cancel_page(
    request: HttpRequest,
    visit: Visit,
    row: Appointment,
    context: dict[str, object] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    clock = Clock.at(row.place, own=visit.zone)
    shown = {
        "when": clock.when(row.starts_at, now=visit.now),
        "named": clock.named(row.starts_at),
        "where": where(row.place, visit.provider, row.length),
        "limit": NOTE_LIMIT,
        "others_stand": others_stand(visit),
        "action": visit.address("cancel"),
        "sequence": row.ical_sequence,
    }
    return show(request, visit, "cancel.html", shown | (context or {}), status=status)


def _times(request: HttpRequest, visit: Visit, row: Appointment, clock: Clock, *, lost: str) -> Times:
    said = request.POST if request.method == "POST" else request.GET
    chosen, starts = chosen_in(said, FIELD), move_starts(row, now=visit.now)
    lost_at = chosen if chosen not in starts else None
    if lost_at and not lost:
        lost = _("%(when)s is not open any more. Your appointment stands as it was.") % {
            "when": clock.short(lost_at)
        }
    own = visit.link is None or visit.link.recipient.is_client
    ahead = sessions_ahead(visit.client.pk, now=visit.now, but=[row.pk])
    return times(
        starts,
        good_times_to_move(row, starts, zone=visit.zone, now=visit.now),
        clock,
        id="move",
        field=FIELD,
        asked_at=row.starts_at,
        wanted=Wanted.of(request.GET),
        chosen=chosen,
        lost=lost if lost_at else "",
        lost_at=lost_at,
        notes=already(ahead, clock) if own else None,
    )


def _sequence(request: HttpRequest) -> int:
    said = request.POST.get("sequence", "")
    # Of a form without it nobody knows what its sender saw, so that it changes nothing.
    return int(said) if said.isdecimal() and len(said) < 10 else -1


def _recipient(visit: Visit) -> Recipient | None:
    return visit.link.recipient if visit.link is not None else own_recipient_of(_appointment(visit))


def _read_again(visit: Visit) -> Appointment:
    """Return the appointment as it is now: somebody may have been quicker."""
    return appointment_named(visit.about.ref) or _appointment(visit)


def _appointment(visit: Visit) -> Appointment:
    assert isinstance(visit.about, Appointment), "the address names an appointment"
    return visit.about

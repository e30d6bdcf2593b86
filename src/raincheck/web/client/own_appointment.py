"""A client's own appointment: how it stands, and the ways to move or cancel it until the cut-off."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from raincheck.actions.appointments.holding import to_move
from raincheck.actions.appointments.self_service import (
    cancel_own_appointment,
    move_own_appointment,
    want_reminders,
)
from raincheck.actions.reschedule.whereabouts import say_where
from raincheck.data.models import Appointment, Recipient
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.lifecycle import NOTE_LIMIT
from raincheck.queries.appointments.own import (
    appointment_named,
    how_it_stands,
    move_starts,
    own_recipient_of,
)
from raincheck.web.client.holding import Holding, held_part
from raincheck.web.client.link_access import Visit, for_appointment
from raincheck.web.client.moving import Moving, move_at_wish, sequence_of
from raincheck.web.client.outcome_pages import others_stand, own_ending, where
from raincheck.web.client.page import calendar_file, said_to_client, show
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

    def look() -> Moving:
        row = _read_again(visit)
        return Moving(
            row,
            how_it_stands(row, now=visit.now).changes_until,
            move_starts(row, now=visit.now),
            partial(move_own_appointment, row.ref),
            to_move(row.ref),
            home=visit.address("move"),
            back=visit.address(),
            hold_url=visit.address("hold"),
            ways={name: visit.address(name) for name in ("write", "zone", "cancel")},
        )

    def closed(sentence: str, status: int) -> HttpResponse:
        return _page(request, visit, sentence=sentence, status=status)

    return move_at_wish(request, visit, look, closed)


@require_POST
@for_appointment
def hold(request: HttpRequest, visit: Visit, step: str = "") -> HttpResponse:
    """Hold the time that was chosen, in place of the one before; hold it longer, or let it go."""
    row = _appointment(visit)
    return held_part(request, visit, Holding.of_wish(to_move(row.ref), row.place), step)


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
        verb = partial(cancel_own_appointment, row.ref, sequence=sequence_of(request), words=reason)
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


@form_or_answer
@for_appointment
def where_will_you_be(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say where one will be at a session by video; its page then shows what was said."""
    if request.method == "POST":
        region = request.POST.get("region", "")
        try:
            Submission.of(request, by=visit.actor).run(partial(say_where, visit.about.ref, region=region))
        except Refusal as refusal:
            return _page(request, visit, sentence=said_to_client(refusal), status=status_of(refusal))
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


def _recipient(visit: Visit) -> Recipient | None:
    return visit.link.recipient if visit.link is not None else own_recipient_of(_appointment(visit))


def _read_again(visit: Visit) -> Appointment:
    """Return the appointment as it is now: somebody may have been quicker."""
    return appointment_named(visit.about.ref) or _appointment(visit)


def _appointment(visit: Visit) -> Appointment:
    assert isinstance(visit.about, Appointment), "the address names an appointment"
    return visit.about

"""The client's answers: a new time, cancel instead, or that nobody came."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from raincheck.actions.reschedule.answer import decline, keep_by_video, pick_new_time
from raincheck.actions.reschedule.waiting import nobody_came as say_that_nobody_came
from raincheck.actions.reschedule.whereabouts import say_where
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import SlotNotOpen
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.by_video import VideoOfferEnded
from raincheck.domain.reschedule.lifecycle import NOTE_LIMIT, AlreadySettled
from raincheck.queries.reschedule.choose import choices, waits
from raincheck.web.client import access_denied
from raincheck.web.client.asked import Refused
from raincheck.web.client.choosing import batch_of, batch_page, ending_page, request_row
from raincheck.web.client.holding import Holding, held_by, held_part
from raincheck.web.client.link_access import Visit, for_batch
from raincheck.web.client.outcome_pages import others_stand, where
from raincheck.web.client.page import answer, note_opened, said_to_client, show
from raincheck.web.client.picker import FIELD, carried, field_of, keep_words, others_chosen
from raincheck.web.client.slots import start_from, value_of
from raincheck.web.client.times import Clock
from raincheck.web.submission import key_of, status_of

form_or_answer = require_http_methods(["GET", "HEAD", "POST"])


@form_or_answer
@for_batch
def request_page(request: HttpRequest, visit: Visit, request_ref: UUID) -> HttpResponse:
    """One request of the batch: POST picks a time for it, or keeps the one it has; GET shows its ending."""
    row = request_row(visit, request_ref)
    if row is None:
        return access_denied.unknown(request)
    if request.method != "POST":
        if waits(row, now=visit.now):
            return HttpResponseRedirect(f"{visit.address()}#request-{row.ref}")
        return ending_page(request, visit, row)
    start, field = None, field_of(row.ref, several=True)
    try:
        start = start_from(request.POST.get(field) or request.POST.get(FIELD, ""))
        keeps = row.video_offered and start == row.asked_starts_at
        # The script says which words stood on the button. Without it nobody has read yet what they are about to do,
        # so they are asked once with the full words.
        if request.POST.get("confirmed") != value_of(start):
            note_opened(visit)
            if not waits(row, now=visit.now):
                raise AlreadySettled
            [choice] = choices(batch_of(visit), [row], zone=visit.zone, now=visit.now)
            if keeps and not choice.by_video:
                raise VideoOfferEnded
            if not keeps and start not in choice.starts:
                raise SlotNotOpen
            clock = Clock.at(row.appointment.place, own=visit.zone)
            context = {
                "held": None if keeps else held_by(Holding.of_request(row), visit, start=start),
                "former": clock.when(row.asked_starts_at, now=visit.now),
                "when": clock.when(start, now=visit.now),
                "named": clock.named(start),
                "short": clock.short(start),
                "start": value_of(start),
                "action": visit.address("request", row.ref),
                "where": where(row.appointment.place, visit.provider, row.appointment.length),
                "keep": keep_words(start, clock) if keeps else "",
                "chosen": others_chosen(request, but=(field, FIELD)),
            }
            return show(request, visit, "confirm.html", context)
        verb = partial(keep_by_video, row.ref) if keeps else partial(pick_new_time, row.ref, start=start)
        answer(request, visit, verb)
    except Refusal as refusal:
        return _refused(request, visit, row.ref, refusal, start=start)
    kept = carried(request, without=(field, FIELD))
    return HttpResponseRedirect(f"{visit.address('request', row.ref)}{kept}")


@require_POST
@for_batch
def hold(request: HttpRequest, visit: Visit, request_ref: UUID, step: str = "") -> HttpResponse:
    """Hold the time that was chosen, in place of the one before; hold it longer, or let it go."""
    row = request_row(visit, request_ref)
    if row is None:
        return access_denied.unknown(request)
    return held_part(request, visit, Holding.of_request(row), step)


@form_or_answer
@for_batch
def cancel(request: HttpRequest, visit: Visit, request_ref: UUID) -> HttpResponse:
    """Cancel one appointment instead of moving it; GET asks once more, naming it."""
    row = request_row(visit, request_ref)
    if row is None:
        return access_denied.unknown(request)
    if request.method != "POST":
        waiting = waits(row, now=visit.now)
        return _cancel_page(request, visit, row) if waiting else ending_page(request, visit, row)
    reason = request.POST.get("reason", "")
    try:
        answer(request, visit, partial(decline, row.ref, reason=reason))
    except Refusal as refusal:
        # Another answer may have come in between: then its ending is what there is to show.
        now_so = request_row(visit, row.ref)
        if now_so is not None and waits(now_so, now=visit.now):
            context: dict[str, object] = {"reason": reason, "refused": said_to_client(refusal)}
            return _cancel_page(request, visit, now_so, context, status=status_of(refusal))
        return _refused(request, visit, row.ref, refusal, start=None)
    kept = carried(request, without=(field_of(row.ref, several=True), FIELD))
    return HttpResponseRedirect(f"{visit.address('request', row.ref)}{kept}")


@form_or_answer
@for_batch
def nobody_came(request: HttpRequest, visit: Visit, request_ref: UUID) -> HttpResponse:
    """Say that nobody came to a session that was never settled; its page then shows that the practice was told."""
    row = request_row(visit, request_ref)
    if row is None:
        return access_denied.unknown(request)
    if request.method == "POST":
        try:
            answer(request, visit, partial(say_that_nobody_came, row.ref))
        except Refusal as refusal:
            return _refused(request, visit, row.ref, refusal, start=None)
    return HttpResponseRedirect(visit.address("request", row.ref))


@form_or_answer
@for_batch
def where_will_you_be(request: HttpRequest, visit: Visit, request_ref: UUID) -> HttpResponse:
    """Say where one will be at a time by video that was chosen; its page then shows what was said."""
    row = request_row(visit, request_ref)
    if row is None:
        return access_denied.unknown(request)
    if request.method == "POST":
        try:
            answer(
                request, visit, partial(say_where, row.appointment.ref, region=request.POST.get("region", ""))
            )
        except Refusal as refusal:
            return _refused(request, visit, row.ref, refusal, start=None)
    return HttpResponseRedirect(visit.address("request", row.ref))


def _refused(
    request: HttpRequest, visit: Visit, ref: UUID, refusal: Refusal, *, start: datetime | None
) -> HttpResponse:
    """Say so above how things stand now: the remaining times while the request is open, else its ending."""
    sentence, status = said_to_client(refusal), status_of(refusal)
    # Read again: whoever was quicker has changed it since.
    row = request_row(visit, ref)
    if row is not None and not waits(row, now=visit.now):
        return ending_page(request, visit, row, sentence=sentence, status=status)
    refused = Refused(ref, start, key_of(request), refusal)
    # Where a time was lost, that stands with the times in its place.
    above = "" if refused.is_lost else sentence
    return batch_page(request, visit, refused=refused, sentence=above, status=status)


def _cancel_page(
    request: HttpRequest,
    visit: Visit,
    row: RescheduleRequest,
    context: dict[str, object] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    clock = Clock.at(row.appointment.place, own=visit.zone)
    shown = {
        "when": clock.when(row.asked_starts_at, now=visit.now),
        "named": clock.named(row.asked_starts_at),
        "where": where(row.appointment.place, visit.provider, row.appointment.length),
        "limit": NOTE_LIMIT,
        "others_stand": others_stand(visit),
        "action": f"{visit.address('cancel', row.ref)}{carried(request)}",
    }
    return show(request, visit, "cancel.html", shown | (context or {}), status=status)

"""The client's answers: a new time, cancel instead, or none of these work."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.answer import decline, none_work, pick_new_time
from raincheck.data.reschedule import RescheduleBatch, RescheduleRequest
from raincheck.domain.appointments import SlotNotOpen
from raincheck.domain.conversations import MESSAGE_LIMIT
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule import NOTE_LIMIT, AlreadySettled
from raincheck.notifications.formats import long_day_and_time
from raincheck.queries.reschedule.choose import choices, waiting_in, waits
from raincheck.web.client import access_denied
from raincheck.web.client.asked import Refused
from raincheck.web.client.choosing import batch_of, batch_page, ending_page, request_row
from raincheck.web.client.link_access import Visit, for_batch
from raincheck.web.client.outcome_pages import others_stand, where
from raincheck.web.client.page import answer, note_opened, said_to_client, show
from raincheck.web.client.slots import start_from, value_of
from raincheck.web.client.times import Clock
from raincheck.web.submission import key_of, status_of

form_or_answer = require_http_methods(["GET", "HEAD", "POST"])


@form_or_answer
@for_batch
def request_page(request: HttpRequest, visit: Visit, request_ref: UUID) -> HttpResponse:
    """One request of the batch: POST picks a time for it, GET shows its ending."""
    row = request_row(visit, request_ref)
    if row is None:
        return access_denied.unknown(request)
    if request.method != "POST":
        if waits(row, now=visit.now):
            return HttpResponseRedirect(f"{visit.address()}#request-{row.ref}")
        return ending_page(request, visit, row)
    start = None
    try:
        start = start_from(request.POST.get("start", ""))
        # The script says which words stood on the button. Without it nobody has read yet what they are about to do,
        # so they are asked once with the full words.
        if request.POST.get("confirmed") != value_of(start):
            note_opened(visit)
            if not waits(row, now=visit.now):
                raise AlreadySettled
            [choice] = choices(batch_of(visit), [row], zone=visit.zone, now=visit.now)
            if start not in choice.starts:
                raise SlotNotOpen
            clock = Clock.at(row.appointment.place, own=visit.zone)
            context = {
                "former": clock.when(row.asked_starts_at, now=visit.now),
                "when": clock.when(start, now=visit.now),
                "named": clock.named(start),
                "short": clock.short(start),
                "start": value_of(start),
                "action": visit.address("request", row.ref),
            }
            return show(request, visit, "confirm.html", context)
        answer(request, visit, partial(pick_new_time, row.ref, start=start))
    except Refusal as refusal:
        return _refused(request, visit, row.ref, refusal, start=start)
    return HttpResponseRedirect(visit.address("request", row.ref))


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
    return HttpResponseRedirect(visit.address("request", row.ref))


@form_or_answer
def write(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Write to the provider; while a request of the batch is open that says that none of its times work."""
    words, before = request.POST.get("words", ""), _deadline(visit)
    if request.method != "POST":
        return _write_page(request, visit, before)
    verb: Callable[..., Answer] = partial(write_message, visit.provider.pk, visit.client.pk, words=words)
    if isinstance(visit.about, RescheduleBatch) and before is not None:
        verb = partial(none_work, visit.about, words=words)
    try:
        answer(request, visit, verb)
    except Refusal as refusal:
        context: dict[str, object] = {"words": words, "refused": said_to_client(refusal)}
        return _write_page(request, visit, _deadline(visit), context, status=status_of(refusal))
    sent = _("Your message is on its way to %(provider)s.") % {"provider": visit.provider.short_name}
    after = _deadline(visit)
    if after is not None and after != before:
        # Words may have moved the deadline; whoever wrote them must not go on believing in the old one.
        until = long_day_and_time(after, visit.zone, now=visit.now)
        sent = f"{sent} {_('You now have until %(instant)s to choose.') % {'instant': until}}"
    messages.success(request, sent)
    return HttpResponseRedirect(visit.address())


def _refused(
    request: HttpRequest, visit: Visit, ref: UUID, refusal: Refusal, *, start: datetime | None
) -> HttpResponse:
    """Say so above how things stand now: the remaining times while the request is open, else its ending."""
    sentence, status = said_to_client(refusal), status_of(refusal)
    # Read again: whoever was quicker has changed it since.
    row = request_row(visit, ref)
    if row is not None and not waits(row, now=visit.now):
        return ending_page(request, visit, row, sentence=sentence, status=status)
    refused = Refused(ref, start, key_of(request))
    return batch_page(request, visit, refused=refused, sentence=sentence, status=status)


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
        "where": where(row.appointment.place, visit.provider),
        "limit": NOTE_LIMIT,
        "others_stand": others_stand(visit),
        "action": visit.address("cancel", row.ref),
    }
    return show(request, visit, "cancel.html", shown | (context or {}), status=status)


def _write_page(
    request: HttpRequest,
    visit: Visit,
    deadline: datetime | None,
    context: dict[str, object] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    shown = {"waits": deadline is not None, "limit": MESSAGE_LIMIT}
    return show(request, visit, "write.html", shown | (context or {}), status=status)


def _deadline(visit: Visit) -> datetime | None:
    """Return the soonest deadline of the batch's open requests; None when nothing waits for an answer."""
    if not isinstance(visit.about, RescheduleBatch):
        return None
    waiting = waiting_in(visit.about, now=visit.now)
    return waiting.values_list("deadline_at", flat=True).first()

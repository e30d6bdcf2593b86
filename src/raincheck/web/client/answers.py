"""The client's answers: a new time, cancel instead, or none of these work."""

from __future__ import annotations

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
from raincheck.web.client import strangers
from raincheck.web.client.asked import Refused
from raincheck.web.client.choosing import batch_of, batch_page, ending_page, request_row
from raincheck.web.client.endings import where
from raincheck.web.client.page import answer, note_opened, said_to_client, show
from raincheck.web.client.slots import start_from, value_of
from raincheck.web.client.times import Clock
from raincheck.web.client.visits import Visit, for_batch
from raincheck.web.submission import key_of, status_of

form_or_answer = require_http_methods(["GET", "HEAD", "POST"])


@form_or_answer
@for_batch
def one(request: HttpRequest, visit: Visit, request_ref: UUID) -> HttpResponse:
    """One request of the batch: POST picks a time for it, GET shows its ending."""
    row = request_row(visit, request_ref)
    if row is None:
        return strangers.unknown(request)
    if request.method == "POST":
        return _pick(request, visit, row)
    if waits(row, now=visit.now):
        return HttpResponseRedirect(f"{visit.address()}#request-{row.ref}")
    return ending_page(request, visit, row)


@form_or_answer
@for_batch
def cancel(request: HttpRequest, visit: Visit, request_ref: UUID) -> HttpResponse:
    """Cancel one appointment instead of moving it; GET asks once more, naming it."""
    row = request_row(visit, request_ref)
    if row is None:
        return strangers.unknown(request)
    if request.method == "POST":
        return _decline(request, visit, row)
    if waits(row, now=visit.now):
        return _cancel_page(request, visit, row)
    return ending_page(request, visit, row)


@form_or_answer
def write(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Write to the provider; while a request of the batch is open that says that none of its times work."""
    words = request.POST.get("words", "")
    if request.method != "POST":
        return _write_page(request, visit)
    before = _deadline(visit)
    try:
        answer(request, visit, _word(visit, words))
    except Refusal as refusal:
        context: dict[str, object] = {"words": words, "refused": said_to_client(refusal)}
        return _write_page(request, visit, context, status=status_of(refusal))
    messages.success(request, _thanks(visit, before, _deadline(visit)))
    return HttpResponseRedirect(visit.address())


def _pick(request: HttpRequest, visit: Visit, row: RescheduleRequest) -> HttpResponse:
    start = None
    try:
        start = start_from(request.POST.get("start", ""))
        if request.POST.get("confirmed") != value_of(start):
            return _confirm(request, visit, row, start)
        answer(request, visit, partial(pick_new_time, row.ref, start=start))
    except Refusal as refusal:
        return _refused(request, visit, row.ref, refusal, start=start)
    return HttpResponseRedirect(visit.address("request", row.ref))


def _confirm(request: HttpRequest, visit: Visit, row: RescheduleRequest, start: datetime) -> HttpResponse:
    """Ask once with the full words, where no script has put them on the button. Raises AlreadySettled or SlotNotOpen."""
    note_opened(visit)
    if not waits(row, now=visit.now):
        raise AlreadySettled
    [choice] = choices(batch_of(visit), [row], now=visit.now)
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


def _decline(request: HttpRequest, visit: Visit, row: RescheduleRequest) -> HttpResponse:
    reason = request.POST.get("reason", "")
    try:
        answer(request, visit, partial(decline, row.ref, reason=reason))
    except Refusal as refusal:
        now_so = request_row(visit, row.ref)
        if now_so is not None and waits(now_so, now=visit.now):
            context: dict[str, object] = {"reason": reason, "refused": said_to_client(refusal)}
            return _cancel_page(request, visit, now_so, context, status=status_of(refusal))
        return _refused(request, visit, row.ref, refusal, start=None)
    return HttpResponseRedirect(visit.address("request", row.ref))


def _refused(
    request: HttpRequest, visit: Visit, ref: UUID, refusal: Refusal, *, start: datetime | None
) -> HttpResponse:
    """Say so above how things stand now: the remaining times while the request is open, else its ending."""
    sentence, status = said_to_client(refusal), status_of(refusal)
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
        "where": where(row.appointment.place, visit),
        "limit": NOTE_LIMIT,
        "action": visit.address("cancel", row.ref),
    }
    return show(request, visit, "cancel.html", shown | (context or {}), status=status)


def _write_page(
    request: HttpRequest, visit: Visit, context: dict[str, object] | None = None, *, status: int = 200
) -> HttpResponse:
    shown = {"waits": _deadline(visit) is not None, "limit": MESSAGE_LIMIT}
    return show(request, visit, "write.html", shown | (context or {}), status=status)


def _word(visit: Visit, words: str) -> Callable[..., Answer]:
    if isinstance(visit.about, RescheduleBatch) and _deadline(visit) is not None:
        return partial(none_work, visit.about, words=words)
    return partial(write_message, visit.provider.pk, visit.client.pk, words=words)


def _deadline(visit: Visit) -> datetime | None:
    """Return the soonest deadline of the batch's open requests; None when nothing waits for an answer."""
    if not isinstance(visit.about, RescheduleBatch):
        return None
    waiting = waiting_in(visit.about, now=visit.now)
    return waiting.values_list("deadline_at", flat=True).first()


def _thanks(visit: Visit, before: datetime | None, after: datetime | None) -> str:
    """Return what the client is told once their words are sent; a deadline that moved is named."""
    sent = _("Your message is on its way to %(provider)s.") % {"provider": visit.provider.short_name}
    if after is None or after == before:
        return sent
    until = long_day_and_time(after, visit.zone, now=visit.now)
    return f"{sent} {_('You now have until %(instant)s to choose.') % {'instant': until}}"

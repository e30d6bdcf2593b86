"""A client's chosen time is held while they read: what the page's script asks for, answered with a part of the page."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.hold import hold_longer, hold_time, let_go
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.holds import (
    Held,
    HeldAsLongAsCanBe,
    HoldEnded,
    HoldingIsOver,
    TooManyHeld,
    TooManyHolds,
    may_renew,
)
from raincheck.domain.zones import zone_named
from raincheck.notifications.formats import clock_time, long_day_and_time
from raincheck.web.client import access_denied
from raincheck.web.client.choosing import request_row
from raincheck.web.client.link_access import Visit, for_batch
from raincheck.web.client.page import note_opened, said_to_client
from raincheck.web.client.slots import start_from
from raincheck.web.client.times import Clock
from raincheck.web.submission import Submission, status_of

STILL_OPEN = (TooManyHeld, TooManyHolds, HoldingIsOver, HoldEnded, HeldAsLongAsCanBe)
"""Refusals after which the time is still to be had: they are said in its place. After others the page looks how things stand."""


@dataclass(frozen=True, slots=True)
class HeldTime:
    """A hold as its client reads of it: until when, and for how many seconds more."""

    ref: str
    when: str
    until: str
    seconds: int
    may_renew: bool


@require_POST
@for_batch
def hold(request: HttpRequest, visit: Visit, request_ref: UUID) -> HttpResponse:
    """Hold the time that was chosen, in place of the one before."""

    def verb(ref: UUID) -> Callable[..., Answer]:
        return partial(hold_time, ref, start=start_from(request.POST.get("start", "")))

    return _held(request, visit, request_ref, verb)


@require_POST
@for_batch
def hold_on(request: HttpRequest, visit: Visit, request_ref: UUID) -> HttpResponse:
    """Hold it longer."""
    return _held(request, visit, request_ref, lambda ref: partial(hold_longer, ref))


@require_POST
@for_batch
def left(request: HttpRequest, visit: Visit, request_ref: UUID) -> HttpResponse:
    """Give the held time back: its client left the page."""
    row = request_row(visit, request_ref)
    if row is None:
        return access_denied.unknown(request)
    # Nobody is there any more to be told, and what is held ends by itself.
    with suppress(ValueError, Refusal):
        verb = partial(let_go, row.ref, hold=UUID(request.POST.get("hold", "")))
        _run(request, visit, verb)
    return HttpResponse(status=204)


def held_by(row: RescheduleRequest, visit: Visit, *, start: datetime) -> HeldTime | None:
    """Hold a time on the page that asks once more, and return the hold; None where a time can be had and not be held.

    Raises the verb's refusals of a time that is not to be had. Asked again it holds the same, so that it needs no key.
    """
    try:
        answer = run_command(
            lambda: hold_time(row.ref, start=start, now=visit.now),
            key=None,
            body={},
            by=visit.actor,
            now=visit.now,
        )
    except STILL_OPEN:
        return None
    return _in_words(answer, row, visit)


def _held(
    request: HttpRequest, visit: Visit, ref: UUID, verb_for: Callable[[UUID], Callable[..., Answer]]
) -> HttpResponse:
    row = request_row(visit, ref)
    if row is None:
        return access_denied.unknown(request)
    # First, and in a transaction of its own, as with an answer: a hold that is refused is a sign of life all the same.
    note_opened(visit)
    context: dict[str, object]
    try:
        context, status = {"held": _in_words(_run(request, visit, verb_for(row.ref)), row, visit)}, 200
    except Refusal as refusal:
        status = status_of(refusal)
        context = {"refused": said_to_client(refusal), "still_open": isinstance(refusal, STILL_OPEN)}
    return render(request, "raincheck/client/parts/held.html", context, status=status)


def _run(request: HttpRequest, visit: Visit, verb: Callable[..., Answer]) -> Answer:
    return Submission.of(request, by=visit.actor).run(lambda now, **_by: verb(now=now))


def _in_words(answer: Answer, row: RescheduleRequest, visit: Visit) -> HeldTime:
    until = datetime.fromisoformat(answer["until"])
    held = Held(until, int(answer["renewals"]))
    clock = Clock.at(row.appointment.place, own=visit.zone)
    return HeldTime(
        ref=answer["hold"],
        when=clock.short(datetime.fromisoformat(answer["start"])),
        until=_instant(until, visit),
        seconds=int((until - visit.now).total_seconds()),
        may_renew=may_renew(held, deadline_at=row.deadline_at, now=visit.now),
    )


def _instant(until: datetime, visit: Visit) -> str:
    zone = zone_named(visit.zone)
    if until.astimezone(zone).date() == visit.now.astimezone(zone).date():
        return clock_time(until, visit.zone)
    return long_day_and_time(until, visit.zone, now=visit.now)

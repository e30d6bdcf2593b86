"""A client's chosen time is held while they read: what the page's script asks for, answered with a part of the page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from raincheck.actions.appointments.holding import (
    Wish,
    hold_own_time,
    hold_own_time_longer,
    let_own_time_go,
)
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.hold import hold_longer, hold_time, let_go
from raincheck.data.models import Place
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
from raincheck.web.client.link_access import Visit
from raincheck.web.client.page import note_opened, said_to_client
from raincheck.web.client.slots import start_from
from raincheck.web.client.times import Clock
from raincheck.web.submission import Submission, status_of

STILL_OPEN = (TooManyHeld, TooManyHolds, HoldingIsOver, HoldEnded, HeldAsLongAsCanBe)
"""Refusals after which the time is still to be had: they are said in its place. After others the page looks how things stand."""

LONGER, LET_GO = "longer", "let-go"
"""What can be done with a held time, as its addresses end."""


@dataclass(frozen=True, slots=True)
class HeldTime:
    """A hold as its client reads of it: until when, and for how many seconds more.

    `closes`: it ends with the way on which it was chosen.
    """

    ref: str
    when: str
    until: str
    seconds: int
    may_renew: bool
    closes: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """What a page of times holds a choice by: its verbs, the place whose clock the times are read by, and the deadline, if any.

    `booking` when no appointment stands.
    """

    take: Callable[..., Answer]
    longer: Callable[..., Answer]
    let_go: Callable[..., Answer]
    place: Place
    deadline_at: datetime | None = None
    booking: bool = False

    @classmethod
    def of_request(cls, row: RescheduleRequest) -> Holding:
        return cls(
            partial(hold_time, row.ref),
            partial(hold_longer, row.ref),
            partial(let_go, row.ref),
            row.appointment.place,
            row.deadline_at,
        )

    @classmethod
    def of_wish(cls, wish: Wish, place: Place, *, booking: bool = False) -> Holding:
        return cls(
            partial(hold_own_time, wish),
            partial(hold_own_time_longer, wish),
            partial(let_own_time_go, wish),
            place,
            booking=booking,
        )


def held_by(holding: Holding, visit: Visit, *, start: datetime) -> HeldTime | None:
    """Hold a time on the page that asks once more, and return the hold; None where a time can be had and not be held.

    Raises the verb's refusals of a time that is not to be had. Asked again it holds the same, so that it needs no key.
    """
    try:
        answer = run_command(
            lambda: holding.take(start=start, now=visit.now),
            key=None,
            body={},
            by=visit.actor,
            now=visit.now,
        )
    except STILL_OPEN:
        return None
    return _in_words(answer, holding, visit)


def held_part(request: HttpRequest, visit: Visit, holding: Holding, step: str) -> HttpResponse:
    """Answer a page's script: hold the time that was chosen in place of the one before, hold it longer, or let it go."""
    if step == LET_GO:
        return _let_go(request, visit, holding)
    # First, and in a transaction of its own, as with an answer: a hold that is refused is a sign of life all the same.
    note_opened(visit)
    context: dict[str, object]
    try:
        verb = holding.longer
        if step != LONGER:
            verb = partial(holding.take, start=start_from(request.POST.get("start", "")))
        context, status = {"held": _in_words(_run(request, visit, verb), holding, visit)}, 200
    except Refusal as refusal:
        status = status_of(refusal)
        said = said_to_client(refusal, booking=holding.booking)
        context = {"refused": said, "still_open": isinstance(refusal, STILL_OPEN)}
    return render(request, "raincheck/client/parts/held.html", context, status=status)


def _let_go(request: HttpRequest, visit: Visit, holding: Holding) -> HttpResponse:
    # Nobody is there any more to be told, and what is held ends by itself.
    with suppress(ValueError, Refusal):
        _run(request, visit, partial(holding.let_go, hold=UUID(request.POST.get("hold", ""))))
    return HttpResponse(status=204)


def _run(request: HttpRequest, visit: Visit, verb: Callable[..., Answer]) -> Answer:
    return Submission.of(request, by=visit.actor).run(lambda now, **_by: verb(now=now))


def _in_words(answer: Answer, holding: Holding, visit: Visit) -> HeldTime:
    until = datetime.fromisoformat(answer["until"])
    clock = Clock.at(holding.place, own=visit.zone)
    return HeldTime(
        ref=answer["hold"],
        when=clock.short(datetime.fromisoformat(answer["start"])),
        until=_instant(until, visit),
        seconds=int((until - visit.now).total_seconds()),
        may_renew=may_renew(
            Held(until, int(answer["renewals"])), deadline_at=holding.deadline_at or until, now=visit.now
        ),
        closes=bool(answer.get("closes")),
    )


def _instant(until: datetime, visit: Visit) -> str:
    zone = zone_named(visit.zone)
    if until.astimezone(zone).date() == visit.now.astimezone(zone).date():
        return clock_time(until, visit.zone)
    return long_day_and_time(until, visit.zone, now=visit.now)

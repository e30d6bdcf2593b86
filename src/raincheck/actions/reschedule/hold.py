"""A client's choice is held for some minutes: taken, renewed and let go. It ends by itself, and a pick needs none."""

from datetime import datetime, timedelta
from uuid import UUID

from raincheck.actions.appointments.claims import free_holds
from raincheck.actions.appointments.holding import answer_of, set_aside
from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.answer import lock_open_request
from raincheck.actions.reschedule.open_times import refuse_unless_open
from raincheck.data.appointments.claims import Hold
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.reschedule.suggestions import suits
from raincheck.data.slots import reschedule_question
from raincheck.domain.reschedule.holds import MOST_RENEWALS, refuse_to_renew
from raincheck.domain.spans import Span


def hold_time(request: UUID, *, start: datetime, now: datetime) -> Answer:
    """Set `start` (UTC) aside for the client of an open request, in place of the time they held for it before.

    A time that is held already, or was suggested, stays held as it is. Raises SlotTaken, SlotNotOpen, ClientElsewhere, HoldingIsOver, TooManyHeld
    or TooManyHolds: then the former hold stands.
    """
    asked = lock_open_request(request, now=now)
    appointment, policy = asked.appointment, asked.appointment.practice.rules
    former = chosen_hold(asked)
    if former is not None and former.starts_at == start and former.held.is_live(now=now):
        return _answer(former)
    at_that_time = Hold.objects.filter(
        client=asked.client_id,
        expires_at__gt=now,
        suggested=True,
        request__batch=asked.batch_id,
        starts_at=start,
    )
    # One that is too short for this session keeps only a part of it.
    for suggested in at_that_time:
        if suits(suggested, appointment):
            return _answer(suggested)
    held = Hold(
        practice_id=asked.practice_id,
        provider_id=appointment.provider_id,
        client_id=asked.client_id,
        request=asked,
        starts_at=start,
        ends_at=start + appointment.length,
        buffer_before=appointment.buffer_before,
        buffer_after=appointment.buffer_after,
        began_at=now,
        expires_at=now + policy.hold,
    )

    def look(start: datetime) -> None:
        within = Span(start, start + timedelta(seconds=1))
        question = reschedule_question(appointment, now=now, notice=policy.pick_notice, within=within)
        refuse_unless_open(question, start)

    set_aside(held, instead_of=former, until=asked.deadline_at, look=look, now=now)
    return _answer(held)


def hold_longer(request: UUID, *, now: datetime) -> Answer:
    """Hold a request's chosen time anew from now on, ten times at most and until the deadline at the latest.

    Raises HoldEnded, HoldingIsOver or HeldAsLongAsCanBe: then the hold ends when it would have.
    """
    asked = lock_open_request(request, now=now)
    held = chosen_hold(asked)
    refuse_to_renew(held.held if held else None, deadline_at=asked.deadline_at, now=now)
    assert held is not None, "what is not held can't be renewed"
    held.renewals += 1
    held.expires_at = now + asked.appointment.practice.rules.hold
    held.save(update_fields=["renewals", "expires_at"])
    return _answer(held)


def let_go(request: UUID, *, hold: UUID, now: datetime) -> Answer:
    """Give a held time back, since its client left the page. One that was replaced meanwhile is another, and stays.

    After the deadline it stays as well: it keeps the request open, and who opens the page anew could not take another.
    """
    asked = lock_open_request(request, now=now)
    held = chosen_hold(asked)
    if held is not None and held.ref == hold and now < asked.deadline_at:
        free_holds([held.pk])
    return {"request": str(asked.ref)}


def chosen_hold(request: RescheduleRequest) -> Hold | None:
    """Return the time that the client of a request chose and that is held, or was until it ended."""
    return Hold.objects.filter(request=request, suggested=False).first()


def _answer(held: Hold) -> Answer:
    # What was suggested ends with its request, and is not renewed.
    return answer_of(held, renewals=MOST_RENEWALS if held.suggested else held.renewals)

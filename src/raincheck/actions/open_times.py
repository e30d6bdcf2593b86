"""Open times at the moment of acting: a start is looked at again, and the provider is told while there is none."""

from __future__ import annotations

from datetime import datetime

from raincheck.actions.records import make_tasks
from raincheck.data.people import Provider
from raincheck.data.reschedule import RescheduleRequest
from raincheck.data.slots import reschedule_question
from raincheck.data.tasks import Task
from raincheck.domain.appointments import ClientElsewhere, SlotNotOpen, SlotTaken
from raincheck.domain.explaining import explain
from raincheck.domain.not_offered import JUST_TAKEN
from raincheck.domain.reschedule import State
from raincheck.domain.slots import Question, open_slots
from raincheck.domain.spans import Span
from raincheck.domain.tasks import TaskKind


def refuse_unless_open(question: Question, start: datetime) -> None:
    """Look at a start as it is now. Raises SlotTaken, ClientElsewhere, or SlotNotOpen when it was never to be had."""
    why = explain(question, start)
    if why is None:
        return
    session = Span(start, start + question.length)
    if any(session.overlaps(other) for other in question.client_appointments):
        raise ClientElsewhere
    raise SlotTaken if why.reason in JUST_TAKEN else SlotNotOpen


def watch_open_times(provider: Provider, *, now: datetime) -> None:
    """Make a task for each open request of a provider that no open time is left for; end it when there are some again."""
    waiting = RescheduleRequest.objects.filter(
        provider=provider, state=State.OPEN, needs_provider__isnull=True
    )
    without: list[RescheduleRequest] = []
    supplied: list[RescheduleRequest] = []
    for request in waiting.select_related("appointment__place", "appointment__practice"):
        appointment = request.appointment
        appointment.provider = provider
        question = reschedule_question(appointment, now=now, notice=appointment.practice.rules.pick_notice)
        (supplied if open_slots(question) else without).append(request)
    make_tasks(TaskKind.NO_OPEN_TIMES, without, now=now)
    over = Task.objects.filter(request__in=supplied, kind=TaskKind.NO_OPEN_TIMES, done_at__isnull=True)
    over.update(done_at=now)

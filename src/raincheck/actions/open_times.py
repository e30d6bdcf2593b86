"""Watches for the last open time: when it goes while a request is open, the provider is told."""

from __future__ import annotations

from datetime import datetime

from raincheck.actions.records import make_task
from raincheck.data.people import Provider
from raincheck.data.reschedule import RescheduleRequest
from raincheck.data.slots import reschedule_question
from raincheck.domain.reschedule import State
from raincheck.domain.slots import open_slots
from raincheck.domain.tasks import TaskKind


def warn_when_none_left(provider: Provider, *, now: datetime) -> None:
    """Make a task for each open request of a provider that no open time is left for."""
    waiting = RescheduleRequest.objects.filter(
        provider=provider, state=State.OPEN, needs_provider__isnull=True
    )
    for request in waiting.select_related("appointment__place", "appointment__practice"):
        appointment = request.appointment
        appointment.provider = provider
        if not open_slots(
            reschedule_question(appointment, now=now, notice=appointment.practice.rules.pick_notice)
        ):
            make_task(TaskKind.NO_OPEN_TIMES, request=request, now=now)

"""Open times at the moment of acting: a start is looked at again, and the provider is told while there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from raincheck.actions.engine.locks import EVERY_REQUEST, lock
from raincheck.actions.engine.side_effects import make_tasks
from raincheck.data.people import Provider
from raincheck.data.reschedule import RescheduleRequest
from raincheck.data.slots import reschedule_question
from raincheck.data.tasks import Task
from raincheck.domain.appointments import ClientElsewhere, SlotNotOpen, SlotTaken
from raincheck.domain.reschedule import State
from raincheck.domain.slot_explanations.explain import explain
from raincheck.domain.slot_explanations.reasons import JUST_TAKEN
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


LOOKS = 50
"""Requests looked at in one transaction."""
LOOK_WITHOUT_TIMES = timedelta(minutes=5)
"""A request without open times is looked at again so soon: a hold may have ended, or the horizon reached another day."""
LOOK_ANYWAY = timedelta(hours=1)
"""Any other is looked at this often: its client may have booked the last time's hour with somebody else."""


def watch_open_times(provider: Provider, *, now: datetime) -> None:
    """Make a task for each open request of a provider that no open time is left for; end it when there are some again.

    Says when the sweep looks again: when the clock takes the last open time, since no verb does that.
    """
    waiting = RescheduleRequest.objects.filter(
        provider=provider, state=State.OPEN, needs_provider__isnull=True
    )
    without: list[RescheduleRequest] = []
    supplied: list[RescheduleRequest] = []
    looked = list(waiting.select_related("appointment__place", "appointment__practice"))
    for request in looked:
        appointment = request.appointment
        appointment.provider = provider
        notice = appointment.practice.rules.pick_notice
        starts = open_slots(reschedule_question(appointment, now=now, notice=notice))
        (supplied if starts else without).append(request)
        request.looked_at, request.look_again_at = now, _next_look(starts, notice=notice, now=now)
    RescheduleRequest.objects.bulk_update(looked, ["looked_at", "look_again_at"])
    make_tasks(TaskKind.NO_OPEN_TIMES, without, now=now)
    over = Task.objects.filter(request__in=supplied, kind=TaskKind.NO_OPEN_TIMES, done_at__isnull=True)
    over.update(done_at=now)


def requests_to_look_at(*, now: datetime) -> QuerySet[RescheduleRequest]:
    """Return open requests whose next look is due, and those whose practice has changed its rules since; without locking."""
    waiting = RescheduleRequest.objects.filter(state=State.OPEN, needs_provider__isnull=True)
    # Each question has an index of its own; as one condition they would read every open request at every sweep.
    never, due, rules_changed = (
        waiting.filter(when).values("pk")
        for when in (
            Q(look_again_at__isnull=True),
            Q(look_again_at__lte=now),
            Q(practice__look_again_at__lte=now, looked_at__lt=F("practice__look_again_at")),
        )
    )
    return waiting.filter(pk__in=never.union(due, rules_changed, all=True))


def look_again(*, now: datetime, limit: int, among: Q = EVERY_REQUEST) -> Counter[str]:
    """Look at the open times of requests that a look is due for.

    A few providers at a time, of those nobody works on right now: each look reads a provider's weeks ahead.
    """
    due = requests_to_look_at(now=now).filter(among)
    free = due.select_related("provider").select_for_update(skip_locked=True, no_key=True, of=("provider",))
    found = free.only("provider", "provider__id").order_by("provider", "pk")[: min(limit, LOOKS)]
    providers = lock(providers={request.provider_id for request in found}).providers
    for provider in providers.values():
        watch_open_times(provider, now=now)
    return Counter({"provider looked at": len(providers)} if providers else {})


def _next_look(starts: Sequence[datetime], *, notice: timedelta, now: datetime) -> datetime:
    if not starts:
        return now + LOOK_WITHOUT_TIMES
    gone_at = starts[-1] - notice + timedelta(seconds=1)
    return min(gone_at, now + LOOK_ANYWAY)

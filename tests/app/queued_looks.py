"""The worker's part that tests of verbs do themselves: the looks at open times that these have queued."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from procrastinate.contrib.django.models import ProcrastinateJob

from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.open_times import LOOK, look_at_open_times
from raincheck.domain.people import SYSTEM


def look_as_queued(*, now: datetime) -> list[int]:
    """Do every look that waits, once for each provider, and return whose open times were looked at."""
    waiting = ProcrastinateJob.objects.filter(task_name=LOOK, status="todo")
    providers = sorted(set(waiting.values_list("args__provider", flat=True)))
    for provider in providers:
        run_command(partial(look_at_open_times, provider, now=now), key=None, body={}, by=SYSTEM, now=now)
    return providers

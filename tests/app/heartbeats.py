"""Signs of life of web processes, written as the tests need them."""

from __future__ import annotations

from datetime import datetime, timedelta

from raincheck.data.timing.heartbeats import Heartbeat
from raincheck.domain.health import ProcessKind


def pages_served(begin: datetime, end: datetime) -> None:
    """Write down that some web process gave signs of life all the time from `begin` to `end`."""
    Heartbeat.objects.create(kind=ProcessKind.WEB, started_at=begin, beat_at=end)


def pages_served_always(*, around: datetime) -> None:
    """The same for a whole test: a worker without any web server beside it may then sweep as if there were one."""
    day = timedelta(days=1)
    pages_served(around - day, around + day)

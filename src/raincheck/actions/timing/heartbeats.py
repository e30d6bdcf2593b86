"""Writes a process's sign of life down."""

from datetime import datetime
from uuid import UUID

from raincheck.data.timing.heartbeats import Heartbeat
from raincheck.domain.health import OUTAGE_AFTER, ProcessKind
from raincheck.domain.timing.clock_sanity import ClockFault


def beat(
    process: UUID | None,
    kind: ProcessKind,
    *,
    at: datetime,
    clock_fault: ClockFault | None = None,
    unnamed_proxy_at: datetime | None = None,
) -> UUID:
    """Note that a process lives `at` a real time, and return the name under which it goes on beating.

    The name is a new one when it had none yet, or was silent for longer than an outage takes, or its clock was
    set back: then its former stretch is over, and what lies between stays seen.
    """
    if process is not None:
        # Later than `at` means that the clock was set back.
        mine = Heartbeat.objects.filter(process=process, beat_at__gte=at - OUTAGE_AFTER, beat_at__lte=at)
        if mine.update(beat_at=at, clock_fault=clock_fault, unnamed_proxy_at=unnamed_proxy_at):
            return process
    row = Heartbeat(
        kind=kind, started_at=at, beat_at=at, clock_fault=clock_fault, unnamed_proxy_at=unnamed_proxy_at
    )
    row.save(force_insert=True)
    return row.process

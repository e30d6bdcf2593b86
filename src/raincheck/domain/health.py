"""Health of a running installation: the signs of life of its processes, its figures, and from when on somebody should look."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from raincheck.domain.policy import LAPSE_GRACE
from raincheck.domain.sentences import _
from raincheck.domain.timing.clock_sanity import TOLERANCE, ClockFault

# Ten beats fit into what counts as an outage: one that a busy database delays is none.
BEAT_EVERY = timedelta(seconds=30)
# Silence of all web processes for longer than this is an outage: a restart takes less.
OUTAGE_AFTER = timedelta(minutes=5)
# Long enough to look into an outage of last weekend.
HEARTBEATS_KEPT = timedelta(days=7)
# Processes beat every 30 seconds and sweep every 20: whoever misses that is seen within two minutes.
SILENT_AFTER = timedelta(seconds=100)
# A message nobody tried for longer than this.
LATE_AFTER = timedelta(minutes=5)
# An ending nobody brought for longer than this: with the grace before it, five minutes after its deadline.
ENDING_LATE_AFTER = LATE_AFTER - LAPSE_GRACE


# A proxy that nobody named forwarded to a web process so lately: long enough for an installation that few people use.
UNNAMED_PROXY_TOLD_FOR = timedelta(days=1)
UNNAMED_PROXY = _(
    "A proxy forwards visitors, but TRUSTED_PROXIES is 0, so limits can't be sure who comes from where. "
    "Set it to the number of your proxies."
)


class ProcessKind(StrEnum):
    """The process or task that gives a sign of life."""

    WEB = "web"
    WORKER = "worker"
    # One for each sweep that was finished: a worker may live and never get through one.
    SWEEP = "sweep"


class Part(StrEnum):
    """What is looked at."""

    DATABASE = "database"
    DISK = "disk"
    WEB = "web"
    WORKER = "worker"
    SWEEP = "sweep"
    CLOCK = "clock"
    QUEUE = "queue"
    REQUESTS = "requests"


@dataclass(frozen=True, slots=True)
class Health:
    """The figures of one moment. An age is None when there is nothing of its kind, or never was."""

    web_beat_age: timedelta | None
    worker_beat_age: timedelta | None
    sweep_age: timedelta | None
    processes: dict[str, int]
    clock_fault: ClockFault | None
    clock_difference: timedelta
    queue_age: timedelta | None
    waiting: int
    failing: int
    failed_today: int
    open_requests: int
    waiting_for_people: int
    request_age: timedelta | None
    outages: int
    disk_is_full: bool
    unnamed_proxy: bool


def red_parts(health: Health) -> list[Part]:
    """Return the parts that somebody should look at."""
    verdicts = [
        (Part.DISK, health.disk_is_full),
        (Part.WEB, _is_silent(health.web_beat_age)),
        (Part.WORKER, _is_silent(health.worker_beat_age)),
        (Part.SWEEP, _is_silent(health.sweep_age)),
        (Part.CLOCK, health.clock_fault is not None or abs(health.clock_difference) > TOLERANCE),
        (Part.QUEUE, health.queue_age is not None and health.queue_age > LATE_AFTER),
        (Part.REQUESTS, health.request_age is not None and health.request_age > ENDING_LATE_AFTER),
    ]
    return [part for part, red in verdicts if red]


def _is_silent(age: timedelta | None) -> bool:
    # Never heard of is silent too: an installation without a worker looks well until the first deadline.
    return age is None or age > SILENT_AFTER

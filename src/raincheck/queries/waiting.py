"""What waits for the worker, and for how long: whether deadlines and messages are looked after, for health and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from raincheck.domain.policy import LAPSE_GRACE

OLDEST = """
SELECT
    (SELECT min(due_at) FROM raincheck_notification WHERE state = 'waiting' AND due_at <= %(now)s),
    (SELECT count(*) FROM raincheck_notification WHERE state = 'waiting' AND due_at <= %(now)s),
    (SELECT min(event.at) FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id
        WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())
        AND event.type IN ('deferred', 'deferred_for_retry')),
    (SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'),
    (SELECT min(due.at) FROM (
        SELECT greatest(request.deadline_at, (SELECT max(hold.expires_at) FROM raincheck_hold hold
            WHERE hold.request_id = request.id AND NOT hold.suggested AND hold.began_at <= request.deadline_at)) AS at
        FROM raincheck_reschedulerequest request
        WHERE request.state = 'open' AND request.needs_provider IS NULL AND request.deadline_at <= %(ripe)s
        AND NOT EXISTS (SELECT 1 FROM raincheck_setaside aside WHERE aside.request_id = request.id)) due WHERE due.at <= %(ripe)s),
    (SELECT count(*) FROM raincheck_setaside),
    (SELECT max(beat_at) FROM raincheck_heartbeat WHERE kind = 'sweep')
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The oldest of each kind of thing that waits, None where nothing does, and how many there are.

    A request is due from the end of its grace on, or of that after the hold that keeps it; what the sweep has set aside is a
    person's to look at.
    Messages and requests are of business time; jobs were queued, and the last sweep was finished, in real time.
    """

    message_due_at: datetime | None
    messages: int
    job_queued_at: datetime | None
    jobs: int
    request_due_at: datetime | None
    set_aside: int
    swept_at: datetime | None


def waiting(*, now: datetime) -> Waiting:
    """Return what waits at `now`. One query, answered by indexes of what is open or waiting."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST, {"now": now, "ripe": now - LAPSE_GRACE})
        message, messages, job, jobs, over, aside, swept = cursor.fetchone()
    due = over + LAPSE_GRACE if over else None
    return Waiting(message, messages, job, jobs, due, aside, swept)

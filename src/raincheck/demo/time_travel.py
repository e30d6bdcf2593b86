"""The passing of time, one due moment after the other: reminders before lapses, each at its own time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from raincheck.domain.policy import HAND_OVER_LIMIT, LAPSE_GRACE

NEXT = """
SELECT min(at) FROM (
    SELECT min(remind_at) AS at FROM raincheck_reschedulerequest WHERE state = 'open' AND remind_at > %(after)s
    UNION ALL SELECT min(deadline_at) + make_interval(secs => %(grace)s) FROM raincheck_reschedulerequest
        WHERE state = 'open' AND needs_provider IS NULL AND deadline_at + make_interval(secs => %(grace)s) > %(after)s
    UNION ALL SELECT min(asked_starts_at) FROM raincheck_reschedulerequest WHERE state = 'open' AND asked_starts_at > %(after)s
    UNION ALL SELECT min(asked_at) + make_interval(secs => %(limit)s) FROM raincheck_reschedulerequest
        WHERE state = 'open' AND handed_over_at IS NULL AND asked_at + make_interval(secs => %(limit)s) > %(after)s
    UNION ALL SELECT min(h.expires_at) + make_interval(secs => %(grace)s) FROM raincheck_hold h JOIN raincheck_reschedulerequest r ON r.id = h.request_id
        WHERE r.state = 'open' AND h.expires_at + make_interval(secs => %(grace)s) > %(after)s
    UNION ALL SELECT min(expires_at) FROM raincheck_hold WHERE expires_at > %(after)s
    UNION ALL SELECT min(due_at) FROM raincheck_notification WHERE state = 'waiting' AND due_at > %(after)s
) moments
"""


def next_due_at(after: datetime) -> datetime | None:
    """Return the next moment at which something is due by itself, None when nothing waits."""
    with connection.cursor() as cursor:
        grace, limit = LAPSE_GRACE.total_seconds(), HAND_OVER_LIMIT.total_seconds()
        cursor.execute(NEXT, {"after": after, "grace": grace, "limit": limit})
        at: datetime | None = cursor.fetchone()[0]
        return at


def due_moments(after: datetime, *, until: datetime) -> Iterator[datetime]:
    """Return the due moments after one instant up to another, in order.

    Each is looked up once its forerunner was dealt with, since that may have brought new ones.
    """
    at = next_due_at(after)
    while at is not None and at <= until:
        yield at
        at = next_due_at(at)

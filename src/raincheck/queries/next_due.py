"""The next instant at which something becomes due by itself, for whoever sleeps until then."""

from datetime import datetime

from django.db import connection

from raincheck.domain.policy import LAPSE_GRACE

# A minimum for each kind of end, since each is the first entry of an index over open requests. Lengths by make_interval: a
# placeholder inside a quoted interval is no parameter to the server.
REQUESTS = """
SELECT min(at) FROM (
    SELECT min(remind_at) AS at FROM raincheck_reschedulerequest WHERE state = 'open' AND remind_at > %(after)s
    UNION ALL SELECT min(deadline_at) + make_interval(secs => %(grace)s) FROM raincheck_reschedulerequest
        WHERE state = 'open' AND deadline_at > %(silent_since)s AND needs_provider IS NULL
    UNION ALL SELECT min(asked_starts_at) FROM raincheck_reschedulerequest WHERE state = 'open' AND asked_starts_at > %(after)s
    UNION ALL SELECT min(h.expires_at) + make_interval(secs => %(grace)s) FROM raincheck_hold h JOIN raincheck_reschedulerequest r ON r.id = h.request_id
        WHERE r.state = 'open' AND h.expires_at > %(silent_since)s
) moments
"""


def next_request_due_at(after: datetime) -> datetime | None:
    """Return when the next open request is reminded of, lapses or is void; None when none is open."""
    values: dict[str, datetime | float] = {
        "after": after,
        # A deadline that has passed is due only once the grace after it is over.
        "silent_since": after - LAPSE_GRACE,
        "grace": LAPSE_GRACE.total_seconds(),
    }
    with connection.cursor() as cursor:
        cursor.execute(REQUESTS, values)
        at: datetime | None = cursor.fetchone()[0]
        return at

"""Time travel: the demo's clock is moved forward one due moment at a time, so that nothing comes out of order."""

import fcntl
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max

from raincheck import clock
from raincheck.actions.timing.sweep import sweep
from raincheck.data.reschedule.request import OPEN, RescheduleRequest
from raincheck.domain.policy import HAND_OVER_LIMIT, LAPSE_GRACE, Policy
from raincheck.domain.reschedule.silence import TELL_AGAIN_AFTER
from raincheck.integrations.messages.delivery import deliver_due

HANDED_OVER = "message sent"
# Everything that happens by itself: reminders, lapses, words about what waits, starts of asked times, slow hand-overs, holds, messages.
NEXT = """
SELECT min(at) FROM (
    SELECT min(remind_at) AS at FROM raincheck_reschedulerequest WHERE state = 'open' AND remind_at > %(after)s
    UNION ALL SELECT min(deadline_at) + make_interval(secs => %(grace)s) FROM raincheck_reschedulerequest
        WHERE state = 'open' AND needs_provider IS NULL AND deadline_at + make_interval(secs => %(grace)s) > %(after)s
    UNION ALL SELECT min(asked_starts_at) FROM raincheck_reschedulerequest WHERE state = 'open' AND asked_starts_at > %(after)s
    UNION ALL SELECT min(at) FROM (
        SELECT r.asked_starts_at, coalesce(r.told_of_waiting_at + make_interval(secs => %(again)s),
            greatest(r.needs_provider_at, r.asked_starts_at - make_interval(secs => coalesce((p.policy ->> 'lead')::float8, %(lead)s)))) AS at
        FROM raincheck_reschedulerequest r JOIN raincheck_practice p ON p.id = r.practice_id
        WHERE r.state = 'open' AND r.needs_provider IS NOT NULL
    ) waiting WHERE at > %(after)s AND at < asked_starts_at
    UNION ALL SELECT min(asked_at) + make_interval(secs => %(limit)s) FROM raincheck_reschedulerequest
        WHERE state = 'open' AND handed_over_at IS NULL AND asked_at + make_interval(secs => %(limit)s) > %(after)s
    UNION ALL SELECT min(h.expires_at) + make_interval(secs => %(grace)s) FROM raincheck_hold h JOIN raincheck_reschedulerequest r ON r.id = h.request_id
        WHERE r.state = 'open' AND h.expires_at + make_interval(secs => %(grace)s) > %(after)s
    UNION ALL SELECT min(remind_at) FROM raincheck_appointment WHERE remind_at > %(after)s
    UNION ALL SELECT min(expires_at) FROM raincheck_hold WHERE expires_at > %(after)s
    UNION ALL SELECT min(due_at) FROM raincheck_notification WHERE state = 'waiting' AND due_at > %(after)s
) moments
"""


def next_due_at(after: datetime) -> datetime | None:
    """Return the next moment at which something is due by itself, None when nothing waits."""
    with connection.cursor() as cursor:
        grace, limit = LAPSE_GRACE.total_seconds(), HAND_OVER_LIMIT.total_seconds()
        lead, again = Policy().lead.total_seconds(), TELL_AGAIN_AFTER.total_seconds()
        values: dict[str, datetime | float] = {
            "after": after,
            "grace": grace,
            "limit": limit,
            "lead": lead,
            "again": again,
        }
        cursor.execute(NEXT, values)
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


def advance(by: timedelta) -> Counter[str]:
    """Move the demo's clock forward by a time and the grace of a lapse; return how many of each thing happened meanwhile.

    What can still be undone leaves first, and the time counts from there. Reminders, lapses and messages come at their own moments, in order; web server and worker may run beside it. Of two
    who move the clock at once, one waits for the other.
    """
    with ExitStack() as stack:
        # The directory itself: root and the account that pages drop to may both open it.
        place = os.open(clock.demo_directory(), os.O_RDONLY | os.O_DIRECTORY)
        stack.callback(os.close, place)  # which lets go of it, however this ends
        fcntl.flock(place, fcntl.LOCK_EX)
        offset, start = clock.demo_offset(), clock.now()
        by += _until_all_has_left(start)
        until = start + by + LAPSE_GRACE
        happened = _do_what_is_due(start)  # what was said a moment ago is handed over before time moves on
        for at in due_moments(start, until=until):
            # Real time goes on meanwhile and may have passed a moment: the clock is never moved back.
            clock.set_demo_offset(max(at - clock.real_now(), clock.demo_offset()))
            happened += _do_what_is_due(at)
        clock.set_demo_offset(offset + by + LAPSE_GRACE)
        return happened


def _until_all_has_left(now: datetime) -> timedelta:
    """Return how long an ask that was just sent can still be undone: its time to answer begins after that."""
    waits = RescheduleRequest.objects.filter(OPEN, asked_at__gt=now).aggregate(at=Max("asked_at"))["at"]
    return waits - now if waits else timedelta(0)


def _do_what_is_due(now: datetime) -> Counter[str]:
    done = Counter(sweep(now=now))
    while outcomes := deliver_due(now):
        done[HANDED_OVER] += outcomes.total()
    return done

"""The demo's clock: moved forward one due moment at a time, so that nothing comes out of order."""

from __future__ import annotations

import fcntl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings

from raincheck import clock
from raincheck.actions.timing.sweep import sweep
from raincheck.demo.time_travel import due_moments
from raincheck.domain.policy import LAPSE_GRACE
from raincheck.integrations.messages.delivery import deliver_due

LOCK_FILE = "demo-clock-lock"
HANDED_OVER = "message sent"


def advance(by: timedelta) -> Counter[str]:
    """Move the demo's clock forward by a time and the grace of a lapse; return how many of each thing happened meanwhile.

    Reminders, lapses and messages come at their own moments, in order; web server and worker may run beside it. Of two
    who move the clock at once, one waits for the other.
    """
    with _alone():
        offset, start = clock.demo_offset(), clock.now()
        until = start + by + LAPSE_GRACE
        brought = _do_what_is_due(start)  # what was said a moment ago is handed over before time moves on
        for at in due_moments(start, until=until):
            clock.set_demo_offset(max(at - clock.real_now(), clock.demo_offset()))
            brought += _do_what_is_due(at)
        clock.set_demo_offset(offset + by + LAPSE_GRACE)
        return brought


def _do_what_is_due(now: datetime) -> Counter[str]:
    done = Counter(sweep(now=now))
    while outcomes := deliver_due(now):
        done[HANDED_OVER] += outcomes.total()
    return done


@contextmanager
def _alone() -> Iterator[None]:
    with (settings.RAINCHECK_HOME / LOCK_FILE).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

"""Looks at calendars again: takes one that is due, asks its server outside any transaction, writes down what came of it.

Whoever dies in between leaves a calendar that is due again five minutes later. Nothing but its ref and the code of a fault
is ever logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.types import JSONValue

from raincheck.actions.calendars.checks import begin_check, keep_reading, note_fault
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.domain.calendars.checks import (
    NO_MARKS,
    CalendarKind,
    Source,
    StoredReading,
    Validators,
    must_be_read_whole,
    reading_window,
)
from raincheck.domain.calendars.faults import CalendarFault
from raincheck.domain.people import SYSTEM
from raincheck.domain.refusals import Refusal
from raincheck.domain.spans import Span
from raincheck.integrations.caldav.accounts import CalendarAccount
from raincheck.integrations.http.safe_http import SECONDS_IN_ALL, Guard, Login
from raincheck.integrations.ics.files import read_busy_safely
from raincheck.integrations.ics.stored_readings import kept_of
from raincheck.integrations.ics.subscriptions import fetch_subscription
from raincheck.queries.calendars.sources import due_calendars, known_calendar

CHECK = "check_calendar"
"""The task's name in the queue."""
PRIORITY = -2
"""After messages, those found waiting included: a slow calendar keeps nobody from being told."""
SECONDS_FOR_A_PERSON = 8.0
"""For each request; an account takes some, and a page must be answered within half a minute."""
AT_ONCE = 2
"""So many checks run at a time, after everything else that waits: a slow server keeps no message from leaving."""

logger = logging.getLogger(__name__)


def guard(*, somebody_waits: bool = False) -> Guard:
    """Return what requests may do here; less long while a person waits for the page."""
    seconds = SECONDS_FOR_A_PERSON if somebody_waits else SECONDS_IN_ALL
    return Guard(loopback=settings.CALENDARS_ON_LOOPBACK, seconds_in_all=seconds)


def read_source(
    source: Source,
    *,
    zone: ZoneInfo,
    now: datetime,
    marks: Validators = NO_MARKS,
    somebody_waits: bool = False,
) -> StoredReading | None:
    """Fetch a calendar and read it in the limited process; None when its server knows it unchanged since `marks`.

    Raises a CalendarFault or a refusal of the reading. Whatever is raised, nothing was learned.
    """
    window = reading_window(now)
    data, found = _fetched(source, window=window, marks=marks, by=guard(somebody_waits=somebody_waits))
    if data is None:
        return None
    return kept_of(read_busy_safely(data, window=window, zone=zone), window=window, marks=found)


def check(calendar: int, *, now: datetime, somebody_waits: bool = False) -> str:
    """Check a calendar that is due, if it still is, and return the code of what went wrong; empty when nothing did."""
    taken = _act(partial(begin_check, calendar, now=now), now=now)
    if not taken:
        return ""
    until = taken["until"]
    try:
        kept = _looked(calendar, now=now, somebody_waits=somebody_waits)
        _act(partial(keep_reading, calendar, kept=kept, until=until, now=now), now=now)
    except Refusal as refusal:
        return _noted(refusal.code, calendar, until=until, now=now)
    except Exception as error:  # noqa: BLE001  # its owner has to see that it is not read, whatever it was
        logger.error("calendar not checked: %s", type(error).__name__)
        return _noted(CalendarFault.code, calendar, until=until, now=now)
    logger.info("calendar checked", extra={"event": "as before" if kept is None else "read"})
    return ""


def queue_due_checks(*, now: datetime, limit: int) -> int:
    """Queue a check of every calendar that is due and has no job waiting, and return how many."""
    waiting = ProcrastinateJob.objects.filter(task_name=CHECK, status="todo")
    queued = set(waiting.values_list("args__calendar", flat=True))
    due = [number for number in due_calendars(now=now, limit=limit) if number not in queued]
    for lane in range(AT_ONCE):
        jobs: list[dict[str, JSONValue]] = [
            {"calendar": number} for number in due if number % AT_ONCE == lane
        ]
        if jobs:
            task = app.configure_task(CHECK, allow_unknown=True, priority=PRIORITY, lock=f"{CHECK} {lane}")
            task.batch_defer(*jobs)
    return len(due)


def _looked(calendar: int, *, now: datetime, somebody_waits: bool) -> StoredReading | None:
    known = known_calendar(calendar)
    marks = NO_MARKS if must_be_read_whole(known.read_at, now=now) else known.marks
    return read_source(known.source, zone=known.zone, now=now, marks=marks, somebody_waits=somebody_waits)


def _noted(code: str, calendar: int, *, until: str, now: datetime) -> str:
    _act(partial(note_fault, calendar, code=code, until=until, now=now), now=now)
    logger.info("calendar checked", extra={"event": code})
    return code


def _fetched(
    source: Source, *, window: Span, marks: Validators, by: Guard
) -> tuple[bytes | None, Validators]:
    if source.kind is CalendarKind.CALDAV:
        return _from_account(source, window=window, marks=marks, by=by)
    return fetch_subscription(source, marks=marks, guard=by)


def _from_account(
    source: Source, *, window: Span, marks: Validators, by: Guard
) -> tuple[bytes | None, Validators]:
    """The state is asked before the events: what changes in between is found the next time."""
    account = CalendarAccount(source.address, Login(source.username, source.password), guard=by)
    state = account.state()
    if state and state == marks.sync_token:
        return None, marks
    return account.events(within=window), Validators(sync_token=state)


def _act(verb: Callable[[], Answer], *, now: datetime) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=now)

"""Checks look at calendars again: one takes a calendar that is due, asks its server, and writes down what came of it.

The server is asked outside of any transaction. Whoever dies meanwhile leaves a calendar that is due again five minutes
later. Nothing but its ref and the code of a fault is ever logged.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.types import JSONValue

from raincheck.actions.calendars.checks import begin_check, keep_reading, note_fault
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.domain.calendars.busy import CalendarReading
from raincheck.domain.calendars.checks import (
    NO_VALIDATORS,
    CalendarKind,
    Source,
    StoredReading,
    Validators,
    must_be_read_whole,
    reading_window,
)
from raincheck.domain.calendars.faults import (
    CalendarAnswerStrange,
    CalendarFault,
    CalendarIsAMessage,
    CalendarIsASignIn,
    CalendarIsNothing,
)
from raincheck.domain.people import SYSTEM
from raincheck.domain.refusals import Refusal
from raincheck.domain.spans import Span
from raincheck.integrations.caldav.accounts import CalendarAccount
from raincheck.integrations.http.safe_http import AS_A_BROWSER, SECONDS_IN_ALL, Guard, Login, Request, fetch
from raincheck.integrations.http.web_pages import is_sign_in, which_page
from raincheck.integrations.ics.files import read_busy_safely
from raincheck.integrations.ics.past import Sieve
from raincheck.queries.calendars.sources import due_calendars, known_calendar

# The task's name in the queue: jobs that wait there would be lost by another.
CHECK = "check_calendar"
# After messages, those found waiting included: a slow calendar keeps nobody from being told.
PRIORITY = -2
# For each request; an account takes some, and a page must be answered within half a minute.
SECONDS_FOR_A_PERSON = 8.0
# So many checks run at a time, after everything else that waits: a slow server keeps no message from leaving.
AT_ONCE = 2
NOT_MODIFIED = 304
# By one of these Outlook on the web, and what stands before some servers, send programs away that name themselves.
REFUSES_PROGRAMS = (403, 406, 500)
DECLINED = b"DECLINED"
# A validator goes into a header again; servers refuse a request with longer ones.
LONGEST_VALIDATOR = 1000

logger = logging.getLogger(__name__)


def guard(*, somebody_waits: bool = False) -> Guard:
    """Return the bounds of requests here; less long while a person waits for the page."""
    seconds = SECONDS_FOR_A_PERSON if somebody_waits else SECONDS_IN_ALL
    return Guard(loopback=settings.CALENDARS_ON_LOOPBACK, seconds_in_all=seconds)


def read_source(
    source: Source,
    *,
    zone: ZoneInfo,
    now: datetime,
    validators: Validators = NO_VALIDATORS,
    somebody_waits: bool = False,
) -> StoredReading | None:
    """Fetch a calendar and read it in the limited process; None when its server knows it unchanged since `validators`.

    Raises a CalendarFault. Whatever is raised, nothing was learned.
    """
    window = reading_window(now)
    bounds = guard(somebody_waits=somebody_waits)
    owners: frozenset[str] = frozenset()
    if source.kind is CalendarKind.CALDAV:
        account = CalendarAccount(source.address, Login(source.username, source.password), guard=bounds)
        data, found = fetch_account(account, window=window, validators=validators)
        # Who the owner is matters only where somebody has declined something.
        owners = account.owners() if data and DECLINED in data.upper() else owners
    else:
        data, found = fetch_subscription(source, window=window, validators=validators, guard=bounds)
    if data is None:
        return None
    reading = read_busy_safely(data, window=window, zone=zone, owners=owners)
    return stored(reading, window=window, validators=found)


def fetch_account(
    account: CalendarAccount, *, window: Span, validators: Validators
) -> tuple[bytes | None, Validators]:
    """Return a calendar of an account, and how its state is known; None when it is still as `validators` knows it."""
    # The state is asked before the events: what changes in between is found the next time.
    state = account.state()
    if state and state == validators.sync_token:
        return None, validators
    return account.events(within=window), Validators(sync_token=state)


def fetch_subscription(
    source: Source, *, window: Span, validators: Validators, guard: Guard
) -> tuple[bytes | None, Validators]:
    """Return the file under an address, and how its state is known; None when it is still as `validators` knows it.

    What is plainly no calendar is refused here, each thing with a fault of its own; what could be one is for the reader
    to judge.
    """
    known = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    headers = {"Accept": "text/calendar, */*;q=0.5"} | {name: said for name, said in known.items() if said}
    request = Request(source.address, headers=headers, sieve=partial(Sieve, window.start))
    answer = fetch(request, guard=guard)
    if answer.status in REFUSES_PROGRAMS:
        answer = fetch(replace(request, agent=AS_A_BROWSER), guard=guard)
    if answer.status == NOT_MODIFIED:
        # Nobody asked whether it had changed: believed, it would leave a calendar empty that was never read.
        if not (validators.etag or validators.last_modified):
            raise CalendarAnswerStrange
        return None, validators
    if answer.status >= 400 and is_sign_in(answer.address):
        raise CalendarIsASignIn
    answer.raise_for_status()
    # Its type tells nothing: sign-in pages come as text/calendar, and calendars as anything.
    start = answer.body[:2000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise CalendarIsNothing
    if start.startswith(b"<"):
        raise which_page(answer)
    if start.startswith((b"{", b"[")):
        raise CalendarIsAMessage
    said = [answer.headers.get(name, "") for name in ("etag", "last-modified")]
    # Cut or dropped where no header, and no database, should hold it: then it is read whole the next time.
    return answer.body, Validators(*(one[:LONGEST_VALIDATOR] if one.isprintable() else "" for one in said))


def stored(
    reading: CalendarReading, *, window: Span, validators: Validators = NO_VALIDATORS
) -> StoredReading:
    """Return what is kept of a reading; what could not be read is told in the reader's language."""
    problems = [problem.told(gettext(problem.template)) for problem in reading.problems]
    return StoredReading(reading.events, problems, window.end, validators)


def check(calendar: int, *, now: datetime, somebody_waits: bool = False) -> str:
    """Check a calendar that is due, if it still is, and return the code of what went wrong; empty when nothing did."""
    taken = _run(partial(begin_check, calendar, now=now), now=now)
    if not taken:
        return ""
    until, code = taken["until"], ""
    try:
        known = known_calendar(calendar)
        # A calendar that never changes still has to be written out for the days that came within reach.
        validators = NO_VALIDATORS if must_be_read_whole(known.read_at, now=now) else known.validators
        reading = read_source(
            known.source, zone=known.zone, now=now, validators=validators, somebody_waits=somebody_waits
        )
        _run(partial(keep_reading, calendar, reading=reading, until=until, now=now), now=now)
        outcome = "as before" if reading is None else "read"
    except Refusal as refusal:
        outcome = code = refusal.code
    except Exception as error:  # noqa: BLE001  # its owner has to see that it is not read, whatever it was
        logger.error("calendar not checked: %s", type(error).__name__)
        outcome = code = CalendarFault.code
    if code:
        _run(partial(note_fault, calendar, code=code, until=until, now=now), now=now)
    logger.info("calendar checked", extra={"event": outcome})
    return code


def queue_due_checks(*, now: datetime, limit: int) -> int:
    """Queue a check of every calendar that is due and has no job waiting, and return how many."""
    waiting = ProcrastinateJob.objects.filter(task_name=CHECK, status="todo")
    queued = set(waiting.values_list("args__calendar", flat=True))
    due = [number for number in due_calendars(now=now, limit=limit) if number not in queued]
    # A lane is a lock in the queue: jobs that share one never run at the same time, whatever the workers are.
    for lane in range(AT_ONCE):
        jobs: list[dict[str, JSONValue]] = [
            {"calendar": number} for number in due if number % AT_ONCE == lane
        ]
        if jobs:
            task = app.configure_task(CHECK, allow_unknown=True, priority=PRIORITY, lock=f"{CHECK} {lane}")
            task.batch_defer(*jobs)
    return len(due)


def _run(verb: Callable[[], Answer], *, now: datetime) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=now)

"""The CalDAV push writes a provider's appointments into the provider's own calendar, and nothing else there.

Every request says which version it means to replace, so what somebody else put in its place is refused by the server itself.
An entry is ours when it bears our mark, or our UID under our own address: some servers drop marks.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from urllib.parse import quote

from raincheck import monotonic
from raincheck.actions.calendars.pushes import begin_event, begin_run, end_event, end_removal, end_run
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.models import Appointment, BusyCalendar, CalendarPush, PushedEvent
from raincheck.data.postgresql.faults import fault_of
from raincheck.domain.calendars.checks import CalendarKind
from raincheck.domain.calendars.faults import (
    CalendarAnswerStrange,
    CalendarFault,
    CalendarNotThere,
    CalendarNotWritable,
)
from raincheck.domain.calendars.pushes import EVENTS_OF_ONE_RUN, Result
from raincheck.domain.people import SYSTEM
from raincheck.domain.refusals import Refusal
from raincheck.integrations.caldav.accounts import CalendarAccount
from raincheck.integrations.calendar_checks import guard
from raincheck.integrations.http.safe_http import Login, Response
from raincheck.integrations.ics.text import FOLD
from raincheck.notifications.calendar_feeds import COPY_MARK, object_of
from raincheck.queries.calendars.feeds import entry_to_push
from raincheck.queries.calendars.pushes import is_run_of, to_push, to_remove
from raincheck.queries.calendars.sources import source_of

# A slow server keeps a worker no longer than this: others wait for it too.
SECONDS_OF_A_RUN = 60.0
WRITTEN = (200, 201, 204)
GONE = (404, 410)
OTHER_VERSION = 412
ANY = "*"
# How a server says that the calendar has an entry of this UID under another address (RFC 4791, 5.3.2.1).
NAMED_ELSEWHERE = b"no-uid-conflict"

logger = logging.getLogger(__name__)


def push_appointments(push: int, *, now: datetime) -> Counter[str]:
    """Bring a calendar nearer to what it should hold, by at most EVENTS_OF_ONE_RUN events; return what came of how many.

    Safe at any time and by any number of workers: what is to be done is found by comparing, and a fault ends the run
    until its pause is over.
    """
    begun = _run(partial(begin_run, push, now=now), now=now)
    row = CalendarPush.objects.select_related("calendar", "provider", "practice").filter(pk=push).first()
    if not begun or row is None:
        return Counter()
    run = Run(row, until=begun["until"], now=now)
    fault = ""
    try:
        run.work()
    except TakenOver:
        return run.done
    except Refusal as refusal:
        fault = refusal.code
    except Exception as error:  # noqa: BLE001  # its owner has to see that it is not written, whatever it was
        logger.error("calendar not written: %s", type(error).__name__)
        fault = CalendarFault.code
    _run(partial(end_run, push, until=run.until, fault=fault, now=now), now=now)
    logger.info("pushed", extra={"event": dict(run.done) | ({"fault": fault} if fault else {})})
    return run.done


class TakenOver(Exception):
    """Somebody else has the run by now, or there is nothing to write into any more."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run in the hands of this process. `until` is what begin_run said; `done` counts what came of each step."""

    push: CalendarPush
    until: str
    now: datetime
    since: float = field(default_factory=monotonic.seconds)
    done: Counter[str] = field(default_factory=Counter)

    def work(self) -> None:
        """Do what is to be done until it is done or the time is over: what went first, then what is soonest."""
        remote = RemoteCalendar.of(self.push.calendar, may_go=self.goes_on)
        for event in to_remove(self.push, now=self.now, limit=EVENTS_OF_ONE_RUN):
            if self.is_over:
                return
            self.done[f"removed: {self.remove(remote, event)}"] += 1
        for appointment in to_push(self.push, now=self.now, limit=EVENTS_OF_ONE_RUN):
            if self.is_over:
                return
            self.done[f"pushed: {self.write(remote, appointment)}"] += 1

    @property
    def is_over(self) -> bool:
        return monotonic.seconds() - self.since > SECONDS_OF_A_RUN

    def goes_on(self) -> None:
        """Ask the last time before anything is changed there. Raises TakenOver."""
        if not is_run_of(self.push.pk, until=self.until):
            raise TakenOver

    def write(self, remote: RemoteCalendar, appointment: Appointment) -> Result:
        """Write one appointment's event, between a row that says so and a row that says what came of it."""
        begin = partial(begin_event, self.push.pk, appointment.pk, until=self.until, now=self.now)
        begun = _run(begin, now=self.now)
        if not begun:
            raise TakenOver
        text, etag, result = self.text_of(appointment), begun["etag"], Result.REFUSED
        if text:
            result, etag = remote.put(appointment.ical_uid, text, etag=etag)
        sequence = appointment.ical_sequence
        end = partial(end_event, int(begun["event"]), until=self.until, result=result, sequence=sequence)
        _run(partial(end, etag=etag, now=self.now), now=self.now)
        return result

    def text_of(self, appointment: Appointment) -> str:
        """Return the event's file; empty for an appointment that cannot be read."""
        try:
            return object_of(entry_to_push(appointment, provider=self.push.provider))
        except Exception as error:
            # One that is damaged must not keep the others from being written; a database that is away must.
            if fault_of(error) is not None:
                raise
            logger.error("an appointment could not be put into words: %s", type(error).__name__)
            return ""

    def remove(self, remote: RemoteCalendar, event: PushedEvent) -> Result:
        """Remove one event, and write down what came of it."""
        result = remote.remove(event.appointment.ical_uid, etag=event.etag)
        _run(partial(end_removal, event.pk, until=self.until, result=result, now=self.now), now=self.now)
        return result


@dataclass(frozen=True, slots=True)
class RemoteEvent:
    """The entry under an address right now, and whether it is ours. The etag is empty where the server has none."""

    etag: str
    ours: bool

    @property
    def version(self) -> str:
        """What to replace it by: without an etag, whatever is there (RFC 9110, 13.1.1)."""
        return strong(self.etag) or ANY


class RemoteCalendar:
    """One calendar that events are put into and taken from. Raises the faults of a calendar that cannot be written to.

    `may_go` is asked before each change and raises what stops it. Since every change names the version it replaces, a
    process that stands still between the two changes nothing that somebody else has written meanwhile.
    """

    def __init__(self, account: CalendarAccount, *, may_go: Callable[[], None] = lambda: None) -> None:
        self.account = account
        self.may_go = may_go

    @classmethod
    def of(cls, calendar: BusyCalendar, *, may_go: Callable[[], None]) -> RemoteCalendar:
        """Return a connected calendar. Raises CalendarNotThere when it is no account, or CalendarSecretLost."""
        source = source_of(calendar)
        if source.kind is not CalendarKind.CALDAV:
            raise CalendarNotThere
        account = CalendarAccount(source.address, Login(source.username, source.password), guard=guard())
        return cls(account, may_go=may_go)

    def put(self, uid: str, text: str, *, etag: str) -> tuple[Result, str]:
        """Write an event in place of the version known by `etag`, empty when none is; return its new etag with the result."""
        answer = self._put(uid, text, etag=etag)
        if answer.status == OTHER_VERSION or (etag and answer.status in GONE):
            present = self._present(uid)
            if present is not None and not present.ours:
                return Result.TAKEN, etag
            answer = self._put(uid, text, etag=present.version if present else "")
        return _result(answer), strong(answer.headers.get("etag", ""))

    def remove(self, uid: str, *, etag: str) -> Result:
        """Take an event away, unless somebody else's stands there now."""
        # Without an etag a former run died before it heard the answer: it may be there all the same.
        answer = self._delete(uid, etag=etag) if etag else None
        if answer is None or answer.status == OTHER_VERSION:
            present = self._present(uid)
            if present is None or not present.ours:
                return Result.DONE
            answer = self._delete(uid, etag=present.version)
        return Result.DONE if answer.status in GONE else _result(answer)

    def _put(self, uid: str, text: str, *, etag: str) -> Response:
        # RFC 9110, 13.1: the server compares and writes in one step; looking first would leave a gap.
        replaces = {"If-Match": etag} if etag else {"If-None-Match": "*"}
        headers = {**replaces, "Content-Type": "text/calendar; charset=utf-8"}
        self.may_go()
        return self._send("PUT", uid, body=text.encode(), headers=headers)

    def _delete(self, uid: str, *, etag: str) -> Response:
        self.may_go()
        return self._send("DELETE", uid, headers={"If-Match": etag})

    def _present(self, uid: str) -> RemoteEvent | None:
        """Return what stands there, looked at after its version was asked for: what comes in between has another one."""
        try:
            etag = self.account.version(self._address(uid))
        except CalendarNotThere:
            return None
        answer = self._send("GET", uid, headers={})
        if answer.status in GONE:
            return None
        _result(answer)
        # A server may fold lines anew (RFC 5545, 3.1), and so cut our mark in two.
        lines = FOLD.sub(b"", answer.body).splitlines()
        ours = any(line.startswith((f"{COPY_MARK}:".encode(), f"{COPY_MARK};".encode())) for line in lines)
        return RemoteEvent(etag, ours or any(line.strip() == f"UID:{uid}".encode() for line in lines))

    def _send(self, method: str, uid: str, *, headers: Mapping[str, str], body: bytes = b"") -> Response:
        return self.account.send(method, self._address(uid), body=body, headers=headers)

    def _address(self, uid: str) -> str:
        return f"{self.account.address.rstrip('/')}/{quote(uid, safe='@')}.ics"


def strong(etag: str) -> str:
    """Return an etag that a change may name, empty for one that says only "much the same" (RFC 9110, 8.8.1)."""
    return "" if etag.startswith("W/") else etag


def _result(answer: Response) -> Result:
    """Return what a status says about one event. Raises a fault for one that says something about the whole calendar."""
    if answer.status in WRITTEN:
        return Result.DONE
    if NAMED_ELSEWHERE in answer.body:
        return Result.TAKEN
    # Where reading is a matter of permission, writing is of another: 403 has a fault of its own here.
    if answer.status in (403, 405):
        raise CalendarNotWritable
    if answer.status == 409:  # RFC 4918, 9.7.1: the collection it should go into is not there
        raise CalendarNotThere
    fault = answer.fault
    if fault is CalendarAnswerStrange:
        return Result.REFUSED
    raise fault


def _run(verb: Callable[[], Answer], *, now: datetime) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=now)

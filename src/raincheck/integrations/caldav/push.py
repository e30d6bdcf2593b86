"""Writes a provider's appointments into the provider's own calendar (CalDAV), and nothing else there.

Every request says which version it means to replace, so what somebody else put in its place is refused by the server itself.
An entry is ours when it bears our mark; whoever takes the mark away has made it their own.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from urllib.parse import quote

from raincheck import monotonic
from raincheck.actions.calendars.pushes import begin_copy, begin_run, end_copy, end_run, take_copy_back
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.appointments import Appointment
from raincheck.data.calendars.busy import BusyCalendar
from raincheck.data.calendars.pushes import CalendarCopy, CalendarWriting
from raincheck.data.database_faults import fault_of
from raincheck.domain.calendars.checks import CalendarKind
from raincheck.domain.calendars.faults import (
    CalendarFault,
    CalendarNotThere,
    CalendarNotWritable,
    CalendarServerTrouble,
    CalendarWantsPassword,
)
from raincheck.domain.calendars.pushes import COPIES_OF_ONE_RUN, Result
from raincheck.domain.people import SYSTEM
from raincheck.domain.refusals import Refusal
from raincheck.integrations.caldav.accounts import CalendarAccount
from raincheck.integrations.calendar_checks import guard
from raincheck.integrations.http.safe_http import Login, Response
from raincheck.notifications.calendar_feeds import COPY_MARK, object_of
from raincheck.queries.calendars.pushes import entry_to_write, is_run_of, to_take_back, to_write
from raincheck.queries.calendars.sources import source_of

SECONDS_OF_A_RUN = 60.0
"""A slow server keeps a worker no longer than this: others wait for it too."""
GOT_IT = (200, 201, 204)
GONE = (404, 410)
OTHER_VERSION = 412
NAMED_ELSEWHERE = b"no-uid-conflict"
"""How a server says that the calendar has an entry of this UID under another address (RFC 4791, 5.3.2.1)."""

logger = logging.getLogger(__name__)


def copy_appointments(writing: int, *, now: datetime) -> Counter[str]:
    """Bring a calendar nearer to what it should hold, by at most COPIES_OF_ONE_RUN entries; return what came of how many.

    Safe at any time and by any number of workers: what is to be done is found by comparing, and a fault ends the run
    until its pause is over.
    """
    begun = _act(partial(begin_run, writing, now=now), now=now)
    row = (
        CalendarWriting.objects.select_related("calendar", "provider", "practice").filter(pk=writing).first()
    )
    if not begun or row is None:
        return Counter()
    run = Run(row, until=begun["until"], now=now)
    done: Counter[str] = Counter()
    fault = ""
    try:
        shelf = Shelf.of(row.calendar, may_go=run.goes_on)
        for word, step in _steps(shelf, run):
            if run.is_over:
                break
            done[f"{word}: {step()}"] += 1
    except TakenOver:
        return done
    except Refusal as refusal:
        fault = refusal.code
    except Exception as error:  # noqa: BLE001  # its owner has to see that it is not written, whatever it was
        logger.error("calendar not written: %s", type(error).__name__)
        fault = CalendarFault.code
    _act(partial(end_run, writing, until=run.until, fault=fault, now=now), now=now)
    logger.info("copies", extra={"event": dict(done) | ({"fault": fault} if fault else {})})
    return done


class TakenOver(Exception):
    """Somebody else has the run by now, or there is nothing to write into any more."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run in the hands of this process. `until` is what begin_run said."""

    writing: CalendarWriting
    until: str
    now: datetime
    since: float = field(default_factory=monotonic.seconds)

    @property
    def is_over(self) -> bool:
        return monotonic.seconds() - self.since > SECONDS_OF_A_RUN

    def goes_on(self) -> None:
        """Ask the last time before anything is changed there. Raises TakenOver."""
        if not is_run_of(self.writing.pk, until=self.until):
            raise TakenOver


def _steps(shelf: Shelf, run: Run) -> Iterator[tuple[str, Callable[[], Result]]]:
    """Return what is to be done in one run: what went first, then what is soonest."""
    for copy in to_take_back(run.writing, now=run.now, limit=COPIES_OF_ONE_RUN):
        yield "copy taken back", partial(_take_back, shelf, run, copy)
    for appointment in to_write(run.writing, now=run.now, limit=COPIES_OF_ONE_RUN):
        yield "copy written", partial(_write, shelf, run, appointment)


@dataclass(frozen=True, slots=True)
class Present:
    """What stands under an address right now."""

    etag: str
    ours: bool


class Shelf:
    """One calendar that entries are put into and taken from. Raises the faults of a calendar that cannot be written to.

    `may_go` is asked before each change and raises what stops it. Since every change names the version it replaces, a
    process that stands still between the two changes nothing that somebody else has written meanwhile.
    """

    def __init__(self, account: CalendarAccount, *, may_go: Callable[[], None] = lambda: None) -> None:
        self.account = account
        self.may_go = may_go

    @classmethod
    def of(cls, calendar: BusyCalendar, *, may_go: Callable[[], None]) -> Shelf:
        """Return the shelf behind a connected calendar. Raises CalendarNotThere when it is no account, or CalendarSecretLost."""
        source = source_of(calendar)
        if source.kind is not CalendarKind.CALDAV:
            raise CalendarNotThere
        account = CalendarAccount(source.address, Login(source.username, source.password), guard=guard())
        return cls(account, may_go=may_go)

    def put(self, uid: str, text: str, *, etag: str) -> tuple[Result, str]:
        """Write an entry in place of the version known by `etag`, empty when none is; return its new etag with the result."""
        answer = self._put(uid, text, etag=etag)
        if answer.status == OTHER_VERSION or (etag and answer.status in GONE):
            present = self._present(uid)
            if present is not None and not present.ours:
                return Result.TAKEN, etag
            answer = self._put(uid, text, etag=present.etag if present else "")
        return _result(answer), answer.headers.get("etag", "")

    def remove(self, uid: str, *, etag: str) -> Result:
        """Take an entry away, unless somebody else's stands there now."""
        answer = self._delete(uid, etag=etag) if etag else None
        if answer is None or answer.status == OTHER_VERSION:
            present = self._present(uid)
            if present is None or not present.ours:
                return Result.DONE
            answer = self._delete(uid, etag=present.etag)
        return Result.DONE if answer.status in GONE else _result(answer)

    def _put(self, uid: str, text: str, *, etag: str) -> Response:
        replaces = {"If-Match": etag} if etag else {"If-None-Match": "*"}
        headers = {**replaces, "Content-Type": "text/calendar; charset=utf-8"}
        self.may_go()
        return self._asked("PUT", uid, body=text.encode(), headers=headers)

    def _delete(self, uid: str, *, etag: str) -> Response:
        self.may_go()
        return self._asked("DELETE", uid, headers={"If-Match": etag})

    def _present(self, uid: str) -> Present | None:
        """Return what stands there, looked at after its version was asked for: what comes in between has another one."""
        try:
            etag = self.account.version(self._address(uid))
        except CalendarNotThere:
            return None
        answer = self._asked("GET", uid, headers={})
        if answer.status in GONE:
            return None
        _result(answer)
        unfolded = answer.body.replace(b"\r\n ", b"").replace(b"\n ", b"")
        return Present(etag, f"{COPY_MARK}:".encode() in unfolded)

    def _asked(self, method: str, uid: str, *, headers: Mapping[str, str], body: bytes = b"") -> Response:
        return self.account.send(method, self._address(uid), body=body, headers=headers)

    def _address(self, uid: str) -> str:
        return f"{self.account.address.rstrip('/')}/{quote(uid, safe='@')}.ics"


def _result(answer: Response) -> Result:
    """Return what a status says about one entry. Raises a fault for one that says something about the whole calendar."""
    if answer.status in GOT_IT:
        return Result.DONE
    if NAMED_ELSEWHERE in answer.body:
        return Result.TAKEN
    if answer.status == 401:
        raise CalendarWantsPassword
    if answer.status in (403, 405):
        raise CalendarNotWritable
    if answer.status in (*GONE, 409):
        raise CalendarNotThere
    if answer.status >= 500 or answer.status in (408, 425, 429):
        raise CalendarServerTrouble
    return Result.REFUSED


def _write(shelf: Shelf, run: Run, appointment: Appointment) -> Result:
    begin = partial(begin_copy, run.writing.pk, appointment.pk, until=run.until, now=run.now)
    begun = _act(begin, now=run.now)
    if not begun:
        raise TakenOver
    text, etag = _words(run, appointment), begun["etag"]
    result = Result.REFUSED
    if text:
        result, etag = shelf.put(appointment.ical_uid, text, etag=etag)
    ended = partial(
        end_copy,
        int(begun["copy"]),
        until=run.until,
        result=result,
        sequence=appointment.ical_sequence,
        etag=etag,
    )
    _act(partial(ended, now=run.now), now=run.now)
    return result


def _words(run: Run, appointment: Appointment) -> str:
    """Return the entry; empty for an appointment that cannot be read, which must not keep the others from being written."""
    try:
        return object_of(entry_to_write(appointment, provider=run.writing.provider))
    except Exception as error:
        if fault_of(error) is not None:
            raise
        logger.error("an appointment could not be put into words: %s", type(error).__name__)
        return ""


def _take_back(shelf: Shelf, run: Run, copy: CalendarCopy) -> Result:
    result = shelf.remove(copy.appointment.ical_uid, etag=copy.etag)
    ended = partial(take_copy_back, copy.pk, until=run.until, result=result, now=run.now)
    _act(ended, now=run.now)
    return result


def _act(verb: Callable[[], Answer], *, now: datetime) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=now)

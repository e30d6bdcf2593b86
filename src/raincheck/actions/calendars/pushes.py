"""Copies of appointments in a provider's own calendar: wished for, written down one by one, and taken back.

The verbs of a run belong to the worker. What stands in the calendar is known here only by these rows, so each is made
before anything is sent, and a run that died is simply repeated.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import make_task
from raincheck.data.calendars.busy import BusyCalendar
from raincheck.data.calendars.pushes import CalendarCopy, CalendarWriting
from raincheck.data.tasks import Task
from raincheck.domain.calendars.busy import CalendarGone
from raincheck.domain.calendars.checks import CalendarKind
from raincheck.domain.calendars.pushes import (
    FAILING_TOO_LONG,
    FIRST_PAUSE,
    PAUSE_WHERE_TAKEN,
    RUN_TAKES_AT_MOST,
    NotAnAccount,
    NothingIsWritten,
    Result,
    WritesElsewhere,
    next_try,
)
from raincheck.domain.tasks import TaskKind

COPIES_REFUSED = "copies_refused"
"""The fault of a calendar that takes some entries and not others."""


def write_into(ref: UUID, *, provider_id: int, now: datetime) -> Answer:
    """Have a provider's appointments written into one of their calendars from now on.

    Raises CalendarGone, NotAnAccount, or WritesElsewhere while they go into another one.
    """
    provider = lock(providers=[provider_id]).providers[provider_id]
    calendar = BusyCalendar.objects.filter(ref=ref, provider=provider).first()
    if calendar is None:
        raise CalendarGone
    if calendar.kind != CalendarKind.CALDAV:
        raise NotAnAccount
    defaults = {
        "practice_id": provider.practice_id,
        "calendar": calendar,
        "begun_at": now,
        "next_try_at": now,
    }
    writing, made = CalendarWriting.objects.get_or_create(provider=provider, defaults=defaults)
    if writing.calendar_id != calendar.pk:
        raise WritesElsewhere
    if not made:
        writing.removing, writing.next_try_at = False, now
        writing.save(update_fields=["removing", "next_try_at"])
    return {"writing": str(writing.ref)}


def stop_writing(ref: UUID, *, take_back: bool, now: datetime) -> Answer:
    """Write no more. With `take_back` the entries written are removed there; else they stay and are forgotten here.

    Raises NothingIsWritten.
    """
    known = CalendarWriting.objects.filter(ref=ref).first()
    if known is None:
        raise NothingIsWritten
    lock(providers=[known.provider_id])
    writing = CalendarWriting.objects.select_for_update(no_key=True).filter(ref=ref).first()
    if writing is None:
        raise NothingIsWritten
    copies = CalendarCopy.objects.filter(writing=writing)
    if take_back and copies.exists():
        copies.update(due_at=now)
        writing.removing, writing.next_try_at = True, now
        writing.save(update_fields=["removing", "next_try_at"])
    else:
        _forget(writing, now=now)
    return {"writing": str(ref)}


def begin_run(writing: int, *, now: datetime) -> Answer:
    """Take a writing that is due for oneself; empty when it is gone, not due, or somebody else has it.

    The answer says by `until` when it is anybody's again. Every later step shows that, and does nothing once the writing
    was taken over, or its owner has changed what is to be written.
    """
    due = CalendarWriting.objects.select_for_update(skip_locked=True, no_key=True)
    row = due.filter(pk=writing, next_try_at__lte=now).first()
    if row is None:
        return {}
    row.next_try_at = now + RUN_TAKES_AT_MOST
    row.save(update_fields=["next_try_at"])
    return {"writing": str(row.ref), "until": row.next_try_at.isoformat()}


def take_over(writing: int, *, now: datetime) -> Answer:
    """Make a writing due whose worker died in the middle; one that pauses for longer stays as it is."""
    taken = CalendarWriting.objects.filter(pk=writing, next_try_at__gt=now)
    taken.filter(next_try_at__lte=now + RUN_TAKES_AT_MOST).update(next_try_at=now)
    return {}


def begin_copy(writing: int, appointment: int, *, until: str, now: datetime) -> Answer:
    """Note that an appointment is about to be written, and return what is known of its copy: its number and etag.

    Empty when the run is somebody else's by now.
    """
    row = _still_mine(writing, until)
    if row is None:
        return {}
    copy, _made = CalendarCopy.objects.get_or_create(
        writing=row,
        appointment_id=appointment,
        defaults={"practice_id": row.practice_id, "due_at": now},
    )
    return {"copy": str(copy.pk), "etag": copy.etag}


def end_copy(copy: int, *, until: str, result: Result, sequence: int, etag: str, now: datetime) -> Answer:
    """Write down what came of a copy that was to be written."""
    row = _copy_of_run(copy, until)
    if row is None:
        return {}
    if result is Result.DONE:
        row.sequence, row.etag, row.written_at = sequence, etag, now
        row.refused_since, row.due_at = None, now
    elif result is Result.TAKEN:
        row.refused_since, row.due_at = None, now + PAUSE_WHERE_TAKEN
    else:
        row.refused_since = row.refused_since or now
        row.due_at = next_try(now=now, failing_since=row.refused_since)
    row.save(update_fields=["sequence", "etag", "written_at", "refused_since", "due_at"])
    return {"copy": str(copy)}


def take_copy_back(copy: int, *, until: str, result: Result, now: datetime) -> Answer:
    """Write down what came of a copy that was to be removed: one that is gone is forgotten."""
    row = _copy_of_run(copy, until)
    if row is None:
        return {}
    if result is Result.REFUSED:
        row.refused_since = row.refused_since or now
        row.due_at = next_try(now=now, failing_since=row.refused_since)
        row.save(update_fields=["refused_since", "due_at"])
    else:
        row.delete()
    return {"copy": str(copy)}


def end_run(writing: int, *, until: str, fault: str, now: datetime) -> Answer:
    """Write down how a run went; `fault` is the code of what stopped it. A day of failures is a task."""
    row = _still_mine(writing, until)
    if row is None:
        return {}
    if row.removing and not fault and not CalendarCopy.objects.filter(writing=row).exists():
        _forget(row, now=now)
        return {}
    refused = CalendarCopy.objects.filter(writing=row, refused_since__isnull=False)
    if not fault and not refused.filter(appointment__ends_at__gt=now).exists():
        return _went_well(row, now=now)
    row.failing_since, row.fault = row.failing_since or now, fault or COPIES_REFUSED
    row.next_try_at = next_try(now=now, failing_since=row.failing_since) if fault else now + FIRST_PAUSE
    row.save(update_fields=["failing_since", "fault", "next_try_at"])
    if now - row.failing_since >= FAILING_TOO_LONG:
        make_task(TaskKind.CALENDAR_NOT_WRITTEN, calendar=row.calendar, now=now)
    return {"writing": str(row.ref)}


def _still_mine(writing: int, until: str) -> CalendarWriting | None:
    rows = CalendarWriting.objects.select_for_update(no_key=True)
    return rows.filter(pk=writing, next_try_at=datetime.fromisoformat(until)).first()


def _copy_of_run(copy: int, until: str) -> CalendarCopy | None:
    """Return a copy with its writing locked; None when it is gone, or the run is somebody else's by now."""
    writing = CalendarCopy.objects.filter(pk=copy).values_list("writing", flat=True).first()
    if writing is None or _still_mine(writing, until) is None:
        return None
    return CalendarCopy.objects.select_for_update(no_key=True).filter(pk=copy).first()


def _went_well(row: CalendarWriting, *, now: datetime) -> Answer:
    row.failing_since, row.fault, row.written_at, row.next_try_at = None, "", now, now
    row.save(update_fields=["failing_since", "fault", "written_at", "next_try_at"])
    _end_tasks(row, now=now)
    return {"writing": str(row.ref)}


def _forget(row: CalendarWriting, *, now: datetime) -> None:
    _end_tasks(row, now=now)
    CalendarCopy.objects.filter(writing=row).delete()
    row.delete()


def _end_tasks(row: CalendarWriting, *, now: datetime) -> None:
    tasks = Task.objects.filter(calendar=row.calendar_id, kind=TaskKind.CALENDAR_NOT_WRITTEN)
    tasks.filter(done_at__isnull=True).update(done_at=now)

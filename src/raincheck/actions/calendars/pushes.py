"""Pushes of appointments into a provider's own calendar: wished for, written down event by event, and stopped.

The verbs of a run belong to the worker. What stands in the calendar is known here only by these rows, so each is made
before anything is sent, and a run that died is simply repeated.
"""

from datetime import datetime
from uuid import UUID

from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import make_task
from raincheck.data.models import BusyCalendar, CalendarPush, PushedEvent, Task
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

# The fault of a calendar that takes some events and not others; no server says it, so it is no row of the faults.
EVENTS_REFUSED = "events_refused"


def push_into(ref: UUID, *, provider_id: int, now: datetime) -> Answer:
    """Have a provider's appointments pushed into one of their calendars from now on.

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
    push, made = CalendarPush.objects.get_or_create(provider=provider, defaults=defaults)
    if push.calendar_id != calendar.pk:
        raise WritesElsewhere
    if not made:
        push.removing, push.next_try_at = False, now
        push.save(update_fields=["removing", "next_try_at"])
    return {"push": str(push.ref)}


def stop_pushing(ref: UUID, *, take_back: bool, now: datetime) -> Answer:
    """Push no more. With `take_back` the events written are removed there; else they stay and are forgotten here.

    Raises NothingIsWritten.
    """
    known = CalendarPush.objects.filter(ref=ref).first()
    if known is None:
        raise NothingIsWritten
    # Read again under the lock: whoever stopped it a moment ago has taken the row away.
    lock(providers=[known.provider_id])
    push = CalendarPush.objects.select_for_update(no_key=True).filter(ref=ref).first()
    if push is None:
        raise NothingIsWritten
    events = PushedEvent.objects.filter(push=push)
    if take_back and events.exists():
        events.update(due_at=now)
        push.removing, push.next_try_at = True, now
        push.save(update_fields=["removing", "next_try_at"])
    else:
        _forget(push, now=now)
    return {"push": str(ref)}


def begin_run(push: int, *, now: datetime) -> Answer:
    """Take a push that is due for oneself; empty when it is gone, not due, or somebody else has it.

    The answer says by `until` when it is anybody's again. Every later step shows that, and does nothing once the push
    was taken over, or its owner has changed what is to be written.
    """
    due = CalendarPush.objects.select_for_update(skip_locked=True, no_key=True)
    row = due.filter(pk=push, next_try_at__lte=now).first()
    if row is None:
        return {}
    # The instant doubles as the run's name: nobody else sets the same one, and a change by the owner sets another.
    row.next_try_at = now + RUN_TAKES_AT_MOST
    row.save(update_fields=["next_try_at"])
    return {"push": str(row.ref), "until": row.next_try_at.isoformat()}


def take_over(push: int, *, now: datetime) -> Answer:
    """Make a push due whose worker died in the middle; one that pauses for longer stays as it is."""
    # A pause after a failure is longer than a run, or shorter than one and harmless to cut.
    taken = CalendarPush.objects.filter(pk=push, next_try_at__gt=now)
    taken.filter(next_try_at__lte=now + RUN_TAKES_AT_MOST).update(next_try_at=now)
    return {}


def begin_event(push: int, appointment: int, *, until: str, now: datetime) -> Answer:
    """Note that an appointment is about to be written, and return what is known of its event: its number and etag.

    Empty when the run is somebody else's by now.
    """
    row = _still_mine(push, until)
    if row is None:
        return {}
    event, _made = PushedEvent.objects.get_or_create(
        push=row,
        appointment_id=appointment,
        defaults={"practice_id": row.practice_id, "due_at": now},
    )
    return {"event": str(event.pk), "etag": event.etag}


def end_event(event: int, *, until: str, result: Result, sequence: int, etag: str, now: datetime) -> Answer:
    """Write down what came of an event that was to be written."""
    row = _event_of_run(event, until)
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
    return {"event": str(event)}


def end_removal(event: int, *, until: str, result: Result, now: datetime) -> Answer:
    """Write down what came of an event that was to be removed: one that is gone is forgotten."""
    row = _event_of_run(event, until)
    if row is None:
        return {}
    if result is Result.REFUSED:
        row.refused_since = row.refused_since or now
        row.due_at = next_try(now=now, failing_since=row.refused_since)
        row.save(update_fields=["refused_since", "due_at"])
    else:
        row.delete()
    return {"event": str(event)}


def end_run(push: int, *, until: str, fault: str, now: datetime) -> Answer:
    """Write down how a run went; `fault` is the code of what stopped it. A day of failures is a task."""
    row = _still_mine(push, until)
    if row is None:
        return {}
    if row.removing and not fault and not PushedEvent.objects.filter(push=row).exists():
        _forget(row, now=now)
        return {}
    refused = PushedEvent.objects.filter(push=row, refused_since__isnull=False)
    # What is over by now may have been refused: nobody needs it in the calendar any more.
    if not fault and not refused.filter(appointment__ends_at__gt=now).exists():
        row.failing_since, row.fault, row.written_at, row.next_try_at = None, "", now, now
        row.save(update_fields=["failing_since", "fault", "written_at", "next_try_at"])
        _end_tasks(row, now=now)
        return {"push": str(row.ref)}
    row.failing_since, row.fault = row.failing_since or now, fault or EVENTS_REFUSED
    row.next_try_at = next_try(now=now, failing_since=row.failing_since) if fault else now + FIRST_PAUSE
    row.save(update_fields=["failing_since", "fault", "next_try_at"])
    if now - row.failing_since >= FAILING_TOO_LONG:
        make_task(TaskKind.CALENDAR_NOT_WRITTEN, calendar=row.calendar, now=now)
    return {"push": str(row.ref)}


def _still_mine(push: int, until: str) -> CalendarPush | None:
    rows = CalendarPush.objects.select_for_update(no_key=True)
    return rows.filter(pk=push, next_try_at=datetime.fromisoformat(until)).first()


def _event_of_run(event: int, until: str) -> PushedEvent | None:
    """Return an event with its push locked; None when it is gone, or the run is somebody else's by now."""
    push = PushedEvent.objects.filter(pk=event).values_list("push", flat=True).first()
    if push is None or _still_mine(push, until) is None:
        return None
    return PushedEvent.objects.select_for_update(no_key=True).filter(pk=event).first()


def _forget(row: CalendarPush, *, now: datetime) -> None:
    _end_tasks(row, now=now)
    PushedEvent.objects.filter(push=row).delete()
    row.delete()


def _end_tasks(row: CalendarPush, *, now: datetime) -> None:
    tasks = Task.objects.filter(calendar=row.calendar_id, kind=TaskKind.CALENDAR_NOT_WRITTEN)
    tasks.filter(done_at__isnull=True).update(done_at=now)

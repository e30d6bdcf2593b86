"""Checks of calendars that are read again and again: taken by one worker at a time, kept or noted as failed."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from raincheck.actions.calendars.busy_time import keep_busy_time
from raincheck.actions.engine.locks import lock, refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import make_task
from raincheck.data.models import BusyCalendar, Provider, Task
from raincheck.domain.calendars.busy import CalendarGone, CalendarIsAFile
from raincheck.domain.calendars.checks import (
    CHECK_TAKES_AT_MOST,
    CalendarKind,
    StoredReading,
    is_failing_too_long,
    next_check,
)
from raincheck.domain.tasks import TaskKind

CHECKED = [
    "read_at",
    "read_until",
    "problems",
    "etag",
    "last_modified",
    "sync_token",
    "checked_at",
    "failing_since",
    "fault",
    "next_check_at",
]


def check_now(ref: UUID, *, provider_id: int, now: datetime) -> Answer:
    """Make a calendar due at once. Raises CalendarGone, or CalendarIsAFile."""
    refuse_what_is_not_theirs(Provider.objects.get(pk=provider_id))
    own = BusyCalendar.objects.filter(ref=ref, provider=provider_id)
    if not own.exclude(kind=CalendarKind.FILE).update(next_check_at=now):
        raise CalendarIsAFile if own.exists() else CalendarGone
    return {"calendar": str(ref)}


def read_whole(calendars: QuerySet[BusyCalendar], *, now: datetime) -> None:
    """Have calendars read again whole, though their servers will say that nothing has changed; a file can't be."""
    connected = calendars.exclude(kind=CalendarKind.FILE)
    connected.update(etag="", last_modified="", sync_token="", next_check_at=now)


def begin_check(calendar: int, *, now: datetime) -> Answer:
    """Take a calendar that is due for oneself; empty when it is gone, not due, or somebody else has it.

    Nobody else finds it due until the check is written down, or five minutes are over and whoever had it has died. The
    answer says by `until` when that is; whoever writes the check down shows it.
    """
    due = BusyCalendar.objects.select_for_update(skip_locked=True, no_key=True).filter(
        pk=calendar, next_check_at__lte=now
    )
    row = due.first()
    if row is None:
        return {}
    # The instant doubles as the check's name: whoever takes it next sets another.
    row.next_check_at = now + CHECK_TAKES_AT_MOST
    row.save(update_fields=["next_check_at"])
    return {"calendar": str(row.ref), "until": row.next_check_at.isoformat()}


def take_over(calendar: int, *, now: datetime) -> Answer:
    """Make a calendar due whose worker died while it looked at it; one that is looked at later anyway stays as it is."""
    taken = BusyCalendar.objects.filter(pk=calendar, next_check_at__gt=now)
    taken.filter(next_check_at__lte=now + CHECK_TAKES_AT_MOST).update(next_check_at=now)
    return {}


def keep_reading(calendar: int, *, reading: StoredReading | None, until: str, now: datetime) -> Answer:
    """Keep what a check found, which began at `now`; None when its server said that nothing has changed."""
    row = _locked(calendar, until)
    if row is None:
        return {}
    if reading is not None:
        row.read_at, row.read_until, row.problems = now, reading.read_until, list(reading.problems)
        row.etag, row.last_modified = reading.validators.etag, reading.validators.last_modified
        row.sync_token = reading.validators.sync_token
        keep_busy_time(row, reading.events, provider=row.provider, now=now)
    # It began at `now`: what changed on the server since then is found by the next one.
    row.checked_at, row.failing_since, row.fault = now, None, ""
    row.next_check_at = next_check(now=now)
    row.save(update_fields=CHECKED)
    Task.objects.filter(calendar=row, kind=TaskKind.CALENDAR_FAILING, done_at__isnull=True).update(
        done_at=now
    )
    return {"calendar": str(row.ref)}


def note_fault(calendar: int, *, code: str, until: str, now: datetime) -> Answer:
    """Note that a calendar could not be read. What was read before stays, and it is tried again after a longer pause."""
    row = _locked(calendar, until)
    if row is None:
        return {}
    row.failing_since, row.fault = row.failing_since or now, code
    row.next_check_at = next_check(now=now, failing_since=row.failing_since)
    row.save(update_fields=["failing_since", "fault", "next_check_at"])
    if is_failing_too_long(row.failing_since, now=now):
        make_task(TaskKind.CALENDAR_FAILING, calendar=row, now=now)
    return {"calendar": str(row.ref)}


def _locked(calendar: int, until: str) -> BusyCalendar | None:
    """Return a calendar with its provider locked; None when it is no longer the one that was taken.

    It was removed or connected anew meanwhile, made due again, or taken over by another worker: whatever a check found
    since is then about something else.
    """
    # The provider first, as everywhere: in another order two checks and a booking could wait for each other.
    provider_id = BusyCalendar.objects.filter(pk=calendar).values_list("provider", flat=True).first()
    if provider_id is None:
        return None
    provider = lock(providers=[provider_id]).providers[provider_id]
    row = BusyCalendar.objects.filter(pk=calendar, next_check_at=datetime.fromisoformat(until)).first()
    if row is not None:
        row.provider = provider
    return row

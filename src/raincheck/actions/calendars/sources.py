"""A provider's own calendars: brought in as busy time, told how to be kept, and removed again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from raincheck.actions.calendars.busy_time import forget_busy_time, keep_busy_time
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.data.encryption import encrypt
from raincheck.data.models import BusyCalendar, BusyTime, CalendarPush, Provider, Task
from raincheck.domain.calendars.busy import CalendarGone
from raincheck.domain.calendars.checks import CalendarKind, Source, StoredReading, next_check
from raincheck.domain.calendars.pushes import CalendarStillWrittenTo

NO_SOURCE = Source(CalendarKind.FILE, "", "")


@dataclass(frozen=True, slots=True)
class Brought:
    """A calendar somebody brings in: its name, what was read of it, and where it is read again; a file nowhere."""

    name: str
    reading: StoredReading
    source: Source = NO_SOURCE
    keeps_titles: bool = False


def import_busy_time(
    provider_id: int,
    *,
    name: str,
    reading: StoredReading,
    source: Source = NO_SOURCE,
    keeps_titles: bool = False,
    now: datetime,
) -> Answer:
    """Keep what was read of one calendar, in place of the one of the same name. It moves no appointment.

    Raises CalendarStillWrittenTo where another would take the place of one that appointments go into.
    """
    return _bring(provider_id, [Brought(name, reading, source, keeps_titles)], now=now)


def connect_calendars(provider_id: int, *, calendars: Sequence[Brought], now: datetime) -> Answer:
    """Keep what was read of calendars, each in place of the one of the same name, and read them again every 15 minutes.

    Raises CalendarStillWrittenTo as `import_busy_time` does.
    """
    return _bring(provider_id, calendars, now=now)


def remove_calendar(ref: UUID, *, provider_id: int, now: datetime) -> Answer:
    """Forget a calendar and its busy time. Raises CalendarGone, or CalendarStillWrittenTo."""
    provider = lock(providers=[provider_id]).providers[provider_id]
    calendar = _own(ref, provider)
    if CalendarPush.objects.filter(calendar=calendar).exists():
        raise CalendarStillWrittenTo
    forget_busy_time(calendar, provider=provider, now=now)
    _end_tasks(calendar, now=now)
    # Done tasks stay in the practice's history, without what they were about.
    Task.objects.filter(calendar=calendar).update(calendar=None)
    calendar.delete()
    return {"calendar": str(ref)}


def keep_titles(ref: UUID, *, provider_id: int, keep: bool, now: datetime) -> Answer:
    """Keep the titles of a calendar's events from now on, or forget those kept. Raises CalendarGone.

    Titles come with the next reading, which is made due; what is forgotten is erased at once.
    """
    provider = lock(providers=[provider_id]).providers[provider_id]
    calendar = _own(ref, provider)
    calendar.keeps_titles = keep
    # Without validators the server cannot say "unchanged", and the next reading brings the titles along.
    if keep and calendar.kind != CalendarKind.FILE:
        calendar.etag = calendar.last_modified = calendar.sync_token = ""
        calendar.next_check_at = now
    elif not keep:
        BusyTime.objects.filter(calendar=calendar).exclude(title="").update(title="")
    calendar.save(update_fields=["keeps_titles", "etag", "last_modified", "sync_token", "next_check_at"])
    return {"calendar": str(ref)}


def _bring(provider_id: int, calendars: Sequence[Brought], *, now: datetime) -> Answer:
    provider = lock(providers=[provider_id]).providers[provider_id]
    refs: list[UUID] = []
    for one in calendars:
        # What was pushed into the calendar whose place it takes could never be changed or removed any more. The same
        # account may come with a new password.
        same = {"kind": one.source.kind, "host": one.source.host, "username": one.source.username}
        pushed_into = CalendarPush.objects.filter(provider=provider, calendar__name=one.name)
        if pushed_into.exclude(**{f"calendar__{name}": value for name, value in same.items()}).exists():
            raise CalendarStillWrittenTo
        calendar, _made = BusyCalendar.objects.update_or_create(
            provider=provider,
            name=one.name,
            defaults={
                "practice_id": provider.practice_id,
                "read_at": now,
                "read_until": one.reading.read_until,
                "problems": list(one.reading.problems),
                "etag": one.reading.validators.etag,
                "last_modified": one.reading.validators.last_modified,
                "sync_token": one.reading.validators.sync_token,
                "checked_at": now,
                "failing_since": None,
                "fault": "",
                **same,
                # Both may be secret: the address of a subscription is all that keeps strangers from reading it.
                "sealed_address": encrypt(one.source.address),
                "sealed_password": encrypt(one.source.password),
                "next_check_at": None if one.source.kind is CalendarKind.FILE else next_check(now=now),
                "keeps_titles": one.keeps_titles,
            },
        )
        keep_busy_time(calendar, one.reading.events, provider=provider, now=now)
        _end_tasks(calendar, now=now)
        refs.append(calendar.ref)
    # Somebody has just seen to their availability: its hours are not doubted for a while.
    provider.availability_changed_at = now
    provider.save(update_fields=["availability_changed_at"])
    return {"calendar": str(refs[0])}


def _own(ref: UUID, provider: Provider) -> BusyCalendar:
    calendar = BusyCalendar.objects.filter(ref=ref, provider=provider).first()
    if calendar is None:
        raise CalendarGone
    return calendar


def _end_tasks(calendar: BusyCalendar, *, now: datetime) -> None:
    Task.objects.filter(calendar=calendar, done_at__isnull=True).update(done_at=now)

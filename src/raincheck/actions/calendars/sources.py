"""A provider's own calendars: brought in as busy time, told how to be reading, and removed again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from raincheck.actions.calendars.busy_time import forget_busy_time, keep_busy_time
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.data.calendars.busy import BusyCalendar, BusyTime
from raincheck.data.calendars.pushes import CalendarPush
from raincheck.data.encryption import encrypt
from raincheck.data.people import Provider
from raincheck.data.tasks import Task
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
    Task.objects.filter(calendar=calendar).update(calendar=None)
    calendar.delete()
    return {"calendar": str(ref)}


def keep_titles(ref: UUID, *, provider_id: int, keep: bool, now: datetime) -> Answer:
    """Keep the titles of a calendar's events from now on, or forget those reading. Raises CalendarGone.

    Titles come with the next reading, which is made due; what is forgotten is erased at once.
    """
    provider = lock(providers=[provider_id]).providers[provider_id]
    calendar = _own(ref, provider)
    calendar.keeps_titles = keep
    if keep and calendar.kind != CalendarKind.FILE:
        calendar.etag = calendar.last_modified = calendar.sync_token = ""
        calendar.next_check_at = now
    elif not keep:
        BusyTime.objects.filter(calendar=calendar).exclude(title="").update(title="")
    calendar.save(update_fields=["keeps_titles", "etag", "last_modified", "sync_token", "next_check_at"])
    return {"calendar": str(ref)}


def _bring(provider_id: int, calendars: Sequence[Brought], *, now: datetime) -> Answer:
    provider = lock(providers=[provider_id]).providers[provider_id]
    refs = [_keep(one, provider, now=now).ref for one in calendars]
    _looked_at(provider, now=now)
    return {"calendar": str(refs[0])}


def _keep(one: Brought, provider: Provider, *, now: datetime) -> BusyCalendar:
    _refuse_another_in_place_of_one_written_to(one, provider)
    fields = _read(one.reading, now=now) | _from(one.source, now=now) | {"keeps_titles": one.keeps_titles}
    calendar, _made = BusyCalendar.objects.update_or_create(
        provider=provider, name=one.name, defaults={"practice_id": provider.practice_id, **fields}
    )
    keep_busy_time(calendar, one.reading.events, provider=provider, now=now)
    _end_tasks(calendar, now=now)
    return calendar


def _refuse_another_in_place_of_one_written_to(one: Brought, provider: Provider) -> None:
    """What was written there could never be changed or taken back any more. The same account may come with a new password."""
    written_to = CalendarPush.objects.filter(provider=provider, calendar__name=one.name)
    source = one.source
    same = {"kind": source.kind, "host": source.host, "username": source.username}
    if written_to.exclude(**{f"calendar__{name}": value for name, value in same.items()}).exists():
        raise CalendarStillWrittenTo


def _own(ref: UUID, provider: Provider) -> BusyCalendar:
    calendar = BusyCalendar.objects.filter(ref=ref, provider=provider).first()
    if calendar is None:
        raise CalendarGone
    return calendar


def _read(reading: StoredReading, *, now: datetime) -> dict[str, Any]:
    return {
        "read_at": now,
        "read_until": reading.read_until,
        "problems": list(reading.problems),
        "etag": reading.validators.etag,
        "last_modified": reading.validators.last_modified,
        "sync_token": reading.validators.sync_token,
        "checked_at": now,
        "failing_since": None,
        "fault": "",
    }


def _from(source: Source, *, now: datetime) -> dict[str, Any]:
    return {
        "kind": source.kind,
        "host": source.host,
        "sealed_address": encrypt(source.address),
        "username": source.username,
        "sealed_password": encrypt(source.password),
        "next_check_at": None if source.kind is CalendarKind.FILE else next_check(now=now),
    }


def _end_tasks(calendar: BusyCalendar, *, now: datetime) -> None:
    Task.objects.filter(calendar=calendar, done_at__isnull=True).update(done_at=now)


def _looked_at(provider: Provider, *, now: datetime) -> None:
    """Somebody has just seen to their availability: its hours are not doubted for a while."""
    provider.availability_changed_at = now
    provider.save(update_fields=["availability_changed_at"])

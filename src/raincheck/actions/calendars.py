"""Taking in a provider's own calendar as busy time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from raincheck.actions.locks import lock
from raincheck.actions.open_times import watch_open_times
from raincheck.actions.runner import Answer
from raincheck.data.calendars import BusyCalendar, BusyTime
from raincheck.domain.calendars import CalendarGone
from raincheck.domain.spans import Span


def import_busy_time(
    provider_id: int,
    *,
    name: str,
    busy: Sequence[Span],
    problems: Sequence[str],
    read_until: datetime,
    now: datetime,
) -> Answer:
    """Keep a calendar's busy time, in place of what was read of the same calendar before. It moves no appointment."""
    provider = lock(providers=[provider_id]).providers[provider_id]
    calendar, _made = BusyCalendar.objects.update_or_create(
        provider=provider,
        name=name,
        defaults={
            "practice_id": provider.practice_id,
            "read_at": now,
            "read_until": read_until,
            "problems": list(problems),
        },
    )
    BusyTime.objects.filter(calendar=calendar).delete()
    BusyTime.objects.bulk_create(
        BusyTime(
            practice_id=provider.practice_id,
            calendar=calendar,
            provider=provider,
            starts_at=span.start,
            ends_at=span.end,
        )
        for span in busy
    )
    provider.availability_changed_at = now
    provider.save(update_fields=["availability_changed_at"])
    watch_open_times(provider, now=now)
    return {"calendar": str(calendar.ref)}


def remove_calendar(ref: UUID, *, provider_id: int, now: datetime) -> Answer:
    """Forget a calendar and its busy time. Raises CalendarGone."""
    provider = lock(providers=[provider_id]).providers[provider_id]
    calendar = BusyCalendar.objects.filter(ref=ref, provider=provider_id).first()
    if calendar is None:
        raise CalendarGone
    BusyTime.objects.filter(calendar=calendar).delete()
    calendar.delete()
    watch_open_times(provider, now=now)
    return {"calendar": str(ref)}

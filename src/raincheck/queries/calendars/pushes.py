"""What a provider's calendar lacks: compared with what was written, whatever happened in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from raincheck.data.appointments import Appointment, AppointmentHistory
from raincheck.data.calendars.busy import BusyCalendar
from raincheck.data.calendars.pushes import CalendarCopy, CalendarWriting
from raincheck.data.people import Membership, Provider
from raincheck.domain.appointments import Status
from raincheck.domain.calendars.checks import CalendarKind
from raincheck.domain.calendars.feeds import Titles
from raincheck.notifications.calendar_feeds import Entry, entry_for_provider


@dataclass(frozen=True, slots=True)
class Standing:
    """How it goes with a provider's copies: how many are there, how many on their way, how many somebody else's stands for."""

    writing: CalendarWriting
    there: int
    waiting: int
    taken: int
    latest_at: datetime | None


def standing_of(provider: Provider, *, now: datetime) -> Standing | None:
    """Return how it goes, None when nothing is written anywhere."""
    writing = CalendarWriting.objects.select_related("calendar").filter(provider=provider).first()
    if writing is None:
        return None
    copies = CalendarCopy.objects.filter(writing=writing)
    lacking = 0 if writing.removing else _lacking(provider, writing, now=now).count()
    taken = copies.filter(
        sequence__isnull=True, refused_since__isnull=True, due_at__gt=now, appointment__ends_at__gt=now
    )
    return Standing(
        writing,
        there=copies.count(),
        waiting=lacking + _surplus(copies, now=now).count(),
        taken=taken.count(),
        latest_at=copies.aggregate(latest=Max("written_at"))["latest"],
    )


def calendars_to_write_into(provider: Provider) -> list[BusyCalendar]:
    """Return the calendars of a provider that are connected as accounts, by name."""
    return list(BusyCalendar.objects.filter(provider=provider, kind=CalendarKind.CALDAV).order_by("name"))


def writings_due(*, now: datetime) -> list[int]:
    """Return the numbers of writings that may be looked at and have something to do, or failed and may be well again.

    Nothing goes into the calendar of a provider who can't sign in any more.
    """
    whose = Membership.objects.filter(provider=OuterRef("provider"), user__is_active=True)
    due = CalendarWriting.objects.filter(Exists(whose), next_try_at__lte=now)
    lacking = Exists(_lacking(OuterRef("provider"), OuterRef(OuterRef("pk")), now=now))
    surplus = Exists(_surplus(CalendarCopy.objects.filter(writing=OuterRef("pk")), now=now))
    todo = (Q(removing=False) & (Q(lacking) | Q(surplus))) | Q(removing=True) | Q(failing_since__isnull=False)
    return list(due.filter(todo).order_by("next_try_at", "pk").values_list("pk", flat=True))


def is_run_of(writing: int, *, until: str) -> bool:
    """Return whether a writing is still in the hands of the run that may have it `until` then."""
    return CalendarWriting.objects.filter(pk=writing, next_try_at=datetime.fromisoformat(until)).exists()


def to_write(writing: CalendarWriting, *, now: datetime, limit: int) -> list[Appointment]:
    """Return the appointments ahead whose copy is missing or of a former version, soonest first."""
    if writing.removing:
        return []
    rows = _lacking(writing.provider_id, writing.pk, now=now)
    return list(rows.select_related("place", "client").order_by("starts_at", "pk")[:limit])


def entry_to_write(appointment: Appointment, *, provider: Provider) -> Entry:
    """Return an appointment as it stands in its provider's own calendar, where nobody is named."""
    became = AppointmentHistory.objects.filter(
        appointment=appointment, sequence=appointment.ical_sequence
    ).order_by("pk")
    changed_at = became.values_list("at", flat=True).first() or appointment.booked_at
    return entry_for_provider(appointment, provider=provider, titles=Titles.NEUTRAL, changed_at=changed_at)


def to_take_back(writing: CalendarWriting, *, now: datetime, limit: int) -> list[CalendarCopy]:
    """Return the copies that should not be there: of what was canceled, or all once the provider wants none."""
    copies = CalendarCopy.objects.filter(writing=writing)
    rows = copies.filter(due_at__lte=now) if writing.removing else _surplus(copies, now=now)
    return list(rows.select_related("appointment").order_by("pk")[:limit])


def _lacking(provider: Any, writing: Any, *, now: datetime) -> QuerySet[Appointment]:
    """Return what is ahead of a provider and not copied as it is; both are rows, numbers, or what an outer query calls them."""
    as_it_is = Q(sequence=OuterRef("ical_sequence")) | Q(due_at__gt=now)
    copied = CalendarCopy.objects.filter(as_it_is, writing=writing, appointment=OuterRef("pk"))
    ahead = Appointment.objects.filter(provider=provider, status=Status.SCHEDULED, ends_at__gt=now)
    return ahead.filter(~Exists(copied))


def _surplus(copies: QuerySet[CalendarCopy], *, now: datetime) -> QuerySet[CalendarCopy]:
    """Return the copies of appointments that were to come and do not: what is past is left alone."""
    return copies.filter(appointment__status=Status.CANCELLED, appointment__ends_at__gt=now, due_at__lte=now)

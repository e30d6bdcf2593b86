"""Differences between a provider's appointments and what was pushed into their calendar, whatever happened in between."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from raincheck.data.models import (
    Appointment,
    BusyCalendar,
    CalendarPush,
    Membership,
    Provider,
    PushedEvent,
)
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.calendars.checks import CalendarKind


@dataclass(frozen=True, slots=True)
class PushStatus:
    """How it goes with a provider's push: how many events are there, on their way, or kept out by somebody else's."""

    push: CalendarPush
    there: int
    waiting: int
    taken: int
    latest_at: datetime | None


def push_status(provider: Provider, *, now: datetime) -> PushStatus | None:
    """Return how it goes, None when nothing is written anywhere."""
    push = CalendarPush.objects.select_related("calendar").filter(provider=provider).first()
    if push is None:
        return None
    events = PushedEvent.objects.filter(push=push)
    lacking = 0 if push.removing else _lacking(provider, push, now=now).count()
    # Never written, never refused and yet put off: that is what becomes of an event whose place somebody else's has.
    taken = events.filter(
        sequence__isnull=True, refused_since__isnull=True, due_at__gt=now, appointment__ends_at__gt=now
    )
    return PushStatus(
        push,
        there=events.count(),
        waiting=lacking + _surplus(events, now=now).count(),
        taken=taken.count(),
        latest_at=events.aggregate(latest=Max("written_at"))["latest"],
    )


def calendars_to_push_into(provider: Provider) -> list[BusyCalendar]:
    """Return the calendars of a provider that are connected as accounts, by name."""
    return list(BusyCalendar.objects.filter(provider=provider, kind=CalendarKind.CALDAV).order_by("name"))


def pushes_due(*, now: datetime) -> list[int]:
    """Return the numbers of pushes that may be looked at and have something to do, or failed and may be well again.

    Nothing goes into the calendar of a provider who can't sign in any more.
    """
    whose = Membership.objects.filter(provider=OuterRef("provider"), user__is_active=True)
    due = CalendarPush.objects.filter(Exists(whose), next_try_at__lte=now)
    lacking = Exists(_lacking(OuterRef("provider"), OuterRef(OuterRef("pk")), now=now))
    surplus = Exists(_surplus(PushedEvent.objects.filter(push=OuterRef("pk")), now=now))
    # One that failed is looked at even with nothing to do: only a run that goes well ends its fault.
    todo = (Q(removing=False) & (Q(lacking) | Q(surplus))) | Q(removing=True) | Q(failing_since__isnull=False)
    return list(due.filter(todo).order_by("next_try_at", "pk").values_list("pk", flat=True))


def is_run_of(push: int, *, until: str) -> bool:
    """Return whether a push is still in the hands of the run that may have it `until` then."""
    # Whoever takes a push over moves this instant on, so a run that stood still sees that it is no longer its own.
    return CalendarPush.objects.filter(pk=push, next_try_at=datetime.fromisoformat(until)).exists()


def to_push(push: CalendarPush, *, now: datetime, limit: int) -> list[Appointment]:
    """Return the appointments ahead whose event is missing or of a former version, soonest first."""
    if push.removing:
        return []
    rows = _lacking(push.provider_id, push.pk, now=now)
    return list(rows.select_related("place", "client").order_by("starts_at", "pk")[:limit])


def to_remove(push: CalendarPush, *, now: datetime, limit: int) -> list[PushedEvent]:
    """Return the events that should not be there: of what was canceled, or all once the provider wants none."""
    events = PushedEvent.objects.filter(push=push)
    rows = events.filter(due_at__lte=now) if push.removing else _surplus(events, now=now)
    return list(rows.select_related("appointment").order_by("pk")[:limit])


def _lacking(provider: Any, push: Any, *, now: datetime) -> QuerySet[Appointment]:
    """Return what is ahead of a provider and not pushed as it is; both are rows, numbers, or what an outer query calls them."""
    # Compared by version, so that no verb has to tell that an appointment changed; what pauses counts as done.
    as_it_is = Q(sequence=OuterRef("ical_sequence")) | Q(due_at__gt=now)
    pushed = PushedEvent.objects.filter(as_it_is, push=push, appointment=OuterRef("pk"))
    ahead = Appointment.objects.filter(provider=provider, status=Status.SCHEDULED, ends_at__gt=now)
    return ahead.filter(~Exists(pushed)).exclude(release_at__gt=now)  # what can be undone is not written yet


def _surplus(events: QuerySet[PushedEvent], *, now: datetime) -> QuerySet[PushedEvent]:
    """Return the events of appointments that were to come and do not: what is past is left alone."""
    canceled = events.filter(
        appointment__status=Status.CANCELLED, appointment__ends_at__gt=now, due_at__lte=now
    )
    return canceled.exclude(appointment__release_at__gt=now)

"""A provider's time off: what lies ahead, and which appointments lie inside a stretch."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from raincheck.data.models import Appointment, Hold, OutOfOffice, Provider
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.spans import Span

SHOWN = 50
"""So many blocks ahead are listed at most."""


def blocks_ahead(provider: Provider, *, now: datetime) -> QuerySet[OutOfOffice]:
    """Return a provider's time off that is not over, soonest first."""
    rows = OutOfOffice.objects.filter(provider=provider, ends_at__gt=now, removed_at__isnull=True)
    return rows.order_by("starts_at", "pk")[:SHOWN]


def appointments_inside(
    provider: Provider, span: Span, *, now: datetime, besides: Iterable[int] = ()
) -> QuerySet[Appointment]:
    """Return the scheduled appointments that have not begun and meet a stretch, soonest first."""
    rows = Appointment.objects.filter(
        provider=provider,
        status=Status.SCHEDULED,
        # One that has begun is not asked about any more.
        starts_at__gt=now,
        starts_at__lt=span.end,
        ends_at__gt=span.start,
    )
    return rows.exclude(pk__in=list(besides)).select_related("client", "type").order_by("starts_at", "pk")


def held_inside(provider: Provider, span: Span, *, now: datetime) -> QuerySet[Hold]:
    """Return the times that are held for clients, suggested or chosen by them just now, and meet a stretch, soonest first."""
    rows = Hold.objects.filter(
        provider=provider, expires_at__gt=now, starts_at__lt=span.end, ends_at__gt=span.start
    )
    return rows.select_related("client").order_by("starts_at", "pk")

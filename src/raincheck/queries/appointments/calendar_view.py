"""The calendar view: everything that stands in a provider's calendar over some days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from raincheck.data.compiled import Compiled
from raincheck.data.models import Appointment, BusyTime, Hold, OutOfOffice, Provider
from raincheck.data.slots import LONGEST_SESSION
from raincheck.domain.appointments import Status
from raincheck.domain.spans import Span
from raincheck.queries.appointments.listing import Listed, with_open_requests


@dataclass(frozen=True, slots=True)
class Days:
    """Everything that lies in a stretch or reaches into it, each kind soonest first."""

    appointments: list[Listed]
    blocks: list[OutOfOffice]
    busy: list[BusyTime]
    holds: list[Hold]


def days(provider: Provider, *, within: Span, now: datetime) -> Days:
    """Return what to show of a provider's time: no cancelled appointment, no removed block, no expired hold."""
    inside = {"provider": provider.pk, "starts_at__lt": within.end, "ends_at__gt": within.start}
    return Days(
        # Bounded below for the index by start; blocks and busy times may be of any length.
        with_open_requests(_appointments(**inside, starts_at__gt=within.start - LONGEST_SESSION)),
        _blocks(**inside),
        _busy(**inside),
        _holds(**inside, expires_at__gt=now),
    )


@Compiled
def _appointments(**inside: Any) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(**inside).exclude(status=Status.CANCELLED)
    return rows.select_related("client", "type").order_by("starts_at", "pk")


@Compiled
def _blocks(**inside: Any) -> QuerySet[OutOfOffice]:
    return OutOfOffice.objects.filter(**inside, removed_at__isnull=True).order_by("starts_at", "pk")


@Compiled
def _busy(**inside: Any) -> QuerySet[BusyTime]:
    return BusyTime.objects.filter(**inside).select_related("calendar").order_by("starts_at", "pk")


@Compiled
def _holds(**inside: Any) -> QuerySet[Hold]:
    return Hold.objects.filter(**inside).select_related("client").order_by("starts_at", "pk")


# So many days are shown at once at most: a month's view needs six weeks.
LONGEST_STRETCH = timedelta(days=62)

"""What stands in a provider's calendar over some days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from raincheck.data.appointments import Appointment, Hold
from raincheck.data.calendars.busy import BusyTime
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Provider
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
    inside = {"provider": provider, "starts_at__lt": within.end, "ends_at__gt": within.start}
    since = within.start - LONGEST_SESSION
    appointments = Appointment.objects.filter(**inside, starts_at__gt=since).exclude(status=Status.CANCELLED)
    blocks = OutOfOffice.objects.filter(**inside, removed_at__isnull=True)
    busy = BusyTime.objects.filter(**inside).select_related("calendar")
    holds = Hold.objects.filter(**inside, expires_at__gt=now).select_related("client")
    return Days(
        with_open_requests(appointments.select_related("client", "type").order_by("starts_at", "pk")),
        list(blocks.order_by("starts_at", "pk")),
        list(busy.order_by("starts_at", "pk")),
        list(holds.order_by("starts_at", "pk")),
    )


LONGEST_STRETCH = timedelta(days=62)
"""So many days are shown at once at most: a month's view needs six weeks."""

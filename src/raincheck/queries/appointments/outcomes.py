"""Sessions that have begun and of which nobody has said what became of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from raincheck.data.models import Appointment, RescheduleRequest
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.zones import wall, whole_days, zone_named


def unanswered(appointments: QuerySet[Appointment], *, now: datetime) -> QuerySet[Appointment]:
    """Return those whose question is open, soonest first; not those that were asked about, of which each needs a look."""
    asked_about = RescheduleRequest.objects.filter(
        appointment=OuterRef("pk"), asked_starts_at=OuterRef("starts_at"), state__in=["open", "void"]
    )
    rows = appointments.filter(Q(status=Status.SCHEDULED), ~Exists(asked_about), starts_at__lte=now)
    return rows.order_by("starts_at", "pk")


def unanswered_among(rows: Sequence[Appointment], *, now: datetime) -> list[UUID]:
    """Return of these sessions the refs of those whose question one press may answer for all."""
    if not rows:
        return []
    found = unanswered(Appointment.objects.filter(pk__in=[row.pk for row in rows]), now=now)
    return list(found.values_list("ref", flat=True))


def unanswered_beside(row: Appointment, *, now: datetime) -> list[UUID]:
    """Return the refs of its provider's other open questions of the same day, on the provider's clock."""
    zone = zone_named(row.provider.zone)
    day = wall(row.starts_at, zone=zone).date()
    span = whole_days(day, day, zone=zone)
    same_day = Appointment.objects.filter(
        provider=row.provider_id, starts_at__gte=span.start, starts_at__lt=span.end
    )
    return list(unanswered(same_day.exclude(pk=row.pk), now=now).values_list("ref", flat=True))

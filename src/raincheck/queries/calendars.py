"""What there is to know about the calendars a provider brought in."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from raincheck.data.calendars import BusyCalendar, BusyTime


def calendars_of(provider_id: int, *, now: datetime) -> QuerySet[BusyCalendar]:
    """Return a provider's calendars by name; `ahead` counts the busy times that are not over."""
    ahead = BusyTime.objects.filter(calendar=OuterRef("pk"), ends_at__gt=now).order_by().values("calendar")
    counted = Subquery(ahead.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
    rows = BusyCalendar.objects.filter(provider=provider_id)
    return rows.annotate(ahead=Coalesce(counted, 0)).order_by("name")

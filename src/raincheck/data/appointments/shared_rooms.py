"""Sessions that share a room which holds one at a time: they overlapped before it did, and stand until somebody moves them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.slots import LONGEST_SESSION
from raincheck.domain.appointments.lifecycle import Status


def sharing_a_room(appointments: QuerySet[Appointment], *, now: datetime) -> QuerySet[Appointment]:
    """Return appointments ahead that overlap another client's in a room that holds one session at a time."""
    others = Appointment.objects.filter(
        place=OuterRef("place"),
        # The index by start is read from there on: no session is longer.
        starts_at__gt=OuterRef("starts_at") - LONGEST_SESSION,
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
    )
    others = others.exclude(status=Status.CANCELLED).exclude(client=OuterRef("client"))
    ahead = appointments.filter(status=Status.SCHEDULED, starts_at__gt=now, place__one_at_a_time=True)
    return ahead.filter(Exists(others))


PAIRS = """
SELECT mine.id, other.id FROM raincheck_appointment AS mine JOIN raincheck_appointment AS other ON other.place_id = mine.place_id
    AND other.starts_at > mine.starts_at - %(longest)s::interval AND other.starts_at < mine.ends_at AND other.ends_at > mine.starts_at
    AND other.client_id <> mine.client_id AND other.status <> 'cancelled'
WHERE mine.id = ANY(%(ids)s) ORDER BY other.starts_at, other.id
"""


def sessions_beside(appointments: Collection[int]) -> dict[int, list[Appointment]]:
    """Return by appointment the other clients' sessions at its time and place, soonest first, in two queries."""
    with connection.cursor() as cursor:
        said: dict[str, Any] = {"ids": list(appointments), "longest": LONGEST_SESSION}
        cursor.execute(PAIRS, said)
        pairs = cursor.fetchall()
    rows = Appointment.objects.select_related("provider", "place").in_bulk({other for _mine, other in pairs})
    found: dict[int, list[Appointment]] = {}
    for mine, other in pairs:
        found.setdefault(mine, []).append(rows[other])
    return found

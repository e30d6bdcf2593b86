"""Appointments ahead that nobody asks about."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import models

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.compiled import Compiled, numbered
from raincheck.data.reschedule.request import OPEN, RescheduleRequest
from raincheck.domain.appointments.lifecycle import Status


def standing_appointments(clients: Iterable[int], *, now: datetime) -> dict[int, set[int]]:
    """Return what clients have ahead of them that nobody asks about, by client: what stands whatever becomes of the rest."""
    found: dict[int, set[int]] = defaultdict(set)
    for appointment, client in _standing(now=now, **numbered("client", clients)):
        found[client].add(appointment)
    return found


@Compiled
def _standing(now: datetime, **clients: int) -> models.QuerySet[Appointment, tuple[int, int]]:
    asked = RescheduleRequest.objects.filter(OPEN, appointment=models.OuterRef("pk"))
    rows = Appointment.objects.filter(client__in=clients.values(), status=Status.SCHEDULED, starts_at__gt=now)
    return rows.exclude(models.Exists(asked)).values_list("pk", "client")

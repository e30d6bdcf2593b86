"""Zone rules: the version that the appointments in this database were last brought in line with."""

from datetime import datetime

from django.db import models

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.domain.appointments.lifecycle import History


class ZoneRules(models.Model):
    """One version of `tzdata` that was applied to every practice. No practice's row: the rules are everybody's."""

    version = models.TextField()
    applied_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version"], name="a_version_of_zone_rules_is_kept_once")
        ]

    def __str__(self) -> str:
        return self.version


def version_applied() -> str:
    """Return the version that was applied last, nothing when there was none yet."""
    return ZoneRules.objects.order_by("-applied_at", "-pk").values_list("version", flat=True).first() or ""


def instants_of_present_time(appointment: Appointment) -> list[datetime]:
    """Return the instants that the time an appointment has now was at, the present one first.

    There is one more for each time that new zone rules took it to another; a change by a person begins anew.
    """
    corrections = AppointmentHistory.objects.filter(appointment=appointment, event=History.ZONE_CORRECTED)
    instants = [appointment.starts_at]
    for former, became in corrections.order_by("-pk").values_list("from_starts_at", "to_starts_at"):
        # Where the chain breaks, a person has changed the time since: what was before is another agreement.
        if former is not None and became == instants[-1]:
            instants.append(former)
    return instants

"""Signs of life of the processes: when pages were served, when a worker worked and when it swept."""

import uuid
from datetime import datetime

from django.db import models

from raincheck.data.tenancy import one_of
from raincheck.domain.health import OUTAGE_AFTER, ProcessKind
from raincheck.domain.timing.clock_sanity import ClockFault
from raincheck.domain.timing.outages import Served, latest_sign


class Heartbeat(models.Model):
    """One stretch of real time in which one process gave signs of life without a long pause; it grows with each.

    Whoever was silent for longer than an outage takes begins a new row, so that what lies between two rows is
    silence. No practice's row: the processes serve everybody.
    """

    process = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.TextField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    clock_fault = models.TextField(
        null=True, blank=True, help_text="why the process did not rely on its clock then"
    )
    unnamed_proxy_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="when a proxy that TRUSTED_PROXIES does not name last forwarded to it",
    )

    class Meta:
        constraints = [
            one_of("kind", ProcessKind, name="a_heartbeat_is_of_a_known_kind"),
            one_of("clock_fault", ClockFault, name="a_heartbeat_knows_what_is_wrong_with_the_clock"),
            models.CheckConstraint(
                condition=models.Q(beat_at__gte=models.F("started_at")),
                name="a_heartbeat_begins_before_it_ends",
            ),
        ]
        indexes = [models.Index(fields=["kind", "beat_at"], name="heartbeats_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.process}"


def served() -> list[Served]:
    """Return every stretch that is still kept in which a web process gave signs of life."""
    # Workers don't count: what clients lose in an outage is the page on which they answer.
    rows = Heartbeat.objects.filter(kind=ProcessKind.WEB).values_list("started_at", "beat_at")
    return [Served(*row) for row in rows]


def latest_sign_of_life(*, real_now: datetime) -> datetime | None:
    """Return when a web process was last known to live, None when never."""
    return latest_sign(served(), now=real_now)


def pages_are_served(*, real_now: datetime) -> bool:
    """Return whether some web process gave a sign of life lately, so that no outage is under way."""
    latest = latest_sign_of_life(real_now=real_now)
    # Between two beats there is silence too: only one as long as an outage tells anything.
    return latest is not None and real_now - latest <= OUTAGE_AFTER

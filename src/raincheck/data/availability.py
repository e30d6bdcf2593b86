"""The history of providers' hours: each change and who made it, append-only like every history."""

from django.db import models

from raincheck.data.people import Provider
from raincheck.data.tenancy import InPractice, PracticeRow, one_of
from raincheck.domain.people import ActorKind


class AvailabilityHistory(PracticeRow):
    """One save of a provider's hours, with what was kept before it. Rows are never changed or deleted."""

    provider = InPractice(Provider, db_index=False)
    at = models.DateTimeField()
    actor_kind = models.TextField()
    actor = models.BigIntegerField(null=True)
    trace_id = models.TextField(blank=True)
    former_availability = models.JSONField(help_text="as domain/availability/hours.py reads it")
    former_grid_step = models.DurationField()
    former_zone = models.TextField()

    class Meta:
        constraints = [
            one_of("actor_kind", ActorKind, name="a_change_of_hours_names_a_known_actor"),
        ]
        # Backwards, as the form reads it: it asks for the last save only.
        indexes = [models.Index(fields=["provider", "-id"], name="history_of_hours")]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.at}"

"""A provider's own calendars, kept as busy time only."""

from __future__ import annotations

from django.db import models

from raincheck.data.people import Provider
from raincheck.data.tenancy import InPractice, NamedRow, PracticeRow, inside_its_practice


class BusyCalendar(NamedRow):
    """One calendar that a provider brought in. `problems` lists, in sentences, what could not be read."""

    provider = InPractice(Provider)
    name = models.TextField()
    read_at = models.DateTimeField()
    read_until = models.DateTimeField(help_text="recurring events are written out up to here")
    problems = models.JSONField(default=list)

    class Meta:
        constraints = [
            inside_its_practice("a_busy_calendar_belongs_to_one_practice"),
            models.UniqueConstraint(fields=["provider", "name"], name="a_provider_names_a_calendar_once"),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class BusyTime(PracticeRow):
    """Time taken by an event of the provider's own calendar."""

    calendar = InPractice(BusyCalendar)
    provider = InPractice(Provider)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="busy_time_ends_after_it_starts"
            )
        ]
        indexes = [
            models.Index(
                fields=["provider", "starts_at"], include=["id", "ends_at"], name="busy_time_of_a_provider"
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_at} {self.ends_at}"

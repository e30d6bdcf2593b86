"""Quarantine: rows that the sweep leaves out because each made a step fail by itself, and when they are tried again."""

from django.db import models

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Provider
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tenancy import InPractice, PracticeRow, one_of
from raincheck.domain.timing.quarantine import Step


class Quarantined(PracticeRow):
    """A request, an appointment, or a provider with all of theirs, that one step of the sweep leaves out until `try_again_at`."""

    step = models.TextField()
    provider = InPractice(Provider)
    request = InPractice(RescheduleRequest, null=True, blank=True)
    appointment = InPractice(Appointment, null=True, blank=True, db_index=False)
    failures = models.PositiveIntegerField(default=1)
    since = models.DateTimeField()
    try_again_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("step", Step, name="a_quarantined_row_is_of_a_known_step"),
            models.UniqueConstraint(
                fields=["step", "provider", "request", "appointment"],
                # One of the last two is NULL, or both where a provider is left out, and two NULLs would differ.
                nulls_distinct=False,
                name="a_step_quarantines_a_row_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.provider_id} {self.request_id}"

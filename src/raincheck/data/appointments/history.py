"""The append-only history of appointments."""

from __future__ import annotations

from django.db import models

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.tenancy import InPractice, PracticeRow, one_of
from raincheck.domain.appointments.lifecycle import (
    History,
)
from raincheck.domain.people import ActorKind


class AppointmentHistory(PracticeRow):
    """What happened to an appointment: ids, codes, times and counts only. Rows are never changed or deleted.

    `sequence` is the appointment's iCalendar sequence right after the event, `details` holds codes by name.
    """

    appointment = InPractice(Appointment, db_index=False)
    request = InPractice("raincheck.RescheduleRequest", null=True, blank=True)
    event = models.TextField()
    at = models.DateTimeField()
    sequence = models.PositiveIntegerField()
    actor_kind = models.TextField()
    # A number and no key: `actor_kind` says which table it is of.
    actor = models.BigIntegerField(null=True)
    for_client = models.BigIntegerField(null=True)
    trace_id = models.TextField(blank=True)
    from_starts_at = models.DateTimeField(null=True)
    from_ends_at = models.DateTimeField(null=True)
    to_starts_at = models.DateTimeField(null=True)
    to_ends_at = models.DateTimeField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        constraints = [
            one_of("event", History, name="a_history_row_has_a_known_event"),
            one_of("actor_kind", ActorKind, name="a_history_row_names_a_known_actor"),
        ]
        # By number and not by time: of two events of one instant the number tells which came first.
        indexes = [models.Index(fields=["appointment", "id"], name="history_of_an_appointment")]

    def __str__(self) -> str:
        return f"{self.event} {self.at}"

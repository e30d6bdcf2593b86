"""Appointments: one row each, whatever becomes of it."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from raincheck.data.access.sealed_words import SealedText, SealsWords
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.appointments.series import Series
from raincheck.data.people import Client, Provider
from raincheck.data.tenancy import InPractice, inside_its_practice, one_of
from raincheck.data.wall_times import WallTimeField
from raincheck.domain.appointments.lifecycle import (
    NEVER_REAL,
    CancelledBy,
    CancelledWhy,
    Status,
)
from raincheck.domain.appointments.needed_by import NeededFor
from raincheck.domain.people import ActorKind
from raincheck.domain.spans import Span


class Appointment(SealsWords):
    """One booked session. It keeps its row, links and calendar UID when it moves; its history keeps every former time.

    `starts_at` and `ends_at` are instants; `starts_wall` with `zone` and `utc_offset` is what was agreed on the
    provider's wall clock, so that a change of zone rules can keep it.
    """

    provider = InPractice(Provider, db_index=False)
    client = InPractice(Client, db_index=False)
    # No index of their own: `appointments_of_a_type` and `appointments_at_a_place` begin with these columns.
    type = InPractice(AppointmentType, db_index=False)
    place = InPractice(Place, db_index=False)
    # Its index is the one that keeps the occurrences of a series apart.
    series = InPractice(Series, null=True, blank=True, db_index=False)
    # The start that the series gave it, by the clock of the series' zone: it stays when the appointment moves.
    recurrence_id = WallTimeField(null=True, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    starts_wall = WallTimeField()
    utc_offset = models.DurationField()
    zone = models.TextField()
    buffer_before = models.DurationField()
    buffer_after = models.DurationField()
    join_url = models.URLField(blank=True)
    ical_uid = models.TextField(unique=True)
    ical_sequence = models.PositiveIntegerField(default=0)
    status = models.TextField(default=Status.SCHEDULED.value)
    cancelled_by = models.TextField(null=True, blank=True)
    cancelled_why = models.TextField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_note = SealedText(blank=True)
    fee_allowed = models.BooleanField(default=False)
    # What became of the session: when that was last said, and by whom. Of what was never said, nothing counts.
    outcome_at = models.DateTimeField(null=True, blank=True)
    outcome_by_kind = models.TextField(null=True, blank=True)
    # A number and no key: `outcome_by_kind` says which table it is of.
    outcome_by = models.BigIntegerField(null=True, blank=True)
    booked_at = models.DateTimeField()
    claims_pruned_at = models.DateTimeField(null=True, blank=True)
    # On the provider's clock. Why is for the provider and managers.
    needed_by = models.DateField(null=True, blank=True)
    needed_for = models.TextField(null=True, blank=True)
    release_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="until then what staff did last with it can be undone, and nothing of that leaves",
    )
    before = models.JSONField(
        null=True, blank=True, help_text="how it was before that, as `as_before` writes it"
    )
    # Kept by a trigger, `reminders_follow_the_time`, so that whatever books, moves or cancels can't forget it.
    remind_at = models.DateTimeField(
        null=True, blank=True, help_text="when it is looked at next for a reminder; empty: no more"
    )

    class Meta:
        constraints = [
            inside_its_practice("an_appointment_belongs_to_one_practice"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="an_appointment_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=models.Q(series__isnull=True, recurrence_id__isnull=True)
                | models.Q(series__isnull=False, recurrence_id__isnull=False),
                name="an_occurrence_knows_its_first_start",
            ),
            models.UniqueConstraint(
                fields=["series", "recurrence_id"], name="a_time_of_a_series_is_made_once"
            ),
            one_of("status", Status, name="an_appointment_has_a_known_status"),
            one_of("needed_for", NeededFor, name="an_appointment_is_needed_for_a_known_reason"),
            models.CheckConstraint(
                condition=models.Q(needed_for__isnull=True) | models.Q(needed_by__isnull=False),
                name="a_reason_of_need_has_its_day",
            ),
            one_of("cancelled_by", CancelledBy, name="a_cancellation_has_a_known_actor"),
            one_of("cancelled_why", CancelledWhy, name="a_cancellation_has_a_known_reason"),
            # `cancelled` always carries who and why, and nothing else ever does.
            models.CheckConstraint(
                condition=models.Q(
                    status=Status.CANCELLED.value,
                    cancelled_by__isnull=False,
                    cancelled_why__isnull=False,
                    cancelled_at__isnull=False,
                )
                | (
                    ~models.Q(status=Status.CANCELLED.value)
                    & models.Q(
                        cancelled_by__isnull=True, cancelled_why__isnull=True, cancelled_at__isnull=True
                    )
                ),
                name="a_cancelled_appointment_says_who_and_why",
            ),
            one_of("outcome_by_kind", ActorKind, name="an_outcome_names_a_known_actor"),
            # Nothing counts as taken place by itself: somebody has said so, and not before it began.
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[
                        Status.COMPLETED.value,
                        Status.CLIENT_NO_SHOW.value,
                        Status.PROVIDER_NO_SHOW.value,
                        Status.CANCELLED.value,
                    ],
                    outcome_by_kind__isnull=False,
                    outcome_at__isnull=False,
                    outcome_at__gte=models.F("starts_at"),
                )
                | models.Q(
                    status__in=[Status.SCHEDULED.value, Status.CANCELLED.value],
                    outcome_at__isnull=True,
                    outcome_by_kind__isnull=True,
                    outcome_by__isnull=True,
                ),
                name="what_became_of_a_session_was_said_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(before__isnull=True, release_at__isnull=True)
                | models.Q(before__isnull=False, release_at__isnull=False),
                name="what_can_be_undone_says_until_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["provider", "starts_at"],
                # All that the query for taken time reads, so that the index alone answers it (`data/slots.py`).
                include=["id", "client", "ends_at", "status", "buffer_before", "buffer_after"],
                name="appointments_of_a_provider",
            ),
            models.Index(
                fields=["client", "starts_at"],
                include=["id", "ends_at", "status", "buffer_before", "buffer_after"],
                name="appointments_of_a_client",
            ),
            models.Index(
                fields=["ends_at", "id"],
                # Pruning looks for old appointments that still have claims; without this it would pass by all of the past.
                condition=models.Q(claims_pruned_at__isnull=True),
                name="appointments_that_hold_claims",
            ),
            models.Index(
                fields=["remind_at", "id"],
                condition=models.Q(remind_at__isnull=False),
                name="appointments_by_reminder",
            ),
            models.Index(fields=["provider", "client", "starts_at"], name="appointments_of_a_pair"),
            models.Index(fields=["type", "starts_at"], name="appointments_of_a_type"),
            models.Index(fields=["place", "starts_at"], name="appointments_at_a_place"),
        ]

    def __str__(self) -> str:
        return str(self.ref)

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


REAL = ~models.Q(cancelled_why=NEVER_REAL.value)
"""What lists may show: an appointment of an import that was undone was never a session, canceled or not."""

"""Series: appointments that repeat."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.people import Client, Provider
from raincheck.data.tenancy import InPractice, NamedRow, inside_its_practice
from raincheck.domain.appointments.series import MOST, WEEKS_APART, Pattern
from raincheck.domain.practice import LENGTHS
from raincheck.domain.zones import zone_named


class Series(NamedRow):
    """A repeating appointment: every `every_weeks` weeks from `begins_on` on, at `wall_time` of `zone`; each occurrence is an appointment.

    It ends after `count` times or after the day `ends_on`, whichever comes first; with neither it has no end, and is made
    up to the day `made_until`. Type, place, length and link are those of occurrences that are still to be made.
    """

    provider = InPractice(Provider)
    client = InPractice(Client)
    type = InPractice(AppointmentType, db_index=False)
    place = InPractice(Place, db_index=False)
    every_weeks = models.PositiveSmallIntegerField(default=1)
    begins_on = models.DateField()
    wall_time = models.TimeField()
    zone = models.TextField()
    length = models.DurationField()
    join_url = models.URLField(blank=True)
    count = models.PositiveSmallIntegerField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    made_until = models.DateField()
    ical_sequence = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            inside_its_practice("a_series_belongs_to_one_practice"),
            models.CheckConstraint(
                condition=models.Q(every_weeks__range=(WEEKS_APART[0], WEEKS_APART[-1])),
                name="a_series_repeats_within_a_year",
            ),
            models.CheckConstraint(
                condition=models.Q(count__range=(1, MOST)), name="a_series_has_as_many_times_as_allowed"
            ),
            models.CheckConstraint(
                condition=models.Q(length__range=(LENGTHS.least, LENGTHS.most)),
                name="sessions_of_a_series_are_as_long_as_allowed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["made_until", "id"],
                condition=models.Q(count__isnull=True, ends_on__isnull=True),
                name="series_to_go_on_with",
            )
        ]

    def __str__(self) -> str:
        return str(self.ref)

    @property
    def ical_uid(self) -> str:
        """The UID of all its occurrences in calendars (RFC 5545, 3.8.4.7)."""
        return f"{self.ref}@raincheck"

    @property
    def pattern(self) -> Pattern:
        first = datetime.combine(self.begins_on, self.wall_time)
        return Pattern(first, self.every_weeks, zone_named(self.zone), self.count, self.ends_on)

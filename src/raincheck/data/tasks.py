"""Tasks: things that a provider or manager must look at, shown on Home until somebody is done with them."""

from django.db import models

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.series import Series
from raincheck.data.calendars.busy import BusyCalendar
from raincheck.data.notifications import Notification
from raincheck.data.people import Client, Provider
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tenancy import InPractice, NamedRow, inside_its_practice, one_of
from raincheck.domain.tasks import TaskKind


class Task(NamedRow):
    """One thing to look at. At most one open task of a kind for each request, appointment, notification or calendar.

    Of a series it is about one time, `starts_at`, that could not be booked.
    """

    provider = InPractice(Provider)
    client = InPractice(Client, null=True, blank=True)
    kind = models.TextField()
    appointment = InPractice(Appointment, null=True, blank=True)
    request = InPractice(RescheduleRequest, null=True, blank=True)
    notification = InPractice(Notification, null=True, blank=True)
    calendar = InPractice(BusyCalendar, null=True, blank=True)
    series = InPractice(Series, null=True, blank=True, db_index=False)
    starts_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    for_managers_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            inside_its_practice("a_task_belongs_to_one_practice"),
            one_of("kind", TaskKind, name="a_task_has_a_known_kind"),
            models.UniqueConstraint(
                fields=[
                    "kind",
                    "provider",
                    "client",
                    "appointment",
                    "request",
                    "notification",
                    "calendar",
                    "series",
                    "starts_at",
                ],
                condition=models.Q(done_at__isnull=True),
                # Most of these are NULL, and two NULLs would differ: the same task could be made again and again.
                nulls_distinct=False,
                name="a_matter_has_one_open_task",
            ),
        ]
        indexes = [
            models.Index(
                fields=["provider", "made_at"],
                condition=models.Q(done_at__isnull=True),
                name="open_tasks_of_a_provider",
            ),
            models.Index(
                fields=["practice", "made_at", "id"],
                condition=models.Q(done_at__isnull=True),
                name="open_tasks_of_a_practice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

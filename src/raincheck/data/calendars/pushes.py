"""Tables of the CalDAV push: the calendar that gets a provider's appointments, and each event that was written there."""

from django.db import models

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.calendars.busy import BusyCalendar
from raincheck.data.people import Provider
from raincheck.data.tenancy import InPractice, NamedRow, PracticeRow, inside_its_practice


class CalendarPush(NamedRow):
    """A provider's wish to have their appointments in a calendar; `removing` once they want the events taken back.

    `next_try_at` is when a worker may look what differs; whoever looks moves it on, so that nobody else does meanwhile.
    """

    provider = InPractice(Provider)
    calendar = InPractice(BusyCalendar)
    removing = models.BooleanField(default=False)
    begun_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    fault = models.TextField(blank=True)
    next_try_at = models.DateTimeField()

    class Meta:
        constraints = [
            inside_its_practice("a_calendar_push_belongs_to_one_practice"),
            # One calendar only: entries in two would be two appointments to whoever reads both.
            models.UniqueConstraint(fields=["provider"], name="a_provider_pushes_into_one_calendar"),
            models.CheckConstraint(
                condition=models.Q(failing_since__isnull=True, fault="")
                | (models.Q(failing_since__isnull=False) & ~models.Q(fault="")),
                name="a_failing_push_says_why",
            ),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class PushedEvent(PracticeRow):
    """One appointment's entry in the calendar. Made before the first try, so that none is ever forgotten there.

    `sequence` is the appointment's as written, NULL while it is not known to be there; `etag` what the server calls that
    version. `due_at` is when it may be tried again, later each time it is refused.
    """

    push = InPractice(CalendarPush, related_name="events", db_index=False)
    appointment = InPractice(Appointment)
    sequence = models.PositiveIntegerField(null=True, blank=True)
    etag = models.TextField(blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    refused_since = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField()

    class Meta:
        constraints = [
            # Two workers that begin the same event at once get one row, and the second waits for the first.
            models.UniqueConstraint(
                fields=["push", "appointment"], name="an_appointment_is_pushed_once_into_a_calendar"
            ),
            models.CheckConstraint(
                condition=models.Q(sequence__isnull=True, written_at__isnull=True)
                | models.Q(sequence__isnull=False, written_at__isnull=False),
                name="a_pushed_event_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id} {self.sequence}"

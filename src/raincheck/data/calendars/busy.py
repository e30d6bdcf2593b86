"""A provider's own calendars, kept as busy time only; their addresses and passwords are encrypted."""

from django.db import models

from raincheck.data.people import Provider
from raincheck.data.tenancy import InPractice, NamedRow, PracticeRow, inside_its_practice, one_of
from raincheck.domain.calendars.checks import CalendarKind


class BusyCalendar(NamedRow):
    """One calendar that a provider brought in. `problems` lists, in sentences, what could not be read.

    `read_at` is when its busy time was last read whole, `checked_at` when its server last said that it is still so.
    `fault` is the code of what went wrong since `failing_since`. A file is never due for a check.
    """

    provider = InPractice(Provider, db_index=False)
    name = models.TextField()
    kind = models.TextField(default=CalendarKind.FILE.value)
    host = models.TextField(blank=True, help_text="all of the address that is ever shown")
    sealed_address = models.TextField(blank=True)
    username = models.TextField(blank=True)
    sealed_password = models.TextField(blank=True)
    keeps_titles = models.BooleanField(default=False)
    read_at = models.DateTimeField()
    read_until = models.DateTimeField(help_text="recurring events are written out up to here")
    problems = models.JSONField(default=list)
    etag = models.TextField(blank=True)
    last_modified = models.TextField(blank=True)
    sync_token = models.TextField(blank=True, help_text="or what else its server calls its present state")
    checked_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    fault = models.TextField(blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            inside_its_practice("a_busy_calendar_belongs_to_one_practice"),
            models.UniqueConstraint(fields=["provider", "name"], name="a_provider_names_a_calendar_once"),
            one_of("kind", CalendarKind, name="a_busy_calendar_has_a_known_kind"),
            # A connected calendar without a next check would never be read again, and nobody would notice.
            models.CheckConstraint(
                condition=models.Q(kind=CalendarKind.FILE.value, next_check_at__isnull=True)
                | (~models.Q(kind=CalendarKind.FILE.value) & models.Q(next_check_at__isnull=False)),
                name="every_calendar_but_a_file_is_checked_again",
            ),
            models.CheckConstraint(
                condition=models.Q(failing_since__isnull=True, fault="")
                | (models.Q(failing_since__isnull=False) & ~models.Q(fault="")),
                name="a_failing_calendar_says_why",
            ),
        ]
        indexes = [models.Index(fields=["next_check_at"], name="calendars_by_their_next_check")]

    def __str__(self) -> str:
        return str(self.ref)


class BusyTime(PracticeRow):
    """Time taken by an event of the provider's own calendar. Its title, if kept, is for that provider's eyes only."""

    calendar = InPractice(BusyCalendar)
    provider = InPractice(Provider, db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    title = models.TextField(blank=True)
    appeared_at = models.DateTimeField(help_text="when a reading first found it at this time")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="busy_time_ends_after_it_starts"
            )
        ]
        # Taken time is read from the index alone, without a look at the rows (`data/slots.py`).
        indexes = [
            models.Index(
                fields=["provider", "starts_at"], include=["id", "ends_at"], name="busy_time_of_a_provider"
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_at} {self.ends_at}"

"""Appointments, their types and places, the claims they lay on time, and their append-only history."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Lower

from raincheck.data.access.sealed_words import SealedText, SealsWords
from raincheck.data.people import Client, Provider
from raincheck.data.tenancy import InPractice, NamedRow, PracticeRow, inside_its_practice, one_of
from raincheck.domain.appointments import (
    NEVER_REAL,
    CancelledBy,
    CancelledWhy,
    History,
    PlaceKind,
    Status,
    TypeKind,
)
from raincheck.domain.holds import Held
from raincheck.domain.needed_by import NeededFor
from raincheck.domain.people import ActorKind
from raincheck.domain.practice import BUFFERS, LENGTHS
from raincheck.domain.series import MOST, WEEKS_APART, Pattern
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


class WallTimeField(models.Field):  # type: ignore[type-arg]  # the stubs' generic cannot be subclassed with arguments at run time
    """A time on a wall clock: a date and a time of day without any zone, kept as PostgreSQL `timestamp`."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002  # Django names it
        return "timestamp"

    def deconstruct(self) -> Any:
        # A migration imports nothing of ours: it creates Django's column and alters its type by SQL.
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, options

    def get_prep_value(self, value: Any) -> datetime | None:
        if value is not None and value.tzinfo is not None:
            raise ValueError("a wall time carries no zone")
        return value  # type: ignore[no-any-return]  # what Django hands in is untyped


class AppointmentType(NamedRow):
    """A kind of session a practice offers: its length and the buffers around it."""

    name = models.TextField()
    kind = models.TextField()
    length = models.DurationField()
    buffer_before = models.DurationField()
    buffer_after = models.DurationField()
    offered = models.BooleanField(default=True)
    silence_cancels = models.BooleanField(
        null=True,
        blank=True,
        help_text="whether a request that nobody answers cancels it; empty: as the practice says",
    )
    for_medicine = models.BooleanField(
        default=False,
        db_default=False,
        help_text="a prescriber's: clients who move or lose such a session read whom to call when medicine runs low",
    )
    may_be_by_video = models.BooleanField(
        default=True,
        db_default=True,
        help_text="whether its sessions in a room may be held by video instead; no: in person needed",
    )

    class Meta:
        constraints = [
            inside_its_practice("an_appointment_type_belongs_to_one_practice"),
            one_of("kind", TypeKind, name="an_appointment_type_has_a_known_kind"),
            # "Intake" and "intake" would be one name to whoever chooses from a list.
            models.UniqueConstraint(
                Lower("name"), "practice", name="an_appointment_type_has_a_name_of_its_own"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    length__range=(LENGTHS.least, LENGTHS.most),
                    buffer_before__range=(BUFFERS.least, BUFFERS.most),
                    buffer_after__range=(BUFFERS.least, BUFFERS.most),
                ),
                name="an_appointment_type_is_as_long_as_allowed",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Place(NamedRow):
    """Where sessions happen: telehealth, or a room with a zone of its own. One no longer offered stays for what is booked there."""

    name = models.TextField()
    kind = models.TextField()
    zone = models.TextField(blank=True)
    address = models.TextField(blank=True)
    offered = models.BooleanField(default=True)
    one_at_a_time = models.BooleanField(
        default=False,
        db_default=False,
        help_text="whether two sessions of different clients are never in this room at once",
    )

    class Meta:
        constraints = [
            inside_its_practice("a_place_belongs_to_one_practice"),
            one_of("kind", PlaceKind, name="a_place_has_a_known_kind"),
            models.CheckConstraint(
                condition=models.Q(kind=PlaceKind.ROOM.value) | models.Q(one_at_a_time=False),
                name="only_a_room_holds_one_session_at_a_time",
            ),
            models.UniqueConstraint(Lower("name"), "practice", name="a_place_has_a_name_of_its_own"),
        ]

    def __str__(self) -> str:
        return self.name


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
        null=True, blank=True, help_text="how it was before that, as data/undo.py reads it"
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


class Hold(NamedRow):
    """A slot set aside for one client for a while, inside a request or for a booking.

    A `suggested` one is every request's of its batch; a trigger keeps it with the one that may stay open the longest, and
    its end with that one's: `suggested_times_follow_their_requests`.
    """

    provider = InPractice(Provider, db_index=False)
    client = InPractice(Client)
    # By name: that module imports this one.
    request = InPractice("raincheck.RescheduleRequest", null=True, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    buffer_before = models.DurationField()
    buffer_after = models.DurationField()
    began_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    renewals = models.PositiveSmallIntegerField(default=0)
    suggested = models.BooleanField(default=False)

    class Meta:
        constraints = [
            inside_its_practice("a_hold_belongs_to_one_practice"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="a_held_slot_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("began_at")), name="a_hold_expires_after_it_began"
            ),
            # A hold lasts minutes; renewed without an end, a page left open would keep everybody else out.
            models.CheckConstraint(
                condition=models.Q(renewals__lte=10), name="a_hold_is_renewed_ten_times_at_most"
            ),
            models.UniqueConstraint(
                fields=["request"], condition=models.Q(suggested=False), name="a_request_has_one_chosen_hold"
            ),
            models.CheckConstraint(
                condition=models.Q(suggested=False) | models.Q(request__isnull=False),
                name="a_suggested_time_is_of_a_request",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="holds_by_their_end"),
            models.Index(fields=["provider", "starts_at"], name="holds_of_a_provider"),
        ]

    def __str__(self) -> str:
        return str(self.ref)

    @property
    def held(self) -> Held:
        return Held(self.expires_at, self.renewals)


class Claim(PracticeRow):
    """A stretch of a provider's and a client's time that is taken: two rows for each appointment or hold.

    Part `session` is the session itself and meets everybody; part `buffered` is the session with its buffers and
    meets sessions only, so that of two neighbours the larger buffer counts. The lane makes that one constraint:
    a session lies in every lane, a buffered row only in its client's.

    A session in a place that holds one session at a time claims that `room` too, as long as the place does. Its room lane is
    every one, so that it meets all others there; only those that overlapped when the place began to hold one at a time have
    lanes of their own: they meet whatever comes later, and not each other.
    """

    provider = InPractice(Provider)
    client = InPractice(Client)
    appointment = InPractice(Appointment, null=True, blank=True, db_index=False)
    hold = InPractice(Hold, null=True, blank=True, db_index=False)
    part = models.TextField()
    span = DateTimeRangeField()
    lane = BigIntegerRangeField()
    # No index of its own: the constraint's begins with it.
    room = InPractice(Place, null=True, blank=True, db_index=False)
    room_lane = BigIntegerRangeField(null=True, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_provider_is_never_double_booked",
                expressions=[
                    ("provider", RangeOperators.EQUAL),
                    ("span", RangeOperators.OVERLAPS),
                    # One client's own holds never stand in their way.
                    ("client", RangeOperators.NOT_EQUAL),
                    # Two buffered rows of different clients have lanes apart and may share time.
                    ("lane", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="a_client_is_never_in_two_places",
                expressions=[("client", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)],
                # Sessions only: buffers are the provider's own time, and a client may go from one session to the next.
                condition=models.Q(part="session", appointment__isnull=False),
            ),
            ExclusionConstraint(
                name="a_room_holds_one_session_at_a_time",
                expressions=[
                    ("room", RangeOperators.EQUAL),
                    ("span", RangeOperators.OVERLAPS),
                    # Whom one client sees in a room, one after the other or together, is between them.
                    ("client", RangeOperators.NOT_EQUAL),
                    ("room_lane", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(room__isnull=False),
            ),
            models.CheckConstraint(
                condition=models.Q(room__isnull=True, room_lane__isnull=True)
                | models.Q(part="session", room__isnull=False, room_lane__isnull=False),
                name="a_room_is_claimed_by_a_session",
            ),
            models.CheckConstraint(
                condition=models.Q(appointment__isnull=False, hold__isnull=True)
                | models.Q(appointment__isnull=True, hold__isnull=False),
                name="a_claim_is_for_an_appointment_or_a_hold",
            ),
            models.CheckConstraint(
                condition=models.Q(part__in=["session", "buffered"]), name="a_claim_has_a_known_part"
            ),
            models.UniqueConstraint(
                fields=["appointment", "part"], name="an_appointment_claims_each_part_once"
            ),
            models.UniqueConstraint(fields=["hold", "part"], name="a_hold_claims_each_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.span}"


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

"""Claims that appointments and holds lay on time."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import Place
from raincheck.data.people import Client, Provider
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tenancy import InPractice, NamedRow, PracticeRow, inside_its_practice
from raincheck.domain.reschedule.holds import Held


class Hold(NamedRow):
    """A slot set aside for one client for a while: inside a request, to move an appointment at their wish, or for a booking.

    A `suggested` one is every request's of its batch; a trigger keeps it with the one that may stay open the longest, and
    its end with that one's: `suggested_times_follow_their_requests`.
    """

    provider = InPractice(Provider, db_index=False)
    client = InPractice(Client)
    request = InPractice(RescheduleRequest, null=True, blank=True)
    # The one that would move, and the offer that would be used. The constraints' indexes begin with them.
    appointment = InPractice(Appointment, null=True, blank=True, db_index=False)
    offer = InPractice(RebookOffer, null=True, blank=True, db_index=False)
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
            models.CheckConstraint(
                condition=models.Q(request__isnull=True, appointment__isnull=True)
                | models.Q(offer__isnull=True, request__isnull=True)
                | models.Q(offer__isnull=True, appointment__isnull=True),
                name="a_hold_is_for_one_thing",
            ),
            models.UniqueConstraint(fields=["appointment"], name="an_appointment_has_one_chosen_hold"),
            models.UniqueConstraint(fields=["offer"], name="a_rebook_offer_has_one_chosen_hold"),
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

    @property
    def at(self) -> Place | None:
        """Where the session would be; None of a time that is held for nothing yet."""
        about: Appointment | RebookOffer | None = self.appointment or self.offer
        if self.request is not None:
            about = self.request.appointment
        place: Place | None = about.place if about is not None else None
        return place


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

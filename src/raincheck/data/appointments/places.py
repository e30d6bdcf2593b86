"""Types of appointments, and the places where they are held."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from raincheck.data.tenancy import NamedRow, inside_its_practice, one_of
from raincheck.domain.appointments.lifecycle import (
    PlaceKind,
    TypeKind,
)
from raincheck.domain.practice import BUFFERS, LENGTHS


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

"""A practice's settings as they stand: what it offers and where, what is booked of it, and who changed what."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, ExpressionWrapper, F
from django.db.models.fields import DurationField

from raincheck.data.models import Appointment, AppointmentType, Membership, Place, Practice, PracticeHistory
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.people import ActorKind

CHANGES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Booked:
    """How many upcoming appointments of a type have one length and one pair of buffers."""

    length: timedelta
    buffer_before: timedelta
    buffer_after: timedelta
    count: int

    def is_as(self, kind: AppointmentType) -> bool:
        """Whether an appointment booked now would be the same."""
        return (self.length, self.buffer_before, self.buffer_after) == (
            kind.length,
            kind.buffer_before,
            kind.buffer_after,
        )


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of a practice, and the name of who made it; empty when that is known no more."""

    row: PracticeHistory
    by: str


def types_in(practice: Practice) -> list[AppointmentType]:
    """Return every appointment type: those offered first, then by name."""
    return list(AppointmentType.objects.filter(practice=practice).order_by("-offered", "name"))


def places_in(practice: Practice) -> list[Place]:
    """Return every place: those offered first, telehealth before rooms, then by name."""
    return list(Place.objects.filter(practice=practice).order_by("-offered", "-kind", "name"))


def booked_ahead(kind: AppointmentType, *, now: datetime) -> list[Booked]:
    """Return what is booked of a type by length and buffers, the most frequent first."""
    ahead = Appointment.objects.filter(type=kind, starts_at__gt=now, status=Status.SCHEDULED)
    length = ExpressionWrapper(F("ends_at") - F("starts_at"), output_field=DurationField())
    rows = ahead.values_list(length, "buffer_before", "buffer_after").annotate(count=Count("pk"))
    return [Booked(*row) for row in rows.order_by("-count")]


def count_ahead_at(place: Place, *, now: datetime) -> int:
    """Return how many upcoming appointments are at a place."""
    return Appointment.objects.filter(place=place, starts_at__gt=now, status=Status.SCHEDULED).count()


def is_booked(kind: AppointmentType) -> bool:
    """Return whether a type was ever booked: its kind then stays."""
    return Appointment.objects.filter(type=kind).exists()


def latest_changes(practice: Practice) -> list[Changed]:
    """Return the latest changes of a practice's settings, the newest first, in two queries."""
    rows = PracticeHistory.objects.filter(practice=practice).select_related("type", "place").order_by("-pk")
    found = list(rows[:CHANGES_SHOWN])
    # The number of an actor is a membership only where a manager acted.
    managers = {row.actor for row in found if row.actor_kind == ActorKind.MANAGER and row.actor is not None}
    memberships = Membership.objects.filter(pk__in=managers).values_list("pk", "user__name")
    names: dict[int | None, str] = dict(memberships)
    return [Changed(row, names.get(row.actor, "")) for row in found]

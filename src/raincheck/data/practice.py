"""The history of a practice's settings: each change and who made it, append-only like every history."""

from django.db import models

from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.tenancy import InPractice, PracticeRow, one_of
from raincheck.domain.people import ActorKind
from raincheck.domain.practice import PracticeEvent

ABOUT_A_TYPE = (PracticeEvent.TYPE_ADDED.value, PracticeEvent.TYPE_CHANGED.value)
ABOUT_A_PLACE = (PracticeEvent.PLACE_ADDED.value, PracticeEvent.PLACE_CHANGED.value)
ABOUT_THE_PRACTICE = (PracticeEvent.RULES_CHANGED.value, PracticeEvent.DETAILS_CHANGED.value)


class PracticeHistory(PracticeRow):
    """One change of a practice's types, places, rules or details. Rows are never changed or deleted.

    `details` holds by field what it was and what it is: seconds, codes and yes or no. Of words (a name, an address) it
    holds only which of them changed, under `words`: they live in their own rows.
    """

    event = models.TextField()
    at = models.DateTimeField()
    actor_kind = models.TextField()
    actor = models.BigIntegerField(null=True)
    trace_id = models.TextField(blank=True)
    type = InPractice(AppointmentType, null=True, blank=True)
    place = InPractice(Place, null=True, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        constraints = [
            one_of("event", PracticeEvent, name="a_change_of_a_practice_is_of_a_known_kind"),
            one_of("actor_kind", ActorKind, name="a_change_of_a_practice_names_a_known_actor"),
            models.CheckConstraint(
                condition=models.Q(event__in=ABOUT_A_TYPE, type__isnull=False, place__isnull=True)
                | models.Q(event__in=ABOUT_A_PLACE, type__isnull=True, place__isnull=False)
                | models.Q(event__in=ABOUT_THE_PRACTICE, type__isnull=True, place__isnull=True),
                name="a_change_of_a_practice_says_what_changed",
            ),
        ]
        indexes = [models.Index(fields=["practice", "id"], name="history_of_a_practice")]

    def __str__(self) -> str:
        return f"{self.event} {self.at}"


def changes_of_practice(practice_id: int) -> int:
    """Return how often a practice's rules or details were changed: what a form remembers, to notice that somebody else was quicker."""
    # A count will do: rows only ever come, so that another number means another change.
    return PracticeHistory.objects.filter(practice=practice_id, event__in=ABOUT_THE_PRACTICE).count()


def changes_of_type(kind: AppointmentType) -> int:
    """The same for one appointment type."""
    return PracticeHistory.objects.filter(type=kind).count()


def changes_at_place(place: Place) -> int:
    """The same for one place."""
    return PracticeHistory.objects.filter(place=place).count()

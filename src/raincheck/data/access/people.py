"""The history of people's rights in a practice: each change and who made it, append-only like every history."""

from django.db import models

from raincheck.data.people import User
from raincheck.data.tenancy import PracticeRow, one_of
from raincheck.domain.access.people import RightsEvent
from raincheck.domain.people import ActorKind


class RightsHistory(PracticeRow):
    """One change of what somebody may do in a practice. Rows are never changed or deleted.

    `details` holds the roles that came (`given`) and went (`ended`), and which words changed (`words`), never what they were.
    """

    # A plain key, as a membership's: a user is no practice's row.
    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    event = models.TextField()
    at = models.DateTimeField()
    actor_kind = models.TextField()
    actor = models.BigIntegerField(null=True)
    trace_id = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        constraints = [
            one_of("event", RightsEvent, name="a_change_of_rights_is_of_a_known_kind"),
            one_of("actor_kind", ActorKind, name="a_change_of_rights_names_a_known_actor"),
        ]
        indexes = [models.Index(fields=["practice", "user", "id"], name="history_of_somebodys_rights")]

    def __str__(self) -> str:
        return f"{self.event} {self.at}"


def changes_of_rights(practice_id: int, user_id: int) -> int:
    """Return how often somebody's rights were changed here: what a form remembers, to notice that somebody else was quicker."""
    # A count will do: rows only ever come, so that another number means another change.
    return RightsHistory.objects.filter(practice=practice_id, user=user_id).count()

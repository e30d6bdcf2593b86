"""The history of a client's record: each change and who made it, append-only like every history."""

from django.db import models

from raincheck.data.people import Client
from raincheck.data.tenancy import InPractice, PracticeRow, one_of
from raincheck.domain.clients.record import ClientEvent
from raincheck.domain.people import ActorKind


class ClientHistory(PracticeRow):
    """One change of a client's record. Rows are never changed or deleted.

    `details` holds by field what it was and what it is, where that is a code, a number or yes or no. Of words (a name, an
    address, a date of birth) it holds only which of them changed, under `words`: they live in their own rows, which can
    be erased.
    """

    client = InPractice(Client, db_index=False)
    event = models.TextField()
    at = models.DateTimeField()
    actor_kind = models.TextField()
    actor = models.BigIntegerField(null=True)
    trace_id = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        constraints = [
            one_of("event", ClientEvent, name="a_change_of_a_client_is_of_a_known_kind"),
            one_of("actor_kind", ActorKind, name="a_change_of_a_client_names_a_known_actor"),
        ]
        indexes = [models.Index(fields=["client", "id"], name="history_of_a_client")]

    def __str__(self) -> str:
        return f"{self.event} {self.at}"


def changes_of_client(client_id: int) -> int:
    """Return how often a client's record was changed: what a form remembers, to notice that somebody else was quicker."""
    return ClientHistory.objects.filter(client=client_id).count()

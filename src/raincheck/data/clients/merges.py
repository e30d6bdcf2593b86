"""Records of clients that became one, and pairs of which somebody said that they are two people."""

from django.db import models
from django.db.models import F, Q

from raincheck.data.people import Client
from raincheck.data.tenancy import InPractice, NamedRow, PracticeRow, inside_its_practice, one_of
from raincheck.domain.people import ActorKind


class ClientMerge(NamedRow):
    """Two records that became one: `gone` is part of `kept` from then on.

    `moved` holds the numbers of the rows that went over, `former` what stood in the record that was kept. Names and
    addresses are in it, so it is emptied once nobody can undo the merge any more.
    """

    kept = InPractice(Client, db_index=False)
    gone = InPractice(Client, db_index=False)
    at = models.DateTimeField()
    actor_kind = models.TextField()
    actor = models.BigIntegerField(null=True)
    moved = models.JSONField(default=dict)
    former = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            inside_its_practice("a_merge_belongs_to_one_practice"),
            one_of("actor_kind", ActorKind, name="a_merge_names_a_known_actor"),
            models.UniqueConstraint(
                fields=["gone"], condition=Q(undone_at__isnull=True), name="a_record_is_merged_once"
            ),
        ]
        indexes = [
            models.Index(fields=["kept", "-id"], name="merges_into_a_record"),
            models.Index(fields=["at"], condition=~Q(former={}), name="merges_that_can_be_undone"),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class DifferentPeople(PracticeRow):
    """Two records that look alike and are of two people, as somebody of the practice has said: nobody is asked again."""

    one = InPractice(Client, db_index=False)
    other = InPractice(Client, db_index=False)
    said_at = models.DateTimeField()
    actor_kind = models.TextField()
    actor = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            one_of("actor_kind", ActorKind, name="a_pair_names_a_known_actor"),
            models.CheckConstraint(
                condition=Q(one__lt=F("other")), name="a_pair_of_people_is_written_in_one_order"
            ),
            models.UniqueConstraint(fields=["one", "other"], name="a_pair_of_people_is_told_apart_once"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} {self.other_id}"


def record_now(client_id: int) -> int:
    """Return the record that a client's own has become part of; their own while it stands by itself."""
    became = Client.objects.filter(pk=client_id).values_list("merged_into", flat=True).first()
    return became or client_id

"""Emergency accesses: which manager opened which conversation, from when until when; and why, in a row that can be erased."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func

from raincheck.data.access.sealed_words import SealedText, SealsWords
from raincheck.data.conversations import Conversation
from raincheck.data.people import Membership
from raincheck.data.tenancy import InPractice, NamedRow, inside_its_practice


class EmergencyReason(SealsWords):
    """Why somebody needed to read a conversation. `body` can be erased; the row stays, since the read log names it."""

    body = SealedText(blank=True)

    class Meta:
        constraints = [inside_its_practice("an_emergency_reason_belongs_to_one_practice")]

    def __str__(self) -> str:
        return str(self.ref)


class EmergencyAccess(NamedRow):
    """A conversation that is open to a manager until `ends_at`, which comes nearer when they are done before."""

    conversation = InPractice(Conversation, db_index=False)
    manager = InPractice(Membership, db_index=False)
    reason = InPractice(EmergencyReason, db_index=False)
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            inside_its_practice("an_emergency_access_belongs_to_one_practice"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gte=F("opened_at")),
                name="an_emergency_access_ends_after_it_began",
            ),
            models.UniqueConstraint(fields=["reason"], name="an_emergency_access_has_its_own_reason"),
            ExclusionConstraint(
                name="a_manager_opens_a_conversation_once_at_a_time",
                expressions=[
                    ("conversation", RangeOperators.EQUAL),
                    ("manager", RangeOperators.EQUAL),
                    (
                        Func("opened_at", "ends_at", function="TSTZRANGE", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "-id"], name="accesses_to_a_conversation"),
            models.Index(fields=["manager", "ends_at"], name="accesses_of_a_manager"),
        ]

    def __str__(self) -> str:
        return str(self.ref)

    def why(self) -> dict[str, object]:
        """Return what the read log says of it: its number and that of its reason's row, never the words."""
        return {"emergency_access": self.pk, "reason": self.reason_id}

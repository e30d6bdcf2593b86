"""Invitations: one-time links by which people become part of a practice."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models

from raincheck.data.people import Membership, User
from raincheck.data.tenancy import NamedRow, one_of
from raincheck.domain.access.invitations import InvitationState, state_of
from raincheck.domain.people import STAFF_ROLES, ActorKind, Role

UNUSED = models.Q(used_at__isnull=True, revoked_at__isnull=True)


class Invitation(NamedRow):
    """One link: only the hash of its 128 random bits is kept. Who made it is named as in a history."""

    name = models.TextField()
    email = models.EmailField(max_length=254)
    roles = ArrayField(models.TextField())
    hash = models.BinaryField(unique=True)
    made_at = models.DateTimeField()
    made_by_kind = models.TextField()
    # A number and no key: `made_by_kind` says which table it is of.
    made_by = models.BigIntegerField(null=True, blank=True)
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    # A plain key, as a membership's: a user is no practice's row.
    used_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Empty where a newer invitation ended it.
    revoked_by_kind = models.TextField(blank=True, default="", db_default="")
    revoked_by = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("made_by_kind", ActorKind, name="an_invitation_names_a_known_actor"),
            models.CheckConstraint(
                condition=models.Q(roles__len__gt=0, roles__contained_by=[str(role) for role in STAFF_ROLES]),
                name="an_invitation_is_for_known_roles",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("made_at")),
                name="an_invitation_ends_after_it_was_made",
            ),
            models.CheckConstraint(
                condition=models.Q(used_at__isnull=True, used_by__isnull=True)
                | models.Q(used_at__isnull=False, used_by__isnull=False, revoked_at__isnull=True),
                name="a_used_invitation_says_by_whom_and_stays_used",
            ),
            # Of two links nobody would know which one to use, and to take back.
            models.UniqueConstraint(
                fields=["practice", "email"], condition=UNUSED, name="somebody_is_invited_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return str(self.ref)

    def state(self, *, now: datetime) -> InvitationState:
        return state_of(ends_at=self.ends_at, used_at=self.used_at, revoked_at=self.revoked_at, now=now)

    def is_way_back(self) -> bool:
        """Return whether it brings a manager back who has lost password or second factor; only an operator makes such a link."""
        by_operator = self.made_by_kind == ActorKind.OPERATOR and self.roles == [Role.MANAGER]
        return by_operator and manages(self.practice_id, self.email)


def manages(practice_id: int, email: str) -> bool:
    """Return whether somebody who signs in with this address is a manager of a practice."""
    managers = Membership.objects.filter(practice=practice_id, role=Role.MANAGER, ended_at__isnull=True)
    return managers.filter(user__email=email).exists()

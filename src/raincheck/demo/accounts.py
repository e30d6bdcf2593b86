"""Who can be entered in the demo without a password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from raincheck.data.people import Membership, User
from raincheck.demo.people import MAYA, RILEY, THEO

NAMED = 4 + len([RILEY, THEO, MAYA])
"""The people the demo's stories are about: three providers, a manager and three clients."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everybody who can be entered, the people of the demo's stories apart from the other clients."""

    named: Sequence[User]
    others: Sequence[User]


def accounts() -> Accounts:
    """Return every account of the demo's people, in the order they were made up, in one query."""
    memberships = Membership.objects.filter(user__is_active=True).select_related("user").order_by("pk")
    users = list({membership.user_id: membership.user for membership in memberships}.values())
    return Accounts(users[:NAMED], sorted(users[NAMED:], key=lambda user: user.name))

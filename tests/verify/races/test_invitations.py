"""Two meet at one invitation, or at one new address: one comes in, nobody's password is replaced, nobody is let in by half."""

from __future__ import annotations

from functools import partial

import pytest
from django.contrib.auth.hashers import make_password
from tests.app.cast import NOW, Cast
from tests.verify.races.overlapping import Outcome, carried_out, second_while_first_is_uncommitted

from raincheck.actions.access.invitations import accept_invitation, invite, revoke_invitation
from raincheck.actions.access.people import end_access
from raincheck.data.access.invitations import Invitation
from raincheck.data.people import Membership, Practice, User
from raincheck.domain.access.invitations import (
    OPERATORS_LIVE,
    InvitationRevoked,
    InvitationUsed,
    PasswordIsKept,
    digest_of,
    sound_invitee,
)
from raincheck.domain.people import OPERATOR, SYSTEM

pytestmark = pytest.mark.sampled

ADA = "ada@harbor.example"
X, Y = "x" * 22, "y" * 22


def inviting(practice: Practice, token: str) -> partial[dict[str, str]]:
    who = sound_invitee(name="Ada Lovelace", email=ADA, roles=["manager", "provider"])
    named = {"who": who, "digest": digest_of(token), "lives": OPERATORS_LIVE}
    return partial(invite, practice.pk, **named, by=OPERATOR, now=NOW)  # type: ignore[arg-type]


def invited(practice: Practice, token: str = X) -> Invitation:
    answer = carried_out(inviting(practice, token), by=OPERATOR, now=NOW)
    assert isinstance(answer, dict)
    return Invitation.objects.get(ref=answer["invitation"])


def accepting(invitation: Invitation, password: str) -> partial[dict[str, str]]:
    encoded = make_password(password)
    return partial(accept_invitation, invitation.ref, password=encoded, now=NOW)


def met(one: partial[dict[str, str]], other: partial[dict[str, str]]) -> tuple[Outcome, Outcome]:
    return second_while_first_is_uncommitted(
        lambda hook: carried_out(one, by=SYSTEM, now=NOW, still_fresh=hook),
        lambda: carried_out(other, by=SYSTEM, now=NOW),
    )


def test_of_two_browsers_with_one_link_the_first_comes_in_and_its_password_stands(cast: Cast) -> None:
    invitation = invited(cast.practice)
    first, second = met(accepting(invitation, "the first one"), accepting(invitation, "the second one"))
    user = User.objects.get(email=ADA)
    assert (first, second) == ({"user": str(user.ref), "practice": str(cast.practice.ref)}, InvitationUsed)
    assert user.check_password("the first one")
    assert sorted(Membership.objects.filter(user=user).values_list("role", flat=True)) == [
        "manager",
        "provider",
    ]


def test_one_new_address_invited_to_two_practices_gets_one_password(cast: Cast) -> None:
    here, there = invited(cast.practice), invited(cast.elsewhere, Y)
    first, second = met(accepting(here, "the first one"), accepting(there, "the second one"))
    user = User.objects.get(email=ADA)
    assert (first, second) == ({"user": str(user.ref), "practice": str(cast.practice.ref)}, PasswordIsKept)
    assert user.check_password("the first one")
    there.refresh_from_db()
    assert (there.used_at, Membership.objects.filter(practice=cast.elsewhere, user=user).count()) == (None, 0)


def test_accepting_and_taking_back_end_in_one_of_the_two(cast: Cast) -> None:
    invitation = invited(cast.practice)
    revoking = partial(revoke_invitation, invitation.ref, practice_id=cast.practice.pk, by=OPERATOR, now=NOW)
    first, second = met(accepting(invitation, "the first one"), revoking)
    assert (isinstance(first, dict), second) == (True, InvitationUsed)

    other = Invitation.objects.get(ref=invited(cast.elsewhere, Y).ref)
    revoking = partial(revoke_invitation, other.ref, practice_id=cast.elsewhere.pk, by=OPERATOR, now=NOW)
    assert met(revoking, accepting(other, "the first one")) == (
        {"invitation": str(other.ref)},
        InvitationRevoked,
    )
    assert Membership.objects.filter(practice=cast.elsewhere, user__email=ADA).count() == 0


def test_of_two_invitations_of_one_person_made_at_once_the_later_stays_open(cast: Cast) -> None:
    first, second = met(inviting(cast.practice, X), inviting(cast.practice, Y))
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    revoked = {str(row.ref): row.revoked_at for row in Invitation.objects.all()}
    assert revoked == {first["invitation"]: NOW, second["invitation"]: None}


def a_way_back(cast: Cast) -> tuple[User, Invitation]:
    """Return a manager, who is not the only one, and the operator's link for them."""
    for email in (ADA, "sasha@harbor.example"):
        user = User.objects.create_user(email, "the old one")
        Membership.objects.create(practice=cast.practice, user=user, role="manager")
    who = sound_invitee(name="Ada Lovelace", email=ADA, roles=["manager"])
    named = {"who": who, "digest": digest_of(X), "lives": OPERATORS_LIVE}
    making = partial(invite, cast.practice.pk, **named, by=OPERATOR, now=NOW)  # type: ignore[arg-type]
    carried_out(making, by=OPERATOR, now=NOW)
    return User.objects.get(email=ADA), Invitation.objects.get()


def test_whoever_comes_back_while_their_access_ends_is_no_manager_in_the_end(cast: Cast) -> None:
    user, invitation = a_way_back(cast)
    ending = partial(end_access, user.ref, practice_id=cast.practice.pk, by=OPERATOR, now=NOW)
    first, second = met(ending, accepting(invitation, "the new one"))
    user.refresh_from_db()
    assert (first, second) == ({"person": str(user.ref)}, InvitationRevoked)
    assert user.check_password("the old one")
    assert Membership.objects.get(user=user).ended_at == NOW


def test_of_two_who_come_back_by_one_link_the_first_ones_password_stands(cast: Cast) -> None:
    user, invitation = a_way_back(cast)
    first, second = met(accepting(invitation, "the first one"), accepting(invitation, "the second one"))
    user.refresh_from_db()
    assert (first, second) == ({"user": str(user.ref), "practice": str(cast.practice.ref)}, InvitationUsed)
    assert user.check_password("the first one")

"""Two at one second factor: set up twice at once, and taken away while somebody uses it."""

from __future__ import annotations

from functools import partial

import pytest
from allauth.mfa.models import Authenticator
from tests.app.cast import NOW, Cast
from tests.verify.races.overlapping import Outcome, carried_out, second_while_first_is_uncommitted

from raincheck.actions.access.people import reset_second_factor
from raincheck.actions.access.second_factor import (
    change_authenticator,
    prove_second_factor,
    set_up_authenticator,
)
from raincheck.actions.engine.runner import Answer
from raincheck.data.people import Membership, User
from raincheck.domain.access.authenticator import AlreadySetUp, code_at, step_at
from raincheck.domain.access.recovery_codes import NoSuchRecoveryCode
from raincheck.domain.people import SYSTEM, Actor, ActorKind, Role

pytestmark = pytest.mark.sampled
SECRETS = ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")


@pytest.fixture
def own(cast: Cast) -> Membership:
    return Membership.objects.select_related("user").get(provider=cast.okafor)


def setting_up(own: Membership, secret: str) -> partial[Answer]:
    by = Actor(ActorKind.PROVIDER, own.provider_id, practice=own.practice_id)
    said = {"secret": secret, "typed": code_at(secret, step_at(NOW)), "codes": ["fresh-codes"], "at": NOW}
    return partial(set_up_authenticator, own.pk, **said, by=by, now=NOW)  # type: ignore[arg-type]


def changing(own: Membership, secret: str) -> partial[Answer]:
    by = Actor(ActorKind.PROVIDER, own.provider_id, practice=own.practice_id)
    said = {"secret": secret, "typed": code_at(secret, step_at(NOW)), "here": "", "at": NOW}
    return partial(change_authenticator, own.pk, **said, by=by, now=NOW)  # type: ignore[arg-type]


def proving(own: Membership) -> partial[Answer]:
    typed = code_at(SECRETS[0], step_at(NOW) + 1)
    return partial(prove_second_factor, own.user_id, typed=typed, at=NOW)


def resetting(own: Membership) -> partial[Answer]:
    sasha = User.objects.create_user("sasha@harbor.example", name="Sasha")
    manages = Membership.objects.create(practice_id=own.practice_id, user=sasha, role=Role.MANAGER)
    by = Actor(ActorKind.MANAGER, manages.pk, practice=own.practice_id)
    return partial(reset_second_factor, own.user.ref, practice_id=own.practice_id, by=by, now=NOW)


def met(one: partial[Answer], other: partial[Answer]) -> tuple[Outcome, Outcome]:
    return second_while_first_is_uncommitted(
        lambda hook: carried_out(one, by=one.keywords.get("by", SYSTEM), now=NOW, still_fresh=hook),
        lambda: carried_out(other, by=other.keywords.get("by", SYSTEM), now=NOW),
    )


def test_of_two_apps_set_up_at_once_the_first_is_the_second_factor(own: Membership) -> None:
    one, other = met(setting_up(own, SECRETS[0]), setting_up(own, SECRETS[1]))
    assert (isinstance(one, dict), other, Authenticator.objects.count()) == (True, AlreadySetUp, 2)
    assert isinstance(carried_out(proving(own), by=SYSTEM, now=NOW), dict)


def test_whoever_types_a_code_while_it_is_reset_finds_no_second_factor(own: Membership) -> None:
    carried_out(setting_up(own, SECRETS[0]), by=SYSTEM, now=NOW)
    reset, proved = met(resetting(own), proving(own))
    assert (reset, proved) == ({"person": str(own.user.ref)}, NoSuchRecoveryCode)
    assert Authenticator.objects.count() == 0


def test_a_reset_waits_for_whoever_takes_the_second_step(own: Membership) -> None:
    carried_out(setting_up(own, SECRETS[0]), by=SYSTEM, now=NOW)
    proved, reset = met(proving(own), resetting(own))
    assert (isinstance(proved, dict), reset) == (True, {"person": str(own.user.ref)})
    assert Authenticator.objects.count() == 0


def test_a_reset_takes_the_app_away_too_that_is_put_in_its_place_meanwhile(own: Membership) -> None:
    carried_out(setting_up(own, SECRETS[0]), by=SYSTEM, now=NOW)
    changed, reset = met(changing(own, SECRETS[1]), resetting(own))
    assert (isinstance(changed, dict), reset) == (True, {"person": str(own.user.ref)})
    assert Authenticator.objects.count() == 0

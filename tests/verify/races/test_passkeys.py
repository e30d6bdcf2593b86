"""Second factors in the same instant: one is set up first, one stays to the last, and an answer counts once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.db import connection
from tests.app.cast import NOW, Cast
from tests.app.software_key import SoftwareKey, text
from tests.verify.races.overlapping import Outcome, Verb, carried_out, second_while_first_is_uncommitted

from raincheck.actions.access.passkeys import add_passkey, prove_passkey, remove_passkey, set_up_passkey
from raincheck.actions.access.second_factor import (
    change_authenticator,
    make_recovery_codes,
    remove_authenticator,
    set_up_authenticator,
)
from raincheck.actions.access.webauthn import (
    Challenge,
    MadePasskey,
    creation_options,
    passkey_made,
    passkey_shown,
    request_options,
)
from raincheck.data.access.passkeys import passkeys_of
from raincheck.data.people import Membership, User
from raincheck.domain.access.authenticator import AlreadySetUp, code_at, fresh_secret, step_at
from raincheck.domain.access.passkeys import (
    LastSecondFactorStays,
    PasskeyKnown,
    PasskeyRefused,
    PasskeyTooLate,
)
from raincheck.domain.people import Role

pytestmark = pytest.mark.sampled
CODES = ["abcde-fghjk"]
KINDS = Authenticator.Type
HERE = "http://localhost:8000"


@pytest.fixture
def membership(cast: Cast) -> Membership:
    return Membership.objects.select_related("user").get(provider=cast.okafor)


def made(number: int) -> MadePasskey:
    return MadePasskey(bytes([number]) * 32, b"key", 0)


def with_app(cast: Cast, membership: Membership) -> Verb:
    secret = fresh_secret()
    typed = code_at(secret, step_at(NOW))
    verb = partial(set_up_authenticator, membership.pk, secret=secret, typed=typed, codes=CODES)
    return partial(verb, at=NOW, by=cast.by_okafor, now=NOW)


def first_passkey(cast: Cast, membership: Membership, number: int) -> Verb:
    verb = partial(set_up_passkey, membership.pk, name=f"Key {number}", made=made(number), codes=CODES)
    return partial(verb, at=NOW, by=cast.by_okafor, now=NOW)


def one_more(cast: Cast, membership: Membership, number: int) -> Verb:
    verb = partial(add_passkey, membership.pk, name=f"Key {number}", made=made(number))
    return partial(verb, at=NOW, by=cast.by_okafor, now=NOW)


def met(cast: Cast, one: Verb, other: Verb) -> tuple[Outcome, Outcome]:
    return second_while_first_is_uncommitted(
        lambda hook: carried_out(one, by=cast.by_okafor, now=NOW, still_fresh=hook),
        lambda: carried_out(other, by=cast.by_okafor, now=NOW),
    )


def kinds(membership: Membership) -> list[str]:
    rows = Authenticator.objects.filter(user=membership.user_id).order_by("type", "pk")
    return list(rows.values_list("type", flat=True))


Setting = Callable[[Cast, Membership], Verb]
WAYS: list[Setting] = [
    with_app,
    lambda cast, membership: first_passkey(cast, membership, 1),
    lambda cast, membership: first_passkey(cast, membership, 2),
]


@pytest.mark.parametrize("one", range(3))
@pytest.mark.parametrize("other", range(3))
def test_of_two_first_second_factors_at_once_one_is_set_up(
    cast: Cast, membership: Membership, one: int, other: int
) -> None:
    first, second = met(cast, WAYS[one](cast, membership), WAYS[other](cast, membership))
    assert (isinstance(first, dict), second) == (True, AlreadySetUp)
    kind = KINDS.TOTP if one == 0 else KINDS.WEBAUTHN
    assert kinds(membership) == sorted([KINDS.RECOVERY_CODES, kind])


def test_two_passkeys_that_are_added_at_once_are_both_there(cast: Cast, membership: Membership) -> None:
    carried_out(with_app(cast, membership), by=cast.by_okafor, now=NOW)
    assert met(cast, one_more(cast, membership, 1), one_more(cast, membership, 2)) == ({}, {})
    assert [one.name for _row, one in passkeys_of(membership.user_id)] == ["Key 1", "Key 2"]


def test_one_passkey_added_twice_at_once_is_there_once(cast: Cast, membership: Membership) -> None:
    carried_out(with_app(cast, membership), by=cast.by_okafor, now=NOW)
    assert met(cast, one_more(cast, membership, 1), one_more(cast, membership, 1)) == ({}, PasskeyKnown)


def test_one_passkey_added_by_two_people_at_once_is_one_persons(cast: Cast, membership: Membership) -> None:
    hers = Membership.objects.exclude(user=membership.user).filter(role=Role.PROVIDER, practice=cast.practice)
    fischer = hers.get()
    carried_out(with_app(cast, membership), by=cast.by_okafor, now=NOW)
    carried_out(with_app(cast, fischer), by=cast.by_okafor, now=NOW)
    # Nothing but the table knows of both.
    assert met(cast, one_more(cast, membership, 1), one_more(cast, fischer, 1)) == ({}, PasskeyKnown)


def test_of_the_last_two_second_factors_removed_at_once_one_stays(cast: Cast, membership: Membership) -> None:
    for number, verb in ((1, first_passkey), (2, one_more)):
        carried_out(verb(cast, membership, number), by=cast.by_okafor, now=NOW)
    removing = [
        partial(remove_passkey, membership.pk, one.ref, here="", at=NOW, by=cast.by_okafor, now=NOW)
        for _row, one in passkeys_of(membership.user_id)
    ]
    assert met(cast, *removing) == ({}, LastSecondFactorStays)
    assert kinds(membership) == [KINDS.RECOVERY_CODES, KINDS.WEBAUTHN]


def test_an_app_and_a_passkey_removed_at_once_leave_one_of_them(cast: Cast, membership: Membership) -> None:
    carried_out(with_app(cast, membership), by=cast.by_okafor, now=NOW)
    carried_out(one_more(cast, membership, 1), by=cast.by_okafor, now=NOW)
    ((_row, one),) = passkeys_of(membership.user_id)
    passkey = partial(remove_passkey, membership.pk, one.ref, here="", at=NOW, by=cast.by_okafor, now=NOW)
    app = partial(remove_authenticator, membership.pk, here="", at=NOW, by=cast.by_okafor, now=NOW)
    assert met(cast, app, passkey) == ({}, LastSecondFactorStays)
    assert kinds(membership) == [KINDS.RECOVERY_CODES, KINDS.WEBAUTHN]


def test_the_database_has_the_last_word_on_the_last_second_factor(cast: Cast, membership: Membership) -> None:
    """Two who forget to lock and to look take one each: `whoever_has_a_second_factor_keeps_one`."""
    for number, verb in ((1, first_passkey), (2, one_more)):
        carried_out(verb(cast, membership, number), by=cast.by_okafor, now=NOW)

    def taking_away(pk: int) -> Verb:
        def verb() -> dict[str, str]:
            Authenticator.objects.filter(pk=pk).delete()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            return {}

        return verb

    both = [taking_away(row.pk) for row, _one in passkeys_of(membership.user_id)]
    assert met(cast, *both) == ({}, LastSecondFactorStays)
    assert kinds(membership) == [KINDS.RECOVERY_CODES, KINDS.WEBAUTHN]


def test_of_two_new_sets_of_codes_at_once_the_later_counts(cast: Cast, membership: Membership) -> None:
    carried_out(with_app(cast, membership), by=cast.by_okafor, now=NOW)
    verb = partial(make_recovery_codes, membership.pk, at=NOW, by=cast.by_okafor, now=NOW)
    one, other = met(cast, partial(verb, codes=["bbbbb-bbbbb"]), partial(verb, codes=["ccccc-ccccc"]))
    assert (isinstance(one, dict), isinstance(other, dict)) == (True, True)
    assert kinds(membership) == [KINDS.RECOVERY_CODES, KINDS.TOTP]


def test_an_app_replaced_twice_at_once_is_the_later_one(cast: Cast, membership: Membership) -> None:
    carried_out(with_app(cast, membership), by=cast.by_okafor, now=NOW)

    def replaced() -> Verb:
        secret = fresh_secret()
        typed = code_at(secret, step_at(NOW))
        verb = partial(change_authenticator, membership.pk, secret=secret, typed=typed, here="")
        return partial(verb, at=NOW, by=cast.by_okafor, now=NOW)

    answer = {"factor": "authenticator"}
    assert met(cast, replaced(), replaced()) == (answer, answer)
    assert kinds(membership) == [KINDS.RECOVERY_CODES, KINDS.TOTP]


@pytest.fixture
def key(cast: Cast, membership: Membership, settings: LazySettings) -> SoftwareKey:
    """A passkey of Dr. Okafor that does not count what it signs, as most are."""
    settings.BASE_URL = HERE
    key, challenge = SoftwareKey(HERE, counter=0), Challenge(b"c" * 32, NOW)
    options = creation_options(membership.user, challenge, known=[])
    said = key.make({"user": {"id": text(membership.user.ref.bytes)}, "challenge": options["challenge"]})
    verb = partial(set_up_passkey, membership.pk, name="Laptop", made=passkey_made(said, challenge))
    carried_out(partial(verb, codes=CODES, at=NOW, by=cast.by_okafor, now=NOW), by=cast.by_okafor, now=NOW)
    return key


def test_one_answer_sent_twice_at_once_signs_in_once(cast: Cast, key: SoftwareKey) -> None:
    challenge = Challenge(b"d" * 32, NOW)
    shown = passkey_shown(key.show(request_options(challenge)))
    verb = partial(prove_passkey, shown, challenge, at=NOW)
    okafor = User.objects.get(email="okafor@harbor.example")
    assert met(cast, verb, verb) == ({"user": str(okafor.ref), "factor": "passkey"}, PasskeyTooLate)


def test_a_passkey_that_is_removed_while_it_is_used_opens_nothing(
    cast: Cast, key: SoftwareKey, membership: Membership
) -> None:
    carried_out(one_more(cast, membership, 1), by=cast.by_okafor, now=NOW)
    (_row, one), _other = passkeys_of(membership.user_id)
    challenge = Challenge(b"d" * 32, NOW)
    shown = passkey_shown(key.show(request_options(challenge)))
    removing = partial(remove_passkey, membership.pk, one.ref, here="", at=NOW, by=cast.by_okafor, now=NOW)
    assert met(cast, removing, partial(prove_passkey, shown, challenge, at=NOW)) == ({}, PasskeyRefused)

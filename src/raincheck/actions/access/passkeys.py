"""Passkeys: added, renamed, removed, and used in the place of a password and a code."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator

from raincheck.actions.access.read_log import record_event
from raincheck.actions.access.second_factor import (
    Factors,
    add_codes,
    add_factor,
    has_one,
    lock_factors,
    locked_factors,
    record_change,
    refuse_second_set_up,
    remove_factor,
)
from raincheck.actions.access.sessions import end_sessions_of
from raincheck.actions.access.webauthn import Challenge, MadePasskey, ShownPasskey, signed
from raincheck.actions.engine.runner import Answer
from raincheck.data.access.passkeys import Passkey, closed, digest_of, opened, passkeys_of
from raincheck.data.encryption import DecryptionFailed
from raincheck.data.people import Membership, User
from raincheck.domain.access.authenticator import NotSetUp
from raincheck.domain.access.events import Event
from raincheck.domain.access.passkeys import (
    MOST,
    PasskeyKnown,
    PasskeyRefused,
    SecondFactorGone,
    TooManyPasskeys,
    counter_after,
    refuse_old_challenge,
    sound_name,
)
from raincheck.domain.access.sessions import SessionEnd
from raincheck.domain.access.sign_in import SecondFactor
from raincheck.domain.people import Actor

PASSKEY = Authenticator.Type.WEBAUTHN


def set_up_passkey(
    membership_id: int,
    *,
    name: str,
    made: MadePasskey,
    codes: list[str],
    at: datetime,
    by: Actor,
    now: datetime,
) -> Answer:
    """Take a passkey as the first second factor of whose membership it is, with recovery codes.

    `at` is the real time. Raises AlreadySetUp when another page was quicker, and what is wrong with the name.
    """
    membership, factors = locked_factors(membership_id)
    refuse_second_set_up(factors)
    _add(membership, factors, name=name, made=made, at=at)
    add_codes(membership.user_id, codes, at=at)
    record_change(Event.SECOND_FACTOR_SET_UP, membership, by=by, now=now)
    return {"factor": SecondFactor.PASSKEY}


def add_passkey(
    membership_id: int, *, name: str, made: MadePasskey, at: datetime, by: Actor, now: datetime
) -> Answer:
    """Give somebody who has a second factor a passkey besides.

    Raises NotSetUp, TooManyPasskeys, PasskeyKnown and what is wrong with the name.
    """
    membership, factors = locked_factors(membership_id)
    if not has_one(factors):
        raise NotSetUp
    _add(membership, factors, name=name, made=made, at=at)
    record_change(Event.PASSKEY_ADDED, membership, by=by, now=now)
    return {}


def rename_passkey(membership_id: int, ref: UUID, *, name: str, by: Actor, now: datetime) -> Answer:
    """Call one of somebody's own passkeys something else. Raises SecondFactorGone and what is wrong with the name."""
    membership, factors = locked_factors(membership_id)
    row, one = _theirs(factors, ref)
    row.data = closed(replace(one, name=sound_name(name)))
    row.save(update_fields=["data"])
    # What it opens stays the same, so that nobody is written to.
    record_event(Event.PASSKEY_RENAMED, by=replace(by, practice=membership.practice_id), now=now)
    return {}


def remove_passkey(
    membership_id: int, ref: UUID, *, here: str, at: datetime, by: Actor, now: datetime
) -> Answer:
    """Take one of somebody's own passkeys away, unless it is their last second factor, and end every session but the one `here`.

    Raises LastSecondFactorStays and SecondFactorGone.
    """
    membership, factors = locked_factors(membership_id)
    row, _one = _theirs(factors, ref)
    remove_factor(factors, row)
    end_sessions_of(membership.user_id, SessionEnd.SECOND_FACTOR, but=here, by=by, at=now, now=at)
    record_change(Event.PASSKEY_REMOVED, membership, by=by, now=now)
    return {}


def prove_passkey(
    shown: ShownPasskey, challenge: Challenge, *, user_id: int | None = None, at: datetime
) -> Answer:
    """Take what a passkey signed in answer to a challenge, once, and return whose it is.

    `user_id` is who has said already who they are; without one the passkey says it. `at` is the real time.
    Raises PasskeyRefused, the same whatever is wrong, and PasskeyTooLate.
    """
    user = _whose(shown, user_id)
    lock_factors(user.pk)
    row, one = _known(shown, user)
    counter = counter_after(one.counter, signed(shown, challenge, passkey=one))
    refuse_old_challenge(challenge.made_at, used_up_to=one.challenged_at, at=at)
    row.data = closed(replace(one, counter=counter, challenged_at=challenge.made_at))
    row.last_used_at = at
    row.save(update_fields=["data", "last_used_at"])
    return {"user": str(user.ref), "factor": SecondFactor.PASSKEY}


def _whose(shown: ShownPasskey, user_id: int | None) -> User:
    handle = shown.user_handle
    if user_id is None and (handle is None or len(handle) != 16):
        raise PasskeyRefused
    found = User.objects.filter(pk=user_id) if user_id is not None else User.objects.all()
    # A device that was told which passkeys are meant may leave out whose they are.
    if handle is not None and len(handle) == 16:
        found = found.filter(ref=UUID(bytes=handle))
    user = found.first()
    if user is None:
        raise PasskeyRefused
    return user


def _known(shown: ShownPasskey, user: User) -> tuple[Authenticator, Passkey]:
    with suppress(DecryptionFailed):
        for row, one in passkeys_of(user.pk):
            if one.credential_id == shown.credential_id:
                return row, one
    raise PasskeyRefused


def _theirs(factors: Factors, ref: UUID) -> tuple[Authenticator, Passkey]:
    for row in factors.get(PASSKEY, []):
        if row.data["ref"] == str(ref):
            return row, opened(row)
    raise SecondFactorGone


def _add(membership: Membership, factors: Factors, *, name: str, made: MadePasskey, at: datetime) -> None:
    if len(factors.get(PASSKEY, [])) >= MOST:
        raise TooManyPasskeys(most=str(MOST))
    digest = digest_of(made.credential_id)
    if any(row.data["digest"] == digest for row in factors.get(PASSKEY, [])):
        raise PasskeyKnown
    one = Passkey(
        user=membership.user_id,
        name=sound_name(name),
        credential_id=made.credential_id,
        public_key=made.public_key,
        counter=made.counter,
    )
    add_factor(membership.user_id, PASSKEY, closed(one), at=at)

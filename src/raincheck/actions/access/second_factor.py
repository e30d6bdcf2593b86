"""Second factors: an app set up, used, replaced and taken away, and recovery codes; whoever has one always keeps one."""

import json
from dataclasses import replace
from datetime import datetime

from allauth.mfa.models import Authenticator

from raincheck.actions.access.read_log import record_event
from raincheck.actions.access.sessions import end_sessions_of
from raincheck.actions.engine.locks import refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.data.encryption import SECOND_FACTORS, seal, unseal
from raincheck.data.people import Membership, User
from raincheck.domain.access.authenticator import AlreadySetUp, NotSetUp, is_shaped_like_one, step_of_code
from raincheck.domain.access.events import Event
from raincheck.domain.access.passkeys import LastSecondFactorStays, SecondFactorGone
from raincheck.domain.access.recovery_codes import left_after, print_of
from raincheck.domain.access.sessions import SessionEnd
from raincheck.domain.access.sign_in import SecondFactor
from raincheck.domain.people import Actor
from raincheck.notifications.factors import notify_of_factor

NEVER = -1
"""The last step that was used, before any was."""
Factors = dict[str, list[Authenticator]]
"""Somebody's second factors by type, their recovery codes among them."""


def set_up_authenticator(
    membership_id: int, *, secret: str, typed: str, codes: list[str], at: datetime, by: Actor, now: datetime
) -> Answer:
    """Take an app as the second factor of whose membership it is, once it shows the right code, with recovery codes.

    `at` is the real time, which phones go by. Raises WrongSecondFactor, and AlreadySetUp when another page was quicker.
    """
    membership, factors = locked_factors(membership_id)
    refuse_second_set_up(factors)
    _add_app(membership.user_id, secret=secret, typed=typed, at=at)
    add_codes(membership.user_id, codes, at=at)
    record_change(Event.SECOND_FACTOR_SET_UP, membership, by=by, now=now)
    return {"factor": SecondFactor.AUTHENTICATOR}


def change_authenticator(
    membership_id: int, *, secret: str, typed: str, here: str, at: datetime, by: Actor, now: datetime
) -> Answer:
    """Take another app, once it shows the right code; the one before ends with it, and every session but the one `here`.

    Who has a passkey alone gets an app beside it, and stays signed in everywhere. Raises WrongSecondFactor and NotSetUp.
    """
    membership, factors = locked_factors(membership_id)
    if not has_one(factors):
        raise NotSetUp
    former = factors.get(Authenticator.Type.TOTP, [])
    for row in former:
        row.delete()
    _add_app(membership.user_id, secret=secret, typed=typed, at=at)
    if former:
        end_sessions_of(membership.user_id, SessionEnd.SECOND_FACTOR, but=here, by=by, at=now, now=at)
    what = Event.AUTHENTICATOR_REPLACED if former else Event.AUTHENTICATOR_ADDED
    record_change(what, membership, by=by, now=now)
    return {"factor": SecondFactor.AUTHENTICATOR}


def remove_authenticator(membership_id: int, *, here: str, at: datetime, by: Actor, now: datetime) -> Answer:
    """Take the app away from who has a passkey besides, and end every session but the one `here`.

    Raises LastSecondFactorStays and SecondFactorGone.
    """
    membership, factors = locked_factors(membership_id)
    remove_factor(factors, next(iter(factors.get(Authenticator.Type.TOTP, [])), None))
    end_sessions_of(membership.user_id, SessionEnd.SECOND_FACTOR, but=here, by=by, at=now, now=at)
    record_change(Event.AUTHENTICATOR_REMOVED, membership, by=by, now=now)
    return {}


def make_recovery_codes(
    membership_id: int, *, codes: list[str], at: datetime, by: Actor, now: datetime
) -> Answer:
    """Give somebody new recovery codes; those they had open nothing any more. The answer tells which, for a repeat.

    Raises NotSetUp.
    """
    membership, factors = locked_factors(membership_id)
    if not has_one(factors):
        raise NotSetUp
    for row in factors.get(Authenticator.Type.RECOVERY_CODES, []):
        row.delete()
    add_codes(membership.user_id, codes, at=at)
    record_change(Event.RECOVERY_CODES_MADE, membership, by=by, now=now)
    return {"codes": print_of(codes)}


def prove_second_factor(user_id: int, *, typed: str, at: datetime) -> Answer:
    """Take a code of the app, or one of the recovery codes; either works once. `at` is the real time.

    Raises WrongSecondFactor, SecondFactorUsed and NoSuchRecoveryCode.
    """
    lock_factors(user_id)
    known = {one.type: one for one in Authenticator.objects.filter(user_id=user_id)}
    app = known.get(Authenticator.Type.TOTP)
    if app is not None and is_shaped_like_one(typed):
        secret = _unsealed(app.data["secret"])
        step = step_of_code(secret, typed, at=at, used_up_to=app.data["used_up_to"])
        app.data["used_up_to"] = step
        factor, used = SecondFactor.AUTHENTICATOR, app
    else:
        used = known.get(Authenticator.Type.RECOVERY_CODES)
        left = left_after(json.loads(_unsealed(used.data["codes"])) if used else [], typed)
        assert used is not None, "without codes there was none to find"
        used.data["codes"] = _sealed(json.dumps(left))
        factor = SecondFactor.RECOVERY_CODE
    used.last_used_at = at
    used.save(update_fields=["data", "last_used_at"])
    return {"factor": factor}


def locked_factors(membership_id: int) -> tuple[Membership, Factors]:
    """Return whose membership it is, and their second factors, locked until the end. A step, not a verb."""
    membership = Membership.objects.get(pk=membership_id)
    refuse_what_is_not_theirs(membership)
    lock_factors(membership.user_id)
    factors: Factors = {}
    for row in Authenticator.objects.filter(user_id=membership.user_id).order_by("pk"):
        factors.setdefault(row.type, []).append(row)
    return membership, factors


def lock_factors(user_id: int) -> None:
    # Two pages that use the same code, or change two factors, wait for each other here.
    User.objects.select_for_update(no_key=True).get(pk=user_id)


def has_one(factors: Factors) -> bool:
    """Return whether there is a second factor among them; recovery codes alone are none."""
    return bool(set(factors) - {Authenticator.Type.RECOVERY_CODES})


def refuse_second_set_up(factors: Factors) -> None:
    if factors:
        raise AlreadySetUp


def remove_factor(factors: Factors, row: Authenticator | None) -> None:
    """Take one away, unless it is the last. Raises SecondFactorGone for None."""
    if row is None:
        raise SecondFactorGone
    if sum(len(rows) for kind, rows in factors.items() if kind != Authenticator.Type.RECOVERY_CODES) == 1:
        raise LastSecondFactorStays
    row.delete()


def add_codes(user_id: int, codes: list[str], *, at: datetime) -> None:
    """Keep recovery codes. A step, not a verb."""
    add_factor(user_id, Authenticator.Type.RECOVERY_CODES, {"codes": _sealed(json.dumps(codes))}, at=at)


def add_factor(user_id: int, kind: str, data: dict[str, object], *, at: datetime) -> None:
    Authenticator(user_id=user_id, type=kind, data=data, created_at=at).save(force_insert=True)


def record_change(what: Event, membership: Membership, *, by: Actor, now: datetime) -> None:
    """Write a change of somebody's own second factors into the read log, and tell them by mail. A step, not a verb."""
    record_event(what, by=replace(by, practice=membership.practice_id), now=now)
    notify_of_factor(membership.user_id, what, now=now)


def _add_app(user_id: int, *, secret: str, typed: str, at: datetime) -> None:
    step = step_of_code(secret, typed, at=at, used_up_to=NEVER)
    add_factor(user_id, Authenticator.Type.TOTP, {"secret": _sealed(secret), "used_up_to": step}, at=at)


def _sealed(text: str) -> str:
    return seal(text.encode(), purpose=SECOND_FACTORS).decode("ascii")


def _unsealed(sealed: str) -> str:
    return unseal(sealed.encode("ascii"), purpose=SECOND_FACTORS).decode()

"""Setting a second factor up, and using it: what somebody proves besides their password."""

import json
from dataclasses import replace
from datetime import datetime

from allauth.mfa.models import Authenticator

from raincheck.actions.access.read_log import record_event
from raincheck.actions.engine.locks import refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.data.encryption import SECOND_FACTORS, seal, unseal
from raincheck.data.people import Membership, User
from raincheck.domain.access.authenticator import AlreadySetUp, is_shaped_like_one, step_of_code
from raincheck.domain.access.events import Event
from raincheck.domain.access.recovery_codes import left_after
from raincheck.domain.access.sign_in import SecondFactor
from raincheck.domain.people import Actor

NEVER = -1
"""The last step that was used, before any was."""


def set_up_authenticator(
    membership_id: int, *, secret: str, typed: str, codes: list[str], at: datetime, by: Actor, now: datetime
) -> Answer:
    """Take an app as the second factor of whose membership it is, once it shows the right code, with recovery codes.

    `at` is the real time, which phones go by. Raises WrongSecondFactor, and AlreadySetUp when another page was quicker.
    """
    membership = Membership.objects.get(pk=membership_id)
    refuse_what_is_not_theirs(membership)
    user_id = membership.user_id
    _lock(user_id)
    if Authenticator.objects.filter(user_id=user_id).exists():
        raise AlreadySetUp
    step = step_of_code(secret, typed, at=at, used_up_to=NEVER)
    _add(user_id, Authenticator.Type.TOTP, {"secret": _sealed(secret), "used_up_to": step}, at=at)
    _add(user_id, Authenticator.Type.RECOVERY_CODES, {"codes": _sealed(json.dumps(codes))}, at=at)
    record_event(Event.SECOND_FACTOR_SET_UP, by=replace(by, practice=membership.practice_id), now=now)
    return {"factor": SecondFactor.AUTHENTICATOR}


def prove_second_factor(user_id: int, *, typed: str, at: datetime) -> Answer:
    """Take a code of the app, or one of the recovery codes; either works once. `at` is the real time.

    Raises WrongSecondFactor, SecondFactorUsed and NoSuchRecoveryCode.
    """
    _lock(user_id)
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


def _lock(user_id: int) -> None:
    # Two pages that use the same code, or set up two apps, wait for each other here.
    User.objects.select_for_update(no_key=True).get(pk=user_id)


def _add(user_id: int, kind: str, data: dict[str, object], *, at: datetime) -> None:
    Authenticator(user_id=user_id, type=kind, data=data, created_at=at).save(force_insert=True)


def _sealed(text: str) -> str:
    return seal(text.encode(), purpose=SECOND_FACTORS).decode("ascii")


def _unsealed(sealed: str) -> str:
    return unseal(sealed.encode("ascii"), purpose=SECOND_FACTORS).decode()

"""Authenticator apps: codes of six digits that change every 30 seconds, as RFC 6238 makes them."""

import base64
import hmac
import secrets
from datetime import UTC, datetime, timedelta

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

STEP = timedelta(seconds=30)
DIGITS = 6
TOLERATED = 1
"""Steps by which a phone's clock may be off, to either side."""
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class WrongSecondFactor(Refusal):
    kind = Kind.BAD_INPUT
    code = "wrong_second_factor"
    sentence = _(
        "That is not the code your app shows now. Nothing was changed. Please check that the clock of your phone is right, "
        "and type the code it shows."
    )
    field = "code"


class SecondFactorUsed(Refusal):
    kind = Kind.BAD_INPUT
    code = "second_factor_used"
    sentence = _(
        "This code was used already, and each works once. Nothing was changed. Please wait until your app shows the next one, "
        "and type that."
    )
    field = "code"


class AlreadySetUp(Refusal):
    kind = Kind.CONFLICT
    code = "second_factor_already_set_up"
    sentence = _(
        "A second factor is set up for you already, so nothing was changed. Please sign in again and use that one."
    )


class NotSetUp(Refusal):
    kind = Kind.CONFLICT
    code = "second_factor_not_set_up"
    sentence = _(
        "You have no second step any more, so nothing was changed. Please sign in again; you set one up there."
    )


def fresh_secret() -> str:
    """Return a new key of an app: 160 bits, as RFC 4226 wants them, in base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def step_at(at: datetime) -> int:
    """Return the number of the 30 seconds that `at` lies in."""
    return (at - BEGINNING) // STEP


def code_at(key: str, step: int) -> str:
    """Return the code of a step. The key is written in base32, as apps take it."""
    digest = hmac.digest(base64.b32decode(key), step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def signs_of(typed: str) -> str:
    """Return what was typed as codes are compared: without the spaces and hyphens that are there for reading."""
    return "".join(sign for sign in typed if sign not in " -\u00a0")


def is_shaped_like_one(typed: str) -> bool:
    """Return whether what was typed can be a code of an app at all; recovery codes are longer."""
    signs = signs_of(typed)
    return len(signs) == DIGITS and signs.isdigit()


def step_of_code(key: str, typed: str, *, at: datetime, used_up_to: int) -> int:
    """Return the step whose code was typed. `used_up_to` is the last one that was used: a code works once.

    Raises WrongSecondFactor and SecondFactorUsed.
    """
    now, digits = step_at(at), signs_of(typed).encode()
    # All of them, whichever fits: how long it takes tells nothing.
    fitting = [
        step
        for step in range(now - TOLERATED, now + TOLERATED + 1)
        if hmac.compare_digest(code_at(key, step).encode(), digits)
    ]
    if not fitting:
        raise WrongSecondFactor
    if max(fitting) <= used_up_to:
        raise SecondFactorUsed
    return max(fitting)

"""Recovery codes: ten of them, each of which takes the place of a second factor once."""

import hashlib
import secrets

from raincheck.domain.access.authenticator import signs_of
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

COUNT = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are read for another."""
HALF = 5
"""Letters on each side of the hyphen: together nearly 50 bits."""


class NoSuchRecoveryCode(Refusal):
    kind = Kind.BAD_INPUT
    code = "no_such_recovery_code"
    sentence = _(
        "That is neither the code your app shows now nor a recovery code that is left. Nothing was changed. "
        "Please check it and type it again."
    )
    field = "code"


def fresh_codes() -> list[str]:
    """Return ten new codes, as they are written down."""
    letters = [[secrets.choice(LETTERS) for _letter in range(2 * HALF)] for _code in range(COUNT)]
    return [f"{''.join(code[:HALF])}-{''.join(code[HALF:])}" for code in letters]


def print_of(codes: list[str]) -> str:
    """Return what shows that two sets of codes are the same, and tells neither."""
    return hashlib.sha256(" ".join(codes).encode()).hexdigest()


def left_after(codes: list[str], typed: str) -> list[str]:
    """Return the codes that are left once the one that was typed is used. Raises NoSuchRecoveryCode."""
    said = signs_of(typed).lower()
    found = [code for code in codes if secrets.compare_digest(signs_of(code).encode(), said.encode())]
    if not found:
        raise NoSuchRecoveryCode
    return [code for code in codes if code not in found]

"""Second factors: codes of authenticator apps as RFC 6238 makes them, recovery codes, and what a session lacks."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from raincheck.domain.access import authenticator, recovery_codes
from raincheck.domain.access.authenticator import SecondFactorUsed, WrongSecondFactor
from raincheck.domain.access.sign_in import Lack, Proof, SecondFactor, WayIn

# The key of the vectors in RFC 6238, appendix B.
KEY = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    # The vectors have eight digits; six are the last of them.
    assert authenticator.code_at(KEY, authenticator.step_at(at)) == code[-6:]


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def taken(typed: str, *, at: datetime = NOON, used_up_to: int = -1) -> int:
    return authenticator.step_of_code(KEY, typed, at=at, used_up_to=used_up_to)


def test_a_phone_may_be_half_a_minute_off_and_no_more() -> None:
    step = authenticator.step_at(NOON)
    codes = {off: authenticator.code_at(KEY, step + off) for off in range(-2, 3)}
    assert [taken(codes[off]) - step for off in (-1, 0, 1)] == [-1, 0, 1]
    for off in (-2, 2):
        with pytest.raises(WrongSecondFactor):
            taken(codes[off])


def test_a_code_is_typed_with_spaces_or_without() -> None:
    step = authenticator.step_at(NOON)
    code = authenticator.code_at(KEY, step)
    assert [taken(typed) for typed in (f"{code[:3]} {code[3:]}", f" {code[:3]}-{code[3:]} ")] == [step, step]


def test_a_code_works_once_and_so_do_those_before_it() -> None:
    step = authenticator.step_at(NOON)
    for used in (step, step + 1):
        with pytest.raises(SecondFactorUsed):
            taken(authenticator.code_at(KEY, step), used_up_to=used)
    assert taken(authenticator.code_at(KEY, step), used_up_to=step - 1) == step


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "12345é"])
def test_what_is_no_code_is_wrong(typed: str) -> None:
    with pytest.raises(WrongSecondFactor):
        taken(typed)


def test_keys_have_160_bits_and_are_never_the_same() -> None:
    keys = {authenticator.fresh_secret() for _time in range(100)}
    assert (len(keys), {len(base64.b32decode(key)) for key in keys}) == (100, {20})


def test_ten_recovery_codes_are_made_that_differ() -> None:
    codes = recovery_codes.fresh_codes()
    assert len(set(codes)) == 10
    assert {len(code) for code in codes} == {11}
    assert set("".join(codes)) <= set(recovery_codes.LETTERS + "-")


def test_a_recovery_code_works_once_however_it_is_typed() -> None:
    codes = recovery_codes.fresh_codes()
    left = recovery_codes.left_after(codes, codes[3].upper().replace("-", " "))
    assert left == codes[:3] + codes[4:]
    for typed in (codes[3], "", "-", "none-such"):
        with pytest.raises(recovery_codes.NoSuchRecoveryCode):
            recovery_codes.left_after(left, typed)


@pytest.mark.parametrize(
    ("proof", "in_practice", "in_demo"),
    [
        (Proof(WayIn.CODE), Lack.SIGN_IN, Lack.SIGN_IN),
        # Nobody proves a second factor after a mailed code; were it so, the code would still open nothing.
        (Proof(WayIn.CODE, SecondFactor.AUTHENTICATOR), Lack.SIGN_IN, Lack.SIGN_IN),
        (Proof(WayIn.PASSWORD), Lack.SECOND_FACTOR, None),
        (Proof(WayIn.PASSWORD, SecondFactor.AUTHENTICATOR), None, None),
        (Proof(WayIn.PASSWORD, SecondFactor.RECOVERY_CODE), None, None),
        (Proof(WayIn.DEMO), Lack.SIGN_IN, None),
    ],
)
def test_what_a_session_lacks_before_it_opens_the_practices_pages(
    proof: Proof, in_practice: Lack | None, in_demo: Lack | None
) -> None:
    assert (proof.lacks(demo=False), proof.lacks(demo=True)) == (in_practice, in_demo)

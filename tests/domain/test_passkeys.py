"""Rules of passkeys: at which addresses there can be any, how they are called, and what shows that one is a copy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from raincheck.domain.access.passkeys import (
    CHALLENGE_LIVES,
    NAME_LIMIT,
    NoPasskeysHere,
    PasskeyNameMissing,
    PasskeyNameTooLong,
    PasskeyRefused,
    PasskeyTooLate,
    counter_after,
    refuse_old_challenge,
    relying_party,
    sound_name,
)

AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
BY_NUMBER, IN_THE_CLEAR = NoPasskeysHere.ADDRESS_IS_A_NUMBER, NoPasskeysHere.NOT_ENCRYPTED


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://harbor.example", "harbor.example"),
        ("https://Harbor.Example:8443", "harbor.example"),
        ("http://localhost:8000", "localhost"),
        ("http://raincheck.localhost:8000", "raincheck.localhost"),
        ("http://127.0.0.1:8000", BY_NUMBER),
        ("https://192.0.2.7", BY_NUMBER),
        ("https://[2001:db8::1]:8000", BY_NUMBER),
        ("http://harbor.example", IN_THE_CLEAR),
        ("http://notlocalhost:8000", IN_THE_CLEAR),
    ],
)
def test_passkeys_are_bound_to_the_name_of_the_site(base_url: str, expected: object) -> None:
    assert relying_party(base_url) == expected


def test_a_name_is_what_was_typed_without_spaces_around_it() -> None:
    assert sound_name("  Blue   key ") == "Blue key"
    assert sound_name("x" * NAME_LIMIT) == "x" * NAME_LIMIT


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [("", PasskeyNameMissing), (" \t", PasskeyNameMissing), ("x" * 61, PasskeyNameTooLong)],
)
def test_a_passkey_has_a_name_of_at_most_60_characters(typed: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        sound_name(typed)


@pytest.mark.parametrize(("kept", "said"), [(0, 0), (0, 1), (1, 2), (7, 4_000_000_000)])
def test_a_count_of_signatures_goes_up_or_is_never_kept(kept: int, said: int) -> None:
    assert counter_after(kept, said) == said


@pytest.mark.parametrize(("kept", "said"), [(1, 0), (1, 1), (8, 7)])
def test_a_count_that_did_not_go_up_is_one_of_a_copy(kept: int, said: int) -> None:
    with pytest.raises(PasskeyRefused):
        counter_after(kept, said)


@pytest.mark.parametrize("used_up_to", [None, AT - timedelta(microseconds=1)])
def test_a_challenge_is_answered_within_five_minutes(used_up_to: datetime | None) -> None:
    refuse_old_challenge(AT, used_up_to=used_up_to, at=AT + CHALLENGE_LIVES)


@pytest.mark.parametrize(
    ("used_up_to", "after"),
    [
        (None, CHALLENGE_LIVES + timedelta(microseconds=1)),
        (AT, timedelta(seconds=1)),
        (AT + timedelta(seconds=1), timedelta(seconds=2)),
    ],
)
def test_a_challenge_is_answered_once_and_never_after_a_newer_one(
    used_up_to: datetime | None, after: timedelta
) -> None:
    with pytest.raises(PasskeyTooLate):
        refuse_old_challenge(AT, used_up_to=used_up_to, at=AT + after)

"""Sealed secrets: only this installation reads them, former keys still open them, and a lost key is a clear state."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from raincheck.data.encryption import DecryptionFailed, decrypt, encrypt

ADDRESS = "https://calendars.example/private-token/basic.ics"
OLD, NEW = "an old key " * 4, "a new key " * 4


def test_what_was_sealed_comes_back_and_is_never_sealed_the_same_way_twice() -> None:
    first, second = encrypt(ADDRESS), encrypt(ADDRESS)
    assert (decrypt(first), decrypt(second), first == second) == (ADDRESS, ADDRESS, False)
    assert "private-token" not in first


def test_nothing_stays_nothing() -> None:
    assert (encrypt(""), decrypt("")) == ("", "")


def test_a_former_key_still_opens_what_it_sealed(settings: LazySettings) -> None:
    settings.SECRET_KEY = OLD
    sealed = encrypt(ADDRESS)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert decrypt(sealed) == ADDRESS
    again = encrypt(ADDRESS)
    settings.SECRET_KEY_FALLBACKS = []
    assert decrypt(again) == ADDRESS


@pytest.mark.parametrize("sealed", ["gAAAA", "ü", None])
def test_what_nobody_can_open_any_more_says_so(settings: LazySettings, sealed: str | None) -> None:
    settings.SECRET_KEY = OLD
    kept = sealed or encrypt(ADDRESS)
    settings.SECRET_KEY = NEW
    with pytest.raises(DecryptionFailed):
        decrypt(kept)

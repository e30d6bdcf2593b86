"""Keys of forms: random, and telling when they were made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given, strategies as st

from raincheck.domain.idempotency import is_forgotten, key_made_at
from raincheck.domain.policy import KEYS_KEPT

MILLISECOND = timedelta(milliseconds=1)
MADE = st.datetimes(datetime(2020, 1, 1), datetime(2500, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # given its zone here


@given(MADE)
def test_a_key_is_forgotten_once_it_is_older_than_what_is_remembered(made: datetime) -> None:
    key = key_made_at(made)
    shown = made - (made - made.replace(microsecond=made.microsecond // 1000 * 1000))
    assert (is_forgotten(key, now=made), is_forgotten(key, now=shown + KEYS_KEPT)) == (False, False)
    assert is_forgotten(key, now=shown + KEYS_KEPT + MILLISECOND)


@given(MADE)
def test_keys_are_random_and_of_the_kind_that_tells_its_time(made: datetime) -> None:
    keys = [key_made_at(made) for _twenty in range(20)]
    assert len(set(keys)) == 20
    assert {(key.version, key.variant, key.int >> 80) for key in keys} == {
        (7, "specified in RFC 4122", keys[0].int >> 80)
    }
    assert all(UUID(str(key)) == key for key in keys)


def test_a_key_that_does_not_say_when_it_was_made_is_never_too_old() -> None:
    assert not is_forgotten(uuid4(), now=datetime(2500, 1, 1, tzinfo=UTC))

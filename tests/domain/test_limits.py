"""Limits on tries: some are free, then each wait is longer, and time gives tries back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from raincheck.domain.limits import (
    ENTRIES,
    NO_WAIT,
    Entry,
    Limit,
    Tries,
    counted,
    forgotten_at,
    is_beset,
    level_at,
    minutes,
    wait,
)

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LIMIT = Limit(free=3, refill=30 * MINUTE, first_wait=10 * SECOND, longest_wait=MINUTE)


def after(number: int, *, limit: Limit = LIMIT) -> Tries | None:
    """Return so many tries, made at once."""
    tries = None
    for _try in range(number):
        tries = counted(tries, limit, now=NOW)
    return tries


def test_some_tries_are_free_and_then_every_wait_is_twice_as_long() -> None:
    waits = [wait(after(number), LIMIT, now=NOW) for number in range(9)]
    assert waits == [NO_WAIT] * 3 + [seconds * SECOND for seconds in (10, 20, 40, 60, 60, 60)]


def test_the_wait_runs_from_the_last_try_and_ends_in_its_last_instant() -> None:
    tries = after(3)
    assert wait(tries, LIMIT, now=NOW + 4 * SECOND) == 6 * SECOND
    assert wait(tries, LIMIT, now=NOW + 10 * SECOND) == NO_WAIT


def test_time_gives_tries_back_one_by_one() -> None:
    tries = after(3)
    assert level_at(tries, LIMIT, now=NOW + 30 * MINUTE) == 2
    assert wait(counted(tries, LIMIT, now=NOW + 30 * MINUTE), LIMIT, now=NOW + 30 * MINUTE) == 10 * SECOND
    assert level_at(tries, LIMIT, now=NOW + 90 * MINUTE) == 0
    assert tries is not None
    assert forgotten_at(tries, LIMIT) == NOW + 90 * MINUTE


def test_tries_of_a_clock_that_was_ahead_shut_nobody_out() -> None:
    assert wait(after(9), LIMIT, now=NOW - MINUTE) == NO_WAIT


def test_ten_thousand_tries_wait_no_longer_than_the_longest() -> None:
    assert wait(Tries(10_000.0, NOW), LIMIT, now=NOW) == MINUTE


def test_every_way_in_always_leaves_a_network_its_first_try_at_an_account() -> None:
    for limits in ENTRIES.values():
        assert min(limits.here.free, limits.beset.free) >= 1
        assert is_beset(Tries(10_000.0, NOW), limits, now=NOW)
        assert wait(None, limits.beset, now=NOW) == NO_WAIT


def test_an_account_is_beset_only_while_it_is_tried() -> None:
    limits = ENTRIES[Entry.PASSWORD]
    tries = after(limits.everywhere.free, limit=limits.everywhere)
    assert is_beset(tries, limits, now=NOW)
    assert not is_beset(tries, limits, now=NOW + limits.everywhere.refill)


def test_a_wait_is_told_in_whole_minutes_and_never_as_none() -> None:
    assert [minutes(length) for length in (NO_WAIT, SECOND, MINUTE, MINUTE + SECOND)] == [1, 1, 1, 2]

"""Clocks that jump: noticed against the time since the machine was started, and trusted again in the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from raincheck.domain.timing.clock_sanity import SETTLED_AFTER, TOLERANCE, Reading, Watch, difference

NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
NONE = timedelta(0)


def reading(running: timedelta, *, set_by: timedelta = NONE) -> Reading:
    """Return what is read so long after NOW on a clock that was set ahead (or back) by so much."""
    return Reading(NOW + running + set_by, DAY + running)


STARTED = Watch(reading(NONE))


def seen(*readings: Reading) -> Watch:
    watch = STARTED
    for one in readings:
        watch = watch.after(one)
    return watch


@pytest.mark.parametrize("slept", [MINUTE, DAY])
def test_a_sleeping_machine_is_no_jump(slept: timedelta) -> None:
    assert seen(reading(slept)) == Watch(reading(slept))


@pytest.mark.parametrize("by", [2 * DAY, -2 * DAY, TOLERANCE + SECOND, -TOLERANCE - SECOND])
def test_a_clock_that_was_set_is_not_trusted_and_time_goes_on_as_if_it_had_not_been(by: timedelta) -> None:
    after = reading(MINUTE, set_by=by)
    watch = seen(after)
    assert watch.jumped == after
    assert watch.real_time(reading(2 * MINUTE, set_by=by)) == NOW + 2 * MINUTE


def test_five_seconds_are_no_jump_and_a_slow_correction_never_is() -> None:
    assert seen(reading(MINUTE, set_by=TOLERANCE)).jumped is None
    slewed = [reading(minutes * MINUTE, set_by=minutes * SECOND) for minutes in range(60)]
    assert seen(*slewed).jumped is None


def test_a_clock_that_is_back_is_trusted_at_once() -> None:
    back = reading(3 * MINUTE, set_by=SECOND)
    assert seen(reading(MINUTE, set_by=2 * DAY), back) == Watch(back)


def test_a_clock_that_stands_by_its_new_time_is_trusted_after_a_quarter_of_an_hour() -> None:
    by, first = 2 * DAY, MINUTE
    almost = [reading(first + count * MINUTE, set_by=by) for count in range(15)]
    assert seen(*almost).jumped == almost[0]
    settled = reading(first + SETTLED_AFTER, set_by=by)
    assert seen(*almost, settled) == Watch(settled)
    assert seen(*almost, settled).real_time(settled) == settled.real


def test_one_that_jumps_again_begins_to_settle_anew() -> None:
    once, twice = (reading(MINUTE, set_by=DAY), reading(10 * MINUTE, set_by=2 * DAY))
    late = reading(MINUTE + SETTLED_AFTER, set_by=2 * DAY)
    assert seen(once, twice, late) == Watch(STARTED.trusted, twice)
    assert seen(once, twice, late, reading(10 * MINUTE + SETTLED_AFTER, set_by=2 * DAY)).jumped is None


@pytest.mark.parametrize(
    ("theirs", "ahead"),
    [(0, 0), (3, 0), (10, 0), (13, 3), (-4, -4)],
    ids=["when asked", "while asking", "when answered", "after the answer", "before the question"],
)
def test_a_slow_answer_proves_no_difference(theirs: int, ahead: int) -> None:
    found = difference(NOW + theirs * SECOND, asked_at=NOW, answered_at=NOW + 10 * SECOND)
    assert found == ahead * SECOND

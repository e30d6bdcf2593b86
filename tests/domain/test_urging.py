"""More time and reminders by hand: when they are possible, and what they bring."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from raincheck.domain.policy import HOUR, Policy
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.lifecycle import NeedsProvider
from raincheck.domain.reschedule.urging import (
    AlreadyExtended,
    DeadlineHasPassed,
    MoreTimeSettlesNothing,
    NoRoomToExtend,
    NotArrivedYet,
    RemindedJustNow,
    RemindedTwice,
    Urged,
    extended,
    refuse_to_remind,
)

NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
POLICY = Policy()
OPEN = Urged(
    starts_at=NOW + 200 * HOUR,
    deadline_at=NOW + 5 * HOUR,
    handed_over_at=NOW - 43 * HOUR,
    needs_provider=None,
    extended_at=None,
    reminded_by_hand=0,
    reminded_by_hand_at=None,
)


def test_a_deadline_ahead_is_moved_from_itself_and_one_that_passed_from_now() -> None:
    passed = replace(OPEN, deadline_at=NOW - HOUR, needs_provider=NeedsProvider.DO_NOT_AUTO_CANCEL)
    assert [extended(one, 24 * HOUR, now=NOW, policy=POLICY) for one in (OPEN, passed)] == [
        NOW + 29 * HOUR,
        NOW + 24 * HOUR,
    ]


def test_an_extension_ends_at_the_lead_before_the_start_at_the_latest() -> None:
    just = replace(OPEN, starts_at=NOW + (5 + 12 + 2) * HOUR)
    assert extended(just, 12 * HOUR, now=NOW, policy=POLICY) == NOW + 17 * HOUR
    with pytest.raises(NoRoomToExtend):
        extended(replace(just, starts_at=just.starts_at - INSTANT), 12 * HOUR, now=NOW, policy=POLICY)


def test_an_extension_is_elapsed_time_whatever_the_clocks_do() -> None:
    clocks_go_back = datetime(2026, 10, 31, 21, tzinfo=ZoneInfo("America/New_York"))
    over_night = replace(OPEN, starts_at=clocks_go_back + timedelta(days=9), deadline_at=clocks_go_back)
    later = extended(over_night, 12 * HOUR, now=clocks_go_back - HOUR, policy=POLICY)
    assert later == datetime(2026, 11, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (replace(OPEN, extended_at=NOW - HOUR), AlreadyExtended),
        (replace(OPEN, needs_provider=NeedsProvider.RESTORED), MoreTimeSettlesNothing),
        (replace(OPEN, needs_provider=NeedsProvider.PROVIDER_LEFT), MoreTimeSettlesNothing),
    ],
    ids=lambda one: one.code if isinstance(one, type) else "",
)
def test_a_request_is_extended_once_and_only_where_that_settles_something(
    asked: Urged, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        extended(asked, 12 * HOUR, now=NOW, policy=POLICY)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (replace(OPEN, handed_over_at=None), NotArrivedYet),
        (replace(OPEN, deadline_at=NOW), DeadlineHasPassed),
        (replace(OPEN, reminded_by_hand=2, reminded_by_hand_at=NOW - 20 * HOUR), RemindedTwice),
        (
            replace(OPEN, reminded_by_hand=1, reminded_by_hand_at=NOW - 12 * HOUR + INSTANT),
            RemindedJustNow,
        ),
    ],
    ids=lambda one: one.code if isinstance(one, type) else "",
)
def test_nobody_is_reminded_of_nothing_or_too_often(asked: Urged, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        refuse_to_remind(asked, now=NOW)


def test_a_reminder_by_hand_may_go_out_at_once_and_again_after_twelve_hours() -> None:
    refuse_to_remind(OPEN, now=NOW)
    refuse_to_remind(replace(OPEN, reminded_by_hand=1, reminded_by_hand_at=NOW - 12 * HOUR), now=NOW)


def test_a_refusal_says_from_when_on_it_may_go_out_again() -> None:
    with pytest.raises(RemindedJustNow) as refused:
        refuse_to_remind(replace(OPEN, reminded_by_hand=1, reminded_by_hand_at=NOW), now=NOW + HOUR)
    assert refused.value.values == {"at": (NOW + 12 * HOUR).isoformat()}

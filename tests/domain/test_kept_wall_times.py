"""New zone rules: which time keeps a wall time, who is corrected together, and what becomes of a deadline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st
from tests.made_up_rules import made_up_rules

from raincheck.domain.policy import Policy
from raincheck.domain.reschedule.deadlines import moved_for_zone_rules
from raincheck.domain.spans import Span
from raincheck.domain.timing.zone_rules import (
    Move,
    kept_session,
    kept_time_off,
    moved_together,
    version_in_use,
)
from raincheck.domain.zones import local_time, zone_named, zone_names

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
POLICY = Policy()
ASKED = datetime(2026, 11, 16, 15, tzinfo=UTC)


def at(shown: str) -> datetime:
    return datetime.fromisoformat(shown)


def session(start: str) -> Span:
    return Span(at(start + "+00:00"), at(start + "+00:00") + 50 * MINUTE)


def test_the_version_is_that_of_the_database_and_sorts_by_age():
    assert "2026a" <= version_in_use() < "9999z"


def test_a_session_at_its_wall_time_stays():
    zone = zone_named("America/New_York")

    assert kept_session(session("2026-11-24T16:00"), at("2026-11-24T11:00"), zone=zone) is None


def test_a_session_follows_its_wall_time_with_its_length():
    zone = zone_named("America/New_York")

    assert kept_session(session("2026-11-24T15:00"), at("2026-11-24T11:00"), zone=zone) == session(
        "2026-11-24T16:00"
    )


@pytest.mark.parametrize("start", ["2026-11-01T05:30", "2026-11-01T06:30"])
def test_both_passes_of_a_repeated_time_are_that_time(start):
    zone = zone_named("America/New_York")

    assert kept_session(session(start), at("2026-11-01T01:30"), zone=zone) is None
    assert kept_session(session("2026-11-01T04:30"), at("2026-11-01T01:30"), zone=zone) == session(
        "2026-11-01T05:30"
    )


def test_a_skipped_time_is_the_instant_after_the_jump_and_stays_so():
    zone = zone_named("America/New_York")
    after = session("2026-03-08T07:00")

    assert kept_session(session("2026-03-08T07:30"), at("2026-03-08T02:30"), zone=zone) == after
    assert kept_session(after, at("2026-03-08T02:30"), zone=zone) is None


@given(
    st.sampled_from(sorted(zone_names())),
    st.datetimes(at("2026-01-01"), at("2028-12-31"), timezones=st.just(UTC)),
)
def test_nothing_moves_while_the_rules_stay(name, start):
    """Whatever is booked by the present rules is where they say, at changes too."""
    zone, span = zone_named(name), Span(start, start + 50 * MINUTE)
    first, last = (local_time(edge, zone=zone).wall for edge in (span.start, span.end))

    assert kept_session(span, first, zone=zone) is None
    assert kept_time_off(span, first, last, whole_days=False, zone=zone) is None


@given(
    st.datetimes(at("2026-11-01"), at("2026-12-31"), timezones=st.just(UTC)),
    st.integers(-12, 12),
    st.integers(1, 40),
)
def test_a_second_look_finds_nothing_to_correct(start, ahead, hours):
    zone = zone_named("America/New_York")
    span = Span(start, start + hours * HOUR)
    first, last = (local_time(edge, zone=zone).wall for edge in (span.start, span.end))
    with made_up_rules("America/New_York", ahead, on_20261115T0700=ahead + 1, on_20261201T0700=ahead - 1):
        new = zone_named("America/New_York")
        kept = kept_session(span, first, zone=new) or span
        blocked = kept_time_off(span, first, last, whole_days=False, zone=new) or span
        assert kept_session(kept, first, zone=new) is None
        assert kept_time_off(blocked, first, last, whole_days=False, zone=new) is None
        assert kept.length == span.length


def test_a_day_off_ends_with_its_day_where_midnight_comes_twice():
    zone = zone_named("Atlantic/Azores")  # 1:00 turns back to 0:00 on October 25, 2026
    day = Span(datetime(2026, 10, 24, 5, tzinfo=UTC), datetime(2026, 10, 25, 5, tzinfo=UTC))
    first, last = at("2026-10-24T00:00"), at("2026-10-25T00:00")

    whole = kept_time_off(day, first, last, whole_days=True, zone=zone)
    part = kept_time_off(day, first, last, whole_days=False, zone=zone)

    assert whole == Span(datetime(2026, 10, 24, 0, tzinfo=UTC), datetime(2026, 10, 25, 0, tzinfo=UTC))
    assert part == Span(datetime(2026, 10, 24, 0, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC))


def move(provider: int, client: int, former: str, hours: int, *, room: int | None = None) -> Move:
    span = session(former)
    return Move(provider, client, span, Span(span.start + hours * HOUR, span.end + hours * HOUR), room)


@pytest.mark.parametrize(
    ("moves", "together"),
    [
        ([], []),
        ([move(1, 1, "2026-11-24T15:00", 1), move(1, 2, "2026-11-24T16:00", 1)], [{1}]),
        ([move(1, 1, "2026-11-24T15:00", 1), move(2, 2, "2026-11-24T16:00", 1)], [{1}, {2}]),
        ([move(1, 1, "2026-11-24T15:00", 1), move(2, 1, "2026-11-24T16:00", 1)], [{1, 2}]),
        ([move(2, 1, "2026-11-24T16:00", -1), move(1, 1, "2026-11-24T15:00", -1)], [{1, 2}]),
        ([move(1, 1, "2026-11-24T15:00", 1), move(2, 1, "2026-11-25T16:00", 1)], [{1}, {2}]),
        (
            [
                move(3, 1, "2026-11-24T15:00", 1),
                move(2, 1, "2026-11-24T16:00", 1),
                move(2, 5, "2026-11-26T15:00", 1),
                move(1, 5, "2026-11-26T16:00", 1),
                move(4, 6, "2026-11-26T16:00", 1),
            ],
            [{1, 2, 3}, {4}],
        ),
    ],
)
def test_providers_are_together_when_a_shared_client_would_be_in_two_places(moves, together):
    assert moved_together(moves) == [frozenset(group) for group in together]


@pytest.mark.parametrize(
    ("moves", "together"),
    [
        ([move(1, 1, "2026-11-24T15:00", 1, room=7), move(2, 2, "2026-11-24T16:00", 1, room=7)], [{1, 2}]),
        ([move(1, 1, "2026-11-24T15:00", 1, room=7), move(2, 2, "2026-11-24T17:00", 1, room=7)], [{1}, {2}]),
        ([move(1, 1, "2026-11-24T15:00", 1, room=7), move(2, 2, "2026-11-24T16:00", 1, room=8)], [{1}, {2}]),
        (
            [
                move(3, 3, "2026-11-24T16:30", -1, room=7),
                move(2, 2, "2026-11-24T15:30", -1, room=7),
                move(1, 1, "2026-11-24T09:00", -1, room=7),
            ],
            [{1}, {2, 3}],
        ),
    ],
)
def test_providers_are_together_when_a_shared_room_would_hold_two_sessions(moves, together):
    assert moved_together(moves) == [frozenset(group) for group in together]


FORMER = ASKED + 100 * HOUR


@pytest.mark.parametrize(
    ("deadline", "shift", "becomes"),
    [
        (48, 1, 48),  # the answer window decided it
        (48, -1, 48),
        (98, 1, 99),  # the start had cut it short
        (98, -1, None),  # it may not come earlier, and not stay
        (97.5, -1, None),
        (97, -1, 97),  # just room
        (98, 0, 98),
    ],
)
def test_a_deadline_only_ever_comes_later_and_never_too_near_the_start(deadline, shift, becomes):
    asked_at = ASKED + 60 * HOUR if deadline > 90 else ASKED
    found = moved_for_zone_rules(
        ASKED + deadline * HOUR,
        asked_at=asked_at,
        former_start=FORMER,
        starts_at=FORMER + shift * HOUR,
        policy=POLICY,
    )

    assert found == (None if becomes is None else ASKED + becomes * HOUR)


def test_a_deadline_follows_a_later_start_within_the_answer_window_only():
    found = moved_for_zone_rules(
        ASKED + 47.5 * HOUR,
        asked_at=ASKED,
        former_start=ASKED + 49.5 * HOUR,
        starts_at=ASKED + 52.5 * HOUR,
        policy=POLICY,
    )

    assert found == ASKED + 48 * HOUR

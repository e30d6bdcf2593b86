"""The rules of a request: its endings, its deadline and what moves it, and when silence counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from raincheck.domain.policy import Policy
from raincheck.domain.reschedule.deadlines import (
    deadline_for,
    is_last_minute,
    latest_deadline,
    moved_for_hand_over,
    moved_for_word,
    whole_window,
)
from raincheck.domain.reschedule.endings import ending_of
from raincheck.domain.reschedule.lifecycle import (
    AlreadySettled,
    Event,
    NeedsProvider,
    State,
    TooLateToAsk,
    repeats_to_confirm,
)
from raincheck.domain.reschedule.silence import Due, OpenRequest, Silence, due, silence, silence_spares
from raincheck.domain.spans import Span

HOUR, MINUTE, INSTANT = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)
POLICY = Policy()


def session(start: datetime) -> Span:
    return Span(start, start + 50 * MINUTE)


ENDINGS = {
    Event.PICK: State.MOVED,
    Event.KEEP: State.KEPT,
    Event.DECLINE: State.DECLINED,
    Event.LAPSE: State.LAPSED,
    Event.WITHDRAW: State.WITHDRAWN,
    Event.UNDO: State.UNDONE,
    Event.SUPERSEDE: State.SUPERSEDED,
    Event.VOID: State.VOID,
}


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_an_open_request_has_eight_endings_and_an_ended_one_none(state: State, event: Event) -> None:
    if state is State.OPEN:
        assert ending_of(state, event).state is ENDINGS[event]
    else:
        with pytest.raises(AlreadySettled):
            ending_of(state, event)


@pytest.mark.parametrize(
    ("until_start", "window"),
    [
        (200 * HOUR, 48 * HOUR),
        (50 * HOUR + INSTANT, 48 * HOUR),
        (50 * HOUR, 48 * HOUR),
        (50 * HOUR - INSTANT, 48 * HOUR - INSTANT),
        (24 * HOUR, 22 * HOUR),
        (6 * HOUR, 4 * HOUR),
        (6 * HOUR - INSTANT, None),
        (2 * HOUR, None),
        (timedelta(0), None),
        (-HOUR, None),
    ],
)
def test_the_deadline_is_48_hours_away_or_2_hours_before_the_start(
    until_start: timedelta, window: timedelta | None
) -> None:
    """With less than four hours to answer nobody is asked."""
    appointment = session(NOW + until_start)
    if window is None:
        with pytest.raises(TooLateToAsk):
            deadline_for(appointment, asked_at=NOW, zone=NEW_YORK, policy=POLICY)
    else:
        assert deadline_for(appointment, asked_at=NOW, zone=NEW_YORK, policy=POLICY) == NOW + window


@pytest.mark.parametrize(
    ("policy", "until_start", "window"),
    [
        (Policy(answer_window=12 * HOUR), 200 * HOUR, 12 * HOUR),
        (Policy(answer_window=120 * HOUR), 200 * HOUR, 120 * HOUR),
        (Policy(lead=48 * HOUR), 200 * HOUR, 48 * HOUR),
        (Policy(lead=48 * HOUR), 60 * HOUR, 12 * HOUR),
        (Policy(lead=48 * HOUR), 52 * HOUR, 4 * HOUR),
        (Policy(lead=48 * HOUR), 52 * HOUR - INSTANT, None),
        (Policy(answer_window=120 * HOUR, lead=48 * HOUR), 100 * HOUR, 52 * HOUR),
    ],
)
def test_a_practice_has_its_own_window_and_lead(
    policy: Policy, until_start: timedelta, window: timedelta | None
) -> None:
    appointment = session(NOW + until_start)
    if window is None:
        with pytest.raises(TooLateToAsk):
            deadline_for(appointment, asked_at=NOW, zone=NEW_YORK, policy=policy)
    else:
        assert deadline_for(appointment, asked_at=NOW, zone=NEW_YORK, policy=policy) == NOW + window


@pytest.mark.parametrize(
    ("asked_at", "starts_at", "may_be_asked"),
    [
        # At 10 PM about 9 AM: the answer would be due at 7 AM, before anybody is up.
        ("2026-11-16 22:00", "2026-11-17 09:00", False),
        ("2026-11-16 21:00", "2026-11-17 13:59", False),
        ("2026-11-16 21:00", "2026-11-17 14:00", True),
        ("2026-11-16 19:00", "2026-11-17 11:59", False),
        ("2026-11-16 19:00", "2026-11-17 12:00", True),
        ("2026-11-16 05:00", "2026-11-16 13:59", False),
        ("2026-11-16 05:00", "2026-11-16 14:00", True),
        # Evenings count until nine, though the deadline lies in the night.
        ("2026-11-16 17:00", "2026-11-17 01:00", True),
        ("2026-11-16 17:01", "2026-11-17 01:00", False),
    ],
)
def test_the_shortest_window_counts_the_clients_waking_hours(
    asked_at: str, starts_at: str, may_be_asked: bool
) -> None:
    asked, start = (
        datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)
        for text in (asked_at, starts_at)
    )
    try:
        deadline_for(session(start), asked_at=asked, zone=NEW_YORK, policy=POLICY)
    except TooLateToAsk:
        assert not may_be_asked
    else:
        assert may_be_asked


def test_it_is_the_clients_clock_that_counts_not_the_practices() -> None:
    """At 10 PM in New York it is 7 PM in Los Angeles, and the answer is due at 7 AM there."""
    appointment = session(datetime(2026, 11, 17, 12, tzinfo=NEW_YORK).astimezone(UTC))
    late = datetime(2026, 11, 16, 20, tzinfo=NEW_YORK)
    with pytest.raises(TooLateToAsk):
        deadline_for(appointment, asked_at=late, zone=NEW_YORK, policy=POLICY)
    deadline = deadline_for(appointment, asked_at=late, zone=ZoneInfo("America/Los_Angeles"), policy=POLICY)
    assert deadline == datetime(2026, 11, 17, 10, tzinfo=NEW_YORK)


CLOCK_CHANGES = {
    "New York, spring": datetime(2027, 3, 13, 12, tzinfo=NEW_YORK),
    "New York, autumn": datetime(2026, 10, 31, 12, tzinfo=NEW_YORK),
    "Sydney, spring": datetime(2026, 10, 3, 12, tzinfo=ZoneInfo("Australia/Sydney")),
    "Sydney, autumn": datetime(2027, 4, 3, 12, tzinfo=ZoneInfo("Australia/Sydney")),
    "London, autumn": datetime(2026, 10, 24, 12, tzinfo=ZoneInfo("Europe/London")),
}


@pytest.mark.parametrize("asked_at", list(CLOCK_CHANGES.values()), ids=list(CLOCK_CHANGES))
def test_p16_48_hours_are_elapsed_hours_whatever_the_clocks_do(asked_at: datetime) -> None:
    """Whether the instant comes in UTC or in a zone whose clocks change meanwhile."""
    in_utc = asked_at.astimezone(UTC)
    appointment = session(in_utc + 200 * HOUR)
    for instant in (asked_at, in_utc):
        deadline = deadline_for(appointment, asked_at=instant, zone=NEW_YORK, policy=POLICY)
        assert deadline.astimezone(UTC) - in_utc == 48 * HOUR


@pytest.mark.parametrize("word_at", list(CLOCK_CHANGES.values()), ids=list(CLOCK_CHANGES))
def test_p16_the_24_hours_after_a_word_are_elapsed_hours(word_at: datetime) -> None:
    in_utc = word_at.astimezone(UTC)
    moved = moved_for_word(in_utc + HOUR, word_at=word_at, starts_at=in_utc + 200 * HOUR, policy=POLICY)
    assert moved.astimezone(UTC) - in_utc == 24 * HOUR


@pytest.mark.parametrize("asked_at", list(CLOCK_CHANGES.values()), ids=list(CLOCK_CHANGES))
def test_p16_a_late_hand_over_gives_back_elapsed_hours(asked_at: datetime) -> None:
    in_utc = asked_at.astimezone(UTC)
    handed_over_at = (in_utc + 30 * HOUR).astimezone(asked_at.tzinfo)
    moved = moved_for_hand_over(
        in_utc + 48 * HOUR,
        asked_at=asked_at,
        handed_over_at=handed_over_at,
        starts_at=in_utc + 200 * HOUR,
        policy=POLICY,
    )
    assert moved.astimezone(UTC) - in_utc == 78 * HOUR


@pytest.mark.parametrize(
    ("until_start", "is_last"),
    [(24 * HOUR, False), (24 * HOUR - INSTANT, True), (6 * HOUR, True), (100 * HOUR, False)],
)
def test_less_than_24_hours_is_last_minute(until_start: timedelta, is_last: bool) -> None:
    assert is_last_minute(session(NOW + until_start), asked_at=NOW, policy=POLICY) is is_last


def test_no_deadline_passes_the_lead() -> None:
    assert latest_deadline(NOW, policy=POLICY) == NOW - 2 * HOUR
    assert latest_deadline(NOW, policy=Policy(lead=48 * HOUR)) == NOW - 48 * HOUR


@pytest.mark.parametrize(
    ("delay", "until_start", "moved_by"),
    [
        (timedelta(0), 200 * HOUR, timedelta(0)),
        (5 * MINUTE, 200 * HOUR, timedelta(0)),
        (5 * MINUTE + INSTANT, 200 * HOUR, 5 * MINUTE + INSTANT),
        (3 * HOUR, 200 * HOUR, 3 * HOUR),
        (3 * HOUR, 53 * HOUR, 3 * HOUR),
        (3 * HOUR, 52 * HOUR, 2 * HOUR),
        (3 * HOUR, 50 * HOUR, timedelta(0)),
        (50 * HOUR, 200 * HOUR, 50 * HOUR),
    ],
)
def test_a_late_hand_over_moves_the_deadline_by_its_delay(
    delay: timedelta, until_start: timedelta, moved_by: timedelta
) -> None:
    """A delay of five minutes is none, and the lead before the start stays free."""
    moved = moved_for_hand_over(
        NOW + 48 * HOUR,
        asked_at=NOW,
        handed_over_at=NOW + delay,
        starts_at=NOW + until_start,
        policy=POLICY,
    )
    assert moved == NOW + 48 * HOUR + moved_by


@pytest.mark.parametrize(
    ("left", "until_start", "leaves"),
    [
        (40 * HOUR, 200 * HOUR, 40 * HOUR),
        (24 * HOUR, 200 * HOUR, 24 * HOUR),
        (24 * HOUR - INSTANT, 200 * HOUR, 24 * HOUR),
        (MINUTE, 200 * HOUR, 24 * HOUR),
        (-MINUTE, 200 * HOUR, 24 * HOUR),
        (MINUTE, 26 * HOUR, 24 * HOUR),
        (MINUTE, 26 * HOUR - INSTANT, 24 * HOUR - INSTANT),
        (MINUTE, 2 * HOUR + MINUTE, MINUTE),
        (MINUTE, HOUR, MINUTE),
        (-3 * HOUR, 2 * HOUR, -3 * HOUR),
        (-3 * HOUR, 2 * HOUR + INSTANT, INSTANT),
    ],
)
def test_a_word_leaves_24_hours_as_far_as_the_start_allows(
    left: timedelta, until_start: timedelta, leaves: timedelta
) -> None:
    """A deadline never moves back."""
    moved = moved_for_word(NOW + left, word_at=NOW, starts_at=NOW + until_start, policy=POLICY)
    assert moved == NOW + leaves


WAITING = OpenRequest(
    starts_at=NOW + 200 * HOUR,
    deadline_at=NOW,
    handed_over=True,
    do_not_auto_cancel=False,
    needs_provider=False,
    hold_keeps_until=None,
)
NOTHING, LAPSE = (Due.NOTHING, None), (Due.LAPSE, None)


def waits(why: NeedsProvider) -> tuple[Due, NeedsProvider]:
    return Due.WAIT_FOR_PROVIDER, why


@pytest.mark.parametrize(
    ("request_", "at", "brings"),
    [
        (WAITING, -HOUR, NOTHING),
        (WAITING, timedelta(0), NOTHING),
        (WAITING, MINUTE - INSTANT, NOTHING),
        (WAITING, MINUTE, LAPSE),
        (WAITING, 100 * HOUR, LAPSE),
        # A hold that began before the deadline keeps the request, and the grace begins when it ends.
        (replace(WAITING, hold_keeps_until=NOW + 4 * MINUTE), 5 * MINUTE - INSTANT, NOTHING),
        (replace(WAITING, hold_keeps_until=NOW + 4 * MINUTE), 5 * MINUTE, LAPSE),
        (replace(WAITING, hold_keeps_until=NOW - MINUTE), MINUTE, LAPSE),
        # What does not lapse.
        (replace(WAITING, handed_over=False), MINUTE - INSTANT, NOTHING),
        (replace(WAITING, handed_over=False), MINUTE, waits(NeedsProvider.NOT_HANDED_OVER)),
        (replace(WAITING, do_not_auto_cancel=True), MINUTE, waits(NeedsProvider.DO_NOT_AUTO_CANCEL)),
        (replace(WAITING, spared=True), MINUTE, waits(NeedsProvider.SPARED)),
        (
            replace(WAITING, spared=True, do_not_auto_cancel=True),
            MINUTE,
            waits(NeedsProvider.DO_NOT_AUTO_CANCEL),
        ),
        (
            replace(WAITING, handed_over=False, do_not_auto_cancel=True),
            MINUTE,
            waits(NeedsProvider.NOT_HANDED_OVER),
        ),
        (replace(WAITING, needs_provider=True), 100 * HOUR, NOTHING),
        # A lapse not done by half the lead before the start is not done.
        (replace(WAITING, starts_at=NOW + 2 * HOUR), HOUR - INSTANT, LAPSE),
        (replace(WAITING, starts_at=NOW + 2 * HOUR), HOUR, waits(NeedsProvider.SWEPT_TOO_LATE)),
        # At its start it is void, whatever else is true.
        (WAITING, 200 * HOUR - INSTANT, waits(NeedsProvider.SWEPT_TOO_LATE)),
        (WAITING, 200 * HOUR, (Due.VOID, None)),
        (replace(WAITING, needs_provider=True), 200 * HOUR - INSTANT, NOTHING),
        (replace(WAITING, needs_provider=True), 200 * HOUR, (Due.VOID, None)),
        (replace(WAITING, handed_over=False), 300 * HOUR, (Due.VOID, None)),
    ],
)
def test_what_the_passing_of_time_brings(
    request_: OpenRequest, at: timedelta, brings: tuple[Due, NeedsProvider | None]
) -> None:
    assert due(request_, now=NOW + at, policy=POLICY) == brings


@pytest.mark.parametrize(
    ("request_", "brings"),
    [
        (WAITING, Silence.CANCELS),
        (replace(WAITING, handed_over=False), Silence.ASKS_A_PERSON),
        (replace(WAITING, do_not_auto_cancel=True), Silence.ASKS_A_PERSON),
        (replace(WAITING, spared=True), Silence.ASKS_A_PERSON),
        (replace(WAITING, time_lost=True), Silence.ASKS_A_PERSON),
        (replace(WAITING, needs_provider=True), Silence.WAITS),
        (replace(WAITING, needs_provider=True, do_not_auto_cancel=True), Silence.WAITS),
    ],
)
def test_what_is_said_of_silence_is_what_it_brings(request_: OpenRequest, brings: Silence) -> None:
    assert silence(request_) is brings
    said = {
        Silence.CANCELS: Due.LAPSE,
        Silence.ASKS_A_PERSON: Due.WAIT_FOR_PROVIDER,
        Silence.WAITS: Due.NOTHING,
    }
    assert due(request_, now=NOW + MINUTE, policy=POLICY)[0] is said[brings]


@pytest.mark.parametrize(
    ("of_practice", "of_its_type", "marked", "needed", "spares"),
    [
        (True, None, False, False, False),
        (False, None, False, False, True),
        (True, False, False, False, True),
        (False, True, False, False, False),
        (True, True, True, False, True),
        (True, True, False, True, True),
    ],
)
def test_what_silence_does_is_said_by_the_mark_then_the_type_then_the_practice(
    of_practice: bool, of_its_type: bool | None, marked: bool, needed: bool, spares: bool
) -> None:
    found = silence_spares(
        do_not_auto_cancel=marked,
        needed=needed,
        of_its_type=of_its_type,
        policy=Policy(silence_cancels=of_practice),
    )
    assert found is spares


@pytest.mark.parametrize(
    ("reachable_until", "brings"), [(NOW - INSTANT, NOTHING), (NOW, LAPSE), (NOW + HOUR, LAPSE)]
)
def test_nothing_comes_of_a_deadline_after_the_last_sign_that_pages_could_be_opened(
    reachable_until: datetime, brings: tuple[Due, NeedsProvider | None]
) -> None:
    assert due(WAITING, now=NOW + MINUTE, policy=POLICY, reachable_until=reachable_until) == brings


def test_whoever_lost_time_to_an_outage_for_good_is_not_canceled_by_silence() -> None:
    request = replace(WAITING, time_lost=True)
    assert due(request, now=NOW + MINUTE, policy=POLICY) == waits(NeedsProvider.OUTAGE)


def test_half_of_a_long_lead_is_kept_free_of_lapses_too() -> None:
    policy = Policy(lead=48 * HOUR)
    request = replace(WAITING, starts_at=NOW + 48 * HOUR)
    assert due(request, now=NOW + 24 * HOUR - INSTANT, policy=policy) == LAPSE
    assert due(request, now=NOW + 24 * HOUR, policy=policy) == waits(NeedsProvider.SWEPT_TOO_LATE)


@pytest.mark.parametrize(("earlier", "must_confirm"), [(0, False), (1, True), (5, True)])
def test_from_the_second_ask_on_it_is_confirmed(earlier: int, must_confirm: bool) -> None:
    assert repeats_to_confirm(earlier) is must_confirm


def test_a_longer_lead_keeps_no_earlier_ask_from_its_ending() -> None:
    """The deadline was set two hours before the start; a lead of 48 hours counts for asks made under it."""
    request = replace(WAITING, starts_at=NOW + 2 * HOUR)
    assert due(request, now=NOW + MINUTE, policy=Policy(lead=48 * HOUR)) == LAPSE


@given(
    window=st.integers(12, 120),
    ahead=st.integers(3 * 60, 200 * 60),
    lead=st.integers(2, 48),
    asked=st.integers(0, 365 * 24 * 4),
    zone=st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Etc/GMT+12"]),
    later=st.integers(0, 12 * 60),
)
def test_the_practices_number_is_named_only_where_so_much_time_was_there(
    window: int, ahead: int, lead: int, asked: int, zone: str, later: int
) -> None:
    policy = replace(POLICY, answer_window=window * HOUR, lead=lead * HOUR)
    asked_at = (NOW + asked * 15 * MINUTE).astimezone(ZoneInfo(zone))
    start = asked_at.astimezone(UTC) + ahead * MINUTE
    try:
        deadline = deadline_for(session(start), asked_at=asked_at, zone=ZoneInfo(zone), policy=policy)
    except TooLateToAsk:
        return
    handed_over = asked_at.astimezone(UTC) + later * MINUTE
    moved = moved_for_hand_over(
        deadline, asked_at=asked_at, handed_over_at=handed_over, starts_at=start, policy=policy
    )
    for until, prompted in ((deadline, None), (moved, handed_over)):
        left = {until - asked_at.astimezone(UTC), until - (prompted or asked_at.astimezone(UTC))}
        named = whole_window(until, asked_at=asked_at, prompted_at=prompted, window=policy.answer_window)
        assert named == (policy.answer_window if policy.answer_window in left else None)
    # Where the start cut it short, no number is named, however the hand-over went.
    if deadline < asked_at.astimezone(UTC) + policy.answer_window:
        assert whole_window(deadline, asked_at=asked_at, window=policy.answer_window) is None


def test_a_start_that_is_near_leaves_the_instant_alone() -> None:
    asked_at, window = NOW, POLICY.answer_window
    near = deadline_for(session(NOW + 7 * HOUR), asked_at=asked_at, zone=NEW_YORK, policy=POLICY)
    far = deadline_for(session(NOW + 99 * HOUR), asked_at=asked_at, zone=NEW_YORK, policy=POLICY)
    assert [(at - NOW, whole_window(at, asked_at=asked_at, window=window)) for at in (near, far)] == [
        (5 * HOUR, None),
        (48 * HOUR, 48 * HOUR),
    ]

"""What a practice may set: types and places with sound values, rules in their ranges that do not contradict each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from raincheck.domain.appointments.lifecycle import PlaceKind, TypeKind
from raincheck.domain.people import NotAnEmail, NotAPhoneNumber
from raincheck.domain.policy import (
    RANGES,
    MarkNeverSeen,
    NoticeBeyondHorizon,
    Policy,
    RuleOutsideRange,
    ShortestAboveWindow,
    chosen_in,
    latest_ask,
    policy_from,
    refuse_unless_sound,
    with_lengths,
)
from raincheck.domain.practice import (
    BUFFERS,
    LENGTHS,
    BufferNotAllowed,
    LengthNotAllowed,
    NameMissing,
    NameTooLong,
    PhoneMissing,
    PlaceDetails,
    PracticeDetails,
    ReplyToMissing,
    RoomNeedsZone,
    TypeDetails,
    sound_details,
    sound_place,
    sound_type,
    sounds_clinical,
)
from raincheck.domain.refusals import Refusal
from raincheck.domain.zones import UnknownZone

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
FOLLOW_UP = TypeDetails(
    name="Follow-up",
    kind=TypeKind.FOLLOW_UP,
    length=50 * MINUTE,
    buffer_before=0 * MINUTE,
    buffer_after=10 * MINUTE,
)
ROOM = PlaceDetails(name="Room 2", kind=PlaceKind.ROOM, zone="America/New_York", address="48 Harbor Street")
HARBOR = PracticeDetails(
    name="Harbor Counseling",
    sender_name="Harbor",
    reply_to="front@harbor.example",
    phone="+1 212 555 0100",
    urgent_help="",
    zone="America/New_York",
)


def refused(refusal: pytest.ExceptionInfo[Refusal]) -> str | None:
    return refusal.value.field


@pytest.mark.parametrize("length", [5 * MINUTE, 7 * MINUTE, 8 * HOUR])
def test_a_session_lasts_five_minutes_to_eight_hours(length: timedelta) -> None:
    details = replace(FOLLOW_UP, length=length)
    assert sound_type(details) == details


@pytest.mark.parametrize("length", [0 * MINUTE, -HOUR, 4 * MINUTE, 50.5 * MINUTE, 8 * HOUR + MINUTE])
def test_no_other_length_is_allowed(length: timedelta) -> None:
    with pytest.raises(LengthNotAllowed):
        sound_type(replace(FOLLOW_UP, length=length))


@pytest.mark.parametrize("field", ["buffer_before", "buffer_after"])
@pytest.mark.parametrize("length", [-MINUTE, 0.5 * MINUTE, 2 * HOUR + MINUTE])
def test_quiet_time_is_at_most_two_hours(field: str, length: timedelta) -> None:
    with pytest.raises(BufferNotAllowed) as refusal:
        sound_type(replace(FOLLOW_UP, **{field: length}))  # type: ignore[arg-type]  # both fields are lengths
    assert refused(refusal) == field


def test_the_longest_type_with_its_quiet_time_fits_into_a_day() -> None:
    assert LENGTHS.most + 2 * BUFFERS.most <= timedelta(days=1)


@pytest.mark.parametrize(
    ("typed", "kept"), [("  Follow-up ", "Follow-up"), ("Follow\n\tup", "Follow up"), ("a\x00b", "a b")]
)
def test_a_name_is_one_line(typed: str, kept: str) -> None:
    assert sound_type(replace(FOLLOW_UP, name=typed)).name == kept


def test_a_name_is_there_and_not_too_long() -> None:
    for typed, refusal in (("", NameMissing), (" \x00 ", NameMissing), ("x" * 61, NameTooLong)):
        with pytest.raises(refusal):
            sound_type(replace(FOLLOW_UP, name=typed))
    assert sound_type(replace(FOLLOW_UP, name="x" * 60)).name == "x" * 60


def test_a_room_has_a_zone_and_telehealth_has_none() -> None:
    assert sound_place(ROOM) == ROOM
    assert sound_place(replace(ROOM, kind=PlaceKind.TELEHEALTH)) == PlaceDetails(
        name="Room 2", kind=PlaceKind.TELEHEALTH
    )
    with pytest.raises(RoomNeedsZone):
        sound_place(replace(ROOM, zone=""))
    with pytest.raises(UnknownZone):
        sound_place(replace(ROOM, zone="New York"))


@pytest.mark.parametrize(
    ("field", "value", "refusal"),
    [
        ("sender_name", "", NameMissing),
        ("name", "", NameMissing),
        ("name", "x" * 201, NameTooLong),
        ("sender_name", "The Harbor Street Offices", NameTooLong),
        ("reply_to", "", ReplyToMissing),
        ("reply_to", "front desk", NotAnEmail),
        ("phone", "", PhoneMissing),
        ("phone", "call us", NotAPhoneNumber),
        ("urgent_help", "x" * 301, NameTooLong),
        ("greeting", "x" * 161, NameTooLong),
        ("zone", "Harbor", UnknownZone),
    ],
)
def test_a_practices_details_are_refused_at_their_field(
    field: str, value: str, refusal: type[Refusal]
) -> None:
    assert sound_details(HARBOR) == HARBOR
    with pytest.raises(refusal) as said:
        sound_details(replace(HARBOR, **{field: value}))
    assert refused(said) == field


@pytest.mark.parametrize(
    ("name", "clinical"),
    [
        ("Harbor", False),
        ("Harbor Counseling", True),
        ("HARBOR MENTAL HEALTH", True),
        ("Dr. Reed's Office", False),
        ("Meeting Street", False),
        ("Reminders", False),
    ],
)
def test_a_senders_name_that_tells_too_much_is_noticed(name: str, clinical: bool) -> None:
    assert sounds_clinical(name) is clinical


def test_the_defaults_are_sound_and_so_is_each_end_of_a_range_beside_them() -> None:
    refuse_unless_sound(Policy())
    for name, allowed in RANGES.items():
        for length in (allowed.least, allowed.most):
            try:
                refuse_unless_sound(with_lengths(Policy(), {name: length}))
            except (MarkNeverSeen, ShortestAboveWindow, NoticeBeyondHorizon):
                assert (name, length) in {
                    ("lead", 48 * HOUR),
                    ("shortest_window", 24 * HOUR),
                    ("last_minute", 4 * HOUR),
                }


@pytest.mark.parametrize("name", sorted(RANGES))
def test_a_rule_outside_its_range_is_refused_by_name(name: str) -> None:
    for length in (RANGES[name].least - MINUTE, RANGES[name].most + MINUTE):
        with pytest.raises(RuleOutsideRange) as refusal:
            refuse_unless_sound(with_lengths(Policy(), {name: length}))
        assert refused(refusal) == name


def test_the_least_time_to_answer_fits_into_the_time_to_answer() -> None:
    policy = with_lengths(
        Policy(),
        {"answer_window": 12 * HOUR, "shortest_window": 12 * HOUR, "last_minute": 24 * HOUR},
    )
    refuse_unless_sound(policy)
    with pytest.raises(ShortestAboveWindow):
        refuse_unless_sound(replace(policy, shortest_window=13 * HOUR))


def test_a_last_minute_mark_can_be_reached_by_an_ask() -> None:
    policy = Policy(lead=48 * HOUR)
    assert latest_ask(policy) == 52 * HOUR
    refuse_unless_sound(replace(policy, last_minute=52 * HOUR))
    with pytest.raises(MarkNeverSeen):
        refuse_unless_sound(replace(policy, last_minute=52 * HOUR - MINUTE))


def test_the_notice_leaves_something_to_book() -> None:
    policy = Policy(horizon=timedelta(days=7))
    refuse_unless_sound(replace(policy, booking_notice=167 * HOUR))
    with pytest.raises(NoticeBeyondHorizon):
        refuse_unless_sound(replace(policy, booking_notice=168 * HOUR))


def test_only_what_differs_from_the_defaults_is_kept() -> None:
    policy = with_lengths(Policy(), {"lead": 3 * HOUR, "hold": 5 * MINUTE})
    assert chosen_in(policy) == {"lead": 10_800}
    assert policy_from(chosen_in(policy)) == policy

"""A practice's settings as verbs: what is kept, what the history says, and what stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.engine.test_promises import refused, sql

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.practice import (
    add_place,
    add_type,
    change_place,
    change_type,
    set_details,
    set_rules,
)
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.people import Practice
from raincheck.data.practice import PracticeHistory
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.slots import MARGIN
from raincheck.domain.appointments.lifecycle import PlaceKind, TypeKind
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.policy import LAPSE_GRACE, MarkNeverSeen, Policy, RuleOutsideRange
from raincheck.domain.practice import (
    BUFFERS,
    LENGTHS,
    KindIsFixed,
    PlaceDetails,
    PlaceGone,
    PlaceNameTaken,
    PracticeDetails,
    SettingsChangedMeanwhile,
    TypeDetails,
    TypeGone,
    TypeNameTaken,
)

HOUR = timedelta(hours=1)
BY = Actor(ActorKind.MANAGER, 7, request_id="abc")
LONGER = TypeDetails(
    name="Follow-up",
    kind=TypeKind.FOLLOW_UP,
    length=60 * MINUTES,
    buffer_before=0 * MINUTES,
    buffer_after=10 * MINUTES,
)
ROOM = PlaceDetails(name="Room 2", kind=PlaceKind.ROOM, zone="America/Chicago", address="48 Harbor Street")


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """The cast, in a practice that has chosen nothing."""
    cast.choose()
    return cast


def acted(verb: Callable[..., Answer]) -> Answer:
    return run_command(partial(verb, by=BY, now=NOW), key=None, body={}, by=BY, now=NOW)


def history() -> list[tuple[object, ...]]:
    rows = PracticeHistory.objects.order_by("pk")
    return list(rows.values_list("event", "actor_kind", "actor", "trace_id", "type", "place", "details"))


def set_type(cast: Cast, details: TypeDetails, *, seen: int = 0) -> Answer:
    return acted(
        partial(change_type, cast.follow_up.ref, practice_id=cast.practice.pk, details=details, seen=seen)
    )


def rules(cast: Cast, *, seen: int = 0, **lengths: timedelta) -> Answer:
    return acted(partial(set_rules, cast.practice.pk, rules=lengths, seen=seen))


def test_a_longer_type_counts_for_new_bookings_and_leaves_what_is_booked(cast: Cast) -> None:
    before = cast.booked()
    set_type(cast, LONGER)
    after = cast.booked(FRIDAY_AT_NINE)
    before.refresh_from_db()
    assert [row.ends_at - row.starts_at for row in (before, after)] == [50 * MINUTES, 60 * MINUTES]
    assert history() == [
        ("type_changed", "manager", 7, "abc", cast.follow_up.pk, None, {"length": [3000, 3600]})
    ]


def test_an_added_type_is_offered_and_its_words_stay_out_of_the_history(cast: Cast) -> None:
    details = TypeDetails(
        name="Couples",
        kind=TypeKind.FOLLOW_UP,
        length=80 * MINUTES,
        buffer_before=5 * MINUTES,
        buffer_after=15 * MINUTES,
    )
    answer = acted(partial(add_type, cast.practice.pk, details=details))
    row = AppointmentType.objects.get(ref=answer["type"])
    assert (
        row.practice,
        row.name,
        row.kind,
        row.length,
        row.buffer_before,
        row.buffer_after,
        row.offered,
    ) == (
        cast.practice,
        "Couples",
        "follow_up",
        80 * MINUTES,
        5 * MINUTES,
        15 * MINUTES,
        True,
    )
    said = {
        "kind": ["", "follow_up"],
        "length": ["", 4800],
        "buffer_before": ["", 300],
        "buffer_after": ["", 900],
        "words": ["name"],
    }
    assert history() == [("type_added", "manager", 7, "abc", row.pk, None, said)]


def test_two_types_or_places_of_a_practice_never_share_a_name(cast: Cast) -> None:
    with pytest.raises(TypeNameTaken):
        acted(partial(add_type, cast.practice.pk, details=TypeDetails(
            name="INTAKE", kind=TypeKind.INTAKE, length=HOUR, buffer_before=0 * HOUR, buffer_after=0 * HOUR
        )))  # fmt: skip
    with pytest.raises(TypeNameTaken):
        set_type(cast, TypeDetails(
            name="intake", kind=TypeKind.FOLLOW_UP, length=HOUR, buffer_before=0 * HOUR, buffer_after=0 * HOUR
        ))  # fmt: skip
    telehealth = PlaceDetails(name="telehealth", kind=PlaceKind.TELEHEALTH)
    with pytest.raises(PlaceNameTaken):
        acted(partial(add_place, cast.practice.pk, details=telehealth))
    assert history() == []


def test_the_kind_of_a_type_stays_once_it_is_booked(cast: Cast) -> None:
    as_intake = TypeDetails(
        name="Follow-up", kind=TypeKind.INTAKE, length=HOUR, buffer_before=0 * HOUR, buffer_after=0 * HOUR
    )
    cast.booked()
    with pytest.raises(KindIsFixed):
        set_type(cast, as_intake)
    assert AppointmentType.objects.get(pk=cast.follow_up.pk).kind == "follow_up"


def test_of_two_managers_the_second_is_told(cast: Cast) -> None:
    set_type(cast, LONGER)
    with pytest.raises(SettingsChangedMeanwhile):
        set_type(cast, LONGER)
    rules(cast, lead=3 * HOUR)
    with pytest.raises(SettingsChangedMeanwhile):
        rules(cast, lead=4 * HOUR)
    assert len(history()) == 2


def test_saving_what_is_so_already_leaves_no_trace(cast: Cast) -> None:
    set_type(cast, TypeDetails(
        name="Follow-up", kind=TypeKind.FOLLOW_UP, length=50 * MINUTES, buffer_before=0 * MINUTES, buffer_after=10 * MINUTES
    ))  # fmt: skip
    rules(cast, lead=2 * HOUR)
    assert history() == []


def test_a_place_keeps_its_kind_and_is_offered_no_more(cast: Cast) -> None:
    place = Place.objects.get(ref=acted(partial(add_place, cast.practice.pk, details=ROOM))["place"])
    closed = PlaceDetails(
        name="Room 2", kind=PlaceKind.TELEHEALTH, zone="America/New_York", address="1 Pier", offered=False
    )
    acted(partial(change_place, place.ref, practice_id=cast.practice.pk, details=closed, seen=1))
    place.refresh_from_db()
    assert (place.kind, place.zone, place.address, place.offered) == (
        "room",
        "America/New_York",
        "1 Pier",
        False,
    )
    assert history()[1][0::6] == (
        "place_changed",
        {"zone": ["America/Chicago", "America/New_York"], "offered": [True, False], "words": ["address"]},
    )


def test_what_belongs_to_another_practice_is_not_there(cast: Cast) -> None:
    about = {"practice_id": cast.elsewhere.pk, "seen": 0}
    with pytest.raises(TypeGone):
        acted(partial(change_type, cast.follow_up.ref, details=LONGER, **about))
    with pytest.raises(PlaceGone):
        acted(partial(change_place, cast.telehealth.ref, details=ROOM, **about))


def test_rules_are_kept_as_what_differs_and_the_history_has_both_numbers(cast: Cast) -> None:
    rules(cast, lead=3 * HOUR, booking_notice=24 * HOUR)
    rules(cast, lead=2 * HOUR, pick_notice=6 * HOUR, seen=1)
    practice = Practice.objects.get(pk=cast.practice.pk)
    assert (practice.policy, practice.rules) == ({"pick_notice": 21_600}, Policy(pick_notice=6 * HOUR))
    assert [row[0::6] for row in history()] == [
        ("rules_changed", {"lead": [7200, 10800]}),
        ("rules_changed", {"lead": [10800, 7200], "pick_notice": [43200, 21600]}),
    ]


def test_a_refused_rule_says_the_practices_numbers(cast: Cast) -> None:
    with pytest.raises(RuleOutsideRange) as outside:
        rules(cast, lead=HOUR)
    with pytest.raises(MarkNeverSeen) as unseen:
        rules(cast, lead=48 * HOUR)
    assert (outside.value.field, outside.value.values["least"], outside.value.values["most"]) == (
        "lead",
        "2 hours",
        "48 hours",
    )
    assert (unseen.value.values["latest_ask"], unseen.value.values["last_minute"]) == ("52 hours", "24 hours")
    assert Practice.objects.get(pk=cast.practice.pk).policy == {}


def test_details_are_kept_and_the_history_names_only_what_changed(cast: Cast) -> None:
    details = PracticeDetails(
        name=" Harbor\nStreet Offices ",
        sender_name="Harbor Street",
        reply_to="desk@harbor.example",
        phone="+1 212 555 0111",
        urgent_help="Call 999.",
        zone="America/Chicago",
        greeting=" Thank you for making\nthis work. ",
    )
    acted(partial(set_details, cast.practice.pk, details=details, seen=0))
    row = Practice.objects.get(pk=cast.practice.pk)
    assert (row.name, row.sender_name, row.reply_to, row.phone, row.urgent_help, row.zone, row.greeting) == (
        "Harbor Street Offices",
        "Harbor Street",
        "desk@harbor.example",
        "+1 212 555 0111",
        "Call 999.",
        "America/Chicago",
        "Thank you for making this work.",
    )
    assert history()[0][6] == {
        "words": ["name", "sender_name", "reply_to", "phone", "urgent_help", "greeting"],
        "zone": ["America/New_York", "America/Chicago"],
    }


def test_a_change_of_rules_never_moves_an_open_deadline(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    before = RescheduleRequest.objects.values(
        "deadline_at", "first_deadline_at", "remind_at", "last_minute"
    ).get()
    rules(cast, answer_window=12 * HOUR, lead=48 * HOUR, shortest_window=2 * HOUR, last_minute=120 * HOUR)
    sweep(now=request.deadline_at + LAPSE_GRACE - timedelta(seconds=1))
    after = RescheduleRequest.objects.values("deadline_at", "first_deadline_at", "last_minute").get()
    assert after == {name: before[name] for name in after}
    assert RescheduleRequest.objects.get().state == "open"


def test_an_open_request_ends_at_its_deadline_though_the_lead_became_longer(cast: Cast) -> None:
    """Asked about a session 20 hours ahead, the deadline is 2 hours before it: within half of the new lead."""
    at = TUESDAY_AT_ELEVEN - 20 * HOUR
    request = cast.asked(cast.booked(), now=at, last_minute_confirmed=True)
    RescheduleRequest.objects.update(handed_over_at=at)
    rules(cast, lead=48 * HOUR, last_minute=120 * HOUR)
    assert request.deadline_at == TUESDAY_AT_ELEVEN - 2 * HOUR
    assert sweep(now=request.deadline_at + LAPSE_GRACE)["request lapsed"] == 1


def test_every_allowed_type_is_seen_whole_by_the_question_of_open_times(cast: Cast) -> None:
    set_type(cast, TypeDetails(
        name="All day", kind=TypeKind.FOLLOW_UP, length=LENGTHS.most, buffer_before=BUFFERS.most, buffer_after=BUFFERS.most
    ))  # fmt: skip
    assert LENGTHS.most + 2 * BUFFERS.most <= MARGIN
    assert cast.booked(new_york(24, 9)).ends_at == new_york(24, 17)


@pytest.mark.parametrize("crime", ["UPDATE raincheck_practicehistory SET at = at", "DELETE FROM raincheck_practicehistory"])  # fmt: skip
def test_p15_the_history_of_a_practice_is_append_only(cast: Cast, crime: str) -> None:
    rules(cast, lead=3 * HOUR)
    with refused("the_history_is_append_only"):
        sql(crime)

"""Slots: each rule by itself, and the written-down workloads."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from raincheck.domain.availability.hours import Availability, availability_from
from raincheck.domain.policy import Policy
from raincheck.domain.slot_explanations.explain import explain, explain_wall_time, is_open
from raincheck.domain.slot_explanations.reasons import Explanation, NotOffered
from raincheck.domain.slots import (
    Question,
    Taken,
    last_start,
    open_slots,
    reach,
)
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named

NEW_YORK = zone_named("America/New_York")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WORKLOADS = json.loads((Path(__file__).parent / "data" / "workloads.json").read_text())


def daily(start: str, end: str, *places: str) -> Availability:
    window = {"start": start, "end": end, "places": list(places)}
    return availability_from({"weekly": [{"weekday": weekday, **window} for weekday in range(7)]})


def at(clock: str, *, day: int = 2) -> datetime:
    """An instant of March 2027 by New York's clock (five hours behind UTC until the 14th, four from then on)."""
    return datetime.fromisoformat(f"2027-03-{day:02}T{clock}").replace(tzinfo=NEW_YORK).astimezone(UTC)


def span(start: str, end: str, *, day: int = 2) -> Span:
    return Span(at(start, day=day), at(end, day=day))


def question(**changed: object) -> Question:
    """Dr. Okafor works from 9 to 13 on Tuesday, 2 March 2027; sessions of 50 minutes on the half hour."""
    parts = {
        "zone": NEW_YORK,
        "availability": daily("09:00", "13:00"),
        "within": Span(at("00:00"), at("00:00", day=3)),
        "length": 50 * MINUTE,
        "step": 30 * MINUTE,
    }
    return Question(**{**parts, **changed})


def offered(**changed: object) -> list[str]:
    return [start.astimezone(NEW_YORK).strftime("%H:%M") for start in open_slots(question(**changed))]


def reason(explanation: Explanation | None) -> NotOffered | None:
    return None if explanation is None else explanation.reason


ALL = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00"]


def all_but(*taken: str) -> list[str]:
    return [start for start in ALL if start not in taken]


def test_a_session_fits_wholly_inside_working_hours():
    assert offered() == ALL
    assert offered(length=60 * MINUTE) == ALL
    assert offered(length=61 * MINUTE) == all_but("12:00")
    assert offered(length=5 * HOUR) == []


def test_starts_are_in_utc_and_sorted():
    starts = open_slots(question(within=Span(at("00:00", day=13), at("00:00", day=16))))

    assert starts == sorted(starts)
    assert {start.tzinfo for start in starts} == {UTC}


@pytest.mark.parametrize(
    ("step", "starts"),
    [
        (60, ["10:00", "11:00", "12:00"]),
        (45, ["09:45", "10:30", "11:15", "12:00"]),
        (50, ["09:10", "10:00", "10:50", "11:40"]),
    ],
)
def test_the_grid_counts_from_local_midnight_not_from_the_start_of_the_hours(step, starts):
    assert offered(availability=daily("09:10", "13:00"), step=step * MINUTE) == starts


def test_the_grid_begins_anew_at_every_midnight():
    starts = open_slots(
        question(
            availability=daily("00:00", "24:00"),
            within=Span(at("21:00"), at("03:00", day=3)),
            length=50 * MINUTE,
            step=100 * MINUTE,
        )
    )

    assert starts == [at("21:40"), at("23:20"), at("00:00", day=3), at("01:40", day=3)]


def test_the_clock_grid_is_the_providers_even_where_the_zone_is_45_minutes_off():
    kathmandu = zone_named("Asia/Kathmandu")
    starts = open_slots(question(zone=kathmandu, step=60 * MINUTE, within=Span(at("00:00"), at("19:00"))))

    assert [start.strftime("%H:%M") for start in starts] == ["05:15", "06:15"]


def test_the_range_holds_its_start_and_not_its_end():
    assert offered(within=span("09:30", "10:30")) == ["09:30", "10:00"]


def test_a_session_may_run_past_the_end_of_the_range():
    assert offered(within=span("12:00", "12:01")) == ["12:00"]


def test_notice_and_horizon_hold_their_own_instant():
    assert offered(earliest_at=at("10:00"), latest_at=at("11:00")) == ["10:00", "10:30", "11:00"]
    assert offered(earliest_at=at("10:00") + timedelta(microseconds=1)) == [
        "10:30",
        "11:00",
        "11:30",
        "12:00",
    ]
    assert offered(latest_at=at("11:00") - timedelta(microseconds=1)) == ["09:00", "09:30", "10:00", "10:30"]
    assert offered(earliest_at=at("11:00"), latest_at=at("10:00")) == []
    assert offered(latest_at=at("00:00", day=1)) == []


def test_a_place_is_offered_only_in_its_hours():
    assert offered(availability=daily("09:00", "13:00", "room-1"), place="room-1") == ALL
    assert offered(availability=daily("09:00", "13:00", "room-1"), place="telehealth") == []


@pytest.mark.parametrize("kind", ["out_of_office", "busy", "client_appointments"])
def test_a_session_may_touch_taken_time_but_not_overlap_it(kind):
    assert offered(**{kind: (span("10:20", "11:00"),)}) == all_but("10:00", "10:30")
    assert offered(**{kind: (span("10:19", "11:01"),)}) == all_but("09:30", "10:00", "10:30", "11:00")


@pytest.mark.parametrize("kind", ["appointments", "holds"])
def test_a_session_may_touch_another_session_but_not_overlap_it(kind):
    assert offered(**{kind: (Taken(span("10:20", "11:00")),)}) == all_but("10:00", "10:30")
    assert offered(**{kind: (Taken(span("10:19", "11:01")),)}) == all_but("09:30", "10:00", "10:30", "11:00")


def test_odd_seconds_of_busy_time_count():
    second = timedelta(seconds=1)
    busy = Span(at("10:20") - timedelta(microseconds=1), at("11:00"))

    assert offered(busy=(busy,)) == all_but("09:30", "10:00", "10:30")
    assert offered(busy=(Span(at("10:20"), at("11:00") + second),)) == all_but("10:00", "10:30", "11:00")


def test_buffers_stay_free_of_busy_time_and_may_lie_outside_working_hours():
    buffers = {"buffer_before": 10 * MINUTE, "buffer_after": 20 * MINUTE}

    assert offered(**buffers) == ALL
    assert offered(**buffers, busy=(span("08:00", "08:50"),)) == ALL
    assert offered(**buffers, busy=(span("08:00", "08:51"),)) == all_but("09:00")
    assert offered(**buffers, busy=(span("13:10", "14:00"),)) == ALL
    assert offered(**buffers, busy=(span("13:09", "14:00"),)) == all_but("12:00")


@pytest.mark.parametrize("kind", ["out_of_office", "client_appointments"])
def test_buffers_may_lie_in_out_of_office_and_in_the_clients_own_appointments(kind):
    buffers = {"buffer_before": 30 * MINUTE, "buffer_after": 30 * MINUTE}

    assert offered(**buffers, **{kind: (span("10:20", "11:00"),)}) == all_but("10:00", "10:30")


@pytest.mark.parametrize("kind", ["appointments", "holds"])
@pytest.mark.parametrize(
    ("ours", "theirs", "gap"),
    [(0, 0, 0), (10, 0, 10), (0, 10, 10), (10, 10, 10), (10, 25, 25), (25, 10, 25), (15, 5, 15)],
)
def test_of_two_neighbouring_buffers_the_larger_counts_not_the_sum(kind, ours, theirs, gap):
    """The other session is from 10:30 to 11:30; `gap` is what must lie between it and a session on either side."""
    other = Taken(span("10:30", "11:30"), before=theirs * MINUTE, after=theirs * MINUTE)
    parts = {
        kind: (other,),
        "buffer_before": ours * MINUTE,
        "buffer_after": ours * MINUTE,
        "step": 5 * MINUTE,
    }
    starts = offered(**parts)

    before, after = (at("10:30") - gap * MINUTE - 50 * MINUTE), (at("11:30") + gap * MINUTE)
    around = [start for start in starts if "09:00" < start < "12:10"]
    assert max(start for start in around if start < "10:30") == before.astimezone(NEW_YORK).strftime("%H:%M")
    assert min(start for start in around if start > "10:30") == after.astimezone(NEW_YORK).strftime("%H:%M")


def test_before_meets_after_and_after_meets_before():
    other = Taken(span("10:30", "11:30"), before=5 * MINUTE, after=20 * MINUTE)
    ours = {"buffer_before": 30 * MINUTE, "buffer_after": 10 * MINUTE, "step": 5 * MINUTE}
    starts = offered(appointments=(other,), **ours)

    assert max(start for start in starts if start < "10:30") == "09:30"  # 50 minutes, then our 10 after
    assert min(start for start in starts if start > "10:30") == "12:00"  # our 30 before


def test_a_request_never_offers_a_start_that_overlaps_its_asked_time():
    assert offered(asked=span("10:30", "11:20"), buffer_after=30 * MINUTE) == all_but(
        "10:00", "10:30", "11:00"
    )


def test_overlapping_obstacles_close_what_each_closes():
    busy = (span("09:00", "11:00"), span("09:10", "09:20"), span("10:30", "11:10"), span("11:10", "11:30"))

    assert offered(busy=busy) == ["11:30", "12:00"]


def test_busy_time_without_end_closes_everything():
    forever = Span(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC))

    assert offered(busy=(forever,), buffer_before=HOUR, buffer_after=HOUR) == []
    assert reason(explain(question(busy=(forever,), buffer_after=HOUR), at("09:00"))) == NotOffered.BUSY


def test_skipped_times_are_never_offered():
    night = {
        "availability": daily("00:00", "06:00"),
        "within": Span(at("00:00", day=14), at("00:00", day=15)),
    }

    assert offered(**night) == [
        "00:00",
        "00:30",
        "01:00",
        "01:30",
        "03:00",
        "03:30",
        "04:00",
        "04:30",
        "05:00",
    ]


def test_repeated_times_are_offered_once_the_first():
    starts = open_slots(
        question(
            availability=daily("00:00", "03:00"),
            within=Span(datetime(2027, 11, 7, 4, tzinfo=UTC), datetime(2027, 11, 8, 4, tzinfo=UTC)),
        )
    )

    assert [start.strftime("%H:%M") for start in starts] == ["04:00", "04:30", "05:00", "05:30", "07:00"]


def test_a_repeated_time_whose_first_pass_is_taken_is_not_offered_at_all():
    starts = open_slots(
        question(
            availability=daily("00:00", "03:00"),
            within=Span(datetime(2027, 11, 7, 4, tzinfo=UTC), datetime(2027, 11, 8, 4, tzinfo=UTC)),
            busy=(Span(datetime(2027, 11, 7, 5, tzinfo=UTC), datetime(2027, 11, 7, 6, tzinfo=UTC)),),
        )
    )

    assert [start.strftime("%H:%M") for start in starts] == ["04:00", "07:00"]


def test_a_range_inside_a_second_pass_offers_nothing():
    second_pass = Span(datetime(2027, 11, 7, 6, tzinfo=UTC), datetime(2027, 11, 7, 7, tzinfo=UTC))

    assert offered(availability=daily("00:00", "24:00"), within=second_pass) == []


@pytest.mark.parametrize(
    ("clock", "changed", "why"),
    [
        ("10:00", {}, None),
        ("10:00", {"within": span("10:30", "11:00")}, NotOffered.OUTSIDE_RANGE),
        ("10:00", {"within": span("09:00", "10:00")}, NotOffered.OUTSIDE_RANGE),
        ("10:00", {"earliest_at": at("10:01")}, NotOffered.NOTICE),
        ("10:00", {"latest_at": at("09:59")}, NotOffered.HORIZON),
        ("10:01", {}, NotOffered.OFF_GRID),
        ("10:00:01", {}, NotOffered.OFF_GRID),
        ("10:00:00.000001", {}, NotOffered.OFF_GRID),
        ("08:30", {}, NotOffered.OUTSIDE_HOURS),
        ("12:30", {}, NotOffered.OUTSIDE_HOURS),
        (
            "10:00",
            {"availability": daily("09:00", "13:00", "room-1"), "place": "room-2"},
            NotOffered.OTHER_PLACE,
        ),
        (
            "08:30",
            {"availability": daily("09:00", "13:00", "room-1"), "place": "room-2"},
            NotOffered.OUTSIDE_HOURS,
        ),
        ("10:00", {"out_of_office": (span("10:30", "11:00"),)}, NotOffered.OUT_OF_OFFICE),
        ("10:00", {"asked": span("10:30", "11:20")}, NotOffered.ASKED_TIME),
        ("10:00", {"appointments": (Taken(span("10:30", "11:20")),)}, NotOffered.APPOINTMENT),
        ("10:00", {"appointments": (Taken(span("11:00", "12:00"), before=11 * MINUTE),)}, NotOffered.BUFFER),
        ("10:00", {"holds": (Taken(span("10:30", "11:20")),)}, NotOffered.HOLD),
        ("10:00", {"holds": (Taken(span("09:00", "09:50"), after=11 * MINUTE),)}, NotOffered.BUFFER),
        ("10:00", {"busy": (span("10:30", "11:20"),)}, NotOffered.BUSY),
        ("10:00", {"busy": (span("11:00", "11:20"),), "buffer_after": 11 * MINUTE}, NotOffered.BUFFER),
        ("10:00", {"client_appointments": (span("10:30", "11:20"),)}, NotOffered.CLIENT_APPOINTMENT),
    ],
)
def test_a_start_that_is_not_offered_has_its_reason(clock, changed, why):
    asked = question(**changed)

    assert reason(explain(asked, at(clock))) == why
    assert is_open(asked, at(clock)) == (why is None) == (at(clock) in open_slots(asked))


def test_what_the_session_itself_meets_is_named_before_what_its_buffers_meet():
    near, in_it = Taken(span("11:00", "12:00")), span("10:20", "10:30")
    asked = question(appointments=(near,), busy=(in_it,), buffer_after=30 * MINUTE)

    assert reason(explain(asked, at("10:00"))) == NotOffered.BUSY


def test_the_second_pass_of_a_repeated_time_has_its_reason():
    asked = question(
        availability=daily("00:00", "24:00"),
        within=Span(datetime(2027, 11, 7, tzinfo=UTC), datetime(2027, 11, 8, tzinfo=UTC)),
    )

    assert explain(asked, datetime(2027, 11, 7, 5, 30, tzinfo=UTC)) is None
    assert reason(explain(asked, datetime(2027, 11, 7, 6, 30, tzinfo=UTC))) == NotOffered.REPEATED


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        ("2027-03-14T02:30", NotOffered.SKIPPED),
        ("2027-03-14T02:00", NotOffered.SKIPPED),
        ("2027-03-14T03:00", None),
        ("2027-03-14T03:10", NotOffered.OFF_GRID),
    ],
)
def test_a_skipped_wall_time_has_its_reason(shown, why):
    asked = question(
        availability=daily("00:00", "24:00"), within=Span(at("00:00", day=14), at("00:00", day=15))
    )

    assert reason(explain_wall_time(asked, datetime.fromisoformat(shown))) == why


def test_the_horizon_of_a_request_is_at_least_30_days_past_its_asked_time():
    now, policy = at("09:00"), Policy()

    assert last_start(now=now, policy=policy) == now + 60 * DAY
    assert last_start(now=now, policy=policy, asked_at=now + 29 * DAY) == now + 60 * DAY
    assert last_start(now=now, policy=policy, asked_at=now + 40 * DAY) == now + 70 * DAY


def test_reach_is_the_range_with_the_last_session_and_its_buffers():
    within = span("09:00", "10:00")

    assert reach(within, length=50 * MINUTE, buffer_before=5 * MINUTE, buffer_after=HOUR) == span(
        "08:55", "11:50"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"length": timedelta()},
        {"length": 50.5 * timedelta(seconds=1)},
        {"buffer_before": -MINUTE},
        {"buffer_after": -MINUTE},
        {"buffer_after": timedelta(microseconds=1)},
        {"step": timedelta()},
        {"step": timedelta(seconds=90)},
        {"step": 25 * HOUR},
    ],
    ids=str,
)
def test_a_question_without_sense_is_an_error(wrong):
    with pytest.raises(ValueError, match=r"length|grid"):
        question(**wrong)


@pytest.mark.parametrize("workload", WORKLOADS["workloads"], ids=lambda workload: workload["id"])
def test_the_workloads_give_the_written_slots(workload):
    """Checksums of every provider's starts, as the file states them."""
    common = WORKLOADS["common"]
    found = {}
    for provider in workload["providers"]:
        starts = open_slots(
            Question(
                zone=zone_named(common["timezone"]),
                availability=availability_from({"weekly": common["weekly_hours"]}),
                within=_span(workload["range"]),
                length=common["duration_min"] * MINUTE,
                step=common["step_min"] * MINUTE,
                earliest_at=datetime.fromisoformat(common["now"]) + common["min_notice_min"] * MINUTE,
                busy=tuple(map(_span, provider["busy"])),
            )
        )
        text = "\n".join(start.strftime("%Y-%m-%dT%H:%M:%SZ") for start in starts)
        found[provider["id"]] = (len(starts), hashlib.sha256(text.encode()).hexdigest())

    assert found == {
        provider["id"]: (provider["expected_count"], provider["expected_sha256"])
        for provider in workload["providers"]
    }


def _span(stored: dict[str, str]) -> Span:
    return Span(datetime.fromisoformat(stored["start"]), datetime.fromisoformat(stored["end"]))

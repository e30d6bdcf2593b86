"""Explanations: every reason with its whole sentence and what it names, on Dr. Okafor's Tuesday, 2 March 2027."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from raincheck.cli.slots import PlainEnglish
from raincheck.domain.availability.hours import Availability, availability_from
from raincheck.domain.slot_explanations.explain import explain, explain_each, explain_wall_time
from raincheck.domain.slot_explanations.reasons import Explanation, Known, NotOffered, Obstacle
from raincheck.domain.slot_explanations.sentences import SENTENCES, sentence_for, variant
from raincheck.domain.slots import Question, Taken
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named

NEW_YORK = zone_named("America/New_York")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TUESDAY = 1


def hours(*windows: tuple[str, str], place: str | None = None, weekday: int = TUESDAY) -> Availability:
    places = [place] if place else []
    return availability_from(
        {
            "weekly": [
                {"weekday": weekday, "start": start, "end": end, "places": places} for start, end in windows
            ]
        }
    )


def at(clock: str, *, day: int = 2, month: int = 3) -> datetime:
    shown = datetime.fromisoformat(f"2027-{month:02}-{day:02}T{clock}")
    return shown.replace(tzinfo=NEW_YORK).astimezone(UTC)


def span(start: str, end: str, *, day: int = 2, until: int | None = None) -> Span:
    return Span(at(start, day=day), at(end, day=until or day))


def question(**changed: object) -> Question:
    """Hours from 9 to 12 and 1 to 5; sessions of 50 minutes on the half hour with 10 minutes after them."""
    parts: Mapping[str, object] = {
        "zone": NEW_YORK,
        "availability": hours(("09:00", "12:00"), ("13:00", "17:00")),
        "within": Span(at("00:00", day=1), at("00:00", day=31)),
        "length": 50 * MINUTE,
        "step": 30 * MINUTE,
        "buffer_after": 10 * MINUTE,
    }
    return Question(**{**parts, **changed})  # type: ignore[arg-type]


TWO = span("14:00", "14:50")
LUNCH = span("14:00", "15:00")
RILEY = {NotOffered.APPOINTMENT: "Riley Brooks", NotOffered.HOLD: "Riley Brooks", NotOffered.BUSY: "Work"}


def named(taken: Span) -> dict[tuple[NotOffered, Span], str]:
    return {(kind, taken): name for kind, name in RILEY.items()}


CASES = [
    ("10:00", {"within": span("11:00", "12:00")}, "outside_range", "Outside the dates that were looked at."),
    (
        "10:00",
        {"earliest_at": at("11:30"), "known": Known(notice=24 * HOUR)},
        "notice",
        "Too soon: the minimum notice is 24 hours. Times from Tue, Mar 2, 11:30 AM on can be booked.",
    ),
    (
        "10:00",
        {"earliest_at": at("11:30")},
        "notice.unknown",
        "Too soon: times from Tue, Mar 2, 11:30 AM on can be booked.",
    ),
    (
        "10:00",
        {"earliest_at": at("11:30"), "known": Known(notice=HOUR)},
        "notice.past",
        "This time has passed.",
    ),
    (
        "10:00",
        {"latest_at": at("09:15"), "known": Known(horizon=60 * DAY)},
        "horizon",
        "Too far ahead: times are offered for 60 days, up to Tue, Mar 2, 9:15 AM.",
    ),
    (
        "10:00",
        {"latest_at": at("09:15")},
        "horizon.unknown",
        "Too far ahead: times are offered up to Tue, Mar 2, 9:15 AM.",
    ),
    (
        "10:10",
        {},
        "off_grid",
        "Sessions can't start at 10:10 AM: they start every 30 minutes, counted from midnight.",
    ),
    ("08:00", {}, "outside_hours", "Outside working hours (Tuesday 9:00 AM–12:00 PM, 1:00 PM–5:00 PM)."),
    ("08:00", {"availability": hours()}, "outside_hours.none", "No working hours on this Tuesday."),
    (
        "11:30",
        {},
        "outside_hours.end",
        "A session of 50 minutes does not fit before working hours end at 12:00 PM.",
    ),
    (
        "10:00",
        {"availability": hours(("09:00", "17:00"), place="room-1"), "place": "telehealth"},
        "other_place.none",
        "No working hours at this place on this Tuesday.",
    ),
    (
        "10:00",
        {"out_of_office": (span("00:00", "00:00", until=3),)},
        "out_of_office",
        "Out of office, Tue, Mar 2, all day.",
    ),
    (
        "10:00",
        {"out_of_office": (span("10:30", "13:00"),)},
        "out_of_office",
        "Out of office, 10:30 AM–1:00 PM.",
    ),
    (
        "10:00",
        {"out_of_office": (span("00:00", "00:00", day=1, until=6),)},
        "out_of_office",
        "Out of office, Mon, Mar 1 to Fri, Mar 5.",
    ),
    (
        "10:00",
        {"out_of_office": (span("15:00", "12:00", day=1, until=3),)},
        "out_of_office",
        "Out of office, Mon, Mar 1, 3:00 PM to Wed, Mar 3, 12:00 PM.",
    ),
    ("14:00", {"asked": TWO}, "asked_time", "Overlaps the time that was asked about, 2:00 PM–2:50 PM."),
    ("14:30", {"appointments": (Taken(TWO),)}, "appointment", "Appointment at 2:00 PM."),
    (
        "13:30",
        {"appointments": (Taken(TWO),), "known": Known(named(TWO))},
        "appointment.named",
        "Appointment with Riley Brooks at 2:00 PM.",
    ),
    ("14:00", {"holds": (Taken(TWO),)}, "hold", "Held for someone else, 2:00 PM–2:50 PM."),
    (
        "14:00",
        {"holds": (Taken(TWO),), "known": Known(held_until={TWO: at("10:05")})},
        "hold.until",
        "Held for someone else until 10:05 AM.",
    ),
    (
        "14:00",
        {"holds": (Taken(TWO),), "known": Known(named(TWO))},
        "hold.named",
        "Held for Riley Brooks, 2:00 PM–2:50 PM.",
    ),
    (
        "14:00",
        {"holds": (Taken(TWO),), "known": Known(named(TWO), {TWO: at("10:05")})},
        "hold.named.until",
        "Held for Riley Brooks until 10:05 AM.",
    ),
    ("14:00", {"busy": (LUNCH,)}, "busy", "Busy in the provider's calendar, 2:00 PM–3:00 PM."),
    (
        "14:00",
        {"busy": (LUNCH,), "known": Known(named(LUNCH))},
        "busy.named",
        "Busy in the calendar “Work”, 2:00 PM–3:00 PM.",
    ),
    (
        "14:00",
        {"client_appointments": (LUNCH,)},
        "client_appointment",
        "The client has another appointment, 2:00 PM–3:00 PM.",
    ),
    (
        "15:00",
        {"appointments": (Taken(TWO, after=15 * MINUTE),)},
        "buffer.after.appointment",
        "Buffer of 15 minutes after the 2:00 PM appointment.",
    ),
    (
        "13:00",
        {"appointments": (Taken(TWO, before=15 * MINUTE),)},
        "buffer.before.appointment",
        "Buffer of 15 minutes before the 2:00 PM appointment.",
    ),
    (
        "15:00",
        {"appointments": (Taken(TWO, after=15 * MINUTE),), "known": Known(named(TWO))},
        "buffer.after.appointment.named",
        "Buffer of 15 minutes after the appointment with Riley Brooks at 2:00 PM.",
    ),
    (
        "13:00",
        {"appointments": (Taken(TWO, before=15 * MINUTE),), "known": Known(named(TWO))},
        "buffer.before.appointment.named",
        "Buffer of 15 minutes before the appointment with Riley Brooks at 2:00 PM.",
    ),
    (
        "15:00",
        {"holds": (Taken(TWO, after=15 * MINUTE),)},
        "buffer.after.hold",
        "Buffer of 15 minutes after a held time, 2:00 PM–2:50 PM.",
    ),
    (
        "13:00",
        {"holds": (Taken(TWO, before=15 * MINUTE),)},
        "buffer.before.hold",
        "Buffer of 15 minutes before a held time, 2:00 PM–2:50 PM.",
    ),
    (
        "15:00",
        {"busy": (LUNCH,), "buffer_before": 5 * MINUTE},
        "buffer.after.busy",
        "Buffer of 5 minutes after busy time in the provider's calendar, 2:00 PM–3:00 PM.",
    ),
    (
        "14:00",
        {"room": (LUNCH,), "buffer_after": 15 * MINUTE},
        "room",
        "Another provider has the room, 2:00 PM–3:00 PM.",
    ),
    (
        "09:00",
        {"same_day_as": (LUNCH,)},
        "same_day",
        "The client already has a session on this day, 2:00 PM–3:00 PM.",
    ),
    (
        "13:00",
        {"busy": (LUNCH,), "buffer_after": 15 * MINUTE},
        "buffer.before.busy",
        "Buffer of 15 minutes before busy time in the provider's calendar, 2:00 PM–3:00 PM.",
    ),
    (
        "15:00",
        {"busy": (LUNCH,), "buffer_before": 5 * MINUTE, "known": Known(named(LUNCH))},
        "buffer.after.busy.named",
        "Buffer of 5 minutes after busy time in the calendar “Work”, 2:00 PM–3:00 PM.",
    ),
    (
        "13:00",
        {"busy": (LUNCH,), "buffer_after": 15 * MINUTE, "known": Known(named(LUNCH))},
        "buffer.before.busy.named",
        "Buffer of 15 minutes before busy time in the calendar “Work”, 2:00 PM–3:00 PM.",
    ),
]


def said(explanation: Explanation | None) -> str | None:
    return explanation and sentence_for(explanation, zone=NEW_YORK, speaker=PlainEnglish())


@pytest.mark.parametrize(("clock", "changed", "name", "sentence"), CASES, ids=[case[3] for case in CASES])
def test_a_reason_is_told_in_full(clock, changed, name, sentence):
    why = explain(question(**changed), at(clock))

    assert (variant(why), said(why)) == (name, sentence)


def test_a_place_with_other_hours_on_that_day_names_them():
    both = availability_from(
        {
            "weekly": [
                {"weekday": TUESDAY, "start": "09:00", "end": "17:00", "places": ["room-1"]},
                {"weekday": TUESDAY, "start": "13:00", "end": "15:00", "places": ["telehealth"]},
            ]
        }
    )
    why = explain(question(availability=both, place="telehealth"), at("10:00"))

    assert (variant(why), said(why)) == (
        "other_place",
        "Not at this place then: its hours are Tuesday 1:00 PM–3:00 PM.",
    )


def test_hours_past_midnight_are_named_whole():
    night = hours(("20:00", "02:00"))

    assert said(explain(question(availability=night), at("03:00", day=3))) == (
        "Outside working hours (Tuesday 8:00 PM–2:00 AM)."
    )


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        ("2027-03-14T02:30", "The clocks skip 2:30 AM on this day."),
        ("2027-11-07T01:30", None),
    ],
)
def test_a_time_that_the_clocks_skip_is_named(shown, sentence):
    always = availability_from(
        {"weekly": [{"weekday": day, "start": "00:00", "end": "24:00"} for day in range(7)]}
    )
    asked = question(availability=always, within=Span(at("00:00"), at("00:00", day=30, month=11)))

    assert said(explain_wall_time(asked, datetime.fromisoformat(shown))) == sentence


def test_the_second_pass_of_a_repeated_time_is_named():
    asked = question(within=Span(at("00:00"), at("00:00", day=30, month=11)))

    assert said(explain(asked, datetime(2027, 11, 7, 6, 30, tzinfo=UTC))) == (
        "The clocks show 1:30 AM twice on this day; only the first one is offered."
    )


def test_every_sentence_is_told_by_a_case_and_every_reason_has_one():
    elsewhere = {"skipped", "repeated", "other_place"}

    assert {case[2] for case in CASES} | elsewhere == set(SENTENCES)
    assert {name for name in NotOffered if name != NotOffered.BUFFER} <= set(SENTENCES)


def test_the_how_to_lists_every_reason_in_the_order_in_which_they_are_named():
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "why-is-a-time-not-offered.md").read_text("utf-8")

    assert re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE) == [reason.value for reason in NotOffered]


def test_an_explanation_carries_the_obstacle_with_its_name():
    asked = question(holds=(Taken(TWO),), known=Known(named(TWO), {TWO: at("10:05")}))

    assert explain(asked, at("14:00")) == Explanation(
        at("14:00"),
        NotOffered.HOLD,
        taken_by=Obstacle(NotOffered.HOLD, TWO, label="Riley Brooks", until=at("10:05")),
    )


def test_a_name_belongs_to_its_kind_and_its_stretch_only():
    private = {(NotOffered.OUT_OF_OFFICE, LUNCH): "Dentist", (NotOffered.BUSY, TWO): "Home"}

    assert said(explain(question(busy=(LUNCH,), known=Known(private)), at("14:00"))) == (
        "Busy in the provider's calendar, 2:00 PM–3:00 PM."
    )
    away = question(out_of_office=(LUNCH,), known=Known(private))
    assert said(explain(away, at("14:00"))) == "Out of office, 2:00 PM–3:00 PM."


def test_of_two_obstacles_of_a_kind_the_sooner_is_named_however_they_are_listed():
    first, second = span("10:00", "10:20"), span("10:30", "10:50")
    for busy in ((first, second), (second, first)):
        why = explain(question(busy=busy), at("10:00"))
        assert why is not None
        assert why.taken_by == Obstacle(NotOffered.BUSY, first)


def test_many_starts_at_once_are_told_what_each_is_told_alone():
    asked = question(busy=(LUNCH,), earliest_at=at("09:30"), appointments=(Taken(TWO),))
    starts = [at("00:00", day=1) + number * 10 * MINUTE for number in range(3 * 144)]

    assert explain_each(asked, starts) == [explain(asked, start) for start in starts]
    assert explain_each(asked, []) == []


def test_what_is_known_changes_no_answer():
    asked, knowing = question(busy=(LUNCH,)), question(busy=(LUNCH,), known=Known(named(LUNCH)))

    assert asked == knowing

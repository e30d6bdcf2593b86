"""Slots and wall times of every IANA zone, at every clock change of 2026 to 2028, against a model that walks every minute.

By default each zone gets a question at each of its changes, and four at those that no zone before it by name shares: zones
with the same change answer alike. RAINCHECK_EVERY_CLOCK_CHANGE=1 asks ten questions of every zone at every change.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from tests.domain.brute_force import DAY, HOUR, MINUTE, Minutes, changes_of, each_minute, open_by_brute_force
from tests.sampling import sample

from raincheck.domain.availability.hours import Availability, Window
from raincheck.domain.ranking import around_asked_time
from raincheck.domain.slot_explanations.explain import explain, explain_each, explain_wall_time
from raincheck.domain.slot_explanations.reasons import NotOffered
from raincheck.domain.slots import Question, Taken, open_slots
from raincheck.domain.spans import Span
from raincheck.domain.zones import (
    clock_runs,
    end_at,
    instant_of,
    is_skipped,
    local_time,
    seconds_before,
    start_at,
    whole_days,
    zone_named,
    zone_names,
)

EVERYTHING = os.environ.get("RAINCHECK_EVERY_CLOCK_CHANGE") == "1"
QUESTIONS = 10 if EVERYTHING else 4
NAMES = sorted(zone_names())
CHANGING = [name for name in NAMES if changes_of(name)]
STEADY = [name for name in NAMES if not changes_of(name)]
STEADY_DAYS = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2027, 10, 31, 1, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
)
"""Days on which others change, and a leap day: nothing may happen here."""
CASES = json.loads((Path(__file__).parent / "data" / "clock_changes.json").read_text())["cases"]


def around(change: datetime) -> Span:
    """Return the stretch that is looked at: from the afternoon before a change to the evening after it."""
    return Span(change - 13 * HOUR - 17 * MINUTE, change + 12 * HOUR)


@cache
def first_with(change: datetime, before: timedelta, after: timedelta) -> str:
    """Return the first zone by name that changes at this instant between these offsets."""
    return next(
        name
        for name in CHANGING
        if change in changes_of(name) and offsets_at(name, change) == (before, after)
    )


@cache
def offsets_at(name: str, change: datetime) -> tuple[timedelta | None, ...]:
    return tuple((change + hours * HOUR).astimezone(ZoneInfo(name)).utcoffset() for hours in (-1, 2))


def is_looked_at(name: str, change: datetime) -> bool:
    """Return whether a zone's change is looked at closely: it is the first with this change, or all are."""
    return EVERYTHING or first_with(change, *offsets_at(name, change)) == name


def changes_looked_at(name: str) -> list[datetime]:
    return [change for change in changes_of(name) if is_looked_at(name, change)]


LOOKED_AT = [name for name in CHANGING if changes_looked_at(name)]
FIRST = sample(LOOKED_AT, every=8)
# Zones that share each of their changes with one before them are asked as it is.
OTHERS = sample([name for name in CHANGING if name not in LOOKED_AT], every=8)


class Dice(Random):
    """Chance that is the same in every run."""

    def window(self, edges: list[int]) -> Window:
        start = self.choice(edges) % (24 * 60)
        length = self.choice([24 * 60 - start, 30, 60, 90, 8 * 60, self.randint(1, 24 * 60)])
        places = frozenset({"room-1"} if self.random() < 0.2 else ())
        return Window(start * MINUTE, (start + length) * MINUTE, places)

    def span(self, change: datetime) -> Span:
        start = change + timedelta(minutes=self.randint(-600, 600), seconds=self.choice([0, 0, 0, 1, 59]))
        return Span(start, start + self.choice([1, 20, 50, 60, 400]) * MINUTE)

    def spans(self, change: datetime) -> tuple[Span, ...]:
        return tuple(self.span(change) for _number in range(self.choice([0, 0, 1, 2])))

    def taken(self, change: datetime) -> tuple[Taken, ...]:
        return tuple(Taken(span, self.buffer(), self.buffer()) for span in self.spans(change))

    def buffer(self) -> timedelta:
        return self.choice([0, 0, 5, 10, 60]) * MINUTE


def question_at(name: str, change: datetime, number: int) -> Question:
    """Return a question whose hours have their edges where the clock jumps, now and then a whole day."""
    dice, zone = Dice(f"{name} {change} {number}"), zone_named(name)
    shown = [(change + minutes * MINUTE).astimezone(zone) for minutes in (-1, 0)]
    edges = [
        (time.hour * 60 + time.minute + offset) % 1440
        for time in shown
        for offset in (-60, -30, 0, 1, 30, 60)
    ]
    edges += [0, 9 * 60, dice.randint(0, 1439)]
    whole = (Window(0 * MINUTE, DAY, frozenset()),)
    hours = tuple(
        whole
        if dice.random() < 0.3
        else tuple(dice.window(edges) for _number in range(dice.choice([1, 1, 2])))
        for _day in range(7)
    )
    day = (change + dice.choice([-1, 0, 1]) * DAY).astimezone(zone).date()
    overrides = (
        ((day, tuple(dice.window(edges) for _number in range(dice.choice([0, 1])))),)
        if number % 3 == 2
        else ()
    )
    within = around(change)
    return Question(
        zone=zone,
        availability=Availability(hours, overrides),
        within=within,
        length=dice.choice([15, 20, 50, 60, 90, 180]) * MINUTE,
        step=dice.choice([15, 30, 60, 60, 20, 7, 1]) * MINUTE,
        buffer_before=dice.buffer(),
        buffer_after=dice.buffer(),
        place=dice.choice([None, None, "telehealth", "room-1"]),
        earliest_at=dice.choice([None, change - 5 * HOUR - 17 * MINUTE]),
        latest_at=dice.choice([None, change + 5 * HOUR + 59 * timedelta(seconds=1)]),
        out_of_office=dice.spans(change),
        busy=dice.spans(change),
        appointments=dice.taken(change),
        holds=dice.taken(change),
        client_appointments=dice.spans(change),
        asked=dice.choice([None, dice.span(change)]),
    )


def questions_at(name: str, change: datetime, count: int) -> Iterator[Question]:
    return (question_at(name, change, number) for number in range(count))


@pytest.mark.parametrize("name", [*LOOKED_AT, *OTHERS])
def test_slots_are_right_at_every_clock_change(name):
    for change in changes_of(name):
        for question in questions_at(name, change, QUESTIONS if is_looked_at(name, change) else 1):
            assert open_slots(question) == open_by_brute_force(question), f"{change} {question}"


@pytest.mark.parametrize("name", sample(STEADY, every=8))
def test_slots_are_right_where_the_clock_never_changes(name):
    for day in STEADY_DAYS if EVERYTHING else STEADY_DAYS[:1]:
        for question in questions_at(name, day, QUESTIONS if EVERYTHING else 1):
            assert open_slots(question) == open_by_brute_force(question), f"{day} {question}"


@pytest.mark.parametrize("name", FIRST)
def test_why_a_start_is_not_offered_agrees_with_the_slots_at_every_clock_change(name):
    for change in changes_looked_at(name):
        question = question_at(name, change, 0)
        slots = set(open_slots(question))
        looked_at = each_minute(change - 3 * HOUR, change + 3 * HOUR)[::7]
        reasons = dict(zip(looked_at, explain_each(question, looked_at), strict=True))
        assert {at for at, why in reasons.items() if why is None} == slots & set(looked_at)


@pytest.mark.parametrize("name", FIRST)
def test_wall_times_and_instants_agree_at_every_clock_change(name):
    zone = zone_named(name)
    for change in changes_looked_at(name):
        minutes = Minutes(zone, Span(change - 2 * HOUR, change + 2 * HOUR))
        for at in each_minute(change - 2 * HOUR, change + 2 * HOUR)[::5]:
            agrees(at, minutes)
        first_shown = (change - 2 * HOUR).astimezone(zone).replace(tzinfo=None)
        for shown in (first_shown + number * 5 * MINUTE for number in range(60)):
            assert is_skipped(shown, zone=zone) == (shown not in minutes.passes)
            assert start_at(shown, zone=zone) == minutes.first_not_before(shown)
            assert end_at(shown, zone=zone) == minutes.last_at(shown)


def agrees(at: datetime, minutes: Minutes) -> None:
    """Look at one instant: its wall time leads back to it, or to the first pass of a time that is shown again."""
    told = local_time(at, zone=minutes.zone)
    assert (told.instant, told.wall, told.wall - told.offset) == (
        at,
        minutes.shown[at],
        at.replace(tzinfo=None),
    )
    passes = minutes.passes[told.wall]
    assert (start_at(told.wall, zone=minutes.zone), end_at(told.wall, zone=minutes.zone)) == (
        passes[0],
        passes[-1],
    )
    second = seconds_before(at)
    runs = [instant_of(run.start) for run in clock_runs(second, second + 60, zone=minutes.zone)]
    assert runs == ([at] if passes[0] == at else [])


@pytest.mark.parametrize("name", FIRST)
def test_days_are_whole_at_every_clock_change(name):
    zone = zone_named(name)
    for change in changes_looked_at(name):
        minutes = Minutes(zone, Span(change - 36 * HOUR, change + 24 * HOUR))
        for day in sorted({(change + hours * HOUR).astimezone(zone).date() for hours in (-6, 0, 6)}):
            shown = [minute for minute, time in minutes.shown.items() if time.date() == day]
            # A day whose last hour comes again counts up to the first midnight; the rest of it is the next one's.
            midnight_after = minutes.first_not_before(datetime.fromisoformat(f"{day + DAY}T00:00"))
            assert whole_days(day, day, zone=zone) == Span(shown[0], midnight_after)


@pytest.mark.parametrize("name", FIRST)
def test_around_the_asked_time_is_three_weeks_of_the_wall_clock(name):
    zone = zone_named(name)
    for change in changes_looked_at(name):
        for asked_at in (change - 3 * DAY, change + 5 * HOUR, change - 10 * DAY):
            shown = asked_at.astimezone(zone).replace(tzinfo=None)
            found = around_asked_time(asked_at, zone=zone)
            edges = [shown - 7 * DAY, shown + 14 * DAY]
            for edge, instant in zip(edges, (found.start, found.end), strict=True):
                if not is_skipped(edge, zone=zone):
                    assert instant.astimezone(zone).replace(tzinfo=None) == edge


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['zone']} {case['local']}")
def test_a_skipped_time_is_never_offered_and_a_repeated_one_once(case):
    zone, change = zone_named(case["zone"]), datetime.fromisoformat(case["transition_utc"])
    shown = datetime.fromisoformat(case["local"])
    question = all_day(zone, change)
    offered = [at.astimezone(zone).replace(tzinfo=None) for at in open_slots(question)]

    assert open_slots(question) == open_by_brute_force(question)
    if case["kind"] == "gap":
        assert shown not in offered
        assert explain_wall_time(question, shown).reason is NotOffered.SKIPPED
    else:
        first, second = (datetime.fromisoformat(case[name]) for name in ("utc_first", "utc_second"))
        assert offered.count(shown) == 1
        assert explain(question, second).reason is NotOffered.REPEATED
        assert (explain(question, first), explain_wall_time(question, shown)) == (None, None)


def all_day(zone: ZoneInfo, change: datetime) -> Question:
    """Return a question with nothing in the way at all."""
    return Question(
        zone=zone,
        availability=Availability(((Window(0 * MINUTE, DAY, frozenset()),),) * 7, ()),
        within=around(change),
        length=15 * MINUTE,
        step=15 * MINUTE,
        buffer_before=0 * MINUTE,
        buffer_after=0 * MINUTE,
        place=None,
        earliest_at=None,
        latest_at=None,
        out_of_office=(),
        busy=(),
        appointments=(),
        holds=(),
        client_appointments=(),
        asked=None,
    )

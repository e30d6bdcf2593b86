"""Slots against a model that walks through every minute: questions that hypothesis thinks of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings, strategies as st
from tests import sampling
from tests.domain.brute_force import DAY, MINUTE, changes_of, day_of, each_minute, open_by_brute_force

from raincheck.domain.availability.hours import Availability, Window
from raincheck.domain.slot_explanations.explain import explain, explain_each
from raincheck.domain.slot_explanations.reasons import Explanation, NotOffered
from raincheck.domain.slots import Question, Taken, open_slots, reach
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named, zone_names

MARKED = (
    "Africa/Cairo",  # jumps over midnight
    "Atlantic/Azores",  # repeats the hour after midnight
    "America/Santiago",  # jumps over midnight, turns back at 24:00
    "Australia/Lord_Howe",  # changes by half an hour
    "Antarctica/Troll",  # changes by two hours
    "Africa/Casablanca",  # turns back before a month and forward after it
    "Asia/Kathmandu",  # 5:45 ahead
    "Europe/Dublin",  # its winter is the exception
)
BUFFERS = st.sampled_from([0, 0, 5, 10, 15, 60]).map(lambda minutes: minutes * MINUTE)
PLACES = st.sampled_from(["telehealth", "room-1"])


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = draw(st.one_of(st.integers(0, 23).map(lambda hour: 60 * hour), st.integers(0, 24 * 60 - 1)))
    to_midnight = 24 * 60 - start
    length = draw(st.one_of(st.just(to_midnight), st.integers(1, 12 * 60), st.integers(1, 24 * 60)))
    return Window(start * MINUTE, (start + length) * MINUTE, frozenset(draw(st.sets(PLACES, max_size=1))))


@st.composite
def spans(draw: st.DrawFn, within: Span) -> Span:
    minutes, odd = (
        draw(st.integers(-300, within.length // MINUTE + 300)),
        draw(st.sampled_from([0, 0, 1, 59])),
    )
    start = within.start + minutes * MINUTE + timedelta(seconds=odd)
    return Span(start, start + draw(st.sampled_from([1, 20, 50, 60, 400])) * MINUTE)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    name = draw(st.one_of(st.sampled_from(MARKED), st.sampled_from(sorted(zone_names()))))
    base = draw(st.sampled_from(changes_of(name) or (datetime(2027, 6, 30, tzinfo=UTC),)))
    start = base + draw(st.integers(-30 * 60, 6 * 60)) * MINUTE
    within = Span(start, start + draw(st.sampled_from([1, 60, 600, 1_500, 1_800])) * MINUTE)
    some_spans = st.lists(spans(within), max_size=2).map(tuple)
    taken = st.lists(st.builds(Taken, spans(within), BUFFERS, BUFFERS), max_size=2).map(tuple)
    first_day = within.start.date() - DAY
    overrides = st.dictionaries(
        st.dates(first_day, first_day + 3 * DAY), st.lists(windows(), max_size=2), max_size=1
    )
    hours = st.lists(st.lists(windows(), min_size=1, max_size=2).map(tuple), min_size=7, max_size=7)
    odd_moments = st.integers(-3_600, 36_000).map(lambda seconds: timedelta(seconds=seconds))
    return Question(
        zone=zone_named(name),
        availability=Availability(
            tuple(draw(hours)), tuple((day, tuple(these)) for day, these in draw(overrides).items())
        ),
        within=within,
        length=draw(st.sampled_from([1, 15, 20, 50, 60, 90, 180])) * MINUTE,
        step=draw(st.sampled_from([15, 30, 60, 20, 7, 25, 1])) * MINUTE,
        buffer_before=draw(BUFFERS),
        buffer_after=draw(BUFFERS),
        place=draw(st.one_of(st.none(), PLACES)),
        earliest_at=draw(st.one_of(st.none(), odd_moments.map(lambda past: within.start + past))),
        latest_at=draw(st.one_of(st.none(), odd_moments.map(lambda past: within.end - past))),
        out_of_office=draw(some_spans),
        busy=draw(some_spans),
        appointments=draw(taken),
        holds=draw(taken),
        client_appointments=draw(some_spans),
        room=draw(some_spans),
        same_day_as=draw(st.one_of(st.just(()), st.lists(spans(within), max_size=1).map(tuple))),
        asked=draw(st.one_of(st.none(), spans(within))),
    )


def examples(number: int) -> settings:
    """Walking takes a while, and how long is nobody's promise."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        deadline=None,
        max_examples=sampling.examples(number, sampled=max(number // 5, 20)),
        suppress_health_check=slow,
    )


@given(questions())
@examples(100)
def test_open_slots_are_those_that_pass_every_rule_minute_by_minute(question):
    assert open_slots(question) == open_by_brute_force(question)


@given(questions())
@examples(40)
def test_a_start_is_open_exactly_when_it_is_among_the_open_slots(question):
    looked_at = each_minute(question.within.start - 5 * MINUTE, question.within.end + 5 * MINUTE)

    told = explain_each(question, looked_at)
    assert [start for start, why in zip(looked_at, told, strict=True) if why is None] == open_slots(question)
    assert told[::97] == [explain(question, start) for start in looked_at[::97]]


@given(questions())
@examples(60)
def test_what_is_named_is_really_in_the_way_and_nothing_comes_before_it(question):
    looked_at = each_minute(question.within.start, question.within.end)

    for start, why in zip(looked_at, explain_each(question, looked_at), strict=True):
        if why is not None and why.reason not in KINDS:
            assert why.taken_by is None
        elif why is not None:
            assert is_in_the_way(question, start, why)


KINDS = (
    NotOffered.OUT_OF_OFFICE,
    NotOffered.ASKED_TIME,
    NotOffered.APPOINTMENT,
    NotOffered.HOLD,
    NotOffered.BUSY,
    NotOffered.CLIENT_APPOINTMENT,
    NotOffered.ROOM,
    NotOffered.SAME_DAY,
    NotOffered.BUFFER,
)


def is_in_the_way(question: Question, start: datetime, why: Explanation) -> bool:
    """Look at every stretch of the question by itself: which does the session overlap, which its buffers?"""
    met, near = [], []
    end = start + question.length
    for kind, span, before, after in stretches(question):
        if start < span.end and span.start < end:
            met.append((kind, span))
        elif start < span.end + after and span.start - before < end:
            near.append((kind, span, after if start >= span.end else before))
    for span in question.same_day_as:
        if day_of(start, question.zone) == day_of(span.start, question.zone):
            met.append((NotOffered.SAME_DAY, span))
    named = why.taken_by
    if why.reason == NotOffered.BUFFER:
        return not met and (named.kind, named.span, why.length) in near
    return (named.kind, named.span) in met and named.kind == why.reason == min(met, key=order)[0]


def order(met: tuple[NotOffered, Span]) -> int:
    return KINDS.index(met[0])


def stretches(question: Question) -> list[tuple[NotOffered, Span, timedelta, timedelta]]:
    """Everything taken, with what a session must keep free before and after it."""
    none, before, after = timedelta(), question.buffer_before, question.buffer_after
    asked = [] if question.asked is None else [question.asked]
    whole = {
        NotOffered.OUT_OF_OFFICE: question.out_of_office,
        NotOffered.ASKED_TIME: asked,
        NotOffered.CLIENT_APPOINTMENT: question.client_appointments,
        NotOffered.ROOM: question.room,
    }
    others = {NotOffered.APPOINTMENT: question.appointments, NotOffered.HOLD: question.holds}
    return [
        *((kind, span, none, none) for kind, spans in whole.items() for span in spans),
        *((NotOffered.BUSY, span, after, before) for span in question.busy),
        *(
            (kind, other.session, max(after, other.before), max(before, other.after))
            for kind, taken in others.items()
            for other in taken
        ),
    ]


@given(questions(), st.integers(1, 59_999_999))
@examples(40)
def test_no_start_is_open_between_two_minutes(question, micros):
    between = timedelta(microseconds=micros)

    assert all(explain(question, start + between) is not None for start in open_slots(question))


@given(questions(), st.integers(1, 30 * 60))
@examples(40)
def test_what_is_asked_in_two_parts_is_what_is_asked_at_once(question, minutes):
    whole, cut = question.within, question.within.start + minutes * MINUTE
    parts = [Span(whole.start, min(cut, whole.end)), *([Span(cut, whole.end)] if cut < whole.end else [])]

    assert [start for part in parts for start in open_slots(changed(question, within=part))] == open_slots(
        question
    )


@given(questions())
@examples(40)
def test_taken_time_out_of_reach_does_not_matter(question):
    near = reach(
        question.within,
        length=question.length,
        buffer_before=question.buffer_before,
        buffer_after=question.buffer_after,
    )

    def reached(taken: Taken) -> bool:
        return near.overlaps(taken.session.widened(before=taken.before, after=taken.after))

    needed = changed(
        question,
        busy=tuple(span for span in question.busy if span.overlaps(near)),
        out_of_office=tuple(span for span in question.out_of_office if span.overlaps(near)),
        appointments=tuple(filter(reached, question.appointments)),
        holds=tuple(filter(reached, question.holds)),
    )
    assert open_slots(needed) == open_slots(question)


def changed(question: Question, **parts: object) -> Question:
    return Question(**{name: parts.get(name, getattr(question, name)) for name in question.__slots__})

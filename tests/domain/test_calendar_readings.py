"""What a calendar file told: busy time put together, problems in sentences, and text fit to be stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from raincheck.domain.calendars.busy import (
    SENTENCES,
    BusyEvent,
    CalendarReading,
    Problem,
    ProblemKind,
    plain,
    summed_up,
    together,
)
from raincheck.domain.spans import Span

NINE = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(first: int, last: int) -> Span:
    return Span(NINE + first * HOUR, NINE + last * HOUR)


def test_busy_time_is_merged_whatever_it_is_called() -> None:
    events = (BusyEvent(hours(0, 2), "Pier"), BusyEvent(hours(1, 3)), BusyEvent(hours(3, 4), "Harbor"))
    assert CalendarReading((*events, BusyEvent(hours(5, 6)))).busy == [hours(0, 4), hours(5, 6)]


def test_several_calendars_are_read_together_and_say_each_event_once() -> None:
    problem = Problem(ProblemKind.NO_START, 3)
    work = CalendarReading((BusyEvent(hours(2, 3)), BusyEvent(hours(4, 5), "Pier")), (problem,), 4)
    home = CalendarReading((BusyEvent(hours(0, 1), "Lunch"), BusyEvent(hours(2, 3))), (), 2)
    assert together([work, home]) == CalendarReading(
        (BusyEvent(hours(0, 1), "Lunch"), BusyEvent(hours(2, 3)), BusyEvent(hours(4, 5), "Pier")),
        (problem,),
        6,
    )


def test_a_reading_is_sound_when_anything_was_understood_or_nothing_was_wrong() -> None:
    problem = (Problem(ProblemKind.NO_START, 1),)
    readings = [CalendarReading(), CalendarReading((), problem, 1), CalendarReading((), problem)]
    assert [reading.sound for reading in readings] == [True, True, False]


def test_every_kind_of_problem_has_a_whole_sentence() -> None:
    told = [Problem(kind, 7, "text", "Europe/Berlin").sentence for kind in ProblemKind]
    assert (
        sorted(SENTENCES),
        [sentence for sentence in told if not sentence.endswith(".") or "{" in sentence],
    ) == (
        sorted(ProblemKind),
        [],
    )


def test_a_translated_sentence_tells_the_same_values() -> None:
    problem = Problem(ProblemKind.UNREADABLE_START, 2, "bald")
    assert problem.told("Termin {number} hat keinen lesbaren Beginn ({text}).") == (
        "Termin 2 hat keinen lesbaren Beginn (bald)."
    )


def test_braces_in_a_file_stay_braces() -> None:
    problem = Problem(ProblemKind.UNREADABLE_START, 2, "{number}{0}{text.__class__}")
    assert problem.sentence == "Event 2 is left out: its start “{number}{0}{text.__class__}” is not a time."


def test_the_same_problem_is_told_once_and_many_are_counted() -> None:
    problems = [Problem(ProblemKind.NO_START, number) for number in range(60)]
    assert summed_up(problems + problems) == (*problems[:50], Problem(ProblemKind.MORE, text="10"))


def test_text_from_outside_becomes_one_short_line_without_hidden_signs() -> None:
    assert [
        plain(text, at_most=12)
        for text in ("a\x00\x07b\r\nc", "\u202egpj.exe", "  x  ", "Ärztehaus West", "")
    ] == [
        "a b c",
        "gpj.exe",
        "x",
        "Ärztehaus We",
        "",
    ]

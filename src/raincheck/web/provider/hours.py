"""Weekly hours as a form: rows of times for each weekday, read from what is stored and from what was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.http import QueryDict
from django.utils.dateformat import format as formatted

from raincheck.data.appointments import Place
from raincheck.domain.availability import (
    WEEK,
    Availability,
    StoredWindow,
    TimeMissing,
    as_stored,
    availability_from,
)
from raincheck.domain.refusals import Refusal
from raincheck.web.acting import sentence_of

MONDAY = date(2024, 1, 1)
MOST_ROWS = 100
"""More than a week of half-hour windows; what lies beyond was not typed by a person."""
NAME = re.compile(r"([0-6])-([0-9]{1,3})-(?:from|until)")
END_OF_DAY = {"24:00": "00:00"}
"""A field for a time of day knows no 24:00; hours that end at 00:00 end with their day."""


@dataclass(frozen=True, slots=True)
class HoursRow:
    """One window as it stands in the form: times like 09:00, the refs of its places (none: every place), and its error."""

    name: str
    start: str = ""
    end: str = ""
    places: tuple[str, ...] = ()
    error: str = ""
    fresh: bool = False

    @property
    def is_blank(self) -> bool:
        return not self.start and not self.end

    @property
    def overnight(self) -> bool:
        return bool(self.start and self.end) and self.end <= self.start and self.end != "00:00"


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week with its rows. `number` is 0 for Monday."""

    number: int
    name: str
    rows: tuple[HoursRow, ...]


def week_of(availability: Availability) -> list[Weekday]:
    """Return the form of stored hours."""
    weekly = as_stored(availability)["weekly"]

    def rows(day: int) -> Iterator[HoursRow]:
        for number, window in enumerate(window for window in weekly if window["weekday"] == day):
            end = END_OF_DAY.get(window["end"], window["end"])
            yield HoursRow(f"{day}-{number}", window["start"], end, tuple(window["places"]))

    return _week([tuple(rows(day)) for day in range(WEEK)])


def week_typed(post: QueryDict) -> list[Weekday]:
    """Return the form as it was typed, blank rows included."""
    names = sorted({match.group(1, 2) for name in post if (match := NAME.fullmatch(name))}, key=_in_order)
    rows = [(int(day), _typed(post, f"{day}-{number}")) for day, number in names[:MOST_ROWS]]
    return _week([tuple(row for on, row in rows if on == day) for day in range(WEEK)])


def with_one_more(week: Sequence[Weekday], number: str) -> list[Weekday]:
    """Return the form with a blank row more on one weekday."""
    return [_longer(day) if str(day.number) == number else day for day in week]


def with_one_less(week: Sequence[Weekday], name: str) -> list[Weekday]:
    """Return the form without one of its rows."""
    return [replace(day, rows=tuple(row for row in day.rows if row.name != name)) for day in week]


def hours_in(week: Sequence[Weekday], *, kept: Availability, places: Sequence[Place]) -> Availability:
    """Return what the form says, with the date overrides that are `kept`.

    Raises the refusal that says what is wrong; its `field` is the row's name.
    """
    known = {str(place.ref) for place in places}
    filled = [(day, row) for day in week for row in day.rows if not row.is_blank]
    for _day, row in filled:
        if not row.start or not row.end:
            raise TimeMissing(field=row.name)
    stored: list[StoredWindow] = [
        {
            "weekday": day.number,
            "start": row.start,
            "end": row.end,
            "places": [place for place in row.places if place in known],
        }
        for day, row in filled
    ]
    try:
        read = availability_from({"weekly": stored, "overrides": []})
    except Refusal as refusal:
        refusal.field = _row_of(refusal.field or "", [row for _day, row in filled])
        raise
    return Availability(read.weekly, kept.overrides)


def with_error(week: Sequence[Weekday], refusal: Refusal) -> list[Weekday]:
    """Return the form with a refusal's sentence at its row."""
    said = sentence_of(refusal)

    def marked(row: HoursRow) -> HoursRow:
        return replace(row, error=said) if row.name == refusal.field else row

    return [replace(day, rows=tuple(marked(row) for row in day.rows)) for day in week]


def _row_of(field: str, rows: Sequence[HoursRow]) -> str | None:
    """Return the name of the row that `weekly.3.start` speaks of."""
    number = field.split(".")[1] if field.startswith("weekly.") else ""
    return rows[int(number)].name if number.isdigit() and int(number) < len(rows) else None


def _typed(post: QueryDict, name: str) -> HoursRow:
    start, end = post.get(f"{name}-from", "").strip()[:20], post.get(f"{name}-until", "").strip()[:20]
    return HoursRow(name, start[:5], end[:5], tuple(post.getlist(f"{name}-place")))


def _in_order(name: tuple[str | int, ...]) -> tuple[int, ...]:
    return tuple(int(part) for part in name)


def _longer(day: Weekday) -> Weekday:
    used = {int(row.name.split("-")[1]) for row in day.rows}
    fresh = HoursRow(f"{day.number}-{max(used, default=-1) + 1}", fresh=True)
    return replace(day, rows=(*day.rows, fresh))


def _week(rows: Sequence[tuple[HoursRow, ...]]) -> list[Weekday]:
    return [Weekday(day, _named(day), rows[day]) for day in range(WEEK)]


def _named(day: int) -> str:
    return formatted(datetime(MONDAY.year, MONDAY.month, MONDAY.day + day), "l")  # noqa: DTZ001  # a weekday's name

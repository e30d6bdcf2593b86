"""Times of the week that never work for a client, as a practice writes them down: a weekday and a part of its day."""

from collections.abc import Collection, Iterable
from datetime import datetime, time
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from raincheck.domain.zones import wall

NOON, EVENING_BEGINS = time(12), time(17)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class PartOfDay(StrEnum):
    """Mornings end at noon, and evenings begin at 5 PM, on the client's clock."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class TimeOfWeek(NamedTuple):
    """A part of one weekday (0 is Monday)."""

    weekday: int
    part: PartOfDay

    def __str__(self) -> str:
        return f"{WEEKDAYS[self.weekday]}-{self.part}"


TIMES_OF_WEEK = {str(one): one for one in (TimeOfWeek(day, part) for day in range(7) for part in PartOfDay)}
"""All of them by code, such as "monday-morning", in the order of the week."""


def times_of_week(codes: str) -> frozenset[TimeOfWeek]:
    """Return what a column of codes, parted by spaces, says; one that nobody knows says nothing."""
    return frozenset(TIMES_OF_WEEK[code] for code in codes.split() if code in TIMES_OF_WEEK)


def codes_of(times: Iterable[TimeOfWeek]) -> str:
    """Return times of the week as a column keeps them, each once, in the order of the week."""
    return " ".join(str(one) for one in sorted(set(times), key=list(TIMES_OF_WEEK.values()).index))


def time_of_week(start: datetime, *, zone: ZoneInfo) -> TimeOfWeek:
    """Return in which part of which weekday a session begins, on the clock of `zone`."""
    shown = wall(start, zone=zone)
    if shown.time() < NOON:
        part = PartOfDay.MORNING
    else:
        part = PartOfDay.AFTERNOON if shown.time() < EVENING_BEGINS else PartOfDay.EVENING
    return TimeOfWeek(shown.weekday(), part)


def that_may_work(
    starts: Iterable[datetime], never_works: Collection[TimeOfWeek], *, zone: ZoneInfo
) -> list[datetime]:
    """Return the starts outside the times that never work; all of them where nothing else is open."""
    found = list(starts)
    return [start for start in found if time_of_week(start, zone=zone) not in never_works] or found

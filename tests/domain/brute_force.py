"""A model of slots that knows no shortcuts: it walks through every minute and asks each rule about it.

No code of the product's but the shape of the question.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from raincheck.domain.slots import Question
from raincheck.domain.spans import Span

MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass
class Minutes:
    """Every minute around what a question asks about, with what the wall clock shows; sessions last three hours at most.

    What lies before is as good as its first minute: no start is looked for there.
    """

    zone: ZoneInfo
    within: Span
    shown: dict[datetime, datetime] = field(default_factory=dict)
    passes: dict[datetime, list[datetime]] = field(default_factory=dict)
    end: datetime = field(init=False)

    def __post_init__(self) -> None:
        minute, self.end = self.within.start - 6 * HOUR, self.within.end + 12 * HOUR
        while minute < self.end:
            shown = minute.astimezone(self.zone).replace(tzinfo=None, fold=0)
            self.shown[minute] = shown
            self.passes.setdefault(shown, []).append(minute)
            minute += MINUTE

    def first_not_before(self, wall: datetime) -> datetime:
        return next((minute for minute, shown in self.shown.items() if shown >= wall), self.end)

    def last_at(self, wall: datetime) -> datetime:
        return self.passes[wall][-1] if wall in self.passes else self.first_not_before(wall)


@lru_cache(maxsize=2)  # several questions are asked about one stretch
def minutes_around(zone: ZoneInfo, within: Span) -> Minutes:
    return Minutes(zone, within)


def working_minutes(question: Question, minutes: Minutes) -> set[datetime]:
    working = set()
    first_day = question.within.start.astimezone(question.zone).date()
    for day in (first_day + days * DAY for days in range(-1, 3)):
        windows = dict(question.availability.overrides).get(day, question.availability.weekly[day.weekday()])
        midnight = datetime.fromisoformat(f"{day}T00:00")
        for window in windows:
            if question.place is None or not window.places or question.place in window.places:
                minute = minutes.first_not_before(midnight + window.start)
                ends_its_day = window.end == DAY
                end = (minutes.first_not_before if ends_its_day else minutes.last_at)(midnight + window.end)
                while minute < end:
                    working.add(minute)
                    minute += MINUTE
    return working


def each_minute(start: datetime, end: datetime) -> list[datetime]:
    return [start + number * MINUTE for number in range((end - start) // MINUTE)]


def meets(minutes: list[datetime], start: datetime, end: datetime) -> bool:
    return any(minute < end and start < minute + MINUTE for minute in minutes)


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def is_free(question: Question, start: datetime) -> bool:
    end = start + question.length
    session = each_minute(start, end)
    buffered = each_minute(start - question.buffer_before, end + question.buffer_after)
    others = [*question.appointments, *question.holds]
    asked = [] if question.asked is None else [question.asked]
    for other in others:
        if meets(session, other.session.start - other.before, other.session.end + other.after):
            return False
    for taken in [*(other.session for other in others), *question.busy]:
        if meets(buffered, taken.start, taken.end):
            return False
    in_the_way = [*question.out_of_office, *question.client_appointments, *question.room, *asked]
    days = {day_of(session.start, question.zone) for session in question.same_day_as}
    return day_of(start, question.zone) not in days and not any(
        meets(session, taken.start, taken.end) for taken in in_the_way
    )


def open_by_brute_force(question: Question) -> list[datetime]:
    minutes = minutes_around(question.zone, question.within)
    working = working_minutes(question, minutes)
    step = question.step // MINUTE
    found = []
    for start in each_minute(question.within.start, question.within.end):
        shown = minutes.shown[start]
        if (
            (shown.hour * 60 + shown.minute) % step == 0
            and minutes.passes[shown][0] == start
            and (question.earliest_at is None or start >= question.earliest_at)
            and (question.latest_at is None or start <= question.latest_at)
            and all(minute in working for minute in each_minute(start, start + question.length))
            and is_free(question, start)
        ):
            found.append(start)
    return found


@cache
def changes_of(name: str) -> tuple[datetime, ...]:
    """The hours of 2026 to 2028 in which a zone's clock changes."""
    zone = ZoneInfo(name)
    changes = []
    day = datetime(2026, 1, 1, tzinfo=UTC)
    while day.year < 2029:
        if day.astimezone(zone).utcoffset() != (day + DAY).astimezone(zone).utcoffset():
            hours = [day + number * HOUR for number in range(24)]
            changes += [
                at
                for at in hours
                if at.astimezone(zone).utcoffset() != (at + HOUR).astimezone(zone).utcoffset()
            ]
        day += DAY
    return tuple(changes)

"""How an event repeats, judged before anything is written out: how often, whether ever, and from where to start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import gcd

DAY = timedelta(days=1)
LEAP_YEAR_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

CLOSEST_TIMES_PER_DAY = 144
"""An event that comes back more often than every ten minutes leaves no room for any session between."""
MOST_TIMES = 25_000
"""No single event is written out more often than this."""
LONGEST_INTERVAL = 100_000
"""Past this the next time lies beyond any calendar; arithmetic with larger numbers overflows."""


class Frequency(StrEnum):
    SECONDLY = "SECONDLY"
    MINUTELY = "MINUTELY"
    HOURLY = "HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


STEPS = {
    Frequency.SECONDLY: timedelta(seconds=1),
    Frequency.MINUTELY: timedelta(minutes=1),
    Frequency.HOURLY: timedelta(hours=1),
    Frequency.DAILY: DAY,
    Frequency.WEEKLY: 7 * DAY,
}
"""The lengths that never vary. Months and years do, and are moved by the calendar instead."""

MOST_DAYS_PER_STEP = {Frequency.DAILY: 1, Frequency.WEEKLY: 7, Frequency.MONTHLY: 31, Frequency.YEARLY: 366}
DAYS_PER_STEP = {Frequency.DAILY: 1, Frequency.WEEKLY: 7, Frequency.MONTHLY: 28, Frequency.YEARLY: 365}


@dataclass(frozen=True, slots=True)
class Repetition:
    """A recurrence rule (RFC 5545, 3.3.10), as far as its weight matters.

    The sizes count the values listed in BYHOUR, BYMINUTE, BYSECOND and in the parts that name days.
    `until` is the wall time of the event's own zone.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    names_days: bool = False
    hours: int = 1
    minutes: int = 1
    seconds: int = 1

    @property
    def times_per_day(self) -> float:
        """The most times that one day can hold, before the parts that only leave days out."""
        if self.frequency is Frequency.SECONDLY:
            return 86_400 / self.interval
        if self.frequency is Frequency.MINUTELY:
            return 1_440 / self.interval * self.seconds
        if self.frequency is Frequency.HOURLY:
            return 24 / self.interval * self.minutes * self.seconds
        return self.hours * self.minutes * self.seconds

    @property
    def too_close(self) -> bool:
        return self.times_per_day > CLOSEST_TIMES_PER_DAY

    def most_times(self, length: timedelta) -> float:
        """Return the most times that a stretch of this length can hold; never less than there are."""
        days = length / DAY + 1
        return self.times_per_day * min(days, self.most_days(days))

    def most_days(self, days: float) -> float:
        """Return on how many of so many days the event can take place at most."""
        if self.frequency not in DAYS_PER_STEP:
            return days
        steps = days / DAYS_PER_STEP[self.frequency] / self.interval + 1
        named = MOST_DAYS_PER_STEP[self.frequency] if self.names_days else max(1, len(self.months))
        return steps * named

    @property
    def never_happens(self) -> bool:
        """Whether its months have none of its days, as in every 30 February."""
        if not self.months or not self.month_days:
            return False
        longest = max((LEAP_YEAR_DAYS[month - 1] for month in self.months if 1 <= month <= 12), default=0)
        return all(abs(day) > longest for day in self.month_days)


def brought_near(start: datetime, repetition: Repetition, *, before: datetime) -> datetime:
    """Return the start moved forward by whole intervals, as far as it can go and still lie before `before`.

    From there the rule goes on exactly as it would have from the original start, so decades in between need not be
    counted through. A rule with a COUNT must be counted from its beginning and stays; so does one that starts on
    29 February, which not every year has.
    """
    if repetition.count is not None or start >= before:
        return start
    step = STEPS.get(repetition.frequency)
    if step is not None:
        step *= repetition.interval
        return start + (before - start - timedelta.resolution) // step * step
    return _years_nearer(start, repetition, before=before)


def _years_nearer(start: datetime, repetition: Repetition, *, before: datetime) -> datetime:
    interval = repetition.interval
    if repetition.frequency is Frequency.MONTHLY:
        interval //= gcd(interval, 12)  # the fewest whole years that hold whole intervals
    years = (before.year - 1 - start.year) // interval * interval
    if years <= 0 or (start.month, start.day) == (2, 29):
        return start
    return start.replace(year=start.year + years)

"""Recurrence rules judged before anything is written out: how often an event comes, whether ever, and from where to count."""

from calendar import isleap
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import gcd

DAY = timedelta(days=1)
LEAP_YEAR_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# An event that comes back more often than every ten minutes leaves no room for any session between.
CLOSEST_TIMES_PER_DAY = 144
# No single event is written out more often than this: 430 days of one that comes every half an hour are 20,640.
MOST_TIMES = 25_000
# Past this the next time lies beyond any calendar; arithmetic with larger numbers overflows.
LONGEST_INTERVAL = 100_000


class Frequency(StrEnum):
    SECONDLY = "SECONDLY"
    MINUTELY = "MINUTELY"
    HOURLY = "HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


# The lengths that never vary. Months and years do, and are moved by the calendar instead.
STEPS = {
    Frequency.SECONDLY: timedelta(seconds=1),
    Frequency.MINUTELY: timedelta(minutes=1),
    Frequency.HOURLY: timedelta(hours=1),
    Frequency.DAILY: DAY,
    Frequency.WEEKLY: 7 * DAY,
}
# The fewest days from one step to the next: counts may come out too high, never too low.
DAYS_PER_STEP = {Frequency.DAILY: 1, Frequency.WEEKLY: 7, Frequency.MONTHLY: 28, Frequency.YEARLY: 365}


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurrence rule (RFC 5545, 3.3.10), as far as its weight matters.

    `weekdays`, `year_days`, `weeks`, `hours`, `minutes` and `seconds` say how many values BYDAY, BYYEARDAY, BYWEEKNO,
    BYHOUR, BYMINUTE and BYSECOND list. `until` is the wall time of the event's own zone.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: int = 0
    year_days: int = 0
    weeks: int = 0
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
        return (days / DAYS_PER_STEP[self.frequency] / self.interval + 1) * self.most_days_per_step

    @property
    def most_days_per_step(self) -> int:
        if self.frequency is Frequency.YEARLY:
            return self.most_days_per_year
        if self.frequency is Frequency.MONTHLY:
            return self.most_days_per_month
        return max(1, self.weekdays) if self.frequency is Frequency.WEEKLY else 1

    @property
    def most_days_per_month(self) -> int:
        # A weekday without a number is every one of the month, five at most (RFC 5545, 3.3.10, BYDAY).
        return len(self.month_days) or 5 * self.weekdays or 1

    @property
    def most_days_per_year(self) -> int:
        if self.year_days or self.weeks:
            return self.year_days or 7 * self.weeks
        if self.months or self.month_days:
            return (len(self.months) or 12) * self.most_days_per_month
        return 53 * self.weekdays or 1

    @property
    def never_happens(self) -> bool:
        """Whether its months have none of its days, as in every 30 February."""
        if not self.months or not self.month_days:
            return False
        # Days count from the end too: the 31st last of a short month is none of its days either.
        longest = max((LEAP_YEAR_DAYS[month - 1] for month in self.months if 1 <= month <= 12), default=0)
        return all(abs(day) > longest for day in self.month_days)


def fast_forwarded(start: datetime, recurrence: Recurrence, *, before: datetime) -> datetime:
    """Return the start moved forward by whole intervals, as far as it can go and still lie before `before`.

    From there the rule goes on exactly as it would have from the original start, so decades in between need not be
    counted through. Only a rule with a COUNT must be counted from its beginning.
    """
    if recurrence.count is not None or start >= before:
        return start
    interval = recurrence.interval
    step = STEPS.get(recurrence.frequency)
    if step is not None:
        return start + (before - start - timedelta.resolution) // (step * interval) * (step * interval)
    if recurrence.frequency is Frequency.MONTHLY:
        interval //= gcd(interval, 12)  # the fewest whole years that hold whole intervals
    # One year less than there is room for, so that the day and time of the start still lie before.
    years = (before.year - 1 - start.year) // interval * interval
    # A 29 February cannot be moved into a year without one; the rule would go on from another day.
    while years > 0 and (start.month, start.day) == (2, 29) and not isleap(start.year + years):
        years -= interval
    return start.replace(year=start.year + years) if years > 0 else start

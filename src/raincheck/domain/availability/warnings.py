"""Warnings about a schedule: hours that fit no session, hours that overlap, and hours that lead to no open time.

Nothing of it is wrong: a provider may save it all the same, and is told.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from raincheck.domain.availability.hours import WEEK, Availability, Window
from raincheck.domain.availability.overrides import OtherDays, other_days
from raincheck.domain.availability.schedule import Schedule

A_DAY = timedelta(days=1)
# Stands for all places that no window names: in them the same windows count, so one is enough to look at.
ELSEWHERE = ""
# A weekday (0 is Monday), or dates with other hours.
When = int | OtherDays
# Wall time from the midnight that begins the day looked at. Clock changes do not matter for what is merely odd.
Stretch = tuple[timedelta, timedelta]


@dataclass(frozen=True, slots=True)
class TooShort:
    """A window, with all that touches it, in which not even the shortest session fits."""

    when: When
    window: Window


@dataclass(frozen=True, slots=True)
class OffTheGrid:
    """A window that is long enough, but no start on the grid leaves room for even the shortest session."""

    when: When
    window: Window


@dataclass(frozen=True, slots=True)
class Overlapping:
    """Two windows that overlap at some place; there they count as one. The second may begin the next day."""

    when: When
    window: Window
    other: Window


@dataclass(frozen=True, slots=True)
class NowhereOffered:
    """A window only for places that are offered no more: nothing can be booked in it."""

    when: When
    window: Window


@dataclass(frozen=True, slots=True)
class NoOpenTimes:
    """No session can be booked in the coming weeks."""


ScheduleWarning = TooShort | OffTheGrid | Overlapping | NowhereOffered | NoOpenTimes


def warnings_about(
    schedule: Schedule,
    *,
    lengths: Collection[timedelta],
    places: Collection[str],
    has_open_times: bool,
    today: date,
) -> list[ScheduleWarning]:
    """Return what is odd about a schedule, week first, then the dates ahead.

    `lengths` are those of the sessions that can be booked; without any, nothing is too short for them. `places` are the refs
    of those where they can be.
    """
    found: list[ScheduleWarning] = [] if has_open_times or not lengths else [NoOpenTimes()]
    shortest = min(lengths, default=timedelta())
    for when, days in days_of(schedule.availability, today=today):
        for window in days.day:
            if window.places and window.places.isdisjoint(places):
                found.append(NowhereOffered(when, window))
        for window in days.day:
            runs = [days.run_of(window, place) for place in days.places_of(window)]
            # Enough room at one of its places is enough: a session there fits.
            if all(end - start < shortest for start, end in runs):
                found.append(TooShort(when, window))
            elif not any(_fits(run, shortest, step=schedule.step) for run in runs):
                found.append(OffTheGrid(when, window))
        found += [Overlapping(when, window, other) for window, other in days.overlaps()]
    return found


@dataclass(frozen=True, slots=True)
class Days:
    """The windows of a day, and those of the days before and after it that may touch them."""

    before: tuple[Window, ...]
    day: tuple[Window, ...]
    after: tuple[Window, ...]

    def around(self) -> Iterator[tuple[Stretch, Window]]:
        for shift, windows in ((-A_DAY, self.before), (timedelta(), self.day), (A_DAY, self.after)):
            for window in windows:
                yield (window.start + shift, window.end + shift), window

    def places_of(self, window: Window) -> Collection[str]:
        """Return the places at which a window counts."""
        named = {place for _stretch, other in self.around() for place in other.places}
        return window.places or {*named, ELSEWHERE}

    def run_of(self, window: Window, place: str) -> Stretch:
        """Return the stretch that a window makes at a place with all that touches it, a day before and after at most."""
        runs: list[Stretch] = []
        for start, end in sorted(stretch for stretch, other in self.around() if other.offers(place)):
            if runs and start <= runs[-1][1]:
                runs[-1] = (runs[-1][0], max(runs[-1][1], end))
            else:
                runs.append((start, end))
        return next(run for run in runs if run[0] <= window.start < run[1])

    def overlaps(self) -> Iterator[tuple[Window, Window]]:
        """Return each two windows that overlap at some place, the first of them of this day."""
        ordered = sorted(self.day, key=lambda window: (window.start, window.end))
        for number, window in enumerate(ordered, start=1):
            for other in ordered[number:]:
                if other.start < window.end and _share_a_place(window, other):
                    yield window, other
        # The night before is not looked at: it is told as that day's own.
        for window in self.day:
            for other in self.after:
                if other.start + A_DAY < window.end and _share_a_place(window, other):
                    yield window, other


def days_of(availability: Availability, *, today: date) -> Iterator[tuple[When, Days]]:
    """Return the seven weekdays and the dates ahead with other hours, each with its neighbors."""
    weekly, dated = availability.weekly, dict(availability.overrides)

    def on(day: date) -> tuple[Window, ...]:
        return dated.get(day, weekly[day.weekday()])

    for day in range(WEEK):
        yield day, Days(weekly[day - 1], weekly[day], weekly[(day + 1) % WEEK])
    for entry in other_days(availability, today=today):
        # The first date speaks for the range: its neighbors differ from the others' at most by a night that touches it.
        yield entry, Days(on(entry.first - A_DAY), entry.windows, on(entry.first + A_DAY))


def _fits(run: Stretch, length: timedelta, *, step: timedelta) -> bool:
    start, end = run
    midnight = start // A_DAY * A_DAY
    first = min(-(-(start - midnight) // step) * step, A_DAY)  # the grid begins anew at midnight
    return midnight + first + length <= end


def _share_a_place(window: Window, other: Window) -> bool:
    return not window.places or not other.places or bool(window.places & other.places)

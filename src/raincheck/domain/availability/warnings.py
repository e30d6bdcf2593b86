"""What is odd about a schedule: hours that fit no session, hours that overlap, and hours that lead to no open time.

Nothing of it is wrong: a provider may save it all the same, and is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from raincheck.domain.availability.hours import WEEK, Availability, Window
from raincheck.domain.availability.overrides import OtherDays, other_days
from raincheck.domain.availability.schedule import Schedule

A_DAY = timedelta(days=1)
ELSEWHERE = ""
"""Stands for a place that no window names."""

When = int | OtherDays
"""A weekday (0 is Monday), or dates with other hours."""
Stretch = tuple[timedelta, timedelta]
"""Wall time from the midnight that begins the day looked at."""


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
    for when, days in _stretches(schedule.availability, today=today):
        found += _nowhere(when, days, places=places)
        found += _odd(when, days, shortest=shortest, step=schedule.step)
    return found


@dataclass(frozen=True, slots=True)
class _Days:
    """The windows of a day, and those of the days before and after it that may touch them."""

    before: tuple[Window, ...]
    day: tuple[Window, ...]
    after: tuple[Window, ...]

    def around(self) -> Iterator[tuple[Stretch, Window]]:
        for shift, windows in ((-A_DAY, self.before), (timedelta(), self.day), (A_DAY, self.after)):
            for window in windows:
                yield (window.start + shift, window.end + shift), window


def _stretches(availability: Availability, *, today: date) -> Iterator[tuple[When, _Days]]:
    weekly, dated = availability.weekly, dict(availability.overrides)

    def on(day: date) -> tuple[Window, ...]:
        return dated.get(day, weekly[day.weekday()])

    for day in range(WEEK):
        yield day, _Days(weekly[day - 1], weekly[day], weekly[(day + 1) % WEEK])
    for entry in other_days(availability, today=today):
        # The first date speaks for the range: its neighbors differ from the others' at most by a night that touches it.
        yield entry, _Days(on(entry.first - A_DAY), entry.windows, on(entry.first + A_DAY))


def _nowhere(when: When, days: _Days, *, places: Collection[str]) -> Iterator[ScheduleWarning]:
    for window in days.day:
        if window.places and window.places.isdisjoint(places):
            yield NowhereOffered(when, window)


def _odd(when: When, days: _Days, *, shortest: timedelta, step: timedelta) -> Iterator[ScheduleWarning]:
    for window in days.day:
        runs = [_run(window, days, place) for place in _places(window, days)]
        if all(end - start < shortest for start, end in runs):
            yield TooShort(when, window)
        elif not any(_fits(run, shortest, step=step) for run in runs):
            yield OffTheGrid(when, window)
    for window, other in combinations(sorted(days.day, key=_order), 2):
        if other.start < window.end and _share_a_place(window, other):
            yield Overlapping(when, window, other)
    for window in days.day:
        for other in days.after:
            if other.start + A_DAY < window.end and _share_a_place(window, other):
                yield Overlapping(when, window, other)


def _run(window: Window, days: _Days, place: str) -> Stretch:
    """Return the stretch that a window makes at a place together with all that touches it, a day before and after at most."""
    runs: list[Stretch] = []
    for start, end in sorted(stretch for stretch, other in days.around() if other.offers(place)):
        if runs and start <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(runs[-1][1], end))
        else:
            runs.append((start, end))
    return next(run for run in runs if run[0] <= window.start < run[1])


def _fits(run: Stretch, length: timedelta, *, step: timedelta) -> bool:
    start, end = run
    midnight = start // A_DAY * A_DAY
    first = min(-(-(start - midnight) // step) * step, A_DAY)  # the grid begins anew at midnight
    return midnight + first + length <= end


def _places(window: Window, days: _Days) -> Collection[str]:
    """Return the places at which a window counts; any other place stands for all that no window names."""
    named = {place for _stretch, other in days.around() for place in other.places}
    return window.places or {*named, ELSEWHERE}


def _share_a_place(window: Window, other: Window) -> bool:
    return not window.places or not other.places or bool(window.places & other.places)


def _order(window: Window) -> tuple[timedelta, timedelta]:
    return window.start, window.end

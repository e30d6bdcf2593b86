"""Nearest good times: which open starts to show a client first, and how many there are around the asked time."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from raincheck.domain.appointments.needed_by import in_time
from raincheck.domain.clients.never_works import TimeOfWeek, that_may_work
from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at, wall

# So many nearest good times are shown at most; all others stand below them.
SHOWN = 5
# So many of them may be on the client's usual weekday and hour.
USUAL_SHOWN = 2
# So many kept sessions at one time of the week make it usual.
A_HABIT = 2
# On the client's clock; a start at either end is no odd hour.
EARLIEST, LATEST = time(7), time(21)
# Two starts as far apart as this, or nearer, are within an hour of each other.
CLOSE = timedelta(hours=1)
BESIDE = timedelta(days=1)
# "Around the asked time" is from 7 days before to 14 days after it, on the wall clock.
LOOK_BACK = timedelta(days=7)
LOOK_AHEAD = timedelta(days=14)


class UsualTime(NamedTuple):
    """When a client usually comes, on the provider's clock: weekday (0 is Monday) and hour (0 to 23)."""

    weekday: int
    hour: int


@dataclass(frozen=True, slots=True)
class Fit:
    """How many open starts lie around the asked time, and how many of them on the client's usual weekday."""

    starts: int
    on_usual_weekday: int


def usual_time(kept: Iterable[datetime], *, zone: ZoneInfo) -> UsualTime | None:
    """Return the weekday and hour at which most of a client's kept sessions started; of equals the latest.

    None without any, and when none comes twice: one session is no habit.
    """
    # Latest first, since Counter keeps the order in which it met things and `max` takes the first of equals.
    latest_first = Counter(_time_of_week(_shown(start, zone=zone)) for start in sorted(kept, reverse=True))
    if not latest_first:
        return None
    usual, times = max(latest_first.items(), key=lambda counted: counted[1])
    return usual if times >= A_HABIT else None


class Candidate(NamedTuple):
    """An open start with all that `Nearness` asks about it; these sort from the nearest to the furthest."""

    away: timedelta
    start: datetime
    usual: bool
    beside: bool
    waking: bool


@dataclass(frozen=True, slots=True)
class Nearness:
    """The rule by which up to five open starts are chosen for one asked time.

    1. At most two are on the client's usual weekday in their usual hour, and these two may be however far. Any minute of
       that hour is usual; the weekday or the hour alone is not.
    2. At least one is on the asked day or the day beside it, where one is open there.
    3. The others are the nearest to the asked time, before or after it alike; of two as near, the sooner.
    4. While others exist, none is before 7 AM or after 9 PM for the client, and no two are within an hour of each other.

    Nearness and what is usual are read on the provider's clock, on the wall: a week before and a week after are as near
    even when the clocks change between them. Days and hours of the day are read on the client's.
    """

    asked_at: datetime
    usual: UsualTime | None
    zone: ZoneInfo
    client_zone: ZoneInfo

    def chosen(self, starts: Iterable[datetime]) -> list[datetime]:
        """Return the chosen starts in order of time."""
        nearest_first = sorted(self._candidates(starts))
        good = [one for one in nearest_first if one.waking] or nearest_first
        others = [one for one in good if not one.usual]
        taken: list[Candidate] = []
        _take_apart(taken, (one for one in good if one.usual), most=USUAL_SHOWN)
        if not any(one.beside for one in taken):
            # A time at an odd hour there is better than none: that is the day the client had kept free.
            beside = [one for one in (*others, *nearest_first) if one.beside]
            if beside and beside[0].usual:
                taken = taken[: USUAL_SHOWN - 1]
            taken += beside[:1]
        _take_apart(taken, others, most=SHOWN)
        # Two are close only where no others are left.
        for one in good:
            allowed = not one.usual or sum(other.usual for other in taken) < USUAL_SHOWN
            if len(taken) < SHOWN and allowed and one not in taken:
                taken.append(one)
        return sorted(one.start for one in taken)

    def _candidates(self, starts: Iterable[datetime]) -> Iterator[Candidate]:
        """Read the clocks once for each start: the rule compares hundreds of them with each other."""
        asked = _shown(self.asked_at, zone=self.zone)
        asked_day = wall(self.asked_at, zone=self.client_zone).date()
        for start in starts:
            shown, theirs = _shown(start, zone=self.zone), wall(start, zone=self.client_zone)
            yield Candidate(
                away=abs(shown - asked),
                start=start,
                usual=_time_of_week(shown) == self.usual,
                beside=abs(theirs.date() - asked_day) <= BESIDE,
                waking=EARLIEST <= theirs.time() <= LATEST,
            )


def nearest_good_times(
    starts: Iterable[datetime],
    *,
    asked_at: datetime,
    usual: UsualTime | None,
    zone: ZoneInfo,
    client_zone: ZoneInfo,
    never_works: Collection[TimeOfWeek] = (),
    needed_by: date | None = None,
) -> list[datetime]:
    """Return up to five open starts, chosen by `Nearness`, in order of time. An intake has no usual time: give None.

    What comes after the day by which it is needed is chosen only where nothing else is open; of the rest the same goes for
    what never works for the client.
    """
    may_work = that_may_work(in_time(starts, needed_by, zone=zone), never_works, zone=client_zone)
    return Nearness(asked_at, usual, zone, client_zone).chosen(may_work)


def _take_apart(taken: list[Candidate], candidates: Iterable[Candidate], *, most: int) -> None:
    """Take over starts, best first, that are within an hour of none taken before, until there are so many."""
    for one in candidates:
        if len(taken) < most and all(abs(one.start - other.start) > CLOSE for other in taken):
            taken.append(one)


def around_asked_time(asked_at: datetime, *, zone: ZoneInfo) -> Span:
    """Return 7 days before to 14 days after the asked time, at the same wall time; a start at either end counts."""
    shown = _shown(asked_at, zone=zone)
    return Span(start_at(shown - LOOK_BACK, zone=zone), start_at(shown + LOOK_AHEAD, zone=zone))


def count_fitting(
    starts: Iterable[datetime], *, asked_at: datetime, usual: UsualTime | None, zone: ZoneInfo
) -> Fit:
    """Return what "Before you send" tells the provider about the open starts around the asked time."""
    around = around_asked_time(asked_at, zone=zone)
    # Both ends count here, unlike in a span: a week before, at the same time, is around.
    fitting = [start for start in starts if around.start <= start <= around.end]
    weekday = None if usual is None else usual.weekday
    return Fit(len(fitting), sum(wall(start, zone=zone).weekday() == weekday for start in fitting))


def _shown(instant: datetime, *, zone: ZoneInfo) -> datetime:
    return wall(instant, zone=zone).replace(tzinfo=None, fold=0)


def _time_of_week(shown: datetime) -> UsualTime:
    return UsualTime(shown.weekday(), shown.hour)

"""Nearest good times: which open starts to show a client first, and how many there are around the asked time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nsmallest
from typing import NamedTuple
from zoneinfo import ZoneInfo

from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at, wall

# So many nearest good times are shown at most; all others stand below them.
SHOWN = 5
# "Around the asked time" is from 7 days before to 14 days after it, on the wall clock.
LOOK_BACK = timedelta(days=7)
LOOK_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class UsualTime:
    """When a client usually comes, on the provider's clock: weekday (0 is Monday) and hour (0 to 23)."""

    weekday: int
    hour: int


@dataclass(frozen=True, slots=True)
class Fit:
    """How many open starts lie around the asked time, and how many of them on the client's usual weekday."""

    starts: int
    on_usual_weekday: int


def usual_time(starts: Iterable[datetime], *, zone: ZoneInfo) -> UsualTime | None:
    """Return the weekday and hour at which most of a client's appointments start; of equals the latest; None without any.

    Give the asked time among them, so that a new client's only appointment is their usual time.
    """
    # Latest first, since Counter keeps the order in which it met things and `max` takes the first of equals.
    latest_first = [_time_of_week(_shown(start, zone=zone)) for start in sorted(starts, reverse=True)]
    return max(Counter(latest_first).items(), key=lambda counted: counted[1])[0] if latest_first else None


class Rank(NamedTuple):
    """How good a start is for somebody who was asked to give up a time; the smaller, the better.

    Compared part by part: a usual time beats any other, then the smaller `distance`, then the sooner start.
    """

    is_unusual: bool
    distance: timedelta
    start: datetime


@dataclass(frozen=True, slots=True)
class Ranking:
    """The rule by which open starts are put in order for one asked time.

    1. Around the asked time (7 days before to 14 days after it, both included) a start on the client's usual weekday in
       their usual hour beats every other one. Any minute of that hour is usual; the weekday or the hour alone is not.
       Further away a usual time counts like any other, or a regular client would read nothing but weeks far ahead.
    2. Then the start nearer to the asked time beats the farther, before or after it alike.
    3. Of two as near, the sooner.

    All of it is read on the provider's clock. Nearness too: a week before and a week after are as near even when the
    clocks change between them, as everybody would say who looks at a calendar. `asked` is naive, on that clock.
    """

    asked: datetime
    usual: UsualTime | None
    zone: ZoneInfo

    @classmethod
    def about(cls, asked_at: datetime, *, usual: UsualTime | None, zone: ZoneInfo) -> Ranking:
        """Return the ranking around an asked time, an instant."""
        return cls(_shown(asked_at, zone=zone), usual, zone)

    def rank(self, start: datetime) -> Rank:
        """Return how good a start (an instant) is; no two starts have the same rank."""
        shown = _shown(start, zone=self.zone)
        away = shown - self.asked
        is_usual = -LOOK_BACK <= away <= LOOK_AHEAD and _time_of_week(shown) == self.usual
        return Rank(not is_usual, abs(away), start)


def nearest_good_times(
    starts: Iterable[datetime], *, asked_at: datetime, usual: UsualTime | None, zone: ZoneInfo
) -> list[datetime]:
    """Return up to five open starts, the best first by `Ranking`."""
    return nsmallest(SHOWN, starts, key=Ranking.about(asked_at, usual=usual, zone=zone).rank)


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

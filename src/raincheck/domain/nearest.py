"""Nearest good times: which open starts to show a client first, and how many there are around the asked time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nsmallest
from zoneinfo import ZoneInfo

from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at, wall

SHOWN = 5
"""So many nearest good times are shown at most."""
LOOK_BACK = timedelta(days=7)
LOOK_AHEAD = timedelta(days=14)
"""Around the asked time means from 7 days before to 14 days after it, on the wall clock."""


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
    latest_first = [_time_of_week(start, zone=zone) for start in sorted(starts, reverse=True)]
    return max(Counter(latest_first).items(), key=lambda counted: counted[1])[0] if latest_first else None


def nearest_good_times(
    starts: Iterable[datetime], *, asked_at: datetime, usual: UsualTime | None, zone: ZoneInfo
) -> list[datetime]:
    """Return up to five open starts, the best first.

    Around the asked time, starts at the client's usual weekday and hour beat all others, however near those are;
    further away they count like any other, or a regular client would read nothing but weeks far ahead.
    Then the nearer to the asked time beats the farther, and of two as near the sooner.
    """
    around = around_asked_time(asked_at, zone=zone)

    def rank(start: datetime) -> tuple[bool, timedelta, datetime]:
        is_usual = _includes(around, start) and _time_of_week(start, zone=zone) == usual
        return not is_usual, abs(start - asked_at), start

    return nsmallest(SHOWN, starts, key=rank)


def around_asked_time(asked_at: datetime, *, zone: ZoneInfo) -> Span:
    """Return 7 days before to 14 days after the asked time, at the same wall time; a start at either end counts."""
    shown = wall(asked_at, zone=zone).replace(tzinfo=None, fold=0)
    return Span(start_at(shown - LOOK_BACK, zone=zone), start_at(shown + LOOK_AHEAD, zone=zone))


def count_fitting(
    starts: Iterable[datetime], *, asked_at: datetime, usual: UsualTime | None, zone: ZoneInfo
) -> Fit:
    """Return what "Before you send" tells the provider about the open starts around the asked time."""
    around = around_asked_time(asked_at, zone=zone)
    fitting = [start for start in starts if _includes(around, start)]
    weekday = None if usual is None else usual.weekday
    return Fit(len(fitting), sum(wall(start, zone=zone).weekday() == weekday for start in fitting))


def _includes(span: Span, start: datetime) -> bool:
    return span.start <= start <= span.end


def _time_of_week(start: datetime, *, zone: ZoneInfo) -> UsualTime:
    shown = wall(start, zone=zone)
    return UsualTime(shown.weekday(), shown.hour)

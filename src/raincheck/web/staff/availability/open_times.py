"""Open times for somebody on the phone: two weeks of them by day, in the provider's zone with the client's time beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils.dateformat import format as formatted
from django.utils.translation import pgettext

from raincheck.domain.zones import wall, zone_named
from raincheck.notifications.formats import clock_time, instant_with_day, long_day, short_day
from raincheck.web.client.slots import value_of
from raincheck.web.staff.shell import _

SHOWN = timedelta(days=14)
LOOK_BACK = timedelta(days=7)
"""The first page begins this much before the asked time, or today when that is over."""


@dataclass(frozen=True, slots=True)
class Time:
    """One start as a radio button. `beside` is the client's own time where it differs."""

    value: str
    time: str
    when: str
    beside: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Day:
    tab: str
    name: str
    times: Sequence[Time]


@dataclass(frozen=True, slots=True)
class Fortnight:
    """Two weeks of open times; `earlier` and `later` are the first dates of the pages beside it, None where nothing is open."""

    days: Sequence[Day]
    earlier: date | None
    later: date | None


@dataclass(frozen=True, slots=True)
class Zones:
    """The provider's zone, in which days are told apart, and the client's."""

    provider: str
    client: str

    def day(self, instant: datetime) -> date:
        return wall(instant, zone=zone_named(self.provider)).date()


def fortnight(
    starts: Sequence[datetime],
    zones: Zones,
    *,
    asked_at: datetime,
    wanted: date | None = None,
    chosen: datetime | None = None,
) -> Fortnight:
    """Return the two weeks from `wanted` on, else those around the asked time, or the chosen one when it lies elsewhere.

    While anything is open no page is empty.
    """
    days = [zones.day(start) for start in starts]
    begin = _begin(days, wanted or zones.day(asked_at) - LOOK_BACK)
    if chosen and not begin <= zones.day(chosen) < begin + SHOWN:
        begin = _begin(days, zones.day(chosen))
    end = begin + SHOWN
    shown = [start for start, day in zip(starts, days, strict=True) if begin <= day < end]
    later = next((day for day in days if day >= end), None)
    return Fortnight(
        [_day(list(group), zones, chosen=chosen) for _of, group in groupby(shown, key=zones.day)],
        begin - SHOWN if days and days[0] < begin else None,
        later,
    )


def _begin(days: Sequence[date], wanted: date) -> date:
    """Return the first day to show: the wanted one, pulled to where something is open."""
    if not days:
        return wanted
    ahead = next((day for day in days if day >= wanted), None)
    if ahead is None:
        return days[-1]
    return wanted if ahead < wanted + SHOWN and days[0] < wanted else ahead


def _day(starts: Sequence[datetime], zones: Zones, *, chosen: datetime | None) -> Day:
    local = wall(starts[0], zone=zone_named(zones.provider))
    return Day(
        formatted(local, pgettext("date, on a tab", "D j")),
        long_day(starts[0], zones.provider),
        [_time(start, zones, chosen=chosen) for start in starts],
    )


def _time(start: datetime, zones: Zones, *, chosen: datetime | None) -> Time:
    when = {"day": short_day(start, zones.provider), "time": clock_time(start, zones.provider)}
    return Time(
        value_of(start), when["time"], _("%(day)s at %(time)s") % when, _beside(start, zones), start == chosen
    )


def _beside(start: datetime, zones: Zones) -> str:
    own = instant_with_day(start, zones.client)
    if own == instant_with_day(start, zones.provider):
        return ""
    same_day = zones.day(start) == wall(start, zone=zone_named(zones.client)).date()
    return clock_time(start, zones.client) if same_day else own


def date_in(text: str | None) -> date | None:
    """Return the date of an address, None for anything else."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None

"""Open times for somebody on the phone: two weeks of them by day, in the provider's zone with the client's time beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _, pgettext

from raincheck.domain.zones import wall, zone_named
from raincheck.notifications.formats import clock_time, instant_with_day, long_day, short_day
from raincheck.web.client.slots import value_of

SHOWN = timedelta(days=14)
LOOK_BACK = timedelta(
    days=7
)  # the first page begins this much before the asked time, or today when that is over


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
    """One day of open times; `near` on the one that is the nearest to the asked time, which is looked at first."""

    tab: str
    name: str
    times: Sequence[Time]
    near: bool


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
    # A choice that was refused for another reason stays in view.
    if chosen and not begin <= zones.day(chosen) < begin + SHOWN:
        begin = _begin(days, zones.day(chosen))
    end = begin + SHOWN
    asked_on = zones.day(asked_at)
    shown = [start for start, day in zip(starts, days, strict=True) if begin <= day < end]
    later = next((day for day in days if day >= end), None)
    # Of two as near, the sooner.
    nearest = min(map(zones.day, shown), key=lambda day: abs(day - asked_on), default=None)
    return Fortnight(
        [
            Day(
                formatted(day, pgettext("date, on a tab", "D j")),
                long_day(first, zones.provider),
                [_time(start, zones, chosen=chosen) for start in (first, *rest)],
                day == nearest,
            )
            for day, (first, *rest) in groupby(shown, key=zones.day)
        ],
        begin - SHOWN if days and days[0] < begin else None,
        later,
    )


def near(
    starts: Sequence[datetime], zones: Zones, *, chosen: datetime | None = None
) -> list[tuple[str, Time]]:
    """Return times that stand by themselves, each with its day."""
    return [(short_day(start, zones.provider), _time(start, zones, chosen=chosen)) for start in starts]


def _begin(days: Sequence[date], wanted: date) -> date:
    """Return the first day to show: the wanted one, pulled to where something is open."""
    # Nothing is open anywhere: the page still names the two weeks that were looked at.
    if not days:
        return wanted
    ahead = next((day for day in days if day >= wanted), None)
    if ahead is None:
        return days[-1]
    return wanted if ahead < wanted + SHOWN and days[0] < wanted else ahead


def _time(start: datetime, zones: Zones, *, chosen: datetime | None) -> Time:
    # The client's own time where their clock differs: whoever is on the phone says it to them.
    own, beside = instant_with_day(start, zones.client), ""
    if own != instant_with_day(start, zones.provider):
        same_day = zones.day(start) == wall(start, zone=zone_named(zones.client)).date()
        beside = clock_time(start, zones.client) if same_day else own
    when = {"day": short_day(start, zones.provider), "time": clock_time(start, zones.provider)}
    return Time(value_of(start), when["time"], _("%(day)s at %(time)s") % when, beside, start == chosen)


def date_in(text: str | None) -> date | None:
    """Return the date of an address, None for anything else."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    # Beyond these years zones and dates of the standard library end in errors.
    return found if 2000 <= found.year < 2200 else None

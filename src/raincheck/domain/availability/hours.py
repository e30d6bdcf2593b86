"""Availability is a provider's weekly hours with their places, and the dates on which other hours hold."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NotRequired, TypedDict
from zoneinfo import ZoneInfo

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.domain.spans import Span, merged
from raincheck.domain.zones import end_at, start_at, wall

WEEK = 7
A_DAY = timedelta(days=1)
TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


class HoursUnreadable(Refusal):
    kind = Kind.BAD_INPUT
    code = "hours_unreadable"
    sentence = _(
        "The working hours could not be read at “{where}”. Nothing was changed; please enter them again."
    )


class NotATime(Refusal):
    kind = Kind.BAD_INPUT
    code = "not_a_time"
    sentence = _(
        "“{value}” is not a time of day. Nothing was changed; please write it like 09:00 or 9:00 PM. 24:00 is the end of the day."
    )


class TimeMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "time_missing"
    sentence = _("Please give both times, or clear both to take these hours away. Nothing was changed yet.")


class NotAWeekday(Refusal):
    kind = Kind.BAD_INPUT
    code = "not_a_weekday"
    sentence = _(
        "“{value}” is not a weekday. Nothing was changed; weekdays go from 0 (Monday) to 6 (Sunday)."
    )


class NotADate(Refusal):
    kind = Kind.BAD_INPUT
    code = "not_a_date"
    sentence = _("“{value}” is not a date. Nothing was changed; please write it like 2026-11-27.")


class DateTwice(Refusal):
    kind = Kind.BAD_INPUT
    code = "date_twice"
    sentence = _("{value} has other hours twice. Nothing was changed; please keep one entry for each date.")


class StartsAtDayEnd(Refusal):
    kind = Kind.BAD_INPUT
    code = "starts_at_day_end"
    sentence = _(
        "Working hours can't start at 24:00. Nothing was changed; use 00:00 of the next day instead."
    )


class StoredWindow(TypedDict):
    """One window as it is stored; `weekday` (0 is Monday) stands on weekly windows only."""

    weekday: NotRequired[int]
    start: str
    end: str
    places: list[str]


class StoredOverride(TypedDict):
    date: str
    windows: list[StoredWindow]


class StoredAvailability(TypedDict):
    """The JSON on the provider's row."""

    weekly: list[StoredWindow]
    overrides: list[StoredOverride]


@dataclass(frozen=True, slots=True)
class Window:
    """Working hours that begin on one date: wall-clock time past its midnight, in whole minutes.

    `end` is after `start`; beyond 24 hours it lies on the next day. No places means every place.
    """

    start: timedelta
    end: timedelta
    places: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not timedelta() <= self.start < A_DAY or not self.start < self.end <= self.start + A_DAY:
            raise ValueError("a window starts within its day and ends within 24 hours")

    def offers(self, place: str | None) -> bool:
        return place is None or not self.places or place in self.places

    def on(self, day: date, *, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the instants (UTC) at which the window opens and closes on a date; both equal if it is skipped."""
        midnight = datetime.combine(day, time.min)
        # 24:00 ends its own day: where clocks repeat the hour after midnight, it is the first midnight.
        closes = start_at if self.end == A_DAY else end_at
        return start_at(midnight + self.start, zone=zone), closes(midnight + self.end, zone=zone)


@dataclass(frozen=True, slots=True)
class Availability:
    """When a provider works: windows by weekday (Monday first), and by date where other hours replace them.

    A date without windows is a day off. A window belongs to the date it begins on, so a day off does not cut
    short the night that began the day before. Windows may overlap: together they are one.
    """

    weekly: tuple[tuple[Window, ...], ...] = ((),) * WEEK
    overrides: tuple[tuple[date, tuple[Window, ...]], ...] = ()

    def __post_init__(self) -> None:
        if len(self.weekly) != WEEK:
            raise ValueError("a week has seven days")


def working_spans(
    availability: Availability, *, within: Span, zone: ZoneInfo, place: str | None = None
) -> list[Span]:
    """Return working time inside `within`, sorted and merged; with a place, only of windows that offer it."""
    overrides = dict(availability.overrides)
    # Two days earlier and one later: windows run past midnight, and clocks step back over it.
    day = wall(within.start, zone=zone).date() - 2 * A_DAY
    last = wall(within.end, zone=zone).date() + A_DAY
    spans = []
    while day <= last:
        for window in overrides.get(day, availability.weekly[day.weekday()]):
            if window.offers(place):
                opens_at, closes_at = window.on(day, zone=zone)
                start, end = max(opens_at, within.start), min(closes_at, within.end)
                if start < end:  # not so where the clock skips all of it
                    spans.append(Span(start, end))
        day += A_DAY
    return merged(spans)


def availability_from(stored: object) -> Availability:
    """Return the availability of its stored JSON. Raises the refusal that names what is wrong, and its `field`."""
    entry = _entry(stored, where="hours")
    weekly: list[list[Window]] = [[] for _day in range(WEEK)]
    for where, one in _each(entry.get("weekly", []), where="weekly"):
        weekday = _entry(one, where=where).get("weekday")
        # True is an int to Python, and would be Tuesday.
        if not isinstance(weekday, int) or isinstance(weekday, bool) or not 0 <= weekday < WEEK:
            raise NotAWeekday(value=_shown(weekday), field=f"{where}.weekday")
        weekly[weekday].append(window_from(one, where))
    read = [override_from(one, where) for where, one in _each(entry.get("overrides", []), where="overrides")]
    overrides = dict[date, tuple[Window, ...]]()
    for day, windows in read:
        # Not the last one silently: whoever enters a date twice has to say which they mean.
        if day in overrides:
            raise DateTwice(value=day.isoformat(), field="overrides")
        overrides[day] = windows
    return Availability(tuple(map(tuple, weekly)), tuple(sorted(overrides.items(), key=lambda item: item[0])))


def as_stored(availability: Availability) -> StoredAvailability:
    """Return the JSON to store; `availability_from` reads it back unchanged."""
    return {
        "weekly": [
            {"weekday": weekday, **_stored(window)}
            for weekday, windows in enumerate(availability.weekly)
            for window in windows
        ],
        "overrides": [
            {"date": day.isoformat(), "windows": [_stored(window) for window in windows]}
            for day, windows in availability.overrides
        ],
    }


def _stored(window: Window) -> StoredWindow:
    return {
        "start": _clock(window.start),
        "end": _clock(window.end),
        "places": sorted(window.places),
    }


def _clock(past_midnight: timedelta) -> str:
    # The end of a day is written as such: 00:00 would read as its beginning.
    if past_midnight == A_DAY:
        return "24:00"
    hours, minutes = divmod(past_midnight // timedelta(minutes=1), 60)
    return f"{hours % 24:02}:{minutes:02}"


def override_from(stored: object, where: str) -> tuple[date, tuple[Window, ...]]:
    """Return one date and its windows of their stored JSON. Raises as `window_from` does."""
    entry = _entry(stored, where=where)
    said = entry.get("date")
    try:
        day = date.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != said:  # weeks and ordinals are dates to Python, not to a form
        raise NotADate(value=_shown(said), field=f"{where}.date")
    windows = _each(entry.get("windows"), where=f"{where}.windows")
    return day, tuple(window_from(one, place) for place, one in windows)


def window_from(stored: object, where: str) -> Window:
    """Return one window of its stored JSON. Raises the refusal that says what is wrong; its `field` begins with `where`."""
    entry = _entry(stored, where=where)
    start, end = _time(entry.get("start"), f"{where}.start"), _time(entry.get("end"), f"{where}.end")
    if start == A_DAY:
        raise StartsAtDayEnd(field=f"{where}.start")
    places = set[str]()
    for at, place in _each(entry.get("places", []), where=f"{where}.places"):
        if not isinstance(place, str) or not place:
            raise HoursUnreadable(where=at, field=at)
        places.add(place)
    # An end that is not after the start is of the next day: people write a night as 22:00 to 06:00.
    return Window(start, end + A_DAY if end <= start else end, frozenset(places))


def _time(stored: object, where: str) -> timedelta:
    if not isinstance(stored, str) or not TIME_OF_DAY.fullmatch(stored):
        raise NotATime(value=_shown(stored), field=where)
    hours, minutes = stored.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def _each(stored: object, *, where: str) -> Iterator[tuple[str, object]]:
    """Return each item of a list with the words for where it stands."""
    if not isinstance(stored, list):
        raise HoursUnreadable(where=where, field=where)
    return ((f"{where}.{number}", item) for number, item in enumerate(stored))


def _entry(stored: object, *, where: str) -> Mapping[str, object]:
    if not isinstance(stored, dict):
        raise HoursUnreadable(where=where, field=where)
    return stored


def _shown(value: object) -> str:
    # Cut: whatever was sent comes back in a sentence on a page.
    return "" if value is None else str(value)[:40]

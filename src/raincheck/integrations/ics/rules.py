"""Recurrence sets by the wall: rules, dates and exceptions of calendar files, written out by recurring-ical-events."""

import gc
import re
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import FrameType
from typing import NoReturn

from dateutil.rrule import rrulestr
from icalendar import Event, InvalidCalendar
from icalendar.prop import vDDDLists, vDDDTypes, vRecur
from recurring_ical_events import EventAdapter, Series

from raincheck.domain.calendars.busy import QUOTED, plain
from raincheck.domain.calendars.recurrence import (
    LONGEST_INTERVAL,
    MOST_TIMES,
    Frequency,
    Recurrence,
    fast_forwarded,
)
from raincheck.integrations.ics.text import Line
from raincheck.integrations.ics.values import Unreadable, Value, value_of

# Raised by the libraries over files that break the standard; each costs one event, never the file.
LIBRARY_FAULTS = (
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    AttributeError,
    AssertionError,
    InvalidCalendar,
)
# Processor time for writing out one event. dateutil looks for the next time up to the year 9999, so a rule that no
# day fulfills would keep it busy for many seconds.
SECONDS_PER_EVENT = 0.25
# No event names more dates one by one; a rule says such things in a line.
MOST_NAMED = 5_000
# The two that are left out count in calendars other than the Gregorian (RFC 7529), which the library does not know.
RULE_PARTS = frozenset(vRecur.canonical_order) - {"RSCALE", "SKIP"}


COMMA_BETWEEN_PARTS = re.compile(r",(?=[A-Z-]+=)")


class CannotBeFollowed(Exception):
    """The rule took too long or broke the library; what it names outright still counts."""


class RepeatsTooOften(Exception):
    """Writing the event out would take too much; nothing has been written out. `text` is what says how often."""

    def __init__(self, text: str) -> None:
        self.text = plain(text, at_most=QUOTED)
        super().__init__(self.text)


@dataclass(frozen=True, slots=True)
class Rule:
    """A recurrence rule as the library takes it and as the domain weighs it; UNTIL is a wall time in both."""

    recur: vRecur
    recurrence: Recurrence
    text: str


@dataclass(frozen=True, slots=True)
class Moved:
    """One time of a series that has its own start and end, or, `onwards`, that one and all later ones.

    Of one replaced time there is one.
    """

    number: int
    replaces: datetime
    start: datetime
    end: datetime
    onwards: bool = False


@dataclass(slots=True)
class RecurrenceSet:
    """Everything that decides when an event takes place (RFC 5545, 3.8.5), all in wall times of one zone.

    Wall times on purpose: the library compares aware times by their UTC and by their wall reading at once, so that in
    a zone an EXDATE could strike out another time of the same day.
    """

    start: datetime
    end: datetime
    number: int = 0
    rules: list[Rule] = field(default_factory=list)
    more: list[tuple[datetime, datetime]] = field(default_factory=list)
    without: set[datetime] = field(default_factory=set)
    without_days: set[date] = field(default_factory=set)
    moved: list[Moved] = field(default_factory=list)

    def between(self, first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
        """Return (start, end) of each time that overlaps [first, last)."""
        return [(start, end) for start, end, _ in self.numbered_between(first, last)]

    def numbered_between(self, first: datetime, last: datetime) -> list[tuple[datetime, datetime, int]]:
        """The same with the number of whichever decides the time: the event itself or one of `moved`.

        Raises RepeatsTooOften before any work is done, or CannotBeFollowed.
        """
        numbers = {one.replaces: one.number for one in self.moved}
        try:
            start = self.near_start(first)
            for rule in self.rules:
                refuse_too_many(rule, length=last - start)
            with processor_time(SECONDS_PER_EVENT):
                found = list(Series(self.written(start, first, last)).between(first, last))
        except LIBRARY_FAULTS as fault:
            raise CannotBeFollowed from fault
        return [
            (time.start, time.end, numbers[time.recurrence_ids[0]] if time.recurrence_ids else self.number)
            for time in found
        ]

    def named(self) -> list[tuple[datetime, datetime, int]]:
        """Return the times that are named outright, whatever the rules say, numbered as in `numbered_between`."""
        own = [(start, end, self.number) for start, end in ((self.start, self.end), *self.more)]
        return own + [(one.start, one.end, one.number) for one in self.moved]

    def near_start(self, first: datetime) -> datetime:
        """Return a start just before the window from which the rule goes on the same, where there is one."""
        # Two rules may have no start in common, and one moved time may shift all that follow.
        if len(self.rules) != 1 or any(one.onwards for one in self.moved):
            return self.start
        return fast_forwarded(self.start, self.rules[0].recurrence, before=first - (self.end - self.start))

    def written(self, start: datetime, first: datetime, last: datetime) -> list[EventAdapter]:
        """Return the event and its moved times as the library takes them, without what lies far from the window."""
        length = self.end - self.start
        event = as_event(start, start + length)
        event["RRULE"] = [rule.recur for rule in self.rules]
        event["RDATE"] = vDDDLists([pair for pair in self.more if pair[1] >= first and pair[0] <= last])
        # Some files name thousands; those far from the window would only take time.
        near = [wall for wall in self.without if first - length <= wall <= last]
        event["EXDATE"] = vDDDLists([*near, *self.without_days])
        adapters = [EventAdapter(event)]
        for one in self.moved:
            moved, params = as_event(one.start, one.end), {"RANGE": "THISANDFUTURE"} if one.onwards else None
            moved["RECURRENCE-ID"] = vDDDTypes(one.replaces, params=params)
            adapters.append(EventAdapter(moved))
        return adapters


def as_event(start: datetime, end: datetime) -> Event:
    """Return an event of these times as the library takes it; one UID for all, since only one is written out at a time."""
    event = Event()
    event["UID"] = "1"
    event["DTSTART"] = vDDDTypes(start)
    event["DTEND"] = vDDDTypes(end)
    return event


@contextmanager
def processor_time(seconds: float) -> Iterator[None]:
    """Raise CannotBeFollowed inside the block once it has computed for so long; only a main thread can be stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        raise CannotBeFollowed

    former, collecting = signal.signal(signal.SIGVTALRM, stop), gc.isenabled()
    gc.disable()  # what is raised while garbage is collected is lost
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, former)
        if collecting:
            gc.enable()


def texts_of(lines: list[Line]) -> list[tuple[str, Line]]:
    """Return each value of properties that list several, with its line. Raises RepeatsTooOften before any is read."""
    if sum(line.value.count(",") + 1 for line in lines) > MOST_NAMED:
        raise RepeatsTooOften(lines[0].value)
    return [(text, line) for line in lines for text in line.value.split(",")]


def rule_of(text: str, *, until_in: Callable[[Value], datetime]) -> Rule:
    """Return the rule written as `text`, its UNTIL turned into wall time by `until_in`. Raises Unreadable.

    Parts that no standard knows are passed over: some makers write their own among them.
    """
    short = "".join(text.strip(' \t"').split()).upper().removeprefix("RRULE:")
    # Some write commas between the parts, or leave one empty.
    named = [part.partition("=") for part in COMMA_BETWEEN_PARTS.sub(";", short).split(";")]
    known = {name: value.strip(",") for name, _equals, value in named if value and name in RULE_PARTS}
    until = known.pop("UNTIL", None)
    try:
        recur = vRecur.from_ical(";".join(f"{name}={value}" for name, value in known.items()))
        if until is not None:
            recur.pop("COUNT", None)  # the standard allows one of them; in doubt, busy for longer
            recur["UNTIL"] = [until_in(value_of(until))]
        return Rule(recur, weighed(recur), plain(text, at_most=QUOTED))
    except LIBRARY_FAULTS as fault:
        raise Unreadable(text) from fault


def starts_of(rule: Rule, *, start: datetime, first: datetime, last: datetime) -> set[datetime]:
    """Return the starts in [first, last] that a rule writes out by itself, counted from `start`.

    Raises RepeatsTooOften before any work is done, or CannotBeFollowed.
    """
    near = fast_forwarded(start, rule.recurrence, before=first)
    refuse_too_many(rule, length=last - near)
    try:
        with processor_time(SECONDS_PER_EVENT):
            written = rrulestr(rule.recur.to_ical().decode(), dtstart=near)
            return set(written.between(first, last, inc=True))
    except LIBRARY_FAULTS as fault:
        raise CannotBeFollowed from fault


def refuse_too_many(rule: Rule, *, length: timedelta) -> None:
    recurrence = rule.recurrence
    if recurrence.too_close or recurrence.most_times(max(length, timedelta(0))) > MOST_TIMES:
        raise RepeatsTooOften(rule.text)


def weighed(recur: vRecur) -> Recurrence:
    """Return a rule as far as the domain weighs it. Raises ValueError, or what the library raises."""
    interval = int(recur.get("INTERVAL", [1])[0])
    if not 1 <= interval <= LONGEST_INTERVAL:
        raise ValueError(interval)  # dateutil never returns from an interval of nothing
    count = int(recur["COUNT"][0]) if "COUNT" in recur else None
    if count is not None and count < 1:
        raise ValueError(count)
    return Recurrence(
        frequency=Frequency(str(recur["FREQ"][0]).upper()),
        interval=interval,
        count=count,
        until=recur["UNTIL"][0] if "UNTIL" in recur else None,
        months=_numbers(recur.get("BYMONTH", [])),
        month_days=_numbers(recur.get("BYMONTHDAY", [])),
        weekdays=len(recur.get("BYDAY", [])),
        year_days=len(recur.get("BYYEARDAY", [])),
        weeks=len(recur.get("BYWEEKNO", [])),
        hours=len(recur.get("BYHOUR", [0])),
        minutes=len(recur.get("BYMINUTE", [0])),
        seconds=len(recur.get("BYSECOND", [0])),
    )


def _numbers(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(int(value) for value in values)

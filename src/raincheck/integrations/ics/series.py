"""Events of a calendar file that repeat as a series here can: every so many weeks, with what the file leaves out and moves."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from raincheck.domain.appointments.series import WEEKS_APART, Pattern
from raincheck.domain.calendars.recurrence import Frequency
from raincheck.domain.imports.repeating import NoSeries, Repeats, Singly, repeating
from raincheck.domain.practice import LENGTHS
from raincheck.integrations.ics.events import Event, EventTime
from raincheck.integrations.ics.rules import Moved, RecurrenceSet, Rule
from raincheck.integrations.ics.zone_names import named_zone
from raincheck.integrations.ics.zones import FileZone

SIMPLE = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"})
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAYS_OF_A_WEEK = 7


def every_weeks(rule: Rule, *, start: datetime) -> int | None:
    """Return every how many weeks a rule names the weekday of `start` and no other day; None for any other rule."""
    recurrence, days = rule.recurrence, [str(day).upper() for day in rule.recur.get("BYDAY", [])]
    if set(rule.recur) - SIMPLE or days not in ([], [WEEKDAYS[start.weekday()]]):
        return None
    weeks, rest = recurrence.interval, 0
    if recurrence.frequency is Frequency.DAILY and not days:
        weeks, rest = divmod(recurrence.interval, DAYS_OF_A_WEEK)
    elif recurrence.frequency is not Frequency.WEEKLY:
        return None
    return weeks if not rest and weeks in WEEKS_APART else None


def place_of(zone: tzinfo, *, usual: ZoneInfo) -> ZoneInfo:
    """Return the zone of the tz database that an event's times are most likely in; `is_same_clock` tells whether they are."""
    if isinstance(zone, ZoneInfo):
        return zone
    if zone is UTC:
        return ZoneInfo("UTC")
    return (named_zone(zone.name) if isinstance(zone, FileZone) else None) or usual


def is_same_clock(repeats: Repeats, zone: tzinfo, *, until: datetime) -> bool:
    """Return whether the times of a series that begin before `until` are when the event's own zone has them."""
    own = repeats.pattern.zone
    known = [one.recurrence_id for one in repeats.times]
    instants = [(EventTime(wall, zone).instant, EventTime(wall, own).instant) for wall in known]
    return all(there == here for there, here in instants if here < until)


def series_of(
    event: Event,
    found: RecurrenceSet,
    *,
    now: datetime,
    usual: ZoneInfo,
    inside: Collection[int],
) -> Repeats:
    """Return an event that repeats as a series with its times ahead.

    `inside` are the numbers of moved times that say the same as the event; any other is left out, and stands by itself.
    Raises NoSeries.
    """
    weeks = every_weeks(found.rules[0], start=found.start) if len(found.rules) == 1 else None
    length = event.end.instant - event.start.instant
    if weeks is None or found.more or any(one.onwards for one in found.moved) or not may_last(length):
        raise NoSeries(Singly.RULE)
    recurrence = found.rules[0].recurrence
    pattern = ending(
        Pattern(found.start, weeks, place_of(event.zone, usual=usual), recurrence.count), recurrence.until
    )
    moved = [one for one in found.moved if one.number in inside]
    elsewhere = {one.replaces for one in found.moved} - {one.replaces for one in moved}
    days = {datetime.combine(day, found.start.time()) for day in found.without_days}
    times = {one.replaces: times_of(one, event.zone) for one in moved}
    if not all(may_last((end or start) - start) for start, end in times.values()):
        raise NoSeries(Singly.RULE)
    return repeating(
        pattern, now=now, length=length or None, left_out=found.without | elsewhere | days, moved=times
    )


def ending(pattern: Pattern, until: datetime | None) -> Pattern:
    """Return a pattern with its last wall time as the rule's UNTIL has it: one on that day may come too late for it."""
    if until is None:
        return pattern
    day = until.date() - timedelta(days=until.time() < pattern.first.time())
    return Pattern(pattern.first, pattern.every_weeks, pattern.zone, ends_on=day)


def may_last(length: timedelta) -> bool:
    return not length or LENGTHS.least <= length <= LENGTHS.most


def times_of(one: Moved, zone: tzinfo) -> tuple[datetime, datetime | None]:
    """Return when a moved time begins and ends; no end where it has no length."""
    start, end = EventTime(one.start, zone).instant, EventTime(one.end, zone).instant
    return start, max(end, start + (one.end - one.start)) if one.end > one.start else None

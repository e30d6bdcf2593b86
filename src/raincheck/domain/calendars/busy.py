"""Busy time is all that is kept of a provider's own calendar, with the problems of what could not be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.domain.spans import Span, merged

# The rest of a file's problems are counted in one last sentence: nobody reads more, and a file may have thousands.
PROBLEMS_SHOWN = 50
# Characters of a file's own text that a sentence quotes.
QUOTED = 60
TITLE_LENGTH = 200
# Of an event's UID so much is kept: enough to know one of our own again, which are shorter.
UID_LENGTH = 255


@dataclass(frozen=True, slots=True, order=True)
class BusyEvent:
    """One stretch of busy time. The title is private to the provider and may be absent, as may be the event's UID."""

    span: Span
    title: str | None = None
    all_day: bool = False
    uid: str = ""


class ProblemKind(StrEnum):
    """What was wrong with one entry of a calendar file; `SENTENCES` says it to the provider."""

    NO_START = "no_start"
    UNREADABLE_START = "unreadable_start"
    UNREADABLE_END = "unreadable_end"
    ENDS_BEFORE_IT_STARTS = "ends_before_it_starts"
    UNREADABLE_DATE = "unreadable_date"
    UNREADABLE_RULE = "unreadable_rule"
    UNREADABLE_EXCEPTION = "unreadable_exception"
    NEVER_HAPPENS = "never_happens"
    REPEATS_TOO_OFTEN = "repeats_too_often"
    CANNOT_BE_FOLLOWED = "cannot_be_followed"
    OUTSIDE_TIME = "outside_time"
    NOT_CLOSED = "not_closed"
    UNREADABLE_BUSY_TIME = "unreadable_busy_time"
    ZONE_UNKNOWN = "zone_unknown"
    ZONE_BY_OFFSET = "zone_by_offset"
    ZONE_BY_CALENDAR = "zone_by_calendar"
    WORKING_HOURS = "working_hours"
    MORE = "more"


# Each says what was done in doubt: time that cannot be read counts as busy wherever it can count at all.
SENTENCES = {
    ProblemKind.NO_START: _("Event {number} has no start, so it is left out."),
    ProblemKind.UNREADABLE_START: _("Event {number} is left out: its start “{text}” is not a time."),
    ProblemKind.UNREADABLE_END: _(
        "The end “{text}” of event {number} is not a time; one hour counts as busy, or the day if it is all day."
    ),
    ProblemKind.ENDS_BEFORE_IT_STARTS: _(
        "Event {number} ends before it starts; one hour counts as busy, or the day if it is all day."
    ),
    ProblemKind.UNREADABLE_DATE: _(
        "Event {number} names “{text}”, which is not a time; it is read without it."
    ),
    ProblemKind.UNREADABLE_RULE: _(
        "How event {number} repeats (“{text}”) can't be read; only the times it names count as busy."
    ),
    ProblemKind.UNREADABLE_EXCEPTION: _(
        "Event {number} leaves out times by a rule that can't be followed (“{text}”); those times count as busy."
    ),
    ProblemKind.NEVER_HAPPENS: _(
        "Event {number} repeats on a day that does not exist (“{text}”); only the times it names count as busy."
    ),
    ProblemKind.REPEATS_TOO_OFTEN: _(
        "Event {number} repeats too often to follow (“{text}”); all the time it lasts counts as busy."
    ),
    ProblemKind.CANNOT_BE_FOLLOWED: _(
        "How event {number} repeats can't be followed; only the times it names count as busy."
    ),
    ProblemKind.OUTSIDE_TIME: _("Event {number} is left out: its times are too far away."),
    ProblemKind.NOT_CLOSED: _("Event {number} has no proper end in the file; what it says was read."),
    ProblemKind.UNREADABLE_BUSY_TIME: _("The busy time “{text}” can't be read, so it is left out."),
    ProblemKind.ZONE_UNKNOWN: _(
        "The time zone “{text}” is not known; its times were read as {zone} and may be wrong."
    ),
    ProblemKind.ZONE_BY_OFFSET: _(
        "The time zone “{text}” is not known; its times were read as {zone} and may be an hour off."
    ),
    ProblemKind.ZONE_BY_CALENDAR: _(
        "The time zone “{text}” is not known; its times were read as {zone}, the calendar's own, and may be wrong."
    ),
    ProblemKind.WORKING_HOURS: _(
        "Working hours in this file are not read as busy time; set yours under Availability."
    ),
    ProblemKind.MORE: _("{text} more things in this file could not be read."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a calendar file that was not read as it stands; `number` counts its events from 1."""

    kind: ProblemKind
    number: int = 0
    text: str = ""
    zone: str = ""

    @property
    def template(self) -> str:
        """The sentence before its values are filled in: this is what a catalogue translates."""
        return SENTENCES[self.kind]

    @property
    def sentence(self) -> str:
        return self.told(self.template)

    def told(self, template: str) -> str:
        """Fill a (translated) template with this problem's values."""
        return template.format(number=self.number, text=self.text, zone=self.zone)


@dataclass(frozen=True, slots=True)
class CalendarReading:
    """What one file says about one window of time.

    `events` overlap the window, are sorted and may reach over its edges; `entries_read` counts the entries that
    were understood, those that keep nobody busy included.
    """

    events: tuple[BusyEvent, ...] = ()
    problems: tuple[Problem, ...] = ()
    entries_read: int = 0

    @property
    def busy(self) -> list[Span]:
        """The busy time as sorted spans that neither touch nor overlap."""
        return merged(event.span for event in self.events)

    @property
    def sound(self) -> bool:
        """Whether anything was understood; a calendar without any entry is sound and empty."""
        return self.entries_read > 0 or not self.problems


def together(readings: Iterable[CalendarReading]) -> CalendarReading:
    """Return several readings as one, for a provider with several calendars."""
    several = list(readings)
    return CalendarReading(
        events=tuple(sorted(set().union(*(reading.events for reading in several)), key=in_order)),
        problems=tuple(problem for reading in several for problem in reading.problems),
        entries_read=sum(reading.entries_read for reading in several),
    )


def in_order(event: BusyEvent) -> tuple[datetime, datetime, str, bool, str]:
    """The order in which events are listed; titles may be absent, so the events themselves do not compare."""
    return event.span.start, event.span.end, event.title or "", event.all_day, event.uid


def summed_up(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return each problem once and at most PROBLEMS_SHOWN of them, a last one counting the rest."""
    # One entry may be looked at from two sides, its own and its series', and would tell the same twice.
    different = tuple(dict.fromkeys(problems))
    if len(different) <= PROBLEMS_SHOWN:
        return different
    rest = Problem(ProblemKind.MORE, text=str(len(different) - PROBLEMS_SHOWN))
    return (*different[:PROBLEMS_SHOWN], rest)


def plain(text: str, *, at_most: int) -> str:
    """Return a file's text fit to be stored and shown: one line, no control or direction marks, cut to length.

    PostgreSQL refuses NUL; escapes and direction marks could make a title look like something else.
    """
    # Cut first: a title may be megabytes, and spaces that are squeezed out count little.
    shown = text[: 4 * at_most]
    if not shown.isprintable():
        shown = "".join(sign if sign.isprintable() else " " for sign in shown)
    return " ".join(shown.split())[:at_most].rstrip()


NAME_LENGTH = 60


class CalendarNameMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "calendar_name_missing"
    sentence = _("Please give this calendar a name, so that you know it again. Nothing was read yet.")
    field = "name"


class CalendarFileMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "calendar_file_missing"
    sentence = _("Please choose a calendar file that is not empty. Nothing was read yet.")
    field = "file"


def calendar_name(text: str) -> str:
    """Return what a calendar is called, on one line and cut to length. Raises CalendarNameMissing."""
    name = plain(text, at_most=NAME_LENGTH)
    if not name:
        raise CalendarNameMissing
    return name


class CalendarGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "calendar_gone"
    sentence = _("That calendar was already removed. Nothing was changed.")


class CalendarIsAFile(Refusal):
    kind = Kind.CONFLICT
    code = "calendar_is_a_file"
    sentence = _(
        "This calendar was read from a file and can't be read again by itself. "
        "Nothing has changed; upload a newer file under the same name."
    )

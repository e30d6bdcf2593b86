"""Hours as rows of a form: times of weekdays and of single dates, as stored, as typed, and copied between days."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.http import QueryDict
from django.utils.dateformat import format as formatted
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from raincheck.domain.availability.hours import (
    WEEK,
    Availability,
    TimeMissing,
    Window,
    as_stored,
    window_from,
)
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _ as later

MONDAY = date(2024, 1, 1)  # any Monday: only its name is used
MOST_ROWS = 100  # more than a day of half-hour windows; what lies beyond was not typed by a person
FIELD = re.compile(r"(?P<prefix>[0-6]|other-[0-9]{1,3})-(?P<number>[0-9]{1,3})-(?:from|until)")
# A field for a time of day knows no 24:00; hours that end at 00:00 end with their day.
END_OF_DAY = {"24:00": "00:00"}
# Fields without their widget take whatever is typed: 9:00 PM, 9pm, 09:00:00.
CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-5][0-9]))?(?::[0-5][0-9])?\s*(?:(?P<half>[ap])\.?\s?m\.?)?",
    re.IGNORECASE,
)
LONGEST_TIME = 20
"""Characters with which a time that nobody can read is shown again: more than any time that people write."""
# Days that hours are often copied to, by the name of their button.
COPY_TO = {"weekdays": frozenset(range(5)), "every": frozenset(range(WEEK))}
NUMBERS = {str(day): day for day in range(WEEK)}


class OpensTheNight(Refusal):
    kind = Kind.BAD_INPUT
    code = "opens_the_night"
    sentence = later(
        "These hours end on the next day, at {until}. Nothing was saved. "
        "If you mean the night, tick the box. Otherwise correct the times."
    )


@dataclass(frozen=True, slots=True)
class HoursRow:
    """One window as it stands in the form: times like 09:00, the refs of its places (none: every place), and its error.

    `night` are the times for which somebody has ticked that hours past midnight are meant.
    """

    name: str
    start: str = ""
    end: str = ""
    places: tuple[str, ...] = ()
    error: str = ""
    fresh: bool = False
    night: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.start and not self.end

    @property
    def overnight(self) -> bool:
        # Hours until 00:00 end with their day and belong to no other.
        return bool(self.start and self.end) and self.end <= self.start and self.end != "00:00"

    @property
    def times(self) -> str:
        return f"{self.start}-{self.end}"

    @property
    def night_is_meant(self) -> bool:
        # A tick holds for the times it was given for, and for no others.
        return self.night == self.times

    @property
    def until(self) -> str:
        """Return "8 AM"; hours.js says the same while somebody types."""
        hour, _colon, minute = self.end.partition(":")
        if not (hour.isdigit() and minute.isdigit()):
            return self.end
        minutes = "" if minute == "00" else f":{minute}"
        return f"{int(hour) % 12 or 12}{minutes} {'AM' if int(hour) < 12 else 'PM'}"


Rows = tuple[HoursRow, ...]


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week with its rows; `number` is 0 for Monday.

    `copied` says what became of copying it, `ticked` are the days to copy it to, `error` is why that could not be done.
    """

    number: int
    name: str
    rows: Rows
    copied: str = ""
    ticked: frozenset[int] = frozenset()
    error: str = ""

    @property
    def id(self) -> str:
        """The day's anchor on the page."""
        return f"weekday-{self.number}"


def week_of(availability: Availability) -> list[Weekday]:
    """Return the form of stored hours."""
    return _week([rows_of(str(day), windows) for day, windows in enumerate(availability.weekly)])


def week_typed(post: QueryDict) -> list[Weekday]:
    """Return the form as it was typed, blank rows included."""
    rows = rows_typed(post)
    return _week([rows.get(str(day), ()) for day in range(WEEK)])


def rows_of(prefix: str, windows: Sequence[Window]) -> Rows:
    """Return the rows of windows, named by `prefix` and a number."""
    # Written by the same function that stores hours, so that a form never shows what could not be stored.
    alone = Availability((tuple(windows), *((),) * (WEEK - 1)))
    return tuple(
        HoursRow(
            f"{prefix}-{number}",
            window["start"],
            END_OF_DAY.get(window["end"], window["end"]),
            tuple(window["places"]),
            # Who saved it has said so.
            night=f"{window['start']}-{window['end']}",
        )
        for number, window in enumerate(as_stored(alone)["weekly"])
    )


def rows_typed(post: QueryDict) -> dict[str, Rows]:
    """Return all rows that were typed, by the prefix of their names, in the order of their numbers."""

    def row(name: str) -> HoursRow:
        start, end = (time_typed(post.get(f"{name}-{edge}", "")) for edge in ("from", "until"))
        night = post.get(f"{name}-night", "")
        return HoursRow(name, start, end, tuple(post.getlist(f"{name}-place")), night=night)

    numbers: dict[str, set[int]] = {}
    for field in post:
        if match := FIELD.fullmatch(field):
            numbers.setdefault(match["prefix"], set()).add(int(match["number"]))
    return {
        prefix: tuple(row(f"{prefix}-{number}") for number in sorted(found)[:MOST_ROWS])
        for prefix, found in numbers.items()
    }


def time_typed(text: str) -> str:
    """Return what was typed as "21:00" where it is a time of day; else whole, so that its sentence quotes what was typed."""
    typed = " ".join(text.split())[:LONGEST_TIME]
    match = CLOCK.fullmatch(typed)
    if match is None or not (match["minute"] or match["half"]):
        return typed
    hour, minute = int(match["hour"]), match["minute"] or "00"
    if match["half"] is None:
        return f"{hour:02}:{minute}"
    if hour not in range(1, 13):
        return typed
    return f"{hour % 12 + (12 if match['half'].lower() == 'p' else 0):02}:{minute}"


def with_copies(week: Sequence[Weekday], named: str, *, ticked: Collection[str]) -> list[Weekday]:
    """Return the form with one weekday's rows, as typed, on other days instead of their own; nothing of it is saved.

    `named` is the day's number and a set of days, like "0-weekdays", or "0-ticked" for those that are `ticked`.
    """
    number, _dash, which = named.partition("-")
    source = next((day for day in week if str(day.number) == number), None)
    if source is None:
        return list(week)
    chosen = COPY_TO.get(which) or {NUMBERS[day] for day in ticked if day in NUMBERS}
    targets = chosen - {source.number}
    filled = [row for row in source.rows if not row.is_blank]
    names = [weekday_name(day) for day in sorted(targets)]
    if targets:
        words = _("Copied to %(days)s. Nothing is saved until you save.")
        said = replace(source, copied=words % {"days": get_text_list(names, _("and"))})
    else:
        said = replace(source, error=_("Please tick the days that these hours should be copied to."))
    copied = []
    for day in week:
        # Errors stay behind: they name rows of the day that was copied.
        rows = [replace(row, name=f"{day.number}-{at}", error="") for at, row in enumerate(filled)]
        copied.append(replace(day, rows=tuple(rows)) if day.number in targets else day)
    return [said if day is source else day for day in copied]


def with_one_more(week: Iterable[Weekday], number: str) -> list[Weekday]:
    """Return the form with a blank row more on one weekday."""
    # By the day's number, which is also the prefix of its rows.
    return [replace(day, rows=longer(number, day.rows)) if str(day.number) == number else day for day in week]


def with_one_less(week: Iterable[Weekday], name: str) -> list[Weekday]:
    """Return the form without one of its rows."""
    return [replace(day, rows=without(name, day.rows)) for day in week]


def longer(prefix: str, rows: Rows) -> Rows:
    """Return rows with a blank one at the end, which takes the focus."""
    used = [int(row.name.rpartition("-")[2]) for row in rows]
    return (*rows, HoursRow(f"{prefix}-{max(used, default=-1) + 1}", fresh=True))


def without(name: str, rows: Rows) -> Rows:
    return tuple(row for row in rows if row.name != name)


def window_of(row: HoursRow, *, known_places: Collection[str]) -> Window:
    """Return the window that a row says. Raises the refusal that says what is wrong; its `field` is the row's name."""
    if not row.start or not row.end:
        raise TimeMissing(field=row.name)
    # Places that were typed into the address bar or removed since are nobody's choice.
    places = [place for place in row.places if place in known_places]
    try:
        return window_from({"start": row.start, "end": row.end, "places": places}, row.name)
    except Refusal as refusal:
        refusal.field = row.name
        raise


def nights_to_ask_about(rows: Iterable[HoursRow], *, refused: Collection[str | None]) -> list[Refusal]:
    """Return a refusal at each row whose hours run past midnight without anybody having ticked that they shall.

    Rows that are `refused` for something else come first. 9:00 AM – 8:00 AM is a slip of the finger more often than a night.
    """
    return [
        OpensTheNight(field=row.name, until=row.until)
        for row in rows
        if row.overnight and not row.night_is_meant and row.name not in refused
    ]


def weekday_name(day: int) -> str:
    """Return "Monday" for 0."""
    return formatted(datetime.combine(MONDAY, datetime.min.time()) + timedelta(days=day), "l")


def _week(rows: Sequence[Rows]) -> list[Weekday]:
    return [Weekday(day, weekday_name(day), rows[day]) for day in range(WEEK)]

"""Days with other hours as entries of a form: a date or a range, "Not working" or rows of times."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.http import QueryDict
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _, pgettext

from raincheck.domain.availability.hours import Availability, NotADate
from raincheck.domain.availability.overrides import (
    DateMissing,
    OtherDays,
    OtherHoursMissing,
    other_days,
    refuse_dates,
)
from raincheck.domain.refusals import Refusal
from raincheck.web.staff.availability.hours import HoursRow, Rows, longer, rows_of, rows_typed, without

PREFIX = "other"
ADD = PREFIX  # the value of the button that adds an entry
MARKER = "overrides"  # says that the form holds the entries at all: without it those that are kept stay
FIELD = re.compile(PREFIX + r"-([0-9]{1,3})-first")


@dataclass(frozen=True, slots=True)
class OtherDay:
    """One entry as it stands in the form: dates like 2026-11-27, `last` empty for one day, and its error."""

    name: str
    first: str = ""
    last: str = ""
    works: bool = False
    rows: Rows = ()
    error: str = ""
    fresh: bool = False

    @property
    def words(self) -> str:
        """The entry's name: its dates as people write them, "New date" while there is none."""
        first, last = _date_or_none(self.first), _date_or_none(self.last)
        if first is None:
            return _("New date")
        named = [formatted(day, pgettext("date", "D, M j")) for day in (first, last) if day]
        return " – ".join(named)

    @property
    def shown_rows(self) -> Rows:
        """The rows to show: one to fill in where there is none."""
        return self.rows or (HoursRow(f"{self.name}-0"),)


def entries_of(availability: Availability, *, today: date) -> list[OtherDay]:
    """Return the form of the stored overrides from today on."""
    return [
        OtherDay(
            f"{PREFIX}-{number}",
            entry.first.isoformat(),
            "" if entry.last == entry.first else entry.last.isoformat(),
            bool(entry.windows),
            rows_of(f"{PREFIX}-{number}", entry.windows),
        )
        for number, entry in enumerate(other_days(availability, today=today))
    ]


def entries_typed(post: QueryDict) -> list[OtherDay]:
    """Return the entries as they were typed, blank ones included."""
    numbers = sorted({int(match.group(1)) for field in post if (match := FIELD.fullmatch(field))})
    rows = rows_typed(post)
    entries = []
    for name in (f"{PREFIX}-{number}" for number in numbers):
        first, last = (post.get(f"{name}-{edge}", "").strip()[:20] for edge in ("first", "last"))
        # "Not working" is the usual reason to name a date, so it is what a new entry says.
        works = post.get(f"{name}-works") == "yes"
        entries.append(OtherDay(name, first, last, works, rows.get(name, ())))
    return entries


def with_one_more_entry(entries: Sequence[OtherDay], added: str) -> list[OtherDay]:
    """Return the form with a blank entry more, or with a blank row more in the entry that is named."""
    if added == ADD:
        # One above the highest, so that a name that was removed never comes back with old rows.
        used = [int(entry.name.rpartition("-")[2]) for entry in entries]
        return [*entries, OtherDay(f"{PREFIX}-{max(used, default=-1) + 1}", fresh=True)]
    return [
        replace(entry, works=True, rows=longer(entry.name, entry.shown_rows))
        if entry.name == added
        else entry
        for entry in entries
    ]


def with_one_less_entry(entries: Iterable[OtherDay], name: str) -> list[OtherDay]:
    """Return the form without an entry, or without one row of an entry."""
    return [replace(entry, rows=without(name, entry.rows)) for entry in entries if entry.name != name]


def dates_of(entry: OtherDay, *, kept: Availability, today: date) -> OtherDays:
    """Return the dates that an entry says, without its hours. Raises the refusal that says what is wrong with them."""
    if not entry.first:
        raise DateMissing(field=entry.name)
    try:
        dates = OtherDays(_date(entry.first), _date(entry.last or entry.first))
        refuse_dates(dates, kept=kept, today=today)
    except Refusal as refusal:
        raise in_words(refusal, at=entry.name) from None
    return dates


def rows_to_read(entry: OtherDay) -> list[HoursRow]:
    """Return the filled rows of an entry, none when it says "Not working". Raises OtherHoursMissing."""
    filled = [row for row in entry.rows if not row.is_blank] if entry.works else []
    if entry.works and not filled:
        raise OtherHoursMissing(field=entry.name)
    return filled


def in_words(refusal: Refusal, *, at: str) -> Refusal:
    """Return a refusal with its date as people write it, at the entry it belongs to."""
    # The domain speaks ISO dates; people read "Friday, November 27, 2026".
    for name, value in refusal.values.items():
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) and (day := _date_or_none(value)):
            refusal.values[name] = formatted(day, pgettext("date", "l, F j, Y"))
    refusal.field = at
    return refusal


def _date(text: str) -> date:
    day = _date_or_none(text)
    if day is None:
        raise NotADate(value=text)
    return day


def _date_or_none(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Python reads "20261127" and "2026-W48-5" as dates too; nobody who types a date means those.
    return day if day.isoformat() == text else None

"""Days with other hours, as people make them: one date or a range of dates, with windows of its own or none at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from raincheck.domain.availability.hours import Availability, DateTwice, Window
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

Overrides = tuple[tuple[date, tuple[Window, ...]], ...]

A_DAY = timedelta(days=1)
# Nobody plans a single day's hours more than two years ahead; a date beyond is a slip of the finger.
FURTHEST = timedelta(days=730)


class DateMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "date_missing"
    sentence = _("Please choose the date, or remove this entry. Nothing was changed yet.")


class DateInThePast(Refusal):
    kind = Kind.BAD_INPUT
    code = "date_in_the_past"
    sentence = _("{day} is in the past. Nothing was changed yet; please choose today or a later date.")


class DateTooFarAhead(Refusal):
    kind = Kind.BAD_INPUT
    code = "date_too_far_ahead"
    sentence = _(
        "{day} is more than two years ahead. Nothing was changed yet; please check the year, or choose an earlier date."
    )


class LastDateBeforeFirst(Refusal):
    kind = Kind.BAD_INPUT
    code = "last_date_before_first"
    sentence = _(
        "The last date is before the first. Nothing was changed yet; please swap them, or leave the last date empty for one day."
    )


class OtherHoursMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "other_hours_missing"
    sentence = _("Please enter the hours of this date, or choose “Not working”. Nothing was changed yet.")


@dataclass(frozen=True, slots=True)
class OtherDays:
    """The dates from `first` to `last`, both included, with the same windows; none means not working."""

    first: date
    last: date
    windows: tuple[Window, ...] = ()

    def days(self) -> Iterator[date]:
        day = self.first
        while day <= self.last:
            yield day
            day += A_DAY


def other_days(availability: Availability, *, today: date) -> list[OtherDays]:
    """Return the overrides from today on; dates in a row with the same windows are one range."""
    found: list[OtherDays] = []
    for day, windows in availability.overrides:
        if day < today:
            continue
        before = found[-1] if found else None
        if before and before.windows == windows and before.last + A_DAY == day:
            found[-1] = OtherDays(before.first, day, windows)
        else:
            found.append(OtherDays(day, day, windows))
    return found


def refuse_dates(entry: OtherDays, *, kept: Availability, today: date) -> None:
    """Raise what is wrong with an entry's dates."""
    if entry.last < entry.first:
        raise LastDateBeforeFirst
    # A date that is kept already may have passed while the form stood open.
    known = {day for day, _windows in kept.overrides}
    if entry.first < today and entry.first not in known:
        raise DateInThePast(day=entry.first.isoformat())
    if entry.last > today + FURTHEST:
        raise DateTooFarAhead(day=entry.last.isoformat())


def with_other_days(entries: Sequence[OtherDays], *, kept: Availability, today: date) -> Overrides:
    """Return the overrides that entries with sound dates stand for; those of the past stay as they are kept.

    Raises DateTwice, whose `field` is the number of the entry that names a date again.
    """
    overrides = {day: windows for day, windows in kept.overrides if day < today}
    typed = set[date]()
    for number, entry in enumerate(entries):
        for day in entry.days():
            if day in typed:
                raise DateTwice(value=day.isoformat(), field=str(number))
            typed.add(day)
            # What is past stays as it was kept: hours of former days say what was true then.
            if day >= today:
                overrides[day] = entry.windows
    return tuple(sorted(overrides.items(), key=lambda item: item[0]))

"""One weekday's hours, as typed, on other days of the form; nothing of it is saved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from django.utils.text import get_text_list

from raincheck.domain.availability.hours import WEEK
from raincheck.web.staff.availability.hours import Weekday, weekday_name
from raincheck.web.staff.shell import _

NUMBERS = {str(day): day for day in range(WEEK)}
DAYS = {"weekdays": frozenset(range(5)), "every": frozenset(range(WEEK))}
"""Days that hours are often copied to, by the name of their button."""


def with_copies(week: Sequence[Weekday], named: str, *, ticked: Collection[str]) -> list[Weekday]:
    """Return the form with one weekday's rows, as typed, on other days instead of their own.

    `named` is the day's number and a set of days, like "0-weekdays", or "0-ticked" for those that are `ticked`.
    """
    number, _dash, which = named.partition("-")
    source = next((day for day in week if str(day.number) == number), None)
    if source is None:
        return list(week)
    chosen = DAYS.get(which) or {NUMBERS[day] for day in ticked if day in NUMBERS}
    targets = chosen - {source.number}
    copied = [_copy(source, day) if day.number in targets else day for day in week]
    return [_told(source, targets) if day is source else day for day in copied]


def _copy(source: Weekday, day: Weekday) -> Weekday:
    filled = [row for row in source.rows if not row.is_blank]
    rows = (replace(row, name=f"{day.number}-{number}", error="") for number, row in enumerate(filled))
    return replace(day, rows=tuple(rows))


def _told(source: Weekday, targets: Collection[int]) -> Weekday:
    """Return the day that was copied with a sentence about it."""
    if not targets:
        return replace(source, error=_("Please tick the days that these hours should be copied to."))
    names = [weekday_name(day) for day in sorted(targets)]
    words = _("Copied to %(days)s. Nothing is saved until you save.") % {
        "days": get_text_list(names, _("and"))
    }
    return replace(source, copied=words)

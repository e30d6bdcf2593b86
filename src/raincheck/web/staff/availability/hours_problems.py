"""What is wrong with a form of hours, as a list above it that leads to each place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from raincheck.domain.refusals import Refusal
from raincheck.web.staff.availability.hours import HoursRow
from raincheck.web.staff.availability.schedule_form import ScheduleForm
from raincheck.web.staff.shell import _, sentence_of


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence; `anchor` is the element it is about and `place` what that is called, both empty for the whole form."""

    sentence: str
    anchor: str = ""
    place: str = ""


def problems(form: ScheduleForm, refusals: Sequence[Refusal]) -> list[Problem]:
    """Return what is wrong, in the order of the form."""
    places = {field: (anchor, place) for field, anchor, place in _places(form)}
    return [Problem(sentence_of(refusal), *places.get(refusal.field or "", ("", ""))) for refusal in refusals]


def _places(form: ScheduleForm) -> Iterator[tuple[str, str, str]]:
    """Name the field, the element and the words of everything that can be wrong."""
    for day in form.week:
        yield from _rows(day.rows, day.name)
    for entry in form.others:
        yield entry.name, entry.name, entry.words
        yield from _rows(entry.rows, entry.words)
    yield "step", "step", _("Sessions can start every")
    yield "zone", "zone", _("Time zone")


def _rows(rows: Sequence[HoursRow], day: str) -> Iterator[tuple[str, str, str]]:
    for number, row in enumerate(rows, start=1):
        words = _("%(day)s, hours %(number)s") % {"day": day, "number": number}
        yield row.name, f"row-{row.name}", words

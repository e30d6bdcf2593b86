"""The availability form as a whole: weekly hours, days with other hours, grid step and zone, stored or as typed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from raincheck.data.models import Place
from raincheck.domain.availability.hours import Availability, DateTwice, Window
from raincheck.domain.availability.overrides import OtherDays, Overrides, with_other_days
from raincheck.domain.availability.schedule import STEPS, Schedule, StepUnknown
from raincheck.domain.refusals import Refusal
from raincheck.domain.zones import wall, zone_named
from raincheck.web.staff.availability.hours import (
    HoursRow,
    Weekday,
    week_of,
    week_typed,
    window_of,
    with_copies,
    with_one_less,
    with_one_more,
)
from raincheck.web.staff.availability.overrides import (
    MARKER,
    OtherDay,
    dates_of,
    entries_of,
    entries_typed,
    in_words,
    rows_to_read,
    with_one_less_entry,
    with_one_more_entry,
)
from raincheck.web.submission import sentence_of

Read = TypeVar("Read")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ScheduleForm:
    """The form as it stands. `step` is in minutes, `zone` an IANA name; `errors` has sentences by field."""

    week: Sequence[Weekday]
    others: Sequence[OtherDay]
    step: str
    zone: str
    zone_confirmed: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> list[HoursRow]:
        """Every row of hours that counts, in the order of the form."""
        others = [entry.rows for entry in self.others if entry.works]
        return [row for rows in (*(day.rows for day in self.week), *others) for row in rows]

    def without_undated(self) -> ScheduleForm:
        """Return the form without entries that have no date yet: nothing can be shown of them, nor need it be waited for."""
        return replace(self, others=[entry for entry in self.others if entry.first or entry.last])

    def with_copies(self, named: str, *, ticked: Collection[str]) -> ScheduleForm:
        """Return the form with one weekday's rows on other days, as `hours.with_copies` reads `named`."""
        return replace(self, week=with_copies(self.week, named, ticked=ticked))

    def with_one_more(self, named: str) -> ScheduleForm:
        """Return the form with a blank row more on a weekday or in an entry, or with a blank entry more."""
        return replace(
            self,
            week=with_one_more(self.week, named),
            others=with_one_more_entry(self.others, named),
        )

    def with_one_less(self, named: str) -> ScheduleForm:
        """Return the form without one row or one entry."""
        return replace(
            self,
            week=with_one_less(self.week, named),
            others=with_one_less_entry(self.others, named),
        )


def typed_availability(
    post: QueryDict, *, kept: Schedule, places: Sequence[Place], now: datetime
) -> Schedule:
    """Return the schedule that a posted form says: hours with overrides (`.availability`), `.step` and `.zone`.

    `kept` is the provider's stored one (`schedule_of`): what the form does not hold stays as it is there, overrides of the
    past too. `places` are the practice's. Entries that have no date yet are passed over. Raises the first refusal that says
    what is wrong; its `field` names the row.
    """
    form = form_typed(post, kept=kept, now=now).without_undated()
    schedule, refusals = read_form(form, kept=kept, places=places, now=now)
    if schedule is None:
        raise refusals[0]
    return schedule


def form_of(schedule: Schedule, *, now: datetime) -> ScheduleForm:
    """Return the form of a stored schedule."""
    return ScheduleForm(
        week_of(schedule.availability),
        entries_of(schedule.availability, today=_today(schedule, now)),
        str(schedule.step // MINUTE),
        schedule.zone.key,
    )


def form_typed(post: QueryDict, *, kept: Schedule, now: datetime) -> ScheduleForm:
    """Return the form as it was typed, with what is kept where the form had no such field."""
    # What a form does not hold is kept, never emptied.
    stored = form_of(kept, now=now)
    return ScheduleForm(
        week_typed(post),
        # A form of an older page, or of a program, may hold the week alone: its other days stay.
        entries_typed(post) if MARKER in post else stored.others,
        post.get("step", stored.step),
        post.get("zone", stored.zone),
        "zone-confirmed" in post,
    )


def read_form(
    form: ScheduleForm, *, kept: Schedule, places: Sequence[Place], now: datetime
) -> tuple[Schedule | None, list[Refusal]]:
    """Return the schedule a form says, or None and everything that is wrong with it, in the order of the form."""
    # Places of this practice only; any other ref is passed over.
    reading = _Reading(kept, frozenset(str(place.ref) for place in places), _today(kept, now))
    weekly = tuple(reading.windows([row for row in day.rows if not row.is_blank]) for day in form.week)
    overrides = reading.overrides(form.others)
    # A step that is kept already may stay, whatever it is; a new one is one of the product's.
    steps = {str(step // MINUTE): step for step in (*STEPS, kept.step)}
    step = steps.get(form.step)
    if step is None:
        reading.refusals.append(StepUnknown())
    zone = reading.attempt(lambda: zone_named(form.zone))
    if reading.refusals or step is None or zone is None:
        return None, reading.refusals
    return Schedule(Availability(weekly, overrides), step, zone), []


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence; `anchor` is the element it is about and `place` what that is called, both empty for the whole form."""

    sentence: str
    anchor: str = ""
    place: str = ""


def problems(form: ScheduleForm, refusals: Sequence[Refusal]) -> list[Problem]:
    """Return what is wrong as a list above the form, which leads to each place in the form's order."""
    days = [(day.rows, day.name) for day in form.week] + [(entry.rows, entry.words) for entry in form.others]
    places = {entry.name: (entry.name, entry.words) for entry in form.others}
    places |= {"step": ("step", _("Sessions can start every")), "zone": ("zone", _("Time zone"))}
    for rows, day in days:
        for number, row in enumerate(rows, start=1):
            words = _("%(day)s, hours %(number)s") % {"day": day, "number": number}
            places[row.name] = (f"row-{row.name}", words)
    return [Problem(sentence_of(refusal), *places.get(refusal.field or "", ("", ""))) for refusal in refusals]


def with_refusals(form: ScheduleForm, refusals: Sequence[Refusal]) -> ScheduleForm:
    """Return the form with each refusal's sentence at its row or field."""
    said: dict[str, str] = {}
    for refusal in refusals:
        name = refusal.field or ""
        # Two things can be wrong with one row, and both are said there.
        said[name] = f"{said[name]} {sentence_of(refusal)}" if name in said else sentence_of(refusal)

    def marked(rows: Sequence[HoursRow]) -> tuple[HoursRow, ...]:
        return tuple(replace(row, error=said.get(row.name, "")) for row in rows)

    return replace(
        form,
        week=[replace(day, rows=marked(day.rows)) for day in form.week],
        others=[
            replace(entry, rows=marked(entry.rows), error=said.get(entry.name, "")) for entry in form.others
        ],
        errors={name: said[name] for name in ("step", "zone") if name in said},
    )


@dataclass(slots=True)
class _Reading:
    """Reads a form part by part and takes down every refusal on the way."""

    kept: Schedule
    known_places: frozenset[str]
    today: date
    # All of them: a person who fixes one thing should not meet the next only then.
    refusals: list[Refusal] = field(default_factory=list)

    def attempt(self, read: Callable[[], Read]) -> Read | None:
        try:
            return read()
        except Refusal as refusal:
            self.refusals.append(refusal)
            return None

    def windows(self, rows: Sequence[HoursRow]) -> tuple[Window, ...]:
        read = [self.attempt(partial(window_of, row, known_places=self.known_places)) for row in rows]
        return tuple(window for window in read if window is not None)

    def overrides(self, entries: Sequence[OtherDay]) -> Overrides:
        read = [(entry, self._entry(entry)) for entry in entries]
        sound = [(entry, days) for entry, days in read if days is not None]
        try:
            days = [days for _entry, days in sound]
            return with_other_days(days, kept=self.kept.availability, today=self.today)
        except DateTwice as twice:
            # The domain counts the dates it was given; here that is the entry the second one stands in.
            entry = sound[int(twice.field or "0")][0]
            self.refusals.append(in_words(twice, at=entry.name))
            return ()

    def _entry(self, entry: OtherDay) -> OtherDays | None:
        dates = self.attempt(lambda: dates_of(entry, kept=self.kept.availability, today=self.today))
        rows = self.attempt(lambda: rows_to_read(entry))
        windows = self.windows(rows or [])
        return OtherDays(dates.first, dates.last, windows) if dates else None


def _today(schedule: Schedule, now: datetime) -> date:
    return wall(now, zone=schedule.zone).date()

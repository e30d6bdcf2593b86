"""The picker of open times: a week of days to look at, one of them open, and the choice that is never lost on the way."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.dateformat import format as formatted
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext, pgettext

from raincheck.data.appointments.appointment import Appointment
from raincheck.domain.refusals import Refusal
from raincheck.domain.zones import zone_named
from raincheck.notifications.formats import (
    long_day,
    short_day,
    weekday_and_time,
    weekday_in_full_and_time,
)
from raincheck.web.client.slots import Slot, buttons, slot, start_from, value_of
from raincheck.web.client.times import Clock
from raincheck.web.requests import ref_or_none

WEEK = timedelta(days=7)
WORKING_DAYS, DAYS = 5, 7
PART = "%Y-%m-%dT%H:%M"
"""A day and a time of it, in an address."""
OF_A_DAY = 48
"""So many times of a day are shown at once; a day with more of them is read in parts."""
FIELD = "start"
CLOSE = 2
"""So many times are shown in place of one that was lost."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the week that is shown: its words, what is said of it, and whether it is the open one."""

    day: str
    weekday: str
    number: str
    said: str
    open: bool
    empty: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Picker:
    """A week of days with one of them open. `earlier` and `later` are days of the weeks beside it, empty where nothing is open.

    `notes` are what the client should know of the open day. `sooner` and `after` lead to the times of the day that are not shown,
    empty where there are none.
    """

    month: str
    week: str
    is_asked_week: bool
    earlier: str
    later: str
    cells: Sequence[Cell]
    name: str
    notes: Sequence[str]
    slots: Sequence[Slot]
    sooner: str
    after: str
    field: str
    id: str

    @property
    def buttons(self) -> SafeString:
        return buttons(self.slots, field=self.field, id=f"{self.id}-day", day=self.name)


@dataclass(frozen=True, slots=True)
class Lost:
    """A chosen time that is not to be had any more: what happened, and the times close to it."""

    sentence: str
    close: Sequence[Slot]


@dataclass(frozen=True, slots=True)
class SameTime:
    """The time that the appointment has, to be kept by video: a radio button among the others, with its start as the value.

    `says` stands on the button that acts.
    """

    value: str
    words: str
    says: str
    chosen: bool

    @classmethod
    def of(cls, start: datetime, clock: Clock, *, chosen: bool) -> "SameTime":
        when = weekday_in_full_and_time(start, clock.shown)
        return cls(
            value=value_of(start),
            words=_("Keep %(when)s, by video") % {"when": when},
            says=keep_words(start, clock),
            chosen=chosen,
        )


def keep_words(start: datetime, clock: Clock) -> str:
    """Return "Keep Tue, Dec 8 at 11:00 AM, by video", as it stands on a button."""
    return _("Keep %(when)s, by video") % {"when": clock.short(start)}


@dataclass(frozen=True, slots=True)
class Times:
    """Open times in the order they are read: in place of a lost one, what is suggested, the nearest good ones, and the picker of all.

    `same` is the time that can be kept by video, where that was offered. `kept` is the time chosen before, where it stands
    neither among these nor on the open day.
    """

    suggested: Sequence[Slot]
    nearest: Sequence[Slot]
    picker: Picker | None
    kept: Slot | None
    lost: Lost | None
    field: str
    id: str
    same: SameTime | None = None

    @property
    def none(self) -> bool:
        """Whether nothing can be chosen."""
        return not self.nearest and not self.suggested and self.same is None

    @property
    def suggested_buttons(self) -> SafeString:
        return buttons(self.suggested, field=self.field, id=f"{self.id}-suggested")

    @property
    def near_buttons(self) -> SafeString:
        return buttons(self.nearest, field=self.field, id=f"{self.id}-near")

    @property
    def kept_button(self) -> SafeString:
        return buttons([self.kept] if self.kept else [], field=self.field, id=f"{self.id}-kept")

    @property
    def lost_buttons(self) -> SafeString:
        return buttons(self.lost.close if self.lost else [], field=self.field, id=f"{self.id}-close")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asked to see: the picker of one request (None is the first), open on a day, near a time of that day.

    None of a day, or of a time, is near the asked one.
    """

    request: UUID | None = None
    day: date | None = None
    at: time | None = None

    @classmethod
    def of(cls, said: QueryDict) -> "Wanted":
        wanted = said.get("day", "")
        return cls(ref_or_none(said.get("open", "")), _day(wanted), _time_of(wanted))


def times(
    starts: Sequence[datetime],
    nearest: Sequence[datetime],
    clock: Clock,
    *,
    id: str,
    field: str,
    asked_at: datetime,
    suggested: Sequence[datetime] = (),
    wanted: Wanted | None = None,
    chosen: datetime | None = None,
    lost: str = "",
    lost_at: datetime | None = None,
    notes: Mapping[date, Sequence[str]] | None = None,
    next_at: datetime | None = None,
    folded: bool = False,
    same: SameTime | None = None,
) -> Times:
    """Return the times to choose from for one appointment, its picker open where it is `wanted`, or near the asked time.

    What is `suggested` is among the `starts`. A start that was `chosen` is checked once, wherever it stands first. `notes` are sentences by the day they belong to,
    `next_at` is the next session of a series. `folded` leaves the picker out.
    """
    chosen = chosen if chosen in starts else None
    # One start may stand in two lists, and of one name the browser keeps only the last that is checked.
    elsewhere = None if chosen in nearest or chosen in suggested else chosen
    picker = None
    if starts and not folded:
        near = (elsewhere or lost_at or asked_at).astimezone(zone_named(clock.shown))
        wanted = wanted or Wanted()
        week = _Week.around(starts, suggested, clock, wanted.day or near.date(), wanted.at or near.time())
        picker = week.shown(
            asked_at, chosen=elsewhere, field=field, id=id, notes=notes or {}, next_at=next_at
        )
    on_the_day = picker is not None and any(slot.chosen for slot in picker.slots)
    close = sorted(starts, key=lambda start: (abs(start - lost_at), start))[:CLOSE] if lost_at else []
    return Times(
        suggested=[slot(start, clock, chosen=chosen) for start in suggested],
        nearest=[slot(start, clock, chosen=chosen) for start in nearest],
        picker=picker,
        kept=slot(elsewhere, clock, chosen=chosen) if elsewhere and not on_the_day else None,
        lost=Lost(lost, [slot(start, clock) for start in sorted(close)]) if lost else None,
        field=field,
        id=id,
        same=same,
    )


def already(sessions: Iterable[Appointment], clock: Clock) -> dict[date, list[str]]:
    """Return by day what a client already has then, in words; nobody but the client may read it."""
    said: dict[date, list[str]] = {}
    for row in sessions:
        when = weekday_and_time(row.starts_at, clock.shown)
        words = _("You already have %(when)s with %(provider)s.")
        said.setdefault(_date(row.starts_at, clock), []).append(
            words % {"when": when, "provider": row.provider.short_name}
        )
    return said


@dataclass(frozen=True, slots=True)
class _Week:
    """The open starts by day, and the day that is open with the time it is read from, on the clock they are shown by."""

    by_day: Mapping[date, Sequence[datetime]]
    suggested: Container[datetime]
    opened: date
    at: time
    clock: Clock

    @classmethod
    def around(
        cls,
        starts: Iterable[datetime],
        suggested: Container[datetime],
        clock: Clock,
        target: date,
        at: time,
    ) -> "_Week":
        zone = zone_named(clock.shown)
        by_day = {
            day: list(group)
            for day, group in groupby(starts, key=lambda start: start.astimezone(zone).date())
        }
        # The day asked for, else the nearest of its week, else the nearest of all; of two as near the sooner.
        of_its_week = [day for day in by_day if _monday(day) == _monday(target)]
        opened = min(of_its_week or by_day, key=lambda day: (abs(day - target), day))
        return cls(by_day, suggested, opened, at, clock)

    def shown(
        self,
        asked_at: datetime,
        *,
        chosen: datetime | None,
        field: str,
        id: str,
        notes: Mapping[date, Sequence[str]],
        next_at: datetime | None,
    ) -> Picker:
        monday, starts = _monday(self.opened), self.by_day[self.opened]
        short = short_day(starts[0], self.clock.shown)
        said = list(notes.get(self.opened, ()))
        if next_at is not None and starts[0] > next_at:
            day = {"day": long_day(next_at, self.clock.shown)}
            said.append(_("Later: after your next appointment on %(day)s.") % day)
        first = self._first_shown(starts)
        last = first + OF_A_DAY
        return Picker(
            month=_month(monday, monday + timedelta(days=self._length - 1)),
            week=_days(monday, monday + timedelta(days=self._length - 1)),
            is_asked_week=monday == _monday(_date(asked_at, self.clock)),
            earlier=self._beside([day for day in self.by_day if day < monday][-1:]),
            later=self._beside([day for day in self.by_day if day >= monday + WEEK][:1]),
            cells=[self._cell(monday + timedelta(days=number), chosen) for number in range(self._length)],
            name=long_day(starts[0], self.clock.shown),
            notes=said,
            slots=[
                slot(start, self.clock, chosen=chosen, day=short, kept=self._kept(start))
                for start in starts[first:last]
            ],
            sooner=self._part_around(starts[max(first - OF_A_DAY // 2, 0)]) if first else "",
            after=self._part_around(starts[min(last + OF_A_DAY // 2, len(starts) - 1)])
            if starts[last:]
            else "",
            field=field,
            id=id,
        )

    def _kept(self, start: datetime) -> str:
        return _("kept for you") if start in self.suggested else ""

    def _first_shown(self, starts: Sequence[datetime]) -> int:
        """Return where the part of the open day begins that lies around the time it is read from."""
        zone = zone_named(self.clock.shown)
        before = sum(start.astimezone(zone).time() < self.at for start in starts)
        return max(0, min(before - OF_A_DAY // 2, len(starts) - OF_A_DAY))

    def _part_around(self, start: datetime) -> str:
        return start.astimezone(zone_named(self.clock.shown)).strftime(PART)

    @property
    def _length(self) -> int:
        # A weekend is shown only where somebody works on one.
        return DAYS if any(day.weekday() >= WORKING_DAYS for day in self.by_day) else WORKING_DAYS

    def _beside(self, found: Sequence[date]) -> str:
        """Return the same weekday in the week of a day; the picker then opens on the nearest day with times there."""
        return "".join((_monday(day) + (self.opened - _monday(self.opened))).isoformat() for day in found)

    def _cell(self, day: date, chosen: datetime | None) -> Cell:
        starts = self.by_day.get(day, ())
        has_chosen = chosen in starts
        count = len(starts)
        said = ngettext("%(count)s time", "%(count)s times", count) % {"count": count} if count else _("none")
        return Cell(
            day=day.isoformat(),
            weekday=formatted(day, pgettext("weekday, above a day of the picker", "D")),
            number=formatted(day, "j"),
            said=_("chosen") if has_chosen else said,
            open=day == self.opened,
            empty=not starts,
            chosen=has_chosen,
        )


def field_of(ref: UUID, *, several: bool) -> str:
    """Return the name of the form field with the start for a request: of several on one page each has its own."""
    return f"{FIELD}-{ref}" if several else FIELD


def chosen_in(said: QueryDict, field: str) -> datetime | None:
    """Return the start that a form or an address names in a field; None for none, or for what is no start."""
    try:
        return start_from(said.get(field, ""))
    except Refusal:
        return None


def others_chosen(request: HttpRequest, *, but: Container[str] = ()) -> dict[str, str]:
    """Return by form field what is chosen so far, from the address and the form, `but` for some fields."""
    said = {name: one for one in (request.GET, request.POST) for name in one if _is_field(name)}
    starts = {name: chosen_in(one, name) for name, one in said.items() if name not in but}
    return {name: value_of(start) for name, start in starts.items() if start is not None}


def carried(request: HttpRequest, *, without: Container[str] = ()) -> str:
    """Return the same as the query of an address, "?start=…"; empty where nothing is chosen."""
    chosen = others_chosen(request, but=without)
    return f"?{urlencode(chosen)}" if chosen else ""


def way_on(request: HttpRequest, *, home: str, ways: Mapping[str, str]) -> HttpResponse:
    """Lead on to where a button of the form points, with what is chosen so far: another day, or one of the `ways` by name.

    It changes nothing; without a script only a form can take a choice along.
    """
    address = ways.get(request.POST.get("go", ""))
    if address is not None:
        return HttpResponseRedirect(f"{address}{carried(request)}")
    ref, _slash, day = request.POST.get("see", "").rpartition("/")
    at = _time_of(day)
    shown = f"{_day(day)}T{at:%H:%M}" if at else _day(day)
    wanted = {
        name: value for name, value in (("open", ref_or_none(ref)), ("day", shown)) if value is not None
    }
    query = carried(request)
    if wanted:
        query = f"{query}{'&' if query else '?'}{urlencode(wanted)}"
    anchor = f"#times-{ref_or_none(ref)}" if ref_or_none(ref) else ""
    return HttpResponseRedirect(f"{home}{query}{anchor}")


def _is_field(name: str) -> bool:
    return name == FIELD or (
        name.startswith(f"{FIELD}-") and ref_or_none(name.removeprefix(f"{FIELD}-")) is not None
    )


def _day(said: str) -> date | None:
    """Return the day that an address names, by itself or with a time of it."""
    try:
        return date.fromisoformat(said.partition("T")[0])
    except ValueError:
        return None


def _time_of(said: str) -> time | None:
    try:
        # By the clock of the page, whatever zone it may bring along.
        return time.fromisoformat(said.partition("T")[2]).replace(tzinfo=None)
    except ValueError:
        return None


def _date(instant: datetime, clock: Clock) -> date:
    return instant.astimezone(zone_named(clock.shown)).date()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _month(first: date, last: date) -> str:
    """Return "December 2026", or "November – December 2026" for a week that lies in both."""
    form = pgettext("month of a week", "F Y")
    if first.month == last.month:
        return formatted(last, form)
    begins = formatted(first, pgettext("month of a week", "F") if first.year == last.year else form)
    return _("%(first)s – %(last)s") % {"first": begins, "last": formatted(last, form)}


def _days(first: date, last: date) -> str:
    """Return "Dec 7 – 11", or "Nov 30 – Dec 4"."""
    form = pgettext("day of a week", "M j")
    ends = formatted(last, form if first.month != last.month else "j")
    return _("%(first)s – %(last)s") % {"first": formatted(first, form), "last": ends}

"""The small calendar in which times are suggested: a week of days, one of them open with what is free and what is taken."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import QueryDict
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _, gettext_lazy as later, ngettext, pgettext

from raincheck.data.models import Appointment, Provider
from raincheck.data.slots import Row
from raincheck.domain.reschedule.suggestions import MOST
from raincheck.domain.spans import Span
from raincheck.domain.zones import whole_days
from raincheck.notifications.formats import clock_time, short_day
from raincheck.queries.reschedule.suggest import WeekToSuggest, last_to_suggest, week_to_suggest
from raincheck.web.client.slots import value_of
from raincheck.web.staff.appointments.words import clock_range
from raincheck.web.staff.availability.open_times import date_in
from raincheck.web.staff.shell import shown_at, zone_of

LOOK = "look"
"""The name of the buttons that show another day; nothing is sent then."""
TYPED = "typed"
"""What such a button says that adds the time that was typed."""
A_DAY, WEEK = timedelta(days=1), 7
TAKEN = {
    "appointment": later("Appointment"),
    "hold": later("Held for somebody"),
    "busy": later("Busy"),
    "out_of_office": later("Out of office"),
    "room": later("The room is taken"),
    "elsewhere": later("%(name)s has an appointment"),
}


def day_looked_at(said: QueryDict, chosen: Sequence[datetime], *, provider: Provider) -> date | None:
    """Return the day that a form shows next: of the button that was pressed, of the time just added, or the one it showed."""
    pressed = said.get(LOOK)
    if pressed == TYPED and chosen:
        return shown_at(chosen[-1], zone=zone_of(provider)).date()
    return date_in(pressed) or date_in(said.get("looked"))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the open day: a start that can be ticked, or without a value a stretch that is taken."""

    at: datetime
    words: str
    value: str = ""
    when: str = ""
    note: str = ""
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the week that is shown; `said` is how many starts in working hours are free, or that one is chosen."""

    day: str
    weekday: str
    number: str
    said: str
    open: bool
    closed: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """A week with one day open; `earlier` and `later` are days of the weeks beside it, empty where nothing can be suggested.

    `opened` is the open day, `elsewhere` are the chosen starts that it does not show.
    """

    opened: str
    month: str
    earlier: str
    later: str
    cells: Sequence[Cell]
    name: str
    lines: Sequence[Line]
    elsewhere: Sequence[Line]
    most: int = MOST


def suggest_calendar(
    appointments: Sequence[Appointment],
    chosen: Sequence[datetime],
    *,
    wanted: date | None,
    now: datetime,
    batch: int | None = None,
) -> Calendar:
    """Return the calendar of the `wanted` day, else of the first appointment's; of today where that is over."""
    provider, zone = appointments[0].provider, zone_of(appointments[0].provider)
    today, asked_on = (shown_at(at, zone=zone).date() for at in (now, appointments[0].starts_at))
    last = shown_at(last_to_suggest(appointments, now=now), zone=zone).date()
    opened = min(max(wanted or asked_on, today), last)
    found = week_to_suggest(appointments, day=opened, now=now, batch=batch)
    days = [found.monday + number * A_DAY for number in range(WEEK)]
    open_on = Counter(shown_at(one.at, zone=zone).date() for one in found.free if one.in_hours)
    chosen_on = {shown_at(start, zone=zone).date() for start in chosen}
    lines = _lines(found, opened, appointments, chosen)
    listed = {line.value for line in lines}
    return Calendar(
        opened=opened.isoformat(),
        month=formatted(opened, pgettext("month of a week", "F Y")),
        earlier=max(opened - WEEK * A_DAY, today).isoformat() if days[0] > today else "",
        later=min(opened + WEEK * A_DAY, last).isoformat() if days[-1] < last else "",
        cells=[
            _cell(
                day,
                open_on[day],
                open=day == opened,
                closed=not today <= day <= last,
                chosen=day in chosen_on,
            )
            for day in days
        ],
        name=formatted(opened, pgettext("date", "l, F j")),
        lines=lines,
        elsewhere=[
            Line(
                start,
                clock_time(start, provider.zone),
                value_of(start),
                when=short_day(start, provider.zone, now=now),
                ticked=True,
            )
            for start in dict.fromkeys(chosen)
            if value_of(start) not in listed
        ],
    )


def _lines(
    found: WeekToSuggest, day: date, appointments: Sequence[Appointment], chosen: Sequence[datetime]
) -> list[Line]:
    """Return what the open day shows, in order of time; of a stretch and a start at its beginning the stretch comes first."""
    provider = appointments[0].provider
    whole = whole_days(day, day, zone=zone_of(provider))
    taken = _taken(found.taken, whole, appointments)
    free = [
        Line(
            one.at,
            clock_time(one.at, provider.zone),
            value_of(one.at),
            note=_note(one.at, appointments, in_hours=one.in_hours),
            ticked=one.at in chosen,
        )
        for one in found.free
        if whole.start <= one.at < whole.end
    ]
    return sorted([*taken, *free], key=lambda line: line.at)


def _taken(rows: Iterable[Row], day: Span, appointments: Sequence[Appointment]) -> list[Line]:
    first, asked = appointments[0], {row.pk for row in appointments}
    lines, seen = [], set[Span]()
    for row in sorted(rows, key=lambda row: row.starts_at):
        own_hold = row.kind == "hold" and row.client_id == first.client_id
        # The client's session with this provider is among both kinds of rows.
        if own_hold or not row.span.overlaps(day) or row.span in seen:
            continue
        seen.add(row.span)
        words = str(TAKEN[row.kind]) % {"name": first.client.known_as}
        if row.kind in ("appointment", "elsewhere") and row.id in asked:
            words = _("The time you ask about")
        within = Span(max(row.starts_at, day.start), min(row.ends_at, day.end))
        when = _("All day") if within == day else clock_range(within, first.provider.zone)
        lines.append(Line(within.start, _("%(when)s: %(what)s") % {"when": when, "what": words}))
    return lines


def _note(start: datetime, appointments: Sequence[Appointment], *, in_hours: bool) -> str:
    if any(row.span.overlaps(Span(start, start + row.length)) for row in appointments):
        return _("partly at the asked time")
    return "" if in_hours else _("outside hours")


def _cell(day: date, count: int, *, open: bool, closed: bool, chosen: bool) -> Cell:
    said = ngettext("%(count)s open", "%(count)s open", count) % {"count": count} if count else _("none")
    return Cell(
        day=day.isoformat(),
        weekday=formatted(day, pgettext("weekday, above a day of the picker", "D")),
        number=formatted(day, "j"),
        said=_("chosen") if chosen else said,
        open=open,
        closed=closed,
        chosen=chosen,
    )

"""The open times that stand beside the boxes for date and time: a week of them, each of which fills the boxes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError

from raincheck.data.models import AppointmentType, Place
from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at
from raincheck.notifications.formats import clock_time, long_day
from raincheck.queries.appointments.placing import free_times
from raincheck.web.staff.appointments.session_form import SessionForm
from raincheck.web.staff.shell import shown_at, wall_time_in, zone_of

TIMES = "raincheck/staff/appointments/times_beside.html"
SHOWN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Time:
    """One start: as it is read, as the boxes write it, and the address of the page with the boxes filled."""

    words: str
    day: str
    clock: str
    url: str


@dataclass(frozen=True, slots=True)
class TimesBeside:
    """A week of open times by day, and the addresses of the weeks before and after; none lies in the past."""

    days: list[tuple[str, list[Time]]]
    first: datetime
    last: datetime
    earlier: str
    later: str


def picked(form: SessionForm, name: str, said: Mapping[str, Any]) -> Any:
    """Return the row that `said` names for a choice of the form; None when it names none that is offered."""
    try:
        return form.fields[name].clean(said.get(name))
    except ValidationError:
        return None


def start_said(said: Mapping[str, Any]) -> tuple[date | None, time | None]:
    """Return the day and time of day of an address: from the calendar's `start=`, or from the boxes themselves."""
    day, clock = said.get("day", ""), said.get("time", "")
    return wall_time_in(said.get("start") or (f"{day}T{clock}" if clock else day)) or (None, None)


def times_beside(
    form: SessionForm, said: Mapping[str, Any], kind: AppointmentType, place: Place, *, client_id: int
) -> TimesBeside:
    """Return a week that is open for this session from `from=` on, else from the chosen day; in one query."""
    provider, zone, row = form.provider, zone_of(form.provider), form.appointment
    today = shown_at(form.now, zone=zone).date()
    wanted = wall_time_in(said.get("from"))
    first = max(today, (wanted[0] if wanted else start_said(said)[0]) or today)
    edges = (datetime.combine(day, time.min) for day in (first, first + SHOWN))
    within = Span(*(start_at(edge, zone=zone) for edge in edges))
    starts = free_times(
        provider,
        form.session(kind, place),
        client_id=client_id,
        within=within,
        now=form.now,
        moving=row.pk if row else None,
    )
    # A link loses nothing of what was chosen before.
    kept = {name: said[name] for name in ("provider", "client", "start") if said.get(name)}
    kept |= {"type": str(kind.ref), "place": str(place.ref)}

    def page(**more: str) -> str:
        return "?" + urlencode(kept | more)

    def time_at(start: datetime) -> Time:
        shown = shown_at(start, zone=zone)
        day, clock = shown.date().isoformat(), f"{shown:%H:%M}"
        url = page(start=f"{day}T{clock}", **{"from": first.isoformat()})
        return Time(clock_time(start, provider.zone), day, clock, url)

    by_day = groupby(starts, key=lambda start: long_day(start, provider.zone, now=form.now))
    return TimesBeside(
        [(name, [time_at(start) for start in of_day]) for name, of_day in by_day],
        within.start,
        within.end - timedelta(minutes=1),
        page(**{"from": max(today, first - SHOWN).isoformat()}) if first > today else "",
        page(**{"from": (first + SHOWN).isoformat()}),
    )

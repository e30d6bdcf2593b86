"""The day of the team: a column for each provider on the reader's clock, for those who act for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_safe

from raincheck.data.access.shown import read_by
from raincheck.data.models import Provider
from raincheck.domain.access.appearance import Look
from raincheck.domain.availability.hours import availability_from, working_spans
from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at, zone_named
from raincheck.notifications.formats import clock_time, long_day, short_day, short_time_left, zone_city
from raincheck.queries.access.appearance import looks_of_providers
from raincheck.queries.appointments.calendar_view import Days, asked_starts, days_by_provider, version_of
from raincheck.web.staff.appointments.calendar_view import SHOWN_FROM, SHOWN_UNTIL, WORDS_HOLD, events_of
from raincheck.web.staff.appointments.day_heads import head_words
from raincheck.web.staff.appointments.events import Event
from raincheck.web.staff.appointments.team_on_demand import OnDemand, choices_of, on_demand, open_stretches
from raincheck.web.staff.appointments.words import clock_range
from raincheck.web.staff.shell import Context, Staff, for_staff, shown_at, wall_time_in

TEAM = "team"
"""The value of `provider=` in the address of the calendar that shows everybody's day."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Under so many minutes an appointment has room for one line.
ONE_LINE = 40


@dataclass(frozen=True, slots=True)
class Placed:
    """An event in its column: minutes from the first hour shown, and which of so many lanes beside each other."""

    event: Event
    classes: str
    start: int
    length: int
    lane: int = 0
    lanes: int = 1

    @property
    def is_behind(self) -> bool:
        return self.event.kind == "out_of_office"


@dataclass(frozen=True, slots=True)
class Open:
    """A stretch that is open for the chosen type: minutes as of an event, and the address that books its first time."""

    start: int
    length: int
    label: str
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Column:
    """One provider's day. `color` is theirs, `closed` are the minutes that their hours leave, as pairs of start and length.

    `ahead` is by how many minutes their clock is ahead of the reader's: an empty stretch is offered by their own.
    """

    name: str
    color: str
    url: str
    words: str
    zone: str
    ahead: int
    new_url: str
    block_url: str
    closed: list[tuple[int, int]]
    open: list[Open]
    events: list[Placed]


@dataclass(frozen=True, slots=True)
class TheirDay:
    """What a provider's column is made of."""

    provider: Provider
    look: Look | None
    found: Days
    hours: list[Span]
    events: list[Event]
    open: list[Span]


def team_frame(request: HttpRequest, staff: Staff) -> Context:
    """Return what the team's day needs on its page; the day comes from the address, else it is today."""
    zone = zone_named(staff.zone)
    today = shown_at(staff.now, zone=zone).date()
    day = _day_in(request, staff)
    begins = _midnight(day, staff)
    plain = f"{reverse('appointments')}?view=calendar&provider={TEAM}"
    shown = on_demand(request, staff)
    here = plain + shown.query
    asked = {shown_at(start, zone=zone).date().isoformat() for start in asked_starts(staff.providers())}
    return team_day(staff, day, shown) | {
        "title": long_day(begins, staff.zone, now=staff.now),
        "short_title": short_day(begins, staff.zone, now=staff.now),
        "city": zone_city(staff.zone),
        "date": day.isoformat(),
        "today": today.isoformat(),
        "asked": " ".join(sorted(asked)),
        "here": here,
        "before_url": f"{here}&date={day - DAY}",
        "after_url": f"{here}&date={day + DAY}",
        "part_url": f"{reverse('team-day')}?date={day}{shown.query}",
        "choices": choices_of(shown, staff, here=f"{plain}&date={day}"),
        "new_url": reverse("appointment-new"),
        "block_url": reverse("block-new"),
    }


@require_safe
@for_staff
def team_part(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Answer with the columns of the day `date=`; who names the version they have is answered 304 while nothing changed."""
    if not may_see_team(staff):
        raise Http404
    day, shown = _day_in(request, staff), on_demand(request, staff)
    version = _version(staff, day, shown)
    if request.headers.get("If-None-Match") == version:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        context = {"team": team_day(staff, day, shown)}
        answer = render(request, "raincheck/staff/appointments/team_columns.html", context)
    answer["ETag"] = version
    return answer


def _day_in(request: HttpRequest, staff: Staff) -> date:
    """Return the day in the address; whatever else stands there leads to today."""
    asked_for = wall_time_in(request.GET.get("date"))
    return asked_for[0] if asked_for else shown_at(staff.now, zone=zone_named(staff.zone)).date()


def may_see_team(staff: Staff) -> bool:
    """Return whether everybody's day is this person's to look at."""
    return bool(staff.choices())


def team_day(staff: Staff, day: date, shown: OnDemand) -> Context:
    """Return the columns of those who work that day or have something in it, and who is off; in as many questions for forty as for one."""
    # Everybody's day is read as who may see it, by somebody with a calendar of their own too.
    read_by(staff.manages or staff.actor)
    within = Span(_midnight(day, staff), _midnight(day + DAY, staff))
    found = days_by_provider(staff.practice, within=within, now=staff.now, cancelled=shown.cancelled)
    looks, theirs, off = looks_of_providers(staff.practice), [], []
    providers = list(staff.providers())
    open_ = open_stretches(shown, providers, staff, within=within)
    for provider in providers:
        own = found.get(provider.pk) or Days([], [], [], [])
        hours = working_spans(
            availability_from(provider.availability), within=within, zone=zone_named(provider.zone)
        )
        if hours or own.appointments or own.busy:
            events = events_of(staff, provider, own, staff.zone)
            theirs.append(
                TheirDay(provider, looks.get(provider.pk), own, hours, events, open_.get(provider.pk, []))
            )
        elif provider.left_at is None:
            off.append(provider.short_name)
    shown_hours = _shown_hours(theirs, within, staff)
    zone = zone_named(staff.zone)
    passed = shown_at(staff.now, zone=zone) - datetime.combine(day, datetime.min.time())
    now = passed // MINUTE - shown_hours.start * 60
    return {
        "columns": [
            _column(one, staff, shown, day=within, first=shown_hours.start, date=day) for one in theirs
        ],
        "off": ", ".join(off),
        "hours": [(hour, _hour_words(hour)) for hour in shown_hours],
        "first": shown_hours.start,
        "length": len(shown_hours) * 60,
        "now": now if 0 <= now < len(shown_hours) * 60 else None,
        "version": _version(staff, day, shown),
        # Nobody is told that an empty day has no open times, as long as nobody asked for them.
        "open": sum(len(one.open) for one in theirs) if shown.wanted else None,
    }


def _version(staff: Staff, day: date, shown: OnDemand) -> str:
    within = Span(_midnight(day, staff), _midnight(day + DAY, staff))
    found = version_of(staff.providers(), within=within, now=staff.now, cancelled=shown.cancelled)
    held = int(staff.now.timestamp() // WORDS_HOLD.total_seconds())
    return f'"{found}-{staff.membership.pk}-{get_language()}-{held}{shown.query}"'


def _midnight(day: date, staff: Staff) -> datetime:
    return start_at(datetime.combine(day, datetime.min.time()), zone=zone_named(staff.zone))


def _shown_hours(theirs: Iterable[TheirDay], day: Span, staff: Staff) -> range:
    """Return the whole hours around everybody's working time and appointments."""
    zone = zone_named(staff.zone)
    spans = [span for one in theirs for span in one.hours]
    spans += [listed.appointment.span for one in theirs for listed in one.found.appointments]
    midnight = shown_at(day.start, zone=zone)
    edges = [
        (
            max(shown_at(span.start, zone=zone) - midnight, timedelta(0)),
            min(shown_at(span.end, zone=zone) - midnight, DAY),
        )
        for span in spans
    ] or [(SHOWN_FROM, SHOWN_UNTIL)]
    return range(min(start for start, _end in edges) // HOUR, -(-max(end for _start, end in edges) // HOUR))


def _column(one: TheirDay, staff: Staff, shown: OnDemand, *, day: Span, first: int, date: date) -> Column:
    provider, midnight = one.provider, shown_at(day.start, zone=zone_named(staff.zone))

    def minutes(shown: str | datetime) -> int:
        at = datetime.fromisoformat(shown) if isinstance(shown, str) else shown
        return int(min(max(at - midnight, timedelta(0)), DAY) / MINUTE) - first * 60

    placed = [
        Placed(
            event, _classes(event, now=shown_at(staff.now, zone=zone_named(staff.zone))), start, end - start
        )
        for event in one.events
        if (start := minutes(event.start)) < (end := minutes(event.end))
    ]
    zone = zone_named(staff.zone)
    edges = [
        (minutes(shown_at(span.start, zone=zone)), minutes(shown_at(span.end, zone=zone)))
        for span in one.hours
    ]
    behind = [one for one in placed if one.is_behind]
    beside = [one for one in placed if not one.is_behind]
    asked = f"provider={provider.ref}"
    ahead = _ahead(provider, staff, at=day.start + DAY / 2)
    return Column(
        name=provider.short_name,
        color=one.look.color if one.look else "",
        url=f"{reverse('appointments')}?view=calendar&span=day&date={date}&{asked}",
        words=head_words(one.found, day=day, hours=one.hours, zone=staff.zone, now=staff.now),
        zone=_zone_words(ahead, provider),
        ahead=ahead // MINUTE,
        new_url=f"{reverse('appointment-new')}?{asked}",
        block_url=f"{reverse('block-new')}?{asked}",
        closed=list(_gaps(edges, until=24 * 60 - first * 60)),
        open=[
            Open(
                start := minutes(shown_at(span.start, zone=zone)),
                minutes(shown_at(span.end, zone=zone)) - start,
                _("Open for %(provider)s, %(time)s. New appointment")
                % {"provider": provider.short_name, "time": clock_range(span, staff.zone)},
                clock_range(span, staff.zone),
                f"{reverse('appointment-new')}?{asked}&start={_own_wall(span.start, provider)}{shown.booking}",
            )
            for span in one.open
        ],
        # In the order of the day, as Tab goes through them; time off lies behind and takes no lane.
        events=sorted([*behind, *_in_lanes(beside)], key=lambda one: (one.start, one.lane)),
    )


def _classes(event: Event, *, now: datetime) -> str:
    start, end = datetime.fromisoformat(event.start), datetime.fromisoformat(event.end)
    marks = {
        "past": end <= now,
        "running": start <= now < end,
        "asks": event.asks,
        "has-unread": event.unread > 0,
        "short": end - start < timedelta(minutes=ONE_LINE),
        event.outcome.replace("_", "-"): bool(event.outcome),
    }
    return " ".join([event.kind.replace("_", "-"), *(name for name, holds in marks.items() if holds)])


def _gaps(open_: list[tuple[int, int]], *, until: int) -> Iterator[tuple[int, int]]:
    at = 0
    for start, end in [*open_, (until, until)]:
        if start > at:
            yield at, start - at
        at = max(at, end)


def _in_lanes(placed: list[Placed]) -> Iterator[Placed]:
    """Lay what overlaps beside each other: each in the first lane that is free, all of a heap equally wide."""
    heap: list[tuple[Placed, int]] = []
    ends: list[int] = []
    for one in [*sorted(placed, key=lambda one: (one.start, -one.length)), None]:
        if one is None or (ends and one.start >= max(ends)):
            for done, lane in heap:
                yield Placed(done.event, done.classes, done.start, done.length, lane, len(ends))
            heap, ends = [], []
        if one is not None:
            lane = next((number for number, end in enumerate(ends) if end <= one.start), len(ends))
            ends[lane : lane + 1] = [one.start + one.length]
            heap.append((one, lane))


def _ahead(provider: Provider, staff: Staff, *, at: datetime) -> timedelta:
    return shown_at(at, zone=zone_named(provider.zone)) - shown_at(at, zone=zone_named(staff.zone))


def _own_wall(start: datetime, provider: Provider) -> str:
    """Return a start as the provider's clock shows it, the way an address of a new appointment says it."""
    return f"{shown_at(start, zone=zone_named(provider.zone)):%Y-%m-%dT%H:%M}"


def _zone_words(ahead: timedelta, provider: Provider) -> str:
    """Return "Chicago, 1 h earlier" for a provider whose clock shows another time than the reader's."""
    if not ahead:
        return ""
    words = _("%(city)s, %(time)s earlier") if ahead < timedelta(0) else _("%(city)s, %(time)s later")
    return words % {"city": zone_city(provider.zone), "time": short_time_left(abs(ahead))}


def _hour_words(hour: int) -> str:
    """Return "9 AM"."""
    return clock_time(datetime.combine(date.min, time(hour), tzinfo=UTC), "UTC").replace(":00 ", " ")

"""The Calendar View: the page's frame, the feed of its events, and the feed of open times that lie behind them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_safe

from raincheck.data.models import BusyTime, Hold, OutOfOffice, Provider
from raincheck.domain.appointments import Status, TypeKind
from raincheck.domain.availability.hours import availability_from, working_spans
from raincheck.domain.clients.phones import shown_phone
from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at, zone_named
from raincheck.notifications.formats import clock_time, long_day, zone_city
from raincheck.queries.appointments.calendar_view import LONGEST_STRETCH, days, version_of
from raincheck.queries.appointments.listing import Listed, places_of, types_of
from raincheck.queries.appointments.placing import open_times, wanted_in
from raincheck.web.requests import ref_in
from raincheck.web.staff.appointments.words import (
    STATUSES,
    asked,
    asked_aloud,
    asks_what_happened,
    clock_range,
    minutes,
    status_tag,
)
from raincheck.web.staff.shell import (
    Context,
    Staff,
    chosen_provider,
    for_staff,
    of_provider,
    shown_at,
    wall_time_in,
)

# The spans of the toggle, as the calendar's script calls them.
SPANS = ("day", "work-week", "week", "month")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
# Words that go by the clock ("41 h left") are at most so old in an open calendar that nothing else has changed.
WORDS_HOLD = 5 * MINUTE
# What a day shows when the provider has no hours yet.
SHOWN_FROM, SHOWN_UNTIL = 8 * HOUR, 18 * HOUR


@dataclass(frozen=True, slots=True)
class Event:
    """One thing in the calendar; times are wall times without an offset, dates when it takes whole days."""

    id: str
    kind: str
    title: str
    detail: str
    label: str
    start: str
    end: str
    all_day: bool = False
    url: str = ""
    # Nobody has said yet what became of it.
    asks: bool = False
    # For paper, where nothing opens beside.
    place: str = ""
    phone: str = ""

    @classmethod
    def of_appointment(cls, listed: Listed, zone: str, *, region: str | None, now: datetime) -> Event:
        row, request = listed.appointment, listed.request
        is_usual = row.status in (Status.SCHEDULED, Status.COMPLETED)
        state = row.type.name if is_usual else str(STATUSES[Status(row.status)][0])
        asks = asks_what_happened(row, now=now)
        if asks or row.status == Status.CANCELLED:
            state = status_tag(row, now=now).text
        if request:
            state = asked(request, now=now)
        aloud = asked_aloud(request, now=now) if request else ""
        time = clock_time(row.starts_at, zone)
        said = [row.client.name, long_day(row.starts_at, zone, now=now), time, row.type.name, aloud]
        if asks or row.status != Status.SCHEDULED:
            said.append(state)
        kind = "intake" if row.type.kind == TypeKind.INTAKE else "appointment"
        return cls(
            id=str(row.ref),
            kind="asked" if request else kind,
            title=row.client.name,
            # Without "AM" or "PM": the place in the grid says it, and a narrow column has no room.
            detail=f"{time.rpartition(' ')[0]} · {state}",
            label=", ".join(part for part in said if part),
            url=reverse("appointment", args=[row.ref]),
            asks=asks,
            place=row.place.name,
            phone=shown_phone(row.client.phone, region=region),
            **_times(row.span, zone),
        )

    @classmethod
    def of_block(cls, block: OutOfOffice, zone: str, *, note: str) -> Event:
        span, clock = Span(block.starts_at, block.ends_at), zone_named(zone)
        # All day is a stretch from midnight to midnight, and "12:00 – 12:00 AM" tells nobody that.
        hours = _("all day") if block.all_day else clock_range(span, zone)
        said = [_("Out of office"), long_day(block.starts_at, zone), hours, note]
        times = _times(span, zone)
        if block.all_day:
            first, after = (shown_at(edge, zone=clock).date() for edge in (span.start, span.end))
            times = {"start": first.isoformat(), "end": after.isoformat(), "all_day": True}
        return cls(
            id=str(block.ref),
            kind="out_of_office",
            title=_("Out of office"),
            detail=note or hours,
            label=", ".join(part for part in said if part),
            url=reverse("block", args=[block.ref]),
            **times,
        )

    @classmethod
    def of_busy(cls, busy: BusyTime, zone: str, *, title: str) -> Event:
        span, title = Span(busy.starts_at, busy.ends_at), title or _("Busy")
        said = [title, busy.calendar.name, long_day(span.start, zone), clock_range(span, zone)]
        return cls(
            id=f"busy-{busy.pk}",
            kind="busy",
            title=title,
            detail=busy.calendar.name,
            label=", ".join(said),
            **_times(span, zone),
        )

    @classmethod
    def of_hold(cls, hold: Hold, zone: str) -> Event:
        span = Span(hold.starts_at, hold.ends_at)
        title = _("Held for %(name)s") % {"name": hold.client.known_as}
        hours = clock_range(span, zone)
        return cls(
            id=str(hold.ref),
            kind="hold",
            title=title,
            detail=hours,
            label=", ".join([title, long_day(span.start, zone), hours]),
            **_times(span, zone),
        )


def frame(request: HttpRequest, staff: Staff, provider: Provider) -> Context:
    """Return what the calendar's part of the page needs; day and span come from the address."""
    zone = zone_named(provider.zone)
    today = shown_at(staff.now, zone=zone)
    # Whatever else stands in the address leads to today and the work week, never to an error.
    asked_for = wall_time_in(request.GET.get("date"))
    span = request.GET.get("span")
    # The whole hours around the working week, rounded up: a window that ends at 17:30 needs the hour that ends at 18:00.
    windows = [window for day in availability_from(provider.availability).weekly for window in day]
    first = min((window.start for window in windows), default=SHOWN_FROM) // HOUR
    last = -(-max((window.end for window in windows), default=SHOWN_UNTIL) // HOUR)
    day, view = asked_for[0] if asked_for else today.date(), span if span in SPANS else "work-week"
    types = [(str(kind.ref), f"{kind.name} · {minutes(kind.length)}") for kind in types_of(staff.practice)]
    places = [(str(place.ref), place.name) for place in places_of(staff.practice)]
    return {
        "feed": of_provider(reverse("calendar-feed"), staff, provider),
        "new_url": of_provider(reverse("appointment-new"), staff, provider),
        "block_url": of_provider(reverse("block-new"), staff, provider),
        "list_url": of_provider("?view=list", staff, provider),
        "now": _wall(today),
        "date": day.isoformat(),
        "date_asked": asked_for is not None,
        "today": today.date().isoformat(),
        "view": view,
        # What the browser remembers is remembered for one person: several may share a device.
        "reader": str(staff.membership.user.ref),
        "zone": zone_city(provider.zone),
        "slot_min": f"{first:02}:00",
        "slot_max": f"{min(last, 24):02}:00",
        # Where to ask for open times, and the types and places to ask about; with one place there is nothing to choose.
        "open_times_url": of_provider(reverse("open-times"), staff, provider),
        "types": types,
        "places": places if len(places) > 1 else [],
        "first_week": None if view == "month" else _week_around(staff, provider, day),
    }


def print_head(staff: Staff, provider: Provider) -> str:
    """Return what stands above a printed page: whose it is, and how the practice is reached."""
    return " · ".join(part for part in (provider.name, staff.practice.name, staff.practice.phone) if part)


def _week_around(staff: Staff, provider: Provider, day: date) -> Context:
    """Return what the feed would answer about a day's week, so that the page needs not ask before it can draw itself."""
    first = day - timedelta(days=day.isoweekday() % 7)  # the calendar's weeks begin on Sunday
    after, zone = first + timedelta(days=7), zone_named(provider.zone)
    within = Span(
        *(start_at(datetime.combine(one, datetime.min.time()), zone=zone) for one in (first, after))
    )
    stretch = {"from": first.isoformat(), "to": after.isoformat()}
    return stretch | _answer(staff, provider, within, _version(staff, provider, within))


@require_safe
@for_staff
def calendar_feed(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Answer with everything in the stretch of days `from` (first) … `to` (the first day after).

    Open calendars ask every few seconds: who names the version they have is answered 304 while nothing changed.
    """
    provider = chosen_provider(request, staff)
    zone = zone_named(provider.zone)
    within = stretch_in(request, zone=zone)
    if within is None:
        return bad_stretch()
    version = _version(staff, provider, within)
    has_it = request.headers.get("If-None-Match") == version
    answer = HttpResponseNotModified() if has_it else JsonResponse(_answer(staff, provider, within, version))
    answer["ETag"] = version
    return answer


def _version(staff: Staff, provider: Provider, within: Span) -> str:
    found = version_of(provider, within=within, now=staff.now)
    # A manager and a scheduler read other words than the provider, and words go by language and clock.
    reader = "provider" if staff.is_own(provider) else staff.acting_for(provider).actor.kind
    return f'"{found}-{reader}-{get_language()}-{int(staff.now.timestamp() // WORDS_HOLD.total_seconds())}"'


def _answer(staff: Staff, provider: Provider, within: Span, version: str) -> Context:
    """Return what lies in the stretch, as the calendar's script reads it; `open` are the working hours."""
    found, zone = days(provider, within=within, now=staff.now), provider.zone
    clock = zone_named(zone)
    hours = working_spans(availability_from(provider.availability), within=within, zone=clock)
    mine, private = staff.is_own(provider), staff.may_read_private(provider)
    events = [
        *(Event.of_block(block, zone, note=block.note if private else "") for block in found.blocks),
        # Titles of a provider's own calendar are for that provider alone.
        *(Event.of_busy(busy, zone, title=busy.title if mine else "") for busy in found.busy),
        *(Event.of_hold(hold, zone) for hold in found.holds),
        *(
            Event.of_appointment(listed, zone, region=staff.practice.region, now=staff.now)
            for listed in found.appointments
        ),
    ]
    return {
        "now": _wall(shown_at(staff.now, zone=clock)),
        "version": version,
        "open": [_times(span, zone) for span in hours],
        "events": [asdict(event) for event in events],
    }


def stretch_in(request: HttpRequest, *, zone: ZoneInfo) -> Span | None:
    """Return the whole days from `from=` to before `to=` on the provider's clock; None when these are not such dates."""
    first, after = wall_time_in(request.GET.get("from")), wall_time_in(request.GET.get("to"))
    if first is None or after is None or not timedelta(0) < after[0] - first[0] <= LONGEST_STRETCH:
        return None
    # By midnights on the provider's clock: days of a clock change have 23 or 25 hours.
    midnights = (datetime.combine(day, datetime.min.time()) for day, _clock in (first, after))
    return Span(*(start_at(midnight, zone=zone) for midnight in midnights))


def bad_stretch() -> HttpResponse:
    said = _("The calendar needs two dates at most two months apart: from and to, like 2026-11-24.")
    return JsonResponse({"detail": said}, status=400)


@require_safe
@for_staff
def open_times_feed(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Answer with the starts from the day `from` to before the day `to` that are open for `type`, at `place` when it is named.

    A start is written as the provider's clock shows it, with its offset: it says the wall time and the instant.
    """
    provider = chosen_provider(request, staff)
    zone = zone_named(provider.zone)
    within = stretch_in(request, zone=zone)
    if within is None:
        return bad_stretch()
    place = ref_in(request.GET["place"]) if request.GET.get("place") else None
    wanted = wanted_in(staff.practice, kind=ref_in(request.GET.get("type")), place=place)
    if wanted is None:
        raise Http404
    starts = open_times(provider, wanted, practice=staff.practice, within=within, now=staff.now)
    return JsonResponse(
        {
            "zone": provider.zone,
            "minutes": wanted.kind.length // MINUTE,
            "starts": [start.astimezone(zone).isoformat() for start in starts],
        }
    )


def _times(span: Span, zone: str) -> Context:
    """Return start and end as the clock shows them; across a repeated hour the event keeps its length instead."""
    clock = zone_named(zone)
    start, end = shown_at(span.start, zone=clock), shown_at(span.end, zone=clock)
    return {"start": _wall(start), "end": _wall(end if end > start else start + span.length)}


def _wall(shown: datetime) -> str:
    return shown.replace(microsecond=0).isoformat()

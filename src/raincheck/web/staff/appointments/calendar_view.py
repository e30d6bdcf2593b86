"""The Calendar View: the page's frame, the feed of its events, and the feed of open times that lie behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_safe

from raincheck.data.models import Appointment, Provider
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.availability.hours import availability_from, working_spans
from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at, zone_named
from raincheck.notifications.formats import zone_city
from raincheck.queries.appointments.calendar_view import (
    LONGEST_STRETCH,
    Days,
    asked_starts,
    days,
    unread_by_client,
    version_of,
)
from raincheck.queries.appointments.listing import places_of, types_of
from raincheck.queries.appointments.placing import open_times, wanted_in
from raincheck.web.requests import ref_in
from raincheck.web.staff.appointments.day_heads import days_in, head_words
from raincheck.web.staff.appointments.events import Clock, Event, times, wall
from raincheck.web.staff.appointments.words import minutes
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
        "now": wall(today),
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
    """Answer with everything in the stretch of days `from` (first) … `to` (the first day after); `canceled=yes` what was canceled too.

    Open calendars ask every few seconds: who names the version they have is answered 304 while nothing changed.
    """
    provider = chosen_provider(request, staff)
    zone, cancelled = zone_named(provider.zone), request.GET.get("canceled") == "yes"
    within = stretch_in(request, zone=zone)
    if within is None:
        return bad_stretch()
    version = _version(staff, provider, within, cancelled=cancelled)
    if request.headers.get("If-None-Match") == version:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        answer = JsonResponse(_answer(staff, provider, within, version, cancelled=cancelled))
    answer["ETag"] = version
    return answer


def _version(staff: Staff, provider: Provider, within: Span, *, cancelled: bool = False) -> str:
    found = version_of([provider], within=within, now=staff.now, cancelled=cancelled)
    # A manager and a scheduler read other words than the provider, and words go by language and clock.
    reader = "provider" if staff.is_own(provider) else staff.acting_for(provider).actor.kind
    held = int(staff.now.timestamp() // WORDS_HOLD.total_seconds())
    return f'"{found}-{reader}-{get_language()}-{held}{"-canceled" if cancelled else ""}"'


def _answer(
    staff: Staff, provider: Provider, within: Span, version: str, *, cancelled: bool = False
) -> Context:
    """Return what lies in the stretch, as the calendar's script reads it; `open` are the working hours, `asked` days of asked ones."""
    found = days(provider, within=within, now=staff.now, cancelled=cancelled)
    zone = zone_named(provider.zone)
    hours = working_spans(availability_from(provider.availability), within=within, zone=zone)
    heads = {
        day.isoformat(): head_words(found, day=span, hours=hours, zone=provider.zone, now=staff.now)
        for day, span in days_in(within, zone=zone)
    }
    asked = {shown_at(start, zone=zone).date().isoformat() for start in asked_starts([provider])}
    return {
        "now": wall(shown_at(staff.now, zone=zone)),
        "version": version,
        "open": [times(span, provider.zone) for span in hours],
        "heads": {day: words for day, words in heads.items() if words},
        "asked": sorted(asked),
        "events": [asdict(event) for event in events_of(staff, provider, found, provider.zone)],
    }


def events_of(staff: Staff, provider: Provider, found: Days, zone: str) -> list[Event]:
    """Return a provider's days as somebody may read them, on a clock of this zone."""
    mine, private = staff.is_own(provider), staff.may_read_private(provider)
    clock = Clock(zone, staff.practice.region, own="" if zone == provider.zone else provider.zone)
    # A conversation is between a client and their provider; nobody else has anything to read in it.
    unread = unread_by_client(provider) if mine else {}
    rows = [listed.appointment for listed in found.appointments]
    marked = _marked(rows, clients=unread, now=staff.now)
    return [
        *(Event.of_block(block, zone, note=block.note if private else "") for block in found.blocks),
        # Titles of a provider's own calendar are for that provider alone.
        *(Event.of_busy(busy, zone, title=busy.title if mine else "") for busy in found.busy),
        *(Event.of_hold(hold, zone) for hold in found.holds),
        *(
            Event.of_appointment(
                listed,
                clock,
                unread=unread[listed.appointment.client_id] if listed.appointment.pk in marked else 0,
                now=staff.now,
            )
            for listed in found.appointments
        ),
    ]


def _marked(rows: list[Appointment], *, clients: Iterable[int], now: datetime) -> set[int]:
    """Return the appointment of each of these clients that carries their unread messages: the next one, else the latest."""
    marked: dict[int, Appointment] = {}
    for row in rows:
        before = marked.get(row.client_id)
        if row.status != Status.CANCELLED and (before is None or before.ends_at <= now):
            marked[row.client_id] = row
    return {row.pk for client, row in marked.items() if client in set(clients)}


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

"""Single appointments of the demo, what was cancelled without a request, and the time its providers are away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from raincheck.actions.appointments.booking import Booking, book
from raincheck.actions.calendars.sources import import_busy_time
from raincheck.actions.out_of_office import block_time
from raincheck.data.appointments import AppointmentType
from raincheck.data.people import Provider
from raincheck.demo.past import Past, acted
from raincheck.demo.people import MAYA, MONDAY, THEO, THURSDAY, TUESDAY, WEDNESDAY, Cast
from raincheck.demo.week import TRAINING, WEEKS_AHEAD, WEEKS_PAST, Weeks
from raincheck.domain.appointments import CancelReason, SlotTaken
from raincheck.domain.calendars.busy import BusyEvent
from raincheck.domain.calendars.checks import StoredReading
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.spans import Span
from raincheck.domain.zones import whole_days, zone_named

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MAYAS_NOTICE = 3 * DAY
CALENDAR = "Family calendar"


@dataclass(frozen=True, slots=True)
class Single:
    """An appointment that is booked by itself, at `start` or at the first full hour after it that is free."""

    provider: Provider
    name: str
    type: AppointmentType
    start: datetime
    booked_at: datetime
    by_manager: bool = False


def plan_bookings(past: Past, cast: Cast, weeks: Weeks, *, now: datetime) -> None:
    for single in _singles(cast, weeks, now=now):
        past.at(single.booked_at, partial(_book, single, cast))


def _singles(cast: Cast, weeks: Weeks, *, now: datetime) -> Iterator[Single]:
    okafor, fischer, bell = cast.providers
    for week in (-7, -5, -3, -1):
        start = weeks.at(week, WEDNESDAY, 15, zone=okafor.zone)
        yield Single(okafor, MAYA.name, cast.follow_up, start, start - 10 * DAY)
    first = next(
        start
        for week in range(WEEKS_AHEAD)
        if (start := weeks.at(week, THURSDAY, 13, zone=okafor.zone)) > now + MAYAS_NOTICE
    )
    yield Single(okafor, MAYA.name, cast.follow_up, first, now - 12 * DAY)
    yield Single(okafor, MAYA.name, cast.follow_up, first + 14 * DAY, now - 12 * DAY + HOUR)
    intake = weeks.at(1, WEDNESDAY, 15, zone=okafor.zone)
    yield Single(okafor, THEO.name, cast.intake, intake, now - 5 * DAY - 3 * HOUR, by_manager=True)
    lapsing = weeks.at(1, MONDAY, 13, zone=fischer.zone)
    yield Single(fischer, "Ophelia Grant", cast.intake, lapsing, now - 8 * DAY, by_manager=True)
    later = weeks.at(1, TUESDAY, 13, zone=bell.zone)
    yield Single(bell, "Desmond Achterberg", cast.intake, later, now - 2 * DAY)


def _book(single: Single, cast: Cast, now: datetime) -> None:
    provider = single.provider
    by = cast.by_sasha if single.by_manager else Actor(ActorKind.PROVIDER, provider.pk)
    client = cast.clients[single.name]
    for hours in range(6):
        start = single.start + hours * HOUR
        booking = Booking(provider.pk, client.pk, single.type.pk, cast.telehealth.pk, start)
        with suppress(SlotTaken), transaction.atomic():
            acted(partial(book, booking, by=by, now=now))
            return
    raise AssertionError("one of six hours in a row is free")


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A regular appointment that was cancelled without asking: in which week, why, and so long before it."""

    name: str
    week: int
    reason: CancelReason
    before: timedelta
    note: str = ""


CANCELLATIONS = (
    [
        Cancelled("Noor Siddiqui", -5, CancelReason.CLIENT_ASKED, 5 * HOUR),
        Cancelled(
            "Benedikt Halloran", -2, CancelReason.CLINICAL, 2 * DAY, "We talked about it on the phone."
        ),
        Cancelled("Elena Marchetti", 2, CancelReason.CLIENT_ASKED, 15 * DAY),
    ],
    [
        Cancelled("Caleb Whitfield", -6, CancelReason.NO_LONGER_NEEDED, 3 * DAY),
        Cancelled("Bianca Teixeira", -2, CancelReason.CLIENT_ASKED, 30 * HOUR),
    ],
    [Cancelled("Gus Papadakis", -3, CancelReason.UNAVAILABLE, 4 * DAY)],
)


def plan_time_off(past: Past, cast: Cast, weeks: Weeks, *, now: datetime) -> None:
    """Plan Dr. Okafor's training day, and the calendar that Dr. Fischer brought in and lately brought in again."""
    training = weeks.day(*TRAINING)
    day = whole_days(training, training, zone=zone_named(cast.okafor.zone))
    past.at(now - 9 * DAY, partial(_block, cast.okafor, day))
    busy = _family(cast.fischer, weeks)
    for at in (weeks.at(-WEEKS_PAST, TUESDAY, 9, zone=cast.fischer.zone), now - 2 * DAY):
        past.at(at, partial(_import, cast.fischer, busy))


def _family(provider: Provider, weeks: Weeks) -> list[Span]:
    """Return swimming lessons every Wednesday afternoon, and a dentist next Tuesday."""
    lessons = (
        weeks.at(week, WEDNESDAY, 15, 30, zone=provider.zone) for week in range(-WEEKS_PAST, 2 * WEEKS_AHEAD)
    )
    dentist = weeks.at(1, TUESDAY, 15, zone=provider.zone)
    return [*(Span(start, start + 1.5 * HOUR) for start in lessons), Span(dentist, dentist + 1.5 * HOUR)]


def _block(provider: Provider, span: Span, now: datetime) -> None:
    acted(partial(block_time, provider.pk, span=span, note="Training day", all_day=True, now=now))


def _import(provider: Provider, busy: list[Span], now: datetime) -> None:
    read_until = busy[-2].end
    reading = StoredReading([BusyEvent(span) for span in busy], [], read_until)
    verb = partial(import_busy_time, provider.pk, name=CALENDAR, reading=reading, now=now)
    acted(verb)

"""Appointments of the demo: the regular ones written many at a time, single ones booked, some cancelled, and time off.

Regular appointments are written as rows, not by verbs: hundreds of them one by one would keep the first page waiting.
"""

import random
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange, NumericRange
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from raincheck.actions.appointments.booking import Booking, book
from raincheck.actions.appointments.moving import set_time
from raincheck.actions.calendars.sources import import_busy_time
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import history_row
from raincheck.actions.out_of_office import block_time
from raincheck.data.models import (
    Appointment,
    AppointmentHistory,
    AppointmentType,
    Claim,
    Conversation,
    Message,
    Provider,
    RescheduleRequest,
    Series,
)
from raincheck.demo.past import Past, acted
from raincheck.demo.people import MAYA, MONDAY, THEO, THURSDAY, TUESDAY, WEDNESDAY, Cast
from raincheck.demo.week import TRAINING, WEEKS_AHEAD, WEEKS_PAST, Regular, Weeks
from raincheck.domain.appointments.lifecycle import (
    CancelReason,
    History,
    PlaceKind,
    SlotTaken,
    Status,
    fee_allowed,
)
from raincheck.domain.calendars.busy import BusyEvent
from raincheck.domain.calendars.checks import StoredReading
from raincheck.domain.conversations import Card
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.reminders import FIRST_LOOK
from raincheck.domain.spans import Span
from raincheck.domain.zones import wall, whole_days, zone_named

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Regular appointments were agreed on so long before the first of them.
BOOKED_BEFORE = 30 * DAY
# Maya's next appointment is far enough away to be asked about.
MAYAS_NOTICE = 3 * DAY
CALENDAR = "Family calendar"
# Of so many appointments one was missed by its client, so that the figures have something to show.
ONE_MISSED_IN = 40


def write_regulars(plan: Sequence[Regular]) -> Answer:
    """Write every regular appointment with its series, claims, history and conversation, as if booked long ago."""
    series = Series.objects.bulk_create(_series(one) for one in plan)
    booked = []
    for one, its in zip(plan, series, strict=True):
        rows_of_one = []
        for start in one.starts:
            # The calendar UID carries the ref, as that of a booked appointment does.
            ref = uuid.uuid4()
            row = Appointment(
                ref=ref,
                practice=one.provider.practice,
                provider=one.provider,
                client=one.client,
                type=one.type,
                place=one.place,
                series=its,
                buffer_before=one.type.buffer_before,
                buffer_after=one.type.buffer_after,
                join_url=one.provider.join_url if one.place.kind == PlaceKind.TELEHEALTH else "",
                ical_uid=f"{ref}@raincheck",
                booked_at=one.starts[0] - BOOKED_BEFORE,
            )
            set_time(row, start=start, length=one.type.length)
            row.recurrence_id = row.starts_wall
            rows_of_one.append(row)
        booked.append(rows_of_one)
    rows = Appointment.objects.bulk_create(chain.from_iterable(booked))
    # Nobody is reminded in the past that is made up; from today on, `remind_from_now` has them looked at.
    Appointment.objects.filter(pk__in=[row.pk for row in rows]).update(remind_at=None)
    Claim.objects.bulk_create(chain.from_iterable(map(_claims, rows)))
    AppointmentHistory.objects.bulk_create(
        history_row(row, History.BOOKED, by=_provider(row), now=row.booked_at) for row in rows
    )
    _begin_conversations(plan, [rows_of_one[0] for rows_of_one in booked])
    return {}


def remind_from_now(appointments: QuerySet[Appointment], *, now: datetime) -> dict[str, str]:
    """Let those ahead be reminded of from now on: what was due before was sent in a past that nobody sees."""
    ahead = appointments.filter(status=Status.SCHEDULED, starts_at__gt=now)
    ahead.update(remind_at=Greatest(F("starts_at") - FIRST_LOOK, now))
    return {}


def _series(one: Regular) -> Series:
    """Return the series of regular appointments, which ends where the plan does."""
    zone = zone_named(one.provider.zone)
    first, last = wall(one.starts[0], zone=zone), wall(one.starts[-1], zone=zone)
    return Series(
        practice=one.provider.practice,
        provider=one.provider,
        client=one.client,
        type=one.type,
        place=one.place,
        every_weeks=one.every,
        begins_on=first.date(),
        wall_time=first.time(),
        zone=one.provider.zone,
        length=one.type.length,
        join_url=one.provider.join_url if one.place.kind == PlaceKind.TELEHEALTH else "",
        ends_on=last.date(),
        made_until=last.date(),
    )


def _begin_conversations(plan: Sequence[Regular], firsts: Sequence[Appointment]) -> None:
    """Begin the conversation of two people with the card of their first appointment."""
    threads = Conversation.objects.bulk_create(
        Conversation(
            practice=one.provider.practice,
            provider=one.provider,
            client=one.client,
            latest_at=row.booked_at,
            provider_read_at=row.booked_at,
        )
        for one, row in zip(plan, firsts, strict=True)
    )
    Message.objects.bulk_create(
        Message(
            practice_id=row.practice_id,
            conversation=thread,
            at=row.booked_at,
            author_kind=ActorKind.PROVIDER,
            author=row.provider_id,
            card=Card.BOOKED,
            appointment=row,
            starts_at=row.starts_at,
        )
        for row, thread in zip(firsts, threads, strict=True)
    )


def _claims(row: Appointment) -> Iterator[Claim]:
    """Return both parts of an appointment's claim, as `actions/appointments/claims.py` writes them."""
    whole = DateTimeTZRange(row.starts_at - row.buffer_before, row.ends_at + row.buffer_after)
    # A session's lane is everybody's, a buffer's only its client's: two buffers may share time, a session none.
    parts = [
        ("session", DateTimeTZRange(row.starts_at, row.ends_at), NumericRange()),
        ("buffered", whole, NumericRange(row.client_id, row.client_id + 1)),
    ]
    for part, span, lane in parts:
        in_room = part == "session" and row.place.one_at_a_time
        yield Claim(
            practice_id=row.practice_id,
            provider_id=row.provider_id,
            client_id=row.client_id,
            appointment=row,
            part=part,
            span=span,
            lane=lane,
            room=row.place if in_room else None,
            room_lane=NumericRange() if in_room else None,
        )


def write_attendance(of: QuerySet[Appointment], chance: random.Random, *, now: datetime) -> Answer:
    """Say of each of these appointments that is over whether it took place; now and then a client did not come."""
    over = list(of.filter(status=Status.SCHEDULED, ends_at__lte=now).order_by("ends_at", "pk"))
    asked_about = set(RescheduleRequest.objects.values_list("appointment", flat=True))
    # A no-show may cost a fee, and never may a time that was asked about.
    candidates = [row.pk for row in over if row.pk not in asked_about]
    absent = set(chance.sample(candidates, len(over) // ONE_MISSED_IN))
    for status, event in (
        (Status.COMPLETED, History.COMPLETED),
        (Status.CLIENT_NO_SHOW, History.CLIENT_NO_SHOW),
    ):
        rows = [row for row in over if (row.pk in absent) == (status is Status.CLIENT_NO_SHOW)]
        allowed = fee_allowed(status=status, why=None, time_was_asked_about=False, payer_forbids_fees=False)
        same = Appointment.objects.filter(pk__in=[row.pk for row in rows])
        same.update(
            status=status,
            fee_allowed=allowed,
            outcome_at=F("ends_at"),
            outcome_by_kind=ActorKind.PROVIDER,
            outcome_by=F("provider"),
        )
        AppointmentHistory.objects.bulk_create(
            history_row(row, event, by=_provider(row), now=row.ends_at) for row in rows
        )
    return {}


def _provider(row: Appointment) -> Actor:
    return Actor(ActorKind.PROVIDER, row.provider_id)


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
    """Plan the appointments that belong to no series."""
    for single in singles(cast, weeks, now=now):
        past.at(single.booked_at, partial(_book, single, cast))


def singles(cast: Cast, weeks: Weeks, *, now: datetime) -> Iterator[Single]:
    """Return Maya's follow-ups, Theo's intake, and one of each for the other providers."""
    okafor, fischer, bell = cast.providers
    for week in (-7, -5, -3, -1):
        start = weeks.at(week, THURSDAY, 13, zone=okafor.zone)
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
        # A savepoint for each try: after a refusal of the database nothing else could be done in the transaction.
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


# By provider: Dr. Okafor, Dr. Fischer, Marcus Bell.
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
    """Plan Dr. Okafor's training day, and the calendar that Dr. Fischer brought in and lately brought in again.

    In it are swimming lessons every Wednesday afternoon, and a dentist next Tuesday.
    """
    training, okafor, fischer = weeks.day(*TRAINING), cast.okafor, cast.fischer
    day = whole_days(training, training, zone=zone_named(okafor.zone))
    past.run_at(now - 9 * DAY, partial(block_time, okafor.pk, span=day, note="Training day", all_day=True))
    starts = [
        weeks.at(week, WEDNESDAY, 15, 30, zone=fischer.zone) for week in range(-WEEKS_PAST, 2 * WEEKS_AHEAD)
    ]
    lessons = [Span(start, start + 1.5 * HOUR) for start in starts]
    dentist = weeks.at(1, TUESDAY, 15, zone=fischer.zone)
    busy = [BusyEvent(span) for span in (*lessons, Span(dentist, dentist + 1.5 * HOUR))]
    reading = StoredReading(busy, [], lessons[-1].end)
    for at in (weeks.at(-WEEKS_PAST, TUESDAY, 9, zone=fischer.zone), now - 2 * DAY):
        past.run_at(at, partial(import_busy_time, fischer.pk, name=CALENDAR, reading=reading))

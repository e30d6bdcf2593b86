"""Booking of repeating appointments: all that a pattern names at once, or nothing."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from raincheck.actions.appointments.booking import locked_pair, type_and_place
from raincheck.actions.appointments.claims import claim_together
from raincheck.actions.appointments.moving import set_time
from raincheck.actions.clients.record import write_down
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import close_tasks_of_lapsed_intakes, history_row, show_card
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.models import Appointment, AppointmentHistory, Client, Provider, Series
from raincheck.domain.appointments.lifecycle import History, PlaceKind, StartsInThePast
from raincheck.domain.appointments.series import (
    DatesTaken,
    Occurrence,
    Pattern,
    decided,
    made_until,
    occurrences,
    sound_pattern,
)
from raincheck.domain.clients.record import ClientDetails
from raincheck.domain.conversations import Card
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.zones import wall, zone_named
from raincheck.notifications.notify import Dispatch, notify_many
from raincheck.notifications.subjects import NoticeSubject


@dataclass(frozen=True, slots=True)
class SeriesBooking:
    """What is to be booked; ids within the practice. `first` is a wall time of the provider's clock.

    `skipped` are dates that are left out, and `moved` the starts (UTC) of those that are held at another time; both by
    the wall time that the pattern gives them.
    """

    provider_id: int
    client_id: int
    type_id: int
    place_id: int
    first: datetime
    every_weeks: int
    count: int | None = None
    ends_on: date | None = None
    skipped: frozenset[datetime] = frozenset()
    moved: Mapping[datetime, datetime] = field(default_factory=dict)


def book_series(booking: SeriesBooking, *, by: Actor, now: datetime) -> Answer:
    """Book a repeating appointment: every date that is not left out, in a fixed number of statements.

    Staff may book outside working hours; a date that somebody has taken meanwhile refuses all of them (DatesTaken).
    """
    return _booked(booking, by=by, now=now)


def add_and_book_series(
    details: ClientDetails, booking: SeriesBooking, *, practice_id: int, by: Actor, now: datetime
) -> Answer:
    """Write a new client down and book a series for them: both, or neither. `booking` names no client yet."""
    lock(providers=[booking.provider_id])  # first, as when a single appointment is booked
    client = write_down(practice_id, details=details, by=by, now=now)
    return _booked(replace(booking, client_id=client.pk), by=by, now=now)


def _booked(booking: SeriesBooking, *, by: Actor, now: datetime) -> Answer:
    provider, client = locked_pair(booking.provider_id, booking.client_id, booking.place_id)
    kind, place = type_and_place(provider, booking.type_id, booking.place_id)
    zone = zone_named(provider.zone)
    pattern = sound_pattern(Pattern(booking.first, booking.every_weeks, zone, booking.count, booking.ends_on))
    until = made_until(pattern, today=wall(now, zone=zone).date())
    found = occurrences(pattern, until=until)
    kept = decided(found, skipped=booking.skipped, moved=booking.moved, length=kind.length)
    if min(one.start for one in kept) <= now:
        raise StartsInThePast
    # It begins with the first date that is kept: calendars show the start of a series even where it is left out.
    left_out = found.index(next(one for one in found if one.recurrence_id == kept[0].recurrence_id))
    series = Series(
        practice=provider.practice,
        provider=provider,
        client=client,
        type=kind,
        place=place,
        every_weeks=pattern.every_weeks,
        begins_on=kept[0].recurrence_id.date(),
        wall_time=pattern.first.time(),
        zone=zone.key,
        length=kind.length,
        join_url=provider.join_url if place.kind == PlaceKind.TELEHEALTH else "",
        count=pattern.count - left_out if pattern.count else None,
        ends_on=pattern.ends_on,
        made_until=min(until, found[-1].recurrence_id.date()) if not pattern.is_open_ended else until,
    )
    series.save(force_insert=True)
    rows = write_occurrences(series, kept, provider=provider, client=client, now=now)
    if claim_together([row.pk for row in rows], now=now):
        raise DatesTaken
    close_tasks_of_lapsed_intakes([rows[0].pk], now=now)
    record_all(rows, History.BOOKED, by=by, now=now)
    show_card(rows[0], Card.BOOKED, by=by, now=now)
    subjects = [NoticeSubject(row, whole_series=True) for row in rows]
    confirmed = provider.practice.rules.confirm_bookings
    notify_many([Dispatch(NotificationType.BOOKED, subjects, client_too=confirmed)], by=by, now=now)
    look_soon([provider.pk])
    return {"appointment": str(rows[0].ref), "series": str(series.ref), "booked": str(len(rows))}


def write_occurrences(
    series: Series, found: Sequence[Occurrence], *, provider: Provider, client: Client, now: datetime
) -> list[Appointment]:
    """Write occurrences of a series, soonest first, in one statement. They claim no time yet. A step, not a verb."""
    rows = []
    for one in sorted(found, key=lambda one: one.start):
        ref = uuid.uuid4()
        row = Appointment(
            ref=ref,
            practice=provider.practice,
            provider=provider,
            client=client,
            type=series.type,
            place=series.place,
            series=series,
            recurrence_id=one.recurrence_id,
            buffer_before=series.type.buffer_before,
            buffer_after=series.type.buffer_after,
            join_url=series.join_url,
            ical_uid=f"{ref}@raincheck",
            booked_at=now,
        )
        set_time(row, start=one.start, length=series.length)
        rows.append(row)
    return Appointment.objects.bulk_create(rows)


def record_all(rows: Sequence[Appointment], event: History, *, by: Actor, now: datetime) -> None:
    """Write the same event into the history of many appointments, in one statement."""
    AppointmentHistory.objects.bulk_create(history_row(row, event, by=by, now=now) for row in rows)

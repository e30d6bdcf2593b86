"""Placing of a session by staff: the times open for it, what speaks against another that they may book, and who has it already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q

from raincheck.data.models import Appointment, AppointmentType, Hold, Place, Practice, Provider
from raincheck.data.postgresql.rows import columns, row_of
from raincheck.data.slots import (
    CLOSE_THEIR_DAY,
    NOBODY,
    Row,
    Session,
    rooms_of,
    slot_question,
    taken_time,
    taken_time_of_several,
)
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.availability.hours import availability_from, working_spans
from raincheck.domain.slot_explanations.reasons import NotOffered
from raincheck.domain.slots import closed_day, last_start, open_slots
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A type of appointment and the place it is wanted at; None is any place."""

    kind: AppointmentType
    place: Place | None

    @property
    def session(self) -> Session:
        return Session.of_type(self.kind, at=self.place)


# Plain SQL: Django takes longer to write it than the database to answer it. The cast, since a parameter that is only compared
# with NULL has no type that the server could tell.
WANTED = f"""
SELECT {columns(AppointmentType, "type")}, {columns(Place, "place")} FROM raincheck_appointmenttype type
LEFT JOIN raincheck_place place ON place.practice_id = type.practice_id AND place.ref = %(place)s::uuid
WHERE type.practice_id = %(practice)s AND type.ref = %(type)s AND (%(place)s::uuid IS NULL OR place.id IS NOT NULL)
"""
OF_THE_TYPE = len(AppointmentType._meta.concrete_fields)


def wanted_in(practice: Practice, *, kind: UUID, place: UUID | None) -> Wanted | None:
    """Return what is asked for, in one query; None when the practice does not have the type or the place."""
    with connection.cursor() as cursor:
        cursor.execute(WANTED, {"practice": practice.pk, "type": kind, "place": place})
        found = cursor.fetchone()
    if found is None:
        return None
    of_type, of_place = found[:OF_THE_TYPE], found[OF_THE_TYPE:]
    return Wanted(row_of(AppointmentType, of_type), row_of(Place, of_place) if place else None)


def open_times(
    provider: Provider, wanted: Wanted, *, practice: Practice, within: Span, now: datetime
) -> Sequence[datetime]:
    """Return every start (UTC) in `within` that a new booking could have, soonest first, in one query.

    The practice's notice for new bookings and its horizon count, as they do for a client who books.
    """
    rooms = rooms_of([wanted.session])
    taken = taken_time(provider.pk, client_id=NOBODY, rooms=rooms, within=within, now=now)
    return _open_for(provider, taken, wanted, practice=practice, within=within, now=now)


def open_times_of_several(
    providers: Sequence[Provider], wanted: Wanted, *, practice: Practice, within: Span, now: datetime
) -> Mapping[int, Sequence[datetime]]:
    """Return the same by provider, for all of them in one query."""
    rooms = rooms_of([wanted.session])
    taken = taken_time_of_several([one.pk for one in providers], rooms=rooms, within=within, now=now)
    return {
        one.pk: _open_for(one, taken.get(one.pk, ()), wanted, practice=practice, within=within, now=now)
        for one in providers
    }


def _open_for(
    provider: Provider,
    taken: Sequence[Row],
    wanted: Wanted,
    *,
    practice: Practice,
    within: Span,
    now: datetime,
) -> Sequence[datetime]:
    policy = practice.rules
    question = slot_question(
        provider,
        taken,
        session=wanted.session,
        client_id=NOBODY,
        within=within,
        earliest_at=now + policy.booking_notice,
        latest_at=last_start(now=now, policy=policy),
    )
    return open_slots(question)


def free_times(
    provider: Provider,
    session: Session,
    *,
    client_id: int,
    within: Span,
    now: datetime,
    moving: int | None = None,
) -> Sequence[datetime]:
    """Return every start in `within` at which staff may place a session without overruling anything, soonest first.

    In one query. Notice and horizon are for clients; `moving` is an appointment that does not stand in its own way.
    """
    taken = taken_time(provider.pk, client_id=client_id, rooms=rooms_of([session]), within=within, now=now)
    question = slot_question(
        provider,
        taken,
        session=session,
        client_id=client_id,
        within=within,
        earliest_at=now,
        latest_at=within.end,
        moving=moving,
        one_a_day=provider.practice.rules.one_a_day,
    )
    return open_slots(question)


def concerns(
    provider: Provider, session: Session, *, client_id: int, start: datetime, now: datetime
) -> list[NotOffered]:
    """Return why clients would not be offered this start although staff may book it: hours, time off, busy time, their day.

    With NOBODY for a client nothing is said of their day.
    """
    span = Span(start, start + session.length)
    taken = taken_time(provider.pk, client_id=client_id, rooms=(), within=span, now=now)
    found = []
    if not _works(provider, span, place=session.place):
        elsewhere = _works(provider, span, place=None)
        found.append(NotOffered.OTHER_PLACE if elsewhere else NotOffered.OUTSIDE_HOURS)
    if _meets(taken, "out_of_office", span):
        found.append(NotOffered.OUT_OF_OFFICE)
    # Buffers stay free of busy time, but may lie in time off: that says when nobody is there.
    if _meets(taken, "busy", span.widened(before=session.buffer_before, after=session.buffer_after)):
        found.append(NotOffered.BUSY)
    day, closing = (
        closed_day(span, zone=zone_named(provider.zone)),
        CLOSE_THEIR_DAY[provider.practice.rules.one_a_day],
    )
    same_day = (row for row in taken if row.client_id == client_id and row.kind in closing)
    if any(closed_day(row.span, zone=zone_named(provider.zone)) == day for row in same_day):
        found.append(NotOffered.SAME_DAY)
    return found


def _meets(taken: list[Row], kind: str, span: Span) -> bool:
    return any(row.kind == kind and row.span.overlaps(span) for row in taken)


def _works(provider: Provider, span: Span, *, place: str | None) -> bool:
    hours = availability_from(provider.availability)
    wide = span.widened(before=DAY, after=DAY)
    spans = working_spans(hours, within=wide, zone=zone_named(provider.zone), place=place)
    return any(working.contains(span) for working in spans)


def in_the_room(place: Place, session: Session, *, start: datetime, client_id: int) -> Appointment | None:
    """Return another client's session that one at `start` would meet in a room that holds one at a time."""
    span = Span(start, start + session.length)
    near = Appointment.objects.filter(
        place=place, starts_at__gt=span.start - DAY, starts_at__lt=span.end, ends_at__gt=span.start
    ).exclude(status=Status.CANCELLED)
    return near.exclude(client=client_id).select_related("provider").order_by("starts_at", "pk").first()


def in_the_way(
    provider: Provider, session: Session, *, start: datetime, besides: int | None = None
) -> Appointment | None:
    """Return an appointment of the provider that a session at `start` would meet, buffers included."""
    near = Appointment.objects.filter(_near(provider, session, start)).exclude(status=Status.CANCELLED)
    others = near.exclude(pk=besides or NOBODY).select_related("client").order_by("starts_at")
    return next((other for other in others if _would_meet(other, session, start)), None)


def held_in_the_way(
    provider: Provider, session: Session, *, start: datetime, client_id: int, now: datetime
) -> Hold | None:
    """Return what is held for another client, chosen by them or suggested, that a session at `start` would meet."""
    near = Hold.objects.filter(_near(provider, session, start), expires_at__gt=now).exclude(client=client_id)
    others = near.select_related("client").order_by("starts_at")
    return next((other for other in others if _would_meet(other, session, start)), None)


def _near(provider: Provider, session: Session, start: datetime) -> Q:
    until = start + session.length + DAY
    return Q(provider=provider, starts_at__gt=start - DAY, starts_at__lt=until)


def _would_meet(other: Appointment | Hold, session: Session, start: datetime) -> bool:
    # Of two neighbours the larger buffer counts, not the sum.
    before = max(session.buffer_before, other.buffer_after)
    after = max(session.buffer_after, other.buffer_before)
    taken = Span(other.starts_at, other.ends_at)
    return Span(start, start + session.length).widened(before=before, after=after).overlaps(taken)

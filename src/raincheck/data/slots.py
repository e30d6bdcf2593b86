"""Everything that decides which slots are open: one query for all taken time, the provider's row for the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from django.db import connection
from psycopg.types.datetime import TimestamptzLoader

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.people import Provider
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.domain.availability.hours import availability_from
from raincheck.domain.policy import OneADay
from raincheck.domain.ranking import around_asked_time
from raincheck.domain.reschedule.suggestions import free_to_suggest
from raincheck.domain.slots import Question, Taken, last_start, reach
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named

# No row has this number: PostgreSQL counts them from 1.
NOBODY = 0
# Lets the index by start find sessions that began before the stretch asked about, without reading all of the past.
LONGEST_SESSION = timedelta(days=1)


class Row(NamedTuple):
    """One stretch of taken time: of an appointment or hold with its buffers, of a block, of a busy calendar, of a room."""

    kind: Literal["appointment", "hold", "out_of_office", "busy", "elsewhere", "room"]
    id: int  # of a room's session the place's: nothing more is told of it
    client_id: int
    starts_at: datetime
    ends_at: datetime
    before: timedelta
    after: timedelta

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    def reaches(self, stretch: Span) -> bool:
        """Return whether the row, with its own buffers, meets a stretch."""
        return self.starts_at - self.before < stretch.end and stretch.start < self.ends_at + self.after


@dataclass(frozen=True, slots=True)
class Session:
    """What is to be placed: its length, its buffers and its place (a place's ref; None is any place).

    `room` is the number of the place where that holds one session at a time.
    """

    length: timedelta
    buffer_before: timedelta
    buffer_after: timedelta
    place: str | None
    room: int | None = None

    @classmethod
    def at(cls, place: Place, length: timedelta, *, before: timedelta, after: timedelta) -> Session:
        return cls(length, before, after, str(place.ref), place.pk if place.one_at_a_time else None)

    @classmethod
    def of(cls, appointment: Appointment) -> Session:
        length = appointment.ends_at - appointment.starts_at
        before, after = appointment.buffer_before, appointment.buffer_after
        return cls.at(appointment.place, length, before=before, after=after)

    @classmethod
    def of_type(cls, kind: AppointmentType, *, at: Place | None) -> Session:
        if at is None:
            return cls(kind.length, kind.buffer_before, kind.buffer_after, None)
        return cls.at(at, kind.length, before=kind.buffer_before, after=kind.buffer_after)


# Cancelled, expired and removed rows are told here: nobody waits until they are cleared away. Each part is answered by
# one index alone (a test looks at the plan), so a column that is read here belongs into its `include`.
TAKEN = """
SELECT 'appointment', id, client_id, starts_at, ends_at, buffer_before, buffer_after FROM raincheck_appointment
    WHERE provider_id = %(provider)s AND starts_at > %(since)s AND starts_at < %(end)s AND ends_at > %(start)s AND status <> 'cancelled'
UNION ALL
SELECT 'hold', id, client_id, starts_at, ends_at, buffer_before, buffer_after FROM raincheck_hold
    WHERE provider_id = %(provider)s AND starts_at > %(since)s AND starts_at < %(end)s AND ends_at > %(start)s AND expires_at > %(now)s
UNION ALL
SELECT 'out_of_office', id, 0, starts_at, ends_at, interval '0', interval '0' FROM raincheck_outofoffice
    WHERE provider_id = %(provider)s AND starts_at < %(end)s AND ends_at > %(start)s AND removed_at IS NULL
UNION ALL
SELECT 'busy', id, 0, starts_at, ends_at, interval '0', interval '0' FROM raincheck_busytime
    WHERE provider_id = %(provider)s AND starts_at < %(end)s AND ends_at > %(start)s
"""
# The client's other appointments, with whichever provider: they can't be in two places.
ELSEWHERE = """
UNION ALL
SELECT 'elsewhere', id, client_id, starts_at, ends_at, buffer_before, buffer_after FROM raincheck_appointment
    WHERE client_id = %(client)s AND starts_at > %(since)s AND starts_at < %(end)s AND ends_at > %(start)s AND status <> 'cancelled'
"""
# The sessions of other providers in rooms that hold one at a time, booked and held; those of the provider are among the above.
# From the claims, by the index of their constraint: what would refuse a booking is what closes a time.
IN_ROOMS = """
UNION ALL
SELECT 'room', claim.room_id, claim.client_id, lower(claim.span), upper(claim.span), interval '0', interval '0'
    FROM unnest(%(rooms)s::bigint[]) AS room (id) JOIN raincheck_claim AS claim ON claim.room_id = room.id
        AND claim.span && tstzrange(%(start)s, %(end)s) AND claim.provider_id <> %(provider)s
    WHERE NOT EXISTS (SELECT FROM raincheck_hold AS hold WHERE hold.id = claim.hold_id AND hold.expires_at <= %(now)s)
"""

# The same of several providers at once, each row with whose it is.
TAKEN_OF_SEVERAL = TAKEN.replace("SELECT '", "SELECT provider_id, '").replace(
    "provider_id = %(provider)s", "provider_id = ANY(%(providers)s)"
)
IN_ROOMS_OF_SEVERAL = (
    IN_ROOMS.replace("SELECT 'room'", "SELECT whose.provider, 'room'")
    .replace("FROM unnest", "FROM unnest(%(providers)s::bigint[]) AS whose (provider), unnest")
    .replace("<> %(provider)s", "<> whose.provider")
)

# Wider than any session with its buffers, and than any day, so that taken time is complete for every start in the stretch.
MARGIN = timedelta(hours=26)


def rooms_of(sessions: Iterable[Session]) -> set[int]:
    """Return the rooms whose taken time has to be known to place these sessions."""
    return {session.room for session in sessions if session.room is not None}


def taken_time(
    provider_id: int, *, client_id: int, rooms: Collection[int], within: Span, now: datetime
) -> list[Row]:
    """Return all that is taken of a provider's and a client's time around `within`, in one query; expired holds are ignored.

    With NOBODY for a client it is the provider's alone. `rooms` are those that sessions may be placed in (`rooms_of`), with
    what other providers have there.
    """
    question = TAKEN if client_id == NOBODY else TAKEN + ELSEWHERE
    if rooms:
        question += IN_ROOMS
    whose = {"provider": provider_id, "client": client_id, "rooms": list(rooms)}
    return [Row(*row) for row in _taken(question, whose, within=within, now=now)]


def taken_time_of_several(
    provider_ids: Sequence[int], *, rooms: Collection[int], within: Span, now: datetime
) -> Mapping[int, Sequence[Row]]:
    """Return by provider all that is taken of their time around `within`, in one query; nothing for who is free throughout."""
    found: defaultdict[int, list[Row]] = defaultdict(list)
    question = TAKEN_OF_SEVERAL + IN_ROOMS_OF_SEVERAL if rooms else TAKEN_OF_SEVERAL
    whose = {"providers": provider_ids, "rooms": list(rooms)}
    for provider, *row in _taken(question, whose, within=within, now=now):
        found[provider].append(Row(*row))
    return found


def _taken(question: str, whose: dict[str, Any], *, within: Span, now: datetime) -> list[tuple[Any, ...]]:
    start, end = within.start - MARGIN, within.end + MARGIN
    when = {"start": start, "end": end, "since": start - LONGEST_SESSION, "now": now}
    with connection.cursor() as cursor:
        # The driver reads an instant in a sixth of the time that Django's own reading of it takes.
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(question, whose | when)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


CLOSE_THEIR_DAY: dict[OneADay, tuple[str, ...]] = {
    OneADay.WITH_PROVIDER: ("appointment",),
    OneADay.WITH_ANYONE: ("appointment", "elsewhere"),
    OneADay.NO_RULE: (),
}
"""Of taken time what closes its whole day to the same client."""


def slot_question(
    provider: Provider,
    taken: Sequence[Row],
    *,
    session: Session,
    client_id: int,
    within: Span,
    earliest_at: datetime,
    latest_at: datetime,
    asked: Span | None = None,
    moving: int | None = None,
    one_a_day: OneADay = OneADay.NO_RULE,
) -> Question:
    """Return the question whose answer is the open slots of one session.

    `moving` is the appointment that would move: it does not stand in its own way, nor do the client's own holds, and it closes
    no day. `one_a_day` is the practice's rule, where it counts.
    """
    needed = reach(
        within, length=session.length, buffer_before=session.buffer_before, buffer_after=session.buffer_after
    )
    assert session.length + session.buffer_before + session.buffer_after <= MARGIN, (
        "taken time was read too narrowly"
    )
    # Both kinds: the one that moves is among the provider's time and among the client's.
    rows = [row for row in taken if not (row.kind in ("appointment", "elsewhere") and row.id == moving)]

    def spans(kind: str) -> tuple[Span, ...]:
        return tuple(row.span for row in rows if row.kind == kind)

    def sessions(kind: str, *, others_only: bool) -> tuple[Taken, ...]:
        return tuple(
            Taken(row.span, row.before, row.after)
            for row in rows
            if row.kind == kind and not (others_only and row.client_id == client_id) and row.reaches(needed)
        )

    return Question(
        zone=zone_named(provider.zone),
        # Whoever left has no hours here, whatever they once were.
        availability=availability_from(provider.availability if provider.left_at is None else {}),
        within=within,
        length=session.length,
        step=provider.grid_step,
        buffer_before=session.buffer_before,
        buffer_after=session.buffer_after,
        place=session.place,
        earliest_at=earliest_at,
        latest_at=latest_at,
        out_of_office=spans("out_of_office"),
        busy=spans("busy"),
        appointments=sessions("appointment", others_only=False),
        holds=sessions("hold", others_only=True),
        client_appointments=spans("elsewhere"),
        # Whom one client sees in a room is between them, and nobody can be in two places anyway.
        room=tuple(
            row.span
            for row in rows
            if row.kind == "room" and row.id == session.room and row.client_id != client_id
        ),
        same_day_as=tuple(
            row.span for row in rows if row.client_id == client_id and row.kind in CLOSE_THEIR_DAY[one_a_day]
        ),
        asked=asked,
    )


def reschedule_question(
    appointment: Appointment,
    *,
    now: datetime,
    notice: timedelta,
    within: Span | None = None,
    taken: Sequence[Row] | None = None,
    at_the_clients_wish: bool = False,
) -> Question:
    """Return the question of a new time for an appointment: of one that is asked about, never overlapping the asked time.

    `at_the_clients_wish` nobody asked: the provider can come at the time it has, so that a new one may overlap it.

    `taken` saves the query when several appointments of one provider and client share it; it must cover `within`,
    which is everything up to the horizon when it is left out.
    """
    latest_at = last_start(now=now, policy=appointment.practice.rules, asked_at=appointment.starts_at)
    # A second more, since a span ends before its end and the last start is one that can be chosen.
    within = within or Span(now, latest_at + timedelta(seconds=1))
    session = Session.of(appointment)
    if taken is None:
        taken = taken_time(
            appointment.provider_id,
            client_id=appointment.client_id,
            rooms=rooms_of([session]),
            within=within,
            now=now,
        )
    return slot_question(
        appointment.provider,
        taken,
        session=session,
        client_id=appointment.client_id,
        within=within,
        earliest_at=now + notice,
        latest_at=latest_at,
        asked=None if at_the_clients_wish else appointment.span,
        moving=appointment.pk,
        one_a_day=appointment.practice.rules.one_a_day,
    )


def suggestion_question(
    appointment: Appointment, *, now: datetime, within: Span, taken: Sequence[Row]
) -> Question:
    """Return the question of where an appointment that is asked about could be when its provider says so; `taken` covers `within`."""
    notice = appointment.practice.rules.suggestion_notice
    return free_to_suggest(
        reschedule_question(appointment, now=now, notice=notice, within=within, taken=taken)
    )


def around_asked(appointment: Appointment, *, now: datetime) -> Span:
    """Return where starts are counted before an ask: 7 days before the asked time, or now, to 14 days after it."""
    around = around_asked_time(appointment.starts_at, zone=zone_named(appointment.provider.zone))
    return Span(max(around.start, now), around.end + timedelta(seconds=1))


def rebook_question(offer: RebookOffer, *, now: datetime, within: Span | None = None) -> Question:
    """Return the question of a new booking by a rebook offer, with the practice's notice for new bookings."""
    policy = offer.practice.rules
    latest_at = last_start(now=now, policy=policy)
    within = within or Span(now, latest_at + timedelta(seconds=1))
    session = Session.of_type(offer.type, at=offer.place)
    taken = taken_time(
        offer.provider_id, client_id=offer.client_id, rooms=rooms_of([session]), within=within, now=now
    )
    return slot_question(
        offer.provider,
        taken,
        session=session,
        client_id=offer.client_id,
        within=within,
        earliest_at=now + policy.booking_notice,
        latest_at=latest_at,
        one_a_day=policy.one_a_day,
    )

"""Taking and freeing time. The database decides who gets it; no row back means somebody else was first."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection
from django.db.backends.utils import CursorWrapper

from raincheck.actions.engine.constraints import refusal_for
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim, Hold
from raincheck.data.appointments.places import Place
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import ClientElsewhere, RoomTaken, SlotTaken
from raincheck.domain.refusals import Refusal

# DO NOTHING rather than an error: two that wait for each other's rows under an exclusion constraint end in a deadlock.
INSERT = """
INSERT INTO raincheck_claim
    (practice_id, provider_id, client_id, appointment_id, hold_id, part, span, lane, room_id, room_lane)
VALUES
    (%(practice)s, %(provider)s, %(client)s, %(appointment)s, %(hold)s, 'session',
     tstzrange(%(start)s, %(end)s), int8range(NULL, NULL),
     (SELECT id FROM raincheck_place WHERE id = %(place)s AND one_at_a_time),
     (SELECT CASE WHEN %(shares_room)s::boolean THEN int8range(%(appointment)s::bigint, %(appointment)s::bigint + 1) ELSE int8range(NULL, NULL) END
        FROM raincheck_place WHERE id = %(place)s AND one_at_a_time)),
    (%(practice)s, %(provider)s, %(client)s, %(appointment)s, %(hold)s, 'buffered',
     tstzrange(%(start)s - %(before)s::interval, %(end)s + %(after)s::interval), int8range(%(client)s, %(client)s + 1),
     NULL, NULL)
ON CONFLICT DO NOTHING RETURNING id
"""

# Never in one statement with INSERT: the steps of one statement run in no order, and would meet what is being freed. Says
# whether the appointment shared its room with others at this very time, as sessions do that overlapped from before.
MAKE_ROOM = """
WITH expired AS (
    SELECT id FROM raincheck_hold WHERE provider_id = %(provider)s AND expires_at <= %(now)s
        AND tstzrange(starts_at - buffer_before, ends_at + buffer_after)
         && tstzrange(%(start)s - %(before)s::interval, %(end)s + %(after)s::interval)
    UNION SELECT id FROM raincheck_hold WHERE appointment_id = %(appointment)s
), held AS (
    DELETE FROM raincheck_claim WHERE hold_id IN (SELECT id FROM expired)
), former AS (
    DELETE FROM raincheck_claim WHERE appointment_id = %(appointment)s RETURNING room_id, room_lane, span
), given_back AS (
    DELETE FROM raincheck_hold WHERE id IN (SELECT id FROM expired)
), ended AS (
    UPDATE raincheck_claim SET room_id = NULL, room_lane = NULL WHERE id IN (
        SELECT claim.id FROM raincheck_claim AS claim JOIN raincheck_hold AS hold ON hold.id = claim.hold_id
        WHERE claim.room_id = %(place)s AND claim.provider_id <> %(provider)s AND hold.expires_at <= %(now)s
            AND claim.span && tstzrange(%(start)s, %(end)s)
        ORDER BY claim.id FOR UPDATE OF claim)
)
SELECT EXISTS (SELECT FROM former WHERE room_id = %(place)s AND span = tstzrange(%(start)s, %(end)s) AND NOT lower_inf(room_lane))
"""

# The same for many appointments. Holds of other providers are theirs to delete: they only give back the room.
MAKE_ROOM_FOR_ALL = """
WITH expired AS (
    SELECT DISTINCT held.id FROM raincheck_appointment AS row JOIN raincheck_hold AS held
        ON held.provider_id = row.provider_id AND held.expires_at <= %(now)s
        AND tstzrange(held.starts_at - held.buffer_before, held.ends_at + held.buffer_after)
         && tstzrange(row.starts_at - row.buffer_before, row.ends_at + row.buffer_after)
    WHERE row.id = ANY(%(ids)s)
    UNION SELECT id FROM raincheck_hold WHERE appointment_id = ANY(%(ids)s)
), claimed AS (
    DELETE FROM raincheck_claim WHERE hold_id IN (SELECT id FROM expired)
), ended AS (
    UPDATE raincheck_claim SET room_id = NULL, room_lane = NULL WHERE id IN (
        SELECT claim.id FROM raincheck_claim AS claim JOIN raincheck_hold AS hold ON hold.id = claim.hold_id
        WHERE hold.expires_at <= %(now)s AND hold.id NOT IN (SELECT id FROM expired) AND EXISTS (
            SELECT FROM raincheck_appointment AS row WHERE row.id = ANY(%(ids)s)
                AND row.place_id = claim.room_id AND tstzrange(row.starts_at, row.ends_at) && claim.span)
        ORDER BY claim.id FOR UPDATE OF claim)
)
DELETE FROM raincheck_hold WHERE id IN (SELECT id FROM expired)
"""

FREE_ALL = """
DELETE FROM raincheck_claim AS claim USING raincheck_appointment AS row WHERE claim.appointment_id = row.id AND row.id = ANY(%(ids)s)
RETURNING row.id, claim.room_id = row.place_id AND claim.span = tstzrange(row.starts_at, row.ends_at) AND NOT lower_inf(claim.room_lane)
"""

INSERT_ALL = """
INSERT INTO raincheck_claim (practice_id, provider_id, client_id, appointment_id, part, span, lane, room_id, room_lane)
SELECT row.practice_id, row.provider_id, row.client_id, row.id, part.name,
    CASE part.name WHEN 'session' THEN tstzrange(row.starts_at, row.ends_at)
        ELSE tstzrange(row.starts_at - row.buffer_before, row.ends_at + row.buffer_after) END,
    CASE part.name WHEN 'session' THEN int8range(NULL, NULL) ELSE int8range(row.client_id, row.client_id + 1) END,
    room.id, CASE WHEN room.id IS NULL THEN NULL WHEN row.id = ANY(%(sharing)s) THEN int8range(row.id, row.id + 1) ELSE int8range(NULL, NULL) END
FROM raincheck_appointment AS row CROSS JOIN (VALUES ('session'), ('buffered')) AS part(name)
LEFT JOIN raincheck_place AS room ON room.id = row.place_id AND room.one_at_a_time AND part.name = 'session'
WHERE row.id = ANY(%(ids)s) ORDER BY row.provider_id, row.starts_at, part.name
"""

AT_ONCE = 2_000
"""Appointments whose times one statement claims or gives back: a slow machine must get through it before it times out."""

END_HOLDS = """
WITH ended AS (SELECT id FROM raincheck_hold WHERE request_id = ANY(%s)),
    held AS (DELETE FROM raincheck_claim WHERE hold_id IN (SELECT id FROM ended))
DELETE FROM raincheck_hold WHERE id IN (SELECT id FROM ended)
"""

GIVE_BACK = """
WITH ended AS (SELECT id FROM raincheck_hold WHERE appointment_id = ANY(%(ids)s)), freed AS (
    DELETE FROM raincheck_claim WHERE appointment_id = ANY(%(ids)s) OR hold_id IN (SELECT id FROM ended))
DELETE FROM raincheck_hold WHERE id IN (SELECT id FROM ended)
"""

# These two are asked only once somebody lost, to say which of the constraints it was.
ELSEWHERE = """
SELECT 1 FROM raincheck_claim WHERE client_id = %(client)s AND part = 'session' AND appointment_id IS NOT NULL
    AND appointment_id IS DISTINCT FROM %(appointment)s AND span && tstzrange(%(start)s, %(end)s) LIMIT 1
"""
IN_THE_ROOM = """
SELECT 1 FROM raincheck_claim WHERE room_id = %(place)s AND client_id <> %(client)s AND provider_id <> %(provider)s
    AND span && tstzrange(%(start)s, %(end)s) LIMIT 1
"""


def claim(row: Appointment | Hold, *, now: datetime, shares_room: bool = False) -> None:
    """Claim the time of an appointment or hold, and its room where that holds one session at a time.

    Raises SlotTaken (RoomTaken, when only the room is) or ClientElsewhere, and then nothing of it may be committed.

    What an appointment claimed until now is given back first, with what its client held to move it, and expired holds in
    the way are deleted, under the provider's lock and that of the room, which the caller has. A session that shared its room before others had to keep
    out of it goes on to do so at the time it has; `shares_room` lets it at another.
    """
    values: dict[str, Any] = {
        "practice": row.practice_id,
        "provider": row.provider_id,
        "client": row.client_id,
        "appointment": row.pk if isinstance(row, Appointment) else None,
        "hold": row.pk if isinstance(row, Hold) else None,
        "start": row.starts_at,
        "end": row.ends_at,
        "before": row.buffer_before,
        "after": row.buffer_after,
        "place": place_of(row),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(MAKE_ROOM, values)
        values["shares_room"] = cursor.fetchone()[0] or shares_room
        cursor.execute(INSERT, values)
        # Both parts or nothing: the session may fit where its buffers do not.
        if len(cursor.fetchall()) != 2:
            raise _what_was_taken(cursor, values)


def place_of(row: Appointment | Hold) -> int | None:
    """Return where a session is, or would be."""
    if isinstance(row, Appointment):
        return row.place_id
    return row.at.pk if row.at else None


def _what_was_taken(cursor: CursorWrapper, values: dict[str, Any]) -> Refusal:
    cursor.execute(ELSEWHERE, values)
    if cursor.fetchone():
        return ClientElsewhere()
    cursor.execute(IN_THE_ROOM, values)
    return RoomTaken() if cursor.fetchone() else SlotTaken()


def claim_all(appointments: Sequence[int], *, now: datetime) -> bool:
    """Claim the times of thousands that claim nothing yet, and return whether all are theirs; else nothing may be committed.

    Their providers and clients are locked, all of them: so nobody else claims time of theirs meanwhile, and an error does for
    who lost, which takes half as long as looking before each row.
    """
    with connection.cursor() as cursor:
        for first in range(0, len(appointments), AT_ONCE):
            ids = list(appointments[first : first + AT_ONCE])
            values: dict[str, Any] = {"ids": ids, "now": now, "sharing": []}
            cursor.execute(MAKE_ROOM_FOR_ALL, values)
            try:
                cursor.execute(INSERT_ALL, values)
            except IntegrityError as error:
                if refusal_for(error) is None:
                    raise
                return False
    return True


def claim_together(appointments: Sequence[int], *, now: datetime) -> set[int]:
    """Claim the times of appointments that were written, and return those who lost: then nothing may be committed.

    As for one, what they claimed until now is given back first, and expired holds in the way are deleted, under the
    providers' locks.
    """
    values: dict[str, Any] = {"ids": list(appointments), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(FREE_ALL, values)
        values["sharing"] = [number for (number, shares) in cursor.fetchall() if shares]
        cursor.execute(MAKE_ROOM_FOR_ALL, values)
        cursor.execute(f"{INSERT_ALL} ON CONFLICT DO NOTHING RETURNING appointment_id", values)
        # Both parts or nothing: the session may fit where its buffers do not.
        won = Counter(number for (number,) in cursor.fetchall())
    return {number for number in appointments if won[number] != 2}


def claim_holds_anew(request: RescheduleRequest, *, now: datetime) -> None:
    """Let the times that are held inside a request be for the place that its appointment has now; those taken there are freed."""
    for held in Hold.objects.filter(request=request):
        held.request = request
        Claim.objects.filter(hold=held).delete()
        try:
            claim(held, now=now)
        except SlotTaken:
            free_holds([held.pk])


# Of two that overlap, the one that starts first is known by the next start, the other by the ends before it. Those that end up
# with a lane of their own are of one client too now and then: they meet nobody else by that.
CLAIM_ROOM = """
WITH here AS (
    SELECT claim.id, claim.span, coalesce(claim.appointment_id, -claim.hold_id) AS own,
        max(upper(claim.span)) OVER (in_order ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_end,
        lead(lower(claim.span)) OVER in_order AS next_start
    FROM raincheck_claim AS claim
        LEFT JOIN raincheck_hold AS hold ON hold.id = claim.hold_id
        LEFT JOIN raincheck_reschedulerequest AS request ON request.id = hold.request_id
        LEFT JOIN raincheck_appointment AS row ON row.id = coalesce(claim.appointment_id, request.appointment_id, hold.appointment_id)
        LEFT JOIN raincheck_rebookoffer AS offer ON offer.id = hold.offer_id
    WHERE coalesce(row.place_id, offer.place_id) = %(place)s AND claim.part = 'session' AND (hold.id IS NULL OR hold.expires_at > %(now)s)
    WINDOW in_order AS (ORDER BY lower(claim.span), claim.id)
)
UPDATE raincheck_claim AS claim SET room_id = %(place)s, room_lane = CASE
    WHEN here.last_end > lower(here.span) OR here.next_start < upper(here.span) THEN int8range(here.own, here.own + 1)
    ELSE int8range(NULL, NULL) END
FROM here WHERE claim.id = here.id
"""


def claim_room(place: Place, *, now: datetime) -> None:
    """Claim a room for the sessions in it once it holds one at a time, and give it back once it does not.

    Those that overlap share it as long as they stay at their time. Under the locks of all providers of the practice.
    """
    if not place.one_at_a_time:
        Claim.objects.filter(room=place).update(room=None, room_lane=None)
        return
    with connection.cursor() as cursor:
        cursor.execute(CLAIM_ROOM, {"place": place.pk, "now": now})


def give_room_back(appointment: Appointment) -> None:
    """Leave a room to others, at the time that an appointment keeps."""
    Claim.objects.filter(appointment=appointment, room__isnull=False).update(room=None, room_lane=None)


def free_holds(ids: list[int]) -> None:
    """Give held time back."""
    if ids:
        Claim.objects.filter(hold__in=ids).delete()
        Hold.objects.filter(pk__in=ids).delete()


def end_holds_of(requests: Sequence[int]) -> None:
    """Give back what is held inside requests, live or expired: they have their ending."""
    with connection.cursor() as cursor:
        cursor.execute(END_HOLDS, [list(requests)])


def free_all(appointments: Sequence[int]) -> None:
    """Give back the times of appointments that end, and what their clients hold to move them."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, {"ids": list(appointments)})


def free(appointment: Appointment) -> None:
    """Give an appointment's time back; the caller claims another in the same transaction."""
    Claim.objects.filter(appointment=appointment).delete()

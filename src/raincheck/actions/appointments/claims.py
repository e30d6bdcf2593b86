"""Taking and freeing time. The database decides who gets it; no row back means somebody else was first."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection

from raincheck.actions.engine.constraints import refusal_for
from raincheck.data.appointments import Appointment, Claim, Hold
from raincheck.domain.appointments import ClientElsewhere, SlotTaken

# DO NOTHING rather than an error: two that wait for each other's rows under an exclusion constraint end in a deadlock.
INSERT = """
INSERT INTO raincheck_claim (practice_id, provider_id, client_id, appointment_id, hold_id, part, span, lane)
VALUES
    (%(practice)s, %(provider)s, %(client)s, %(appointment)s, %(hold)s, 'session',
     tstzrange(%(start)s, %(end)s), int8range(NULL, NULL)),
    (%(practice)s, %(provider)s, %(client)s, %(appointment)s, %(hold)s, 'buffered',
     tstzrange(%(start)s - %(before)s::interval, %(end)s + %(after)s::interval), int8range(%(client)s, %(client)s + 1))
ON CONFLICT DO NOTHING RETURNING id
"""

# Never in one statement with INSERT: the steps of one statement run in no order, and would meet what is being freed.
MAKE_ROOM = """
WITH expired AS (
    SELECT id FROM raincheck_hold WHERE provider_id = %(provider)s AND expires_at <= %(now)s
        AND tstzrange(starts_at - buffer_before, ends_at + buffer_after)
         && tstzrange(%(start)s - %(before)s::interval, %(end)s + %(after)s::interval)
), held AS (
    DELETE FROM raincheck_claim WHERE hold_id IN (SELECT id FROM expired)
), former AS (
    DELETE FROM raincheck_claim WHERE appointment_id = %(appointment)s
)
DELETE FROM raincheck_hold WHERE id IN (SELECT id FROM expired)
"""

# The same for many appointments that claim nothing yet.
MAKE_ROOM_FOR_ALL = """
WITH expired AS (
    SELECT DISTINCT held.id FROM raincheck_appointment AS row JOIN raincheck_hold AS held
        ON held.provider_id = row.provider_id AND held.expires_at <= %(now)s
        AND tstzrange(held.starts_at - held.buffer_before, held.ends_at + held.buffer_after)
         && tstzrange(row.starts_at - row.buffer_before, row.ends_at + row.buffer_after)
    WHERE row.id = ANY(%(ids)s)
), claimed AS (
    DELETE FROM raincheck_claim WHERE hold_id IN (SELECT id FROM expired)
)
DELETE FROM raincheck_hold WHERE id IN (SELECT id FROM expired)
"""

INSERT_ALL = """
INSERT INTO raincheck_claim (practice_id, provider_id, client_id, appointment_id, part, span, lane)
SELECT row.practice_id, row.provider_id, row.client_id, row.id, part.name,
    CASE part.name WHEN 'session' THEN tstzrange(row.starts_at, row.ends_at)
        ELSE tstzrange(row.starts_at - row.buffer_before, row.ends_at + row.buffer_after) END,
    CASE part.name WHEN 'session' THEN int8range(NULL, NULL) ELSE int8range(row.client_id, row.client_id + 1) END
FROM raincheck_appointment AS row CROSS JOIN (VALUES ('session'), ('buffered')) AS part(name)
WHERE row.id = ANY(%(ids)s) ORDER BY row.provider_id, row.starts_at, part.name
"""

AT_ONCE = 2_000
"""Appointments whose times one statement claims or gives back: a slow machine must get through it before it times out."""

END_HOLDS = """
WITH ended AS (SELECT id FROM raincheck_hold WHERE request_id = ANY(%s)),
    held AS (DELETE FROM raincheck_claim WHERE hold_id IN (SELECT id FROM ended))
DELETE FROM raincheck_hold WHERE id IN (SELECT id FROM ended)
"""

# Asked only once somebody lost, to say which of the two constraints it was.
ELSEWHERE = """
SELECT 1 FROM raincheck_claim WHERE client_id = %(client)s AND part = 'session' AND appointment_id IS NOT NULL
    AND appointment_id IS DISTINCT FROM %(appointment)s AND span && tstzrange(%(start)s, %(end)s) LIMIT 1
"""


def claim(row: Appointment | Hold, *, now: datetime) -> None:
    """Claim the time of an appointment or hold. Raises SlotTaken or ClientElsewhere, and then nothing of it may be committed.

    What an appointment claimed until now is given back first, and expired holds in the way are deleted, under the
    provider's lock, which the caller has.
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
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(MAKE_ROOM, values)
        cursor.execute(INSERT, values)
        # Both parts or nothing: the session may fit where its buffers do not.
        if len(cursor.fetchall()) != 2:
            cursor.execute(ELSEWHERE, values)
            raise ClientElsewhere if cursor.fetchone() else SlotTaken


def claim_all(appointments: Sequence[int], *, now: datetime) -> bool:
    """Claim the times of thousands that claim nothing yet, and return whether all are theirs; else nothing may be committed.

    Their providers and clients are locked, all of them: so nobody else claims time of theirs meanwhile, and an error does for
    who lost, which takes half as long as looking before each row.
    """
    with connection.cursor() as cursor:
        for first in range(0, len(appointments), AT_ONCE):
            values: dict[str, Any] = {"ids": list(appointments[first : first + AT_ONCE]), "now": now}
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
        cursor.execute("DELETE FROM raincheck_claim WHERE appointment_id = ANY(%(ids)s)", values)
        cursor.execute(MAKE_ROOM_FOR_ALL, values)
        cursor.execute(f"{INSERT_ALL} ON CONFLICT DO NOTHING RETURNING appointment_id", values)
        # Both parts or nothing: the session may fit where its buffers do not.
        won = Counter(number for (number,) in cursor.fetchall())
    return {number for number in appointments if won[number] != 2}


def free_holds(ids: list[int]) -> None:
    """Give held time back."""
    if ids:
        Claim.objects.filter(hold__in=ids).delete()
        Hold.objects.filter(pk__in=ids).delete()


def end_holds_of(requests: Sequence[int]) -> None:
    """Give back what is held inside requests, live or expired: they have their ending."""
    with connection.cursor() as cursor:
        cursor.execute(END_HOLDS, [list(requests)])


def free(appointment: Appointment) -> None:
    """Give an appointment's time back; the caller claims another in the same transaction."""
    Claim.objects.filter(appointment=appointment).delete()

"""Taking and freeing time. The database decides who gets it; no row back means somebody else was first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from raincheck.data.appointments import Appointment, Claim, Hold
from raincheck.domain.appointments import ClientElsewhere, SlotTaken

INSERT = """
INSERT INTO raincheck_claim (practice_id, provider_id, client_id, appointment_id, hold_id, part, span, lane)
VALUES
    (%(practice)s, %(provider)s, %(client)s, %(appointment)s, %(hold)s, 'session',
     tstzrange(%(start)s, %(end)s), int8range(NULL, NULL)),
    (%(practice)s, %(provider)s, %(client)s, %(appointment)s, %(hold)s, 'buffered',
     tstzrange(%(start)s - %(before)s::interval, %(end)s + %(after)s::interval), int8range(%(client)s, %(client)s + 1))
ON CONFLICT DO NOTHING RETURNING id
"""

EXPIRED = """
SELECT id FROM raincheck_hold WHERE provider_id = %(provider)s AND expires_at <= %(now)s
    AND tstzrange(starts_at - buffer_before, ends_at + buffer_after)
     && tstzrange(%(start)s - %(before)s::interval, %(end)s + %(after)s::interval)
"""


ELSEWHERE = """
SELECT 1 FROM raincheck_claim WHERE client_id = %(client)s AND part = 'session' AND appointment_id IS NOT NULL
    AND appointment_id IS DISTINCT FROM %(appointment)s AND span && tstzrange(%(start)s, %(end)s) LIMIT 1
"""


def claim(row: Appointment | Hold, *, now: datetime) -> None:
    """Claim the time of an appointment or hold. Raises SlotTaken or ClientElsewhere, and then nothing of it may be committed.

    Expired holds in the way are deleted first, under the provider's lock, which the caller has.
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
        cursor.execute(EXPIRED, values)
        free_holds([hold for (hold,) in cursor.fetchall()])
        cursor.execute(INSERT, values)
        if len(cursor.fetchall()) != 2:
            cursor.execute(ELSEWHERE, values)
            raise ClientElsewhere if cursor.fetchone() else SlotTaken


def free_holds(ids: list[int]) -> None:
    """Give held time back."""
    if ids:
        Claim.objects.filter(hold__in=ids).delete()
        Hold.objects.filter(pk__in=ids).delete()


def free(appointment: Appointment) -> None:
    """Give an appointment's time back; the caller claims another or cancels it in the same transaction."""
    Claim.objects.filter(appointment=appointment).delete()

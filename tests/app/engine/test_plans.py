"""How the database answers the question of open times: from indexes alone, however many rows there are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db import connections, transaction
from tests.app.cast import NOW, Cast, room_of, time_off

from raincheck.data.calendars.busy import BusyCalendar, BusyTime
from raincheck.data.slots import ELSEWHERE, IN_ROOMS, TAKEN


def scans(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return (kind of scan, index) of every node that reads a table."""
    if "Relation Name" in plan or "Index Name" in plan:
        yield plan["Node Type"], plan.get("Index Name", plan.get("Relation Name", ""))
    for part in plan.get("Plans", []):
        yield from scans(part)


MANY = """
INSERT INTO raincheck_{table} SELECT (jsonb_populate_record(row, jsonb_build_object(
    'id', row.id + number, 'ref', gen_random_uuid(), 'ical_uid', number::text,
    'starts_at', row.starts_at + number * interval '1 day', 'ends_at', row.ends_at + number * interval '1 day'
))).* FROM raincheck_{table} row, generate_series(1, 3000) number
"""
"""Years of a table's one row, day after day."""


CLAIMS_OF_THEM = """
INSERT INTO raincheck_claim (practice_id, provider_id, client_id, appointment_id, part, span, lane, room_id, room_lane)
SELECT practice_id, provider_id, client_id, id, 'session', tstzrange(starts_at, ends_at), int8range(NULL, NULL),
    place_id, int8range(NULL, NULL)
FROM raincheck_appointment row WHERE NOT EXISTS (SELECT FROM raincheck_claim WHERE appointment_id = row.id)
"""
"""What those appointments claim of their room."""


def plan_over_years(
    query: str, values: dict[str, object], *, tables: Sequence[str], claims: bool = False
) -> dict[str, Any]:
    """Return the plan where each table holds years of its one row; nothing of it stays."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE raincheck_{table} DISABLE TRIGGER USER")
            cursor.execute(MANY.format(table=table))
            cursor.execute(f"ANALYZE raincheck_{table}")
        if claims:
            cursor.execute("ALTER TABLE raincheck_claim DISABLE TRIGGER USER")
            cursor.execute(CLAIMS_OF_THEM)
            cursor.execute("ANALYZE raincheck_claim")
        # No page is marked as wholly visible within one transaction, which would speak for reading the table itself.
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {query}", values)
        found = cursor.fetchone()[0]
        transaction.set_rollback(True, using="owner")
    return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


def test_taken_time_is_read_from_indexes_that_hold_all_it_asks(cast: Cast) -> None:
    cast.booked()
    time_off(cast.okafor, NOW, NOW + timedelta(hours=1))
    calendar = BusyCalendar.objects.create(
        practice=cast.practice, provider=cast.okafor, name="Work", read_at=NOW, read_until=NOW
    )
    BusyTime.objects.create(
        practice=cast.practice,
        provider=cast.okafor,
        calendar=calendar,
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=1),
        appeared_at=NOW,
    )
    values = {
        "provider": cast.okafor.pk,
        "client": cast.riley.pk,
        "start": NOW,
        "end": NOW + timedelta(days=28),
        "since": NOW - timedelta(days=1),
        "now": NOW,
    }
    plan = plan_over_years(TAKEN + ELSEWHERE, values, tables=["appointment", "outofoffice", "busytime"])
    found = {index: kind for kind, index in scans(plan)}
    found.pop("raincheck_hold", None)  # a handful of rows that come and go
    found.pop("holds_of_a_provider", None)
    assert found == {
        "appointments_of_a_provider": "Index Only Scan",
        "appointments_of_a_client": "Index Only Scan",
        "blocks_of_a_provider": "Index Only Scan",
        "busy_time_of_a_provider": "Index Only Scan",
    }


def test_what_others_have_in_a_room_is_read_from_the_index_of_its_constraint(cast: Cast) -> None:
    room = room_of(cast)
    room.one_at_a_time = True
    room.save(update_fields=["one_at_a_time"])
    cast.booked(place=room)
    values = {
        "provider": cast.fischer.pk,
        "rooms": [room.pk],
        "start": NOW,
        "end": NOW + timedelta(days=28),
        "now": NOW,
    }
    question = IN_ROOMS.removeprefix("\nUNION ALL\n")
    plan = plan_over_years(question, values, tables=["appointment"], claims=True)
    found = {index: kind for kind, index in scans(plan) if "hold" not in index or "room_holds" in index}
    assert found == {"a_room_holds_one_session_at_a_time": "Index Scan"}

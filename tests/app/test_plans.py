"""How the database answers the question of open times: from indexes alone, however many rows there are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from tests.app.cast import NOW, Cast

from raincheck.data.slots import TAKEN


def scans(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return (kind of scan, index) of every node that reads a table."""
    if "Relation Name" in plan or "Index Name" in plan:
        yield plan["Node Type"], plan.get("Index Name", plan.get("Relation Name", ""))
    for part in plan.get("Plans", []):
        yield from scans(part)


def plan_of(query: str, values: dict[str, object]) -> dict[str, Any]:
    """Return the plan where reading a whole table costs too much: a test's tables are so small that nothing else would be read."""
    with transaction.atomic(), connection.cursor() as cursor:
        for dear in ("seqscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{dear} = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {query}", values)
        found = cursor.fetchone()[0]
    return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


def test_taken_time_is_read_from_indexes_that_hold_all_it_asks(cast: Cast) -> None:
    values = {
        "provider": cast.okafor.pk,
        "client": cast.riley.pk,
        "start": NOW,
        "end": NOW + timedelta(days=28),
        "since": NOW - timedelta(days=1),
        "now": NOW,
    }
    found = {index: kind for kind, index in scans(plan_of(TAKEN, values))}
    found.pop("raincheck_hold", None)  # a handful of rows that come and go
    found.pop("holds_of_a_provider", None)
    assert found == {
        "appointments_of_a_provider": "Index Only Scan",
        "appointments_of_a_client": "Index Only Scan",
        "blocks_of_a_provider": "Index Only Scan",
        "busy_time_of_a_provider": "Index Only Scan",
    }

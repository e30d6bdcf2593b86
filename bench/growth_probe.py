"""Puts the question of open times to one database, as often as it is told: `python -m bench.growth_probe TASK`.

Reads a number of passes from each line of standard input and answers with the seconds each took, as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from bench.practice import DAYS, ZONE


def main() -> None:
    import django

    django.setup()
    from raincheck.clock import now
    from raincheck.data.people import Provider
    from raincheck.domain.spans import Span
    from raincheck.queries.appointments.placing import open_times, wanted_in

    provider_id, type_ref, place_ref, first = json.loads(sys.argv[1])
    provider = Provider.objects.select_related("practice").get(pk=provider_id)
    wanted = wanted_in(provider.practice, kind=UUID(type_ref), place=UUID(place_ref))
    assert wanted is not None
    midnight = datetime.fromisoformat(first).replace(tzinfo=ZONE)
    within = Span(midnight, midnight + timedelta(days=DAYS))

    def ask() -> int:
        return len(open_times(provider, wanted, practice=provider.practice, within=within, now=now()))

    for line in sys.stdin:
        seconds, starts = [], 0
        for _pass in range(int(line)):
            began = time.perf_counter()
            starts = ask()
            seconds.append(time.perf_counter() - began)
        print(json.dumps({"seconds": seconds, "starts": starts}), flush=True)


def plan(connection: psycopg.Connection, provider_id: int) -> tuple[str, int]:
    """Return how a provider's appointments are read (scan and index), and the pages that all of the question touches."""
    from raincheck.data.slots import TAKEN

    now = datetime.now(ZONE)
    values = {
        "provider": provider_id,
        "client": 0,
        "since": now - timedelta(days=1),
        "start": now,
        "end": now + timedelta(days=DAYS),
        "now": now,
    }
    for _twice in range(2):  # the first brings the pages in
        found = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {TAKEN}", values).fetchone()
    assert found is not None
    root = found[0][0]["Plan"]
    scan = next(one for one in _nodes(root) if one.get("Index Name") == "appointments_of_a_provider")
    return scan["Node Type"].lower(), root["Shared Hit Blocks"] + root["Shared Read Blocks"]


def _nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(found for part in node.get("Plans", []) for found in _nodes(part))]


if __name__ == "__main__":
    main()

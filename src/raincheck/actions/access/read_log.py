"""The read log: who was shown whom, and when. It is written beside every verb, in one statement and without waiting."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from raincheck.domain.access.events import Event
from raincheck.domain.people import Actor

WRITE = """
INSERT INTO raincheck_readlog
    (practice_id, at, actor_kind, actor, acting_for, what, clients, network, trace_id, detail)
VALUES {rows}
"""
ROW = "(%s, %s, %s, %s, %s, %s, %s::bigint[], %s, %s, %s::jsonb)"


@dataclass(frozen=True, slots=True)
class Reading:
    """One person's look at the clients that an answer shows. `what` is the name of its address."""

    by: Actor
    clients: Iterable[int]
    what: str
    network: str
    at: datetime
    detail: Mapping[str, object] = field(default_factory=dict)
    """Codes, numbers and times; never a name or what somebody wrote."""

    def as_logged(self) -> dict[str, object]:
        """Return the reading for a line of the log: numbers and codes, as in the table."""
        by = self.by
        return {
            "practice": by.practice,
            "read_at": self.at.isoformat(),
            "actor_kind": str(by.kind),
            "actor": by.who,
            "acting_for": by.for_client,
            "what": self.what,
            "clients": sorted(self.clients),
            "network": self.network,
            "detail": dict(self.detail),
            "request_id": by.request_id,
        }


def log_readings(readings: list[Reading]) -> None:
    """Write a row for each reading, committed when this returns. No verb: a page is read by looking, under no key."""
    values: list[Any] = []
    for one in readings:
        by = one.by
        values += [by.practice, one.at, by.kind, by.who, by.for_client, one.what]
        values += [sorted(one.clients), one.network, by.request_id, json.dumps(one.detail)]
    with connection.cursor() as cursor:
        cursor.execute(WRITE.format(rows=", ".join([ROW] * len(readings))), values)


def record_event(
    what: Event,
    *,
    by: Actor,
    now: datetime,
    network: str = "",
    clients: Iterable[int] = (),
    detail: Mapping[str, object] | None = None,
) -> None:
    """Write an act into the read log of the actor's practice; inside a verb it stands or falls with the verb."""
    log_readings([Reading(by, clients, what, network, now, detail or {})])

"""A connection of the test's own that looks at the database: its questions are planned once, not at every step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection
from tests.verify.races.promises import broken_in, overdue_in

NOT_PSYCOPG = {"context", "cursor_factory", "prepare_threshold", "client_encoding"}
_open: list[psycopg.Connection[tuple[Any, ...]]] = []


@contextmanager
def looking() -> Iterator[None]:
    """Open the connection meanwhile."""
    given = {
        name: value for name, value in connection.get_connection_params().items() if name not in NOT_PSYCOPG
    }
    with psycopg.connect(**given, autocommit=True, prepare_threshold=0) as own:
        own.execute("SET TIME ZONE 'UTC'")
        own.execute("SET jit = off")
        own.prepared_max = 500
        _open.append(own)
        try:
            yield
        finally:
            _open.remove(own)


def rows(question: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return what the database answers."""
    return _open[-1].execute(question, values).fetchall()


def broken() -> dict[str, list[tuple[Any, ...]]]:
    """Return each promise that is broken."""
    with _open[-1].cursor() as cursor:
        return broken_in(cursor)


def overdue(now: datetime) -> dict[str, list[tuple[Any, ...]]]:
    """Return what a sweep should have brought by now. Messages leave when the machine lets them."""
    with _open[-1].cursor() as cursor:
        found = overdue_in(cursor, now=now)
    return {promise: which for promise, which in found.items() if "no message waits" not in promise}

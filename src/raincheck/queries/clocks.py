"""Compares the machine's clock with the database's."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection

from raincheck.domain.timing.clock_sanity import difference


def database_is_ahead(real_clock: Callable[[], datetime]) -> timedelta:
    """Return by how much the database's clock is surely ahead of `real_clock`, the machine's; negative when it is behind."""
    asked_at = real_clock()
    with connection.cursor() as cursor:
        # Not now(): that stands still at the beginning of the transaction.
        cursor.execute("SELECT clock_timestamp()")
        [(theirs,)] = cursor.fetchall()
    return difference(theirs, asked_at=asked_at, answered_at=real_clock())

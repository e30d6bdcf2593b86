"""Compares the machine's clock with the database's."""

from collections.abc import Callable
from datetime import datetime, timedelta

from raincheck.data.timing.clocks import database_time
from raincheck.domain.clock_sanity import difference


def database_is_ahead(real_clock: Callable[[], datetime]) -> timedelta:
    """Return by how much the database's clock is surely ahead of `real_clock`, the machine's; negative when it is behind."""
    asked_at = real_clock()
    theirs = database_time()
    return difference(theirs, asked_at=asked_at, answered_at=real_clock())

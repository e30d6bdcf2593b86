"""Elapsed time: seconds that no change of a clock touches, for limits inside one process."""

from __future__ import annotations

import time

# Linux's CLOCK_MONOTONIC stands still while a machine sleeps; other systems have no CLOCK_BOOTTIME.
_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def seconds() -> float:
    """Return seconds since some moment in the past. Where the system can tell, those that a computer sleeps count as well."""
    return time.clock_gettime(_CLOCK)

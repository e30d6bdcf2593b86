"""Elapsed time: seconds that no change of a clock touches, for limits inside one process."""

import time

# CLOCK_MONOTONIC stands still on Linux while a machine sleeps; not every system has CLOCK_BOOTTIME.
_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def seconds() -> float:
    """Return seconds since some moment in the past. Where the system can tell, those that a computer sleeps count as well."""
    return time.clock_gettime(_CLOCK)

"""Trust in a process's clock: wall time is compared with the time since the machine was started, which nobody can set.

A sleeping machine is no jump: both go on. A clock that jumped is trusted again once it is back, or once it has stood by its
new time for a while: then it was corrected, and whatever it skipped shows as a silence of the web processes, an outage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TOLERANCE = timedelta(seconds=5)
# By then a time service that was wrong has found out: ntpd and chrony look again within about that time.
SETTLED_AFTER = timedelta(minutes=15)

NOTHING = timedelta(0)


class ClockFault(StrEnum):
    """Why nobody may rely on a clock."""

    JUMPED = "jumped"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Reading:
    """What both clocks showed at one instant: the wall's, and the time since the machine was started, its sleep included."""

    real: datetime
    running: timedelta


@dataclass(frozen=True, slots=True)
class Watch:
    """What a process knows of its clock: the last reading it trusts, and the first after a jump."""

    trusted: Reading
    jumped: Reading | None = None

    def after(self, reading: Reading) -> Watch:
        """Return what is known after one more reading."""
        if _is_steady(self.trusted, reading):
            return Watch(reading)
        # A clock that jumps once more begins to settle anew.
        if self.jumped is None or not _is_steady(self.jumped, reading):
            return Watch(self.trusted, reading)
        if reading.running - self.jumped.running >= SETTLED_AFTER:
            return Watch(reading)
        return self

    def real_time(self, reading: Reading) -> datetime:
        """Return the wall's time at a reading; while the clock has jumped, the time it would show if it had not."""
        if self.jumped is None:
            return reading.real
        return self.trusted.real + (reading.running - self.trusted.running)


def _is_steady(before: Reading, after: Reading) -> bool:
    """Return whether both clocks went on by the same time. A slow correction is no jump: it is seen in small steps."""
    return abs((after.real - before.real) - (after.running - before.running)) <= TOLERANCE


def difference(theirs: datetime, *, asked_at: datetime, answered_at: datetime) -> timedelta:
    """Return by how much another clock is surely ahead of ours (behind: negative), whatever part of the wait its answer took."""
    # Their clock was read at some instant between both: only what lies outside of them is a difference for sure.
    if theirs > answered_at:
        return theirs - answered_at
    return min(theirs - asked_at, NOTHING)

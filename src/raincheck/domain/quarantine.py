"""What the sweep could not do for one row alone: how long it is left alone before it is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
"""Nobody tells the sweep that a row can be read again; it looks at least this often."""


class Step(StrEnum):
    """The steps of the sweep that read a row with all that hangs on it, so that one row can make them fail."""

    CREDIT = "credit"
    SETTLE = "settle"
    REMIND = "remind"
    TELL_OF_SLOW_HAND_OVER = "tell_of_slow_hand_over"
    LOOK_AT_OPEN_TIMES = "look_at_open_times"


def next_try(*, now: datetime, failures: int) -> datetime:
    """Return when a row that has failed so often is tried again: in a minute, then after twice the time each, an hour at most."""
    return now + min(FIRST_PAUSE * (1 << min(failures - 1, 10)), LONGEST_PAUSE)

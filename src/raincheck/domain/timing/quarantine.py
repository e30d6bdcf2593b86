"""Quarantine: how long a row that makes a step of the sweep fail is left alone before it is tried again."""

from datetime import datetime, timedelta
from enum import StrEnum

FIRST_PAUSE = timedelta(minutes=1)
# Nobody tells the sweep that a row can be read again, so it looks at least this often.
LONGEST_PAUSE = timedelta(hours=1)


class Step(StrEnum):
    """The steps of the sweep that read a row with all that hangs on it, so that one row can make them fail."""

    CREDIT = "credit"
    SETTLE = "settle"
    REMIND = "remind"
    REMIND_OF_APPOINTMENTS = "remind_of_appointments"
    TELL_OF_WAITING = "tell_of_waiting"
    TELL_OF_SLOW_HAND_OVER = "tell_of_slow_hand_over"
    GO_ON_WITH_SERIES = "go_on_with_series"
    LOOK_AT_OPEN_TIMES = "look_at_open_times"


def next_try(*, now: datetime, failures: int) -> datetime:
    """Return when a row that has failed so often is tried again: in a minute, then after twice the time each, an hour at most."""
    # Ten doublings are past the longest pause already; the number of failures itself has no bound.
    return now + min(FIRST_PAUSE * (1 << min(failures - 1, 10)), LONGEST_PAUSE)

"""The law's numbers and its arithmetic of time, written down a second time from product.md; none of the product's code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
DAY = 24 * HOUR

ANSWER_WINDOW = 48 * HOUR
LEAD = 2 * HOUR
SHORTEST_WINDOW = 4 * HOUR
LAST_MINUTE = 24 * HOUR
GRACE = MINUTE
PICK_NOTICE = 12 * HOUR
BOOKING_NOTICE = 24 * HOUR
HORIZON = 60 * DAY
PAST_THE_ASKED_TIME = 30 * DAY
CUT_OFF = 24 * HOUR
WORD_LEAVES = 24 * HOUR
HOLD = 5 * MINUTE
MOST_HELD = 2
MOST_RENEWALS = 10
SUGGESTION_NOTICE = 2 * HOUR
MOST_SUGGESTED = 5
CHOICE_CHANGES = 24 * HOUR
HAND_OVER_SLACK = 5 * MINUTE
HAND_OVER_LIMIT = 15 * MINUTE
TELL_AGAIN_AFTER = 30 * MINUTE
OUTAGE_AFTER = 5 * MINUTE
OUTAGE_TOLD_ABOVE = HOUR
REBOOK_LIVES = 30 * DAY
REPEATS_WITHIN = 90 * DAY
NO_WAIT_WITHIN = 2 * HOUR
ATTEMPT_TAKES = 2 * MINUTE
RETRIED_FOR = DAY
REMINDERS = (24 * HOUR, 4 * HOUR)
REMINDERS_OF_APPOINTMENTS = (48 * HOUR, 2 * HOUR)
FIRST_LOOK = 61 * HOUR
REMINDERS_KEEP_OFF = 4 * HOUR
URGENT_WITHIN = 12 * HOUR
CLAIMS_KEPT = 30 * DAY

PRACTICE_ZONE = ZoneInfo("America/New_York")
STEP = 30
"""Minutes between two starts on the clock grid."""
HOURS_OF_WORK = {0: (9, 17), 1: (9, 17), 2: (9, 17), 3: (9, 17), 4: (9, 17), 6: (0, 4)}
"""By weekday, from and until; the night to Sunday is worked too, since clocks change then."""


def deadline_of_an_ask(start: datetime, *, asked_at: datetime) -> datetime:
    return min(asked_at + ANSWER_WINDOW, start - LEAD)


def released_at(start: datetime, *, undo: timedelta, now: datetime) -> datetime:
    """Return when what staff do now leaves the practice; `start` is the soonest that it is about."""
    return now if start - now < NO_WAIT_WITHIN else now + undo


def waking_time(start: datetime, end: datetime, zone: ZoneInfo) -> timedelta:
    """Return how much of a stretch is day on the client's clock: from 8:00 to 21:00."""
    day, awake = start.astimezone(zone).date(), timedelta(0)
    while day <= end.astimezone(zone).date():
        opens, closes = on_the_clock(day, time(8), zone), on_the_clock(day, time(21), zone)
        awake += max(min(closes, end) - max(opens, start), timedelta(0))
        day += DAY
    return awake


def no_later_than_the_lead(deadline: datetime, wanted: datetime, *, start: datetime) -> datetime:
    """Return the deadline moved to where it is wanted, as far as the start allows; it never comes earlier."""
    return max(deadline, min(wanted, start - LEAD))


def pause_after(attempts: int) -> timedelta:
    """Return the pause after so many failed attempts: 1, 2, 4 … minutes, two hours at most."""
    pause = MINUTE
    for _more in range(attempts - 1):
        pause = min(pause * 2, 2 * HOUR)
    return pause


def is_night(at: datetime, zone: ZoneInfo) -> bool:
    """Return whether texts wait: it is 21:00 to 8:00 on the client's clock."""
    return not 8 <= at.astimezone(zone).hour < 21


def next_morning(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the next 8:00 on the client's clock."""
    local = at.astimezone(zone)
    day = local.date() if local.hour < 8 else local.date() + DAY
    return on_the_clock(day, time(8), zone)


def on_the_clock(day: date, shown: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, shown, tzinfo=zone).astimezone(UTC)


def reminders(
    deadline: datetime,
    *,
    prompted_at: datetime,
    zone: ZoneInfo,
    before: Sequence[timedelta] = REMINDERS,
) -> list[tuple[datetime, bool]]:
    """Return when the client is reminded and whether by e-mail only, soonest first.

    One due at night goes at 20:00 before, else by e-mail only; none goes within 4 h after the prompt.
    """
    soonest = prompted_at + REMINDERS_KEEP_OFF
    found: dict[datetime, bool] = {}
    for left in before:
        at, email_only = deadline - left, False
        if is_night(at, zone):
            local = at.astimezone(zone)
            evening = local.date() if local.hour >= 21 else local.date() - DAY
            earlier = on_the_clock(evening, time(20), zone)
            at, email_only = (earlier, False) if earlier >= soonest else (at, True)
        if at >= soonest:
            found[at] = email_only
    return sorted(found.items())

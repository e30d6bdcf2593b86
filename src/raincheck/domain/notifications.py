"""Messages as such: by which channel, of which kind, and how far each has come."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from raincheck.domain.spans import Span, merged
from raincheck.domain.zones import start_at, wall


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    IN_APP = "in_app"


class NotificationType(StrEnum):
    """The kinds of notifications, each by the event it reports; the catalogue has a row and words for each."""

    BOOKED = "booked"
    DETAILS_CHANGED = "details_changed"
    ASKED = "asked"
    REQUEST_REMINDER = "request_reminder"
    APPOINTMENT_REMINDER = "appointment_reminder"
    MOVED = "moved"
    KEPT = "kept"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    NOT_CANCELLED = "not_cancelled"
    REINSTATED = "reinstated"
    REBOOK_LINK = "rebook_link"
    NONE_WORK = "none_work"
    LAPSED = "lapsed"
    STILL_WAITING = "still_waiting"
    NOBODY_CAME = "nobody_came"
    WITHDRAWN = "withdrawn"
    DEADLINE_MOVED = "deadline_moved"
    SUGGESTED = "suggested"
    SPARED = "spared"
    OUTAGE = "outage"
    MESSAGE = "message"
    SIGN_IN_CODE = "sign_in_code"
    INVITATION = "invitation"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    SECOND_FACTOR_RESET = "second_factor_reset"
    ZONE_CORRECTED = "zone_corrected"
    EMERGENCY_ACCESS = "emergency_access"
    DATE_LEFT_OUT = "date_left_out"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    HANDED_OVER = "handed_over"
    FAILED = "failed"
    OBSOLETE = "obsolete"


class Outcome(StrEnum):
    """What one attempt came to: accepted, deferred (try again), refused (for good) or unknown (no answer)."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"


RETRIED_FOR = timedelta(days=1)
ATTEMPT_TAKES = timedelta(minutes=2)
"""An attempt without an outcome after this long has none, whatever became of its process: the message is sent again."""
ANSWERS_OF_AN_ATTEMPT = 6
"""The same in answers that the other side may take its time for: half of them before the words leave, half after."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=2)

GATHERED_FOR = timedelta(minutes=15)
"""How long at least lies between two notices of messages in one conversation: the later one tells of all in between."""

QUIET_FROM = time(21)
QUIET_UNTIL = time(8)
URGENT_WITHIN = timedelta(hours=12)
"""A prompt, withdrawal or cancellation this close to its deadline or start may be texted at night."""


def attempt_takes(*, answer_within: timedelta) -> timedelta:
    """Return how long an attempt may take when the other side has so long for each answer."""
    return max(ATTEMPT_TAKES, ANSWERS_OF_AN_ATTEMPT * answer_within)


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the given number of failed attempts: doubling from a minute to two hours."""
    # Ten doublings are past the longest pause; without a bound the product would outgrow a timedelta.
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 10)), LONGEST_PAUSE)


def is_quiet(at: datetime, *, zone: tzinfo) -> bool:
    """Return whether `at` falls between 21:00 and 8:00 on the recipient's wall clock."""
    local = at.astimezone(zone).time()
    # The night crosses midnight, so that either end alone makes it night.
    return local >= QUIET_FROM or local < QUIET_UNTIL


def waking_time(span: Span, *, zone: ZoneInfo) -> timedelta:
    """Return how much of a stretch of real time lies between 8:00 and 21:00 on somebody's wall clock."""
    first, last = (wall(instant, zone=zone).date() for instant in (span.start, span.end))
    # A day more on either side: where a zone leaves a date out, the wall's dates say less than the stretch holds.
    days = (first + timedelta(days=count) for count in range(-1, (last - first).days + 2))
    return sum((one.length for one in merged(_awake(days, span, zone=zone))), timedelta(0))


def _awake(days: Iterable[date], within: Span, *, zone: ZoneInfo) -> Iterator[Span]:
    for day in days:
        start = max(start_at(datetime.combine(day, QUIET_UNTIL), zone=zone), within.start)
        # The night begins when the clock first shows it, also where that hour comes twice.
        end = min(start_at(datetime.combine(day, QUIET_FROM), zone=zone), within.end)
        if start < end:
            yield Span(start, end)


def most_waking_time(length: timedelta) -> timedelta:
    """Return the most waking time that a stretch of this length can hold, whenever it begins."""
    a_day = datetime.combine(date.min, QUIET_FROM) - datetime.combine(date.min, QUIET_UNTIL)
    days, rest = divmod(length, timedelta(days=1))
    return days * a_day + min(rest, a_day)


def sms_due_at(at: datetime, *, zone: tzinfo, urgent: bool) -> datetime:
    """Return when a text made at `at` may go: at once by day or when urgent, else at 8:00 of the recipient's morning."""
    if urgent or not is_quiet(at, zone=zone):
        return at
    local = at.astimezone(zone)
    # Past midnight the next morning still has the same date.
    morning = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    # By the wall clock: over a clock change the night is an hour shorter or longer.
    return datetime.combine(morning, QUIET_UNTIL, tzinfo=zone).astimezone(UTC)

"""Checks of calendars that are read again and again: when the next one is due, and how long to wait after a failure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from raincheck.domain.calendars.busy import BusyEvent
from raincheck.domain.spans import Span


class CalendarKind(StrEnum):
    """Where a provider's own calendar comes from."""

    FILE = "file"
    SUBSCRIPTION = "subscription"
    CALDAV = "caldav"


CHECK_EVERY = timedelta(minutes=15)
# A calendar that fails is tried for ever, at least this often: its owner may be away for weeks.
LONGEST_PAUSE = timedelta(hours=4)
# However unchanged, a calendar is read whole this often, so that the window it was read for moves on.
READ_WHOLE_EVERY = timedelta(days=1)
# A check that nobody heard of for so long has died; the next worker takes it over.
CHECK_TAKES_AT_MOST = timedelta(minutes=5)
# From here on a failing calendar is a task: somebody has to look at it.
FAILING_TOO_LONG = timedelta(days=1)
# Back for what is shown as past, ahead well past the farthest time anybody can be offered.
READ_BACK = timedelta(days=30)
READ_AHEAD = timedelta(days=400)


def reading_window(now: datetime) -> Span:
    """Return the stretch whose busy time is kept."""
    return Span(now - READ_BACK, now + READ_AHEAD)


def next_check(*, now: datetime, failing_since: datetime | None = None) -> datetime:
    """Return when to look again: in 15 minutes, after failures in twice the time each, four hours at most.

    It has failed for as long as it took to try so often, so waiting that long again doubles the pause each time.
    """
    if failing_since is None:
        return now + CHECK_EVERY
    return now + min(max(now - failing_since, CHECK_EVERY), LONGEST_PAUSE)


def must_be_read_whole(read_at: datetime, *, now: datetime) -> bool:
    """Return whether a calendar has to be read even when its server says that nothing changed."""
    return now - read_at >= READ_WHOLE_EVERY


def is_failing_too_long(failing_since: datetime | None, *, now: datetime) -> bool:
    return failing_since is not None and now - failing_since >= FAILING_TOO_LONG


@dataclass(frozen=True, slots=True)
class Validators:
    """Words by which a server knows again the state in which a calendar was read (RFC 9110, 8.8; RFC 6578)."""

    etag: str = ""
    last_modified: str = ""
    sync_token: str = ""


NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a calendar is fetched from. Nothing of it but the host is ever shown or logged."""

    kind: CalendarKind
    host: str
    address: str = field(repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class StoredReading:
    """What a reading leaves behind: events, in sentences what could not be read, and how far it went."""

    events: Sequence[BusyEvent]
    problems: Sequence[str]
    read_until: datetime
    validators: Validators = NO_VALIDATORS

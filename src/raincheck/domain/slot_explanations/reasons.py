"""Reasons why a start is no slot, in the order in which they count, and the facts that an explanation of one carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from raincheck.domain.spans import Span


class NotOffered(StrEnum):
    """Why a start is not offered. The order matters: of several obstacles the earlier is named."""

    OUTSIDE_RANGE = "outside_range"
    NOTICE = "notice"
    HORIZON = "horizon"
    SKIPPED = "skipped"
    REPEATED = "repeated"
    OFF_GRID = "off_grid"
    OUTSIDE_HOURS = "outside_hours"
    OTHER_PLACE = "other_place"
    OUT_OF_OFFICE = "out_of_office"
    ASKED_TIME = "asked_time"
    APPOINTMENT = "appointment"
    HOLD = "hold"
    BUSY = "busy"
    CLIENT_APPOINTMENT = "client_appointment"
    ROOM = "room"
    SAME_DAY = "same_day"
    BUFFER = "buffer"


# Reasons that come from somebody else having been first: the others stood there before the page was opened.
JUST_TAKEN = frozenset({NotOffered.APPOINTMENT, NotOffered.HOLD, NotOffered.ROOM, NotOffered.BUFFER})


@dataclass(frozen=True, slots=True)
class Known:
    """What lets a reason be told in full; it decides nothing, and only staff may read it.

    `names` says what a taken stretch is called: the client of an appointment or hold, the calendar of busy time.
    `held_until` says when the hold of a session ends. `notice` and `horizon` are the lengths that `earliest_at`
    and `latest_at` come from.
    """

    names: Mapping[tuple[NotOffered, Span], str] = field(default_factory=dict)
    held_until: Mapping[Span, datetime] = field(default_factory=dict)
    notice: timedelta | None = None
    horizon: timedelta | None = None


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What takes a start: a stretch of time, of one of the reasons from OUT_OF_OFFICE to SAME_DAY.

    `label` is its name where one is known, `until` the end of a hold.
    """

    kind: NotOffered
    span: Span
    label: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one start is not offered.

    `start` is the instant asked about; for SKIPPED the naive wall time that never comes. `taken_by` is the obstacle
    in the way: the one that the session overlaps, for BUFFER the one it comes too near. `length` is what the rule
    counts: the notice, the horizon, the grid's step, the session that does not fit, the buffer to keep. `limit` is
    the first start after the notice, the last before the horizon, or the end of the hours that the session would
    run past. `hours` are the working hours (at the place asked for) that touch the start's day.
    """

    start: datetime
    reason: NotOffered
    taken_by: Obstacle | None = None
    length: timedelta | None = None
    limit: datetime | None = None
    hours: tuple[Span, ...] = ()

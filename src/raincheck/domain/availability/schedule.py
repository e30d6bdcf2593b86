"""A schedule is all that a provider says about when they work; booked sessions may lie outside it."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from raincheck.domain.availability.hours import Availability, as_stored, working_spans
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.domain.spans import Span

# How far apart sessions may start: each divides an hour, so that starts read well on any clock.
STEPS = tuple(timedelta(minutes=minutes) for minutes in (15, 30, 60))


class StepUnknown(Refusal):
    kind = Kind.BAD_INPUT
    code = "step_unknown"
    sentence = _(
        "Sessions can start every 15, 30 or 60 minutes. Nothing was changed yet; please choose one of them."
    )
    field = "step"


class ZoneNotConfirmed(Refusal):
    kind = Kind.BAD_INPUT
    code = "zone_not_confirmed"
    sentence = _(
        "You chose another time zone. Nothing was changed yet; please read what it means and tick the box below it."
    )
    field = "zone"


class HoursChangedMeanwhile(Refusal):
    kind = Kind.CONFLICT
    code = "hours_changed_meanwhile"
    sentence = _(
        "These hours were saved somewhere else since you opened this page, so nothing was changed now."
        " What you typed is still here. Please look at what is kept now, and save again if you still want yours."
    )


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a provider works, on which clock, and how far apart sessions may start.

    The hours are wall time: in another zone they read the same, and are other instants.
    """

    availability: Availability
    step: timedelta
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if not timedelta() < self.step <= timedelta(days=1):
            raise ValueError("sessions start some time apart, a day at most")

    @property
    def mark(self) -> str:
        """A fingerprint for a form to carry: equal for equal schedules only."""
        # A hash, since two people may edit the same hours and whole schedules are too long for a hidden field.
        minutes = self.step // timedelta(minutes=1)
        said = json.dumps([as_stored(self.availability), minutes, self.zone.key], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Booked:
    """A session that is booked: its number, its time and the ref of its place."""

    number: int
    span: Span
    place: str


def outside(booked: Iterable[Booked], schedule: Schedule) -> frozenset[int]:
    """Return the numbers of the sessions that do not lie wholly inside a schedule's hours at their place.

    Where a session starts on the grid is no matter: it was agreed on.
    """
    found = set[int]()
    for place, group in groupby(sorted(booked, key=_place), key=_place):
        sessions = list(group)
        around = Span(min(one.span.start for one in sessions), max(one.span.end for one in sessions))
        # Read once for all sessions of a place, then found by bisection: a practice has thousands ahead.
        hours = working_spans(schedule.availability, within=around, zone=schedule.zone, place=place)
        starts = [span.start for span in hours]
        for one in sessions:
            before = bisect_right(starts, one.span.start)
            if not before or not hours[before - 1].contains(one.span):
                found.add(one.number)
    return frozenset(found)


def no_longer_inside(booked: Iterable[Booked], *, former: Schedule, schedule: Schedule) -> frozenset[int]:
    """Return the numbers of the sessions that fitted the former hours and do not fit these."""
    sessions = list(booked)
    return outside(sessions, schedule) - outside(sessions, former)


def _place(booked: Booked) -> str:
    return booked.place

"""The rules that take a start, asked one start at a time: those of `slots`, and what exactly stands against it.

`slots` works on whole stretches and forgets which rule closed what, so that it stays quick; here each rule answers for
itself. Both are held together by tests that ask them about the same starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from raincheck.domain.availability.hours import A_DAY, working_spans
from raincheck.domain.slot_explanations.reasons import Explanation, NotOffered, Obstacle
from raincheck.domain.slots import (
    NONE,
    Question,
    Stretch,
    closed_by,
    closed_day,
    inside_hours,
    obstacles,
    on_grid,
)
from raincheck.domain.spans import Span
from raincheck.domain.zones import (
    clock_runs,
    instant_of,
    is_skipped,
    seconds_after,
    seconds_before,
    start_at,
    wall,
)


def is_open(question: Question, start: datetime) -> bool:
    """Return whether a start can be booked: the same answer as looking for it in `open_slots`."""
    return explain(question, start) is None


def explain(question: Question, start: datetime) -> Explanation | None:
    """Return why a start (an instant) is not offered, or None when it is.

    Of several reasons the first counts: the dates looked at, notice and horizon, the grid, the hours, what the
    session meets, what its buffers meet. Of several obstacles time off comes before appointments, these before
    holds, busy time, the client's own appointments, the room's, and the client's other session of that day; of equals the
    soonest.
    """
    return explain_each(question, [start])[0]


def explain_each(question: Question, starts: Iterable[datetime]) -> list[Explanation | None]:
    """Return what `explain` says of each start, reading hours and taken time once for all of them."""
    asked = list(starts)
    reasons = [out_of_time(question, start) for start in asked]
    left = [start for start, reason in zip(asked, reasons, strict=True) if reason is None]
    if not left:
        return reasons
    rules = Rules.of(question, first=min(left), last=max(left))
    return [reason or rules.against(start) for start, reason in zip(asked, reasons, strict=True)]


def explain_wall_time(question: Question, shown: datetime) -> Explanation | None:
    """Return the same for a naive wall time in the provider's zone; one shown twice is read as the first."""
    if is_skipped(shown, zone=question.zone):
        return Explanation(shown, NotOffered.SKIPPED)
    return explain(question, start_at(shown, zone=question.zone))


def out_of_time(question: Question, start: datetime) -> Explanation | None:
    """Return why a start is none that was asked for: outside the dates, too soon, or too far ahead."""
    known = question.known
    if not question.within.start <= start < question.within.end:
        return Explanation(start, NotOffered.OUTSIDE_RANGE)
    if question.earliest_at is not None and start < question.earliest_at:
        return Explanation(start, NotOffered.NOTICE, length=known.notice, limit=question.earliest_at)
    if question.latest_at is not None and start > question.latest_at:
        return Explanation(start, NotOffered.HORIZON, length=known.horizon, limit=question.latest_at)
    return None


# Of several obstacles the one is named that stands earlier in the list of reasons.
RANK = {reason: rank for rank, reason in enumerate(NotOffered)}


@dataclass(frozen=True, slots=True)
class Closing:
    """Something in the way with the starts it closes: those that meet it and, more of them, those that come too near.

    Both are the last second before and the first after; `before` and `after` are the room to keep on each side.
    """

    kind: NotOffered
    span: Span
    before: timedelta
    after: timedelta
    meets: Stretch
    nears: Stretch


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the starts of a question between two of them."""

    question: Question
    hours: Sequence[Stretch]
    hours_anywhere: Sequence[Stretch]
    closings: Sequence[Closing]

    @classmethod
    def of(cls, question: Question, *, first: datetime, last: datetime) -> Rules:
        since, until = seconds_before(first), seconds_after(last)
        hours = inside_hours(question, since, until, place=question.place)
        anywhere = hours if question.place is None else inside_hours(question, since, until, place=None)
        closings = []
        for kind, span, before, after in sorted(obstacles(question), key=lambda one: (RANK[one[0]], one[1])):
            (meets,) = closed_by([span], room_before=NONE, room_after=NONE, length=question.length)
            (nears,) = closed_by([span], room_before=before, room_after=after, length=question.length)
            closings.append(Closing(kind, span, before, after, meets, nears))
        for span in sorted(question.same_day_as):
            day = closed_day(span, zone=question.zone)
            closings.append(Closing(NotOffered.SAME_DAY, span, NONE, NONE, day, day))
        return cls(question, hours, anywhere, closings)

    def against(self, start: datetime) -> Explanation | None:
        """Return the first rule that stands against a start that is in time."""
        second = seconds_before(start)
        return self._grid(start, second) or self._hours(start, second) or self._taken(start, second)

    def _grid(self, start: datetime, second: int) -> Explanation | None:
        # The second pass of a repeated hour belongs to no run of the clock.
        if not clock_runs(second, second + 1, zone=self.question.zone):
            return Explanation(start, NotOffered.REPEATED)
        if any(on_grid(self.question, [(second, second)])) and instant_of(second) == start:
            return None
        return Explanation(start, NotOffered.OFF_GRID, length=self.question.step)

    def _hours(self, start: datetime, second: int) -> Explanation | None:
        if _holds(self.hours, second):
            return None
        hours = hours_of_day(self.question, start)
        if _holds(self.hours_anywhere, second):
            return Explanation(start, NotOffered.OTHER_PLACE, hours=hours)
        end = next((span.end for span in hours if span.start <= start < span.end), None)
        return Explanation(
            start, NotOffered.OUTSIDE_HOURS, length=self.question.length, limit=end, hours=hours
        )

    def _taken(self, start: datetime, second: int) -> Explanation | None:
        # What the session itself would meet is the better reason, so a buffer counts only once nothing is met.
        too_near: Closing | None = None
        for closing in self.closings:
            if closing.meets[0] < second < closing.meets[1]:
                return Explanation(start, closing.kind, taken_by=self._obstacle(closing))
            if too_near is None and closing.nears[0] < second < closing.nears[1]:
                too_near = closing
        if too_near is None:
            return None
        room = too_near.after if start >= too_near.span.end else too_near.before
        return Explanation(start, NotOffered.BUFFER, taken_by=self._obstacle(too_near), length=room)

    def _obstacle(self, closing: Closing) -> Obstacle:
        known = self.question.known
        until = known.held_until.get(closing.span) if closing.kind is NotOffered.HOLD else None
        label = known.names.get((closing.kind, closing.span), "")
        return Obstacle(closing.kind, closing.span, label, until)


def _holds(stretches: Sequence[Stretch], second: int) -> bool:
    return any(first <= second <= last for first, last in stretches)


def hours_of_day(question: Question, start: datetime) -> tuple[Span, ...]:
    """Return the working hours that touch the local day of a start, those past midnight whole."""
    midnight = datetime.combine(wall(start, zone=question.zone).date(), time.min)
    day = Span(
        min(start, start_at(midnight, zone=question.zone)), start_at(midnight + A_DAY, zone=question.zone)
    )
    # Looked at with a day on each side: `working_spans` would cut a night's hours at the edge of the day.
    around = day.widened(before=A_DAY, after=A_DAY)
    spans = working_spans(question.availability, within=around, zone=question.zone, place=question.place)
    return tuple(span for span in spans if span.overlaps(day))

"""Slots are the starts that can be booked; why any other one cannot is for `slot_explanations` to say.

A start is open when it lies in the time asked about, on the clock grid, inside working hours, and clear of
everything that is in the way. Each of the four is a sorted list of stretches of starts, counted in whole
seconds since 1970 with both ends included; the open ones are what the lists have in common.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate, repeat
from zoneinfo import ZoneInfo

from raincheck.domain.availability.hours import Availability, working_spans
from raincheck.domain.policy import Policy
from raincheck.domain.slot_explanations.reasons import NOTHING_KNOWN, Known, NotOffered
from raincheck.domain.spans import Span
from raincheck.domain.zones import (
    DAY,
    SECOND,
    clock_runs,
    instant_of,
    seconds_after,
    seconds_before,
    wall,
    whole_days,
)

NONE = timedelta()
MINUTE = timedelta(minutes=1)
FOREVER = 10**12  # more seconds than any calendar has
# A request looks at least this far past its asked time, however near the practice's horizon is.
PAST_THE_ASKED_TIME = timedelta(days=30)
# Starts from the first to the last second, both included. Whole numbers compare several times faster than datetimes.
Stretch = tuple[int, int]
# A reason, the stretch that no session may meet, and the room to keep free before and after it.
InTheWay = tuple[NotOffered, Span, timedelta, timedelta]


@dataclass(frozen=True, slots=True)
class Taken:
    """A session that is booked or held, with the buffers of its own type."""

    session: Span
    before: timedelta = NONE
    after: timedelta = NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything that decides which starts one provider can offer one client for one session.

    Starts are looked for in `within`, from `earliest_at` (now + notice) to `latest_at` (the horizon), both
    included. `step` divides the minutes past local midnight. `appointments` and `holds` are other clients' or
    other appointments' of this provider: leave out the appointment being moved and the same client's own hold.
    `client_appointments` are this client's, with anyone, and `room` are other clients' sessions in the room, with other
    providers, where it holds one session at a time; they only must not overlap. `same_day_as` are this client's sessions on
    whose days, by the provider's clock, nothing else is offered. `asked` is the asked time of
    a request; the provider may still suggest a start in it by leaving it out. Taken time must be complete for
    `reach(within, …)`. Lengths and buffers are whole seconds. `known` decides nothing.
    """

    zone: ZoneInfo
    availability: Availability
    within: Span
    length: timedelta
    step: timedelta
    buffer_before: timedelta = NONE
    buffer_after: timedelta = NONE
    place: str | None = None
    earliest_at: datetime | None = None
    latest_at: datetime | None = None
    out_of_office: tuple[Span, ...] = ()
    busy: tuple[Span, ...] = ()
    appointments: tuple[Taken, ...] = ()
    holds: tuple[Taken, ...] = ()
    client_appointments: tuple[Span, ...] = ()
    room: tuple[Span, ...] = ()
    same_day_as: tuple[Span, ...] = ()
    asked: Span | None = None
    known: Known = field(default=NOTHING_KNOWN, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.length <= NONE or min(self.buffer_before, self.buffer_after) < NONE:
            raise ValueError("a session has a length, and buffers are not negative")
        if any(part % SECOND for part in (self.length, self.buffer_before, self.buffer_after)):
            raise ValueError("lengths are whole seconds")
        if not MINUTE <= self.step <= timedelta(days=1) or self.step % MINUTE:
            raise ValueError("the grid step is whole minutes, a day at most")


def open_slots(question: Question) -> list[datetime]:
    """Return every start (UTC) that can be booked, soonest first."""
    first, last = seconds_after(question.within.start), seconds_after(question.within.end) - 1
    if question.earliest_at is not None:
        first = max(first, seconds_after(question.earliest_at))
    if question.latest_at is not None:
        last = min(last, seconds_before(question.latest_at))
    if first > last:
        return []
    hours = inside_hours(question, first, last, place=question.place)
    closed: list[Stretch] = []
    for _why, spans, before, after in _alike(question):
        closed += closed_by(spans, room_before=before, room_after=after, length=question.length)
    closed += [closed_day(span, zone=question.zone) for span in question.same_day_as]
    # The grid comes last: it makes one datetime of each start, and there are the fewest by then.
    free = _common(hours, _clear_of(closed))
    return [start for starts in on_grid(question, free) for start in _instants(starts)]


def comes_that_day(question: Question, start: datetime) -> bool:
    """Return whether the client has a session already that closes the day of a start to them."""
    day = wall(start, zone=question.zone).date()
    return any(wall(span.start, zone=question.zone).date() == day for span in question.same_day_as)


def grid_starts(question: Question, within: Span) -> list[datetime]:
    """Return every start (UTC) on the grid in `within`, whether it can be booked or not, soonest first."""
    here = [(seconds_after(within.start), seconds_after(within.end) - 1)]
    return [start for starts in on_grid(question, here) for start in _instants(starts)]


def last_start(*, now: datetime, policy: Policy, asked_at: datetime | None = None) -> datetime:
    """Return the horizon: the last start that may be offered, for a request well past its asked time."""
    horizon = now + policy.horizon
    return horizon if asked_at is None else max(horizon, asked_at + PAST_THE_ASKED_TIME)


def reach(within: Span, *, length: timedelta, buffer_before: timedelta, buffer_after: timedelta) -> Span:
    """Return the time whose taken stretches (each with its own buffers) can matter for starts in `within`."""
    return Span(within.start - buffer_before, within.end + length + buffer_after)


def inside_hours(question: Question, first: int, last: int, *, place: str | None) -> list[Stretch]:
    """Return the starts from first to last whose session lies wholly in working hours."""
    within = Span(instant_of(first), instant_of(last) + question.length)
    spans = working_spans(question.availability, within=within, zone=question.zone, place=place)
    length = question.length // SECOND
    return [(seconds_after(span.start), seconds_before(span.end) - length) for span in spans]


def obstacles(question: Question) -> Iterator[InTheWay]:
    """Everything in the way, one by one."""
    for why, spans, before, after in _alike(question):
        for span in spans:
            yield (why, span, before, after)


def _alike(question: Question) -> Iterator[tuple[NotOffered, Sequence[Span], timedelta, timedelta]]:
    """Everything in the way, together where the same room is kept free before and after.

    Of two neighbouring buffers the larger counts; busy time has none of its own.
    """
    before, after = question.buffer_before, question.buffer_after
    # Time off has no buffers: it says when nobody is there, not that somebody needs a break after it.
    yield (NotOffered.OUT_OF_OFFICE, question.out_of_office, NONE, NONE)
    if question.asked is not None:
        yield (NotOffered.ASKED_TIME, (question.asked,), NONE, NONE)
    for why, taken in ((NotOffered.APPOINTMENT, question.appointments), (NotOffered.HOLD, question.holds)):
        # Most of a provider's sessions have the same buffers, so there are few groups.
        by_buffers: dict[tuple[timedelta, timedelta], list[Span]] = defaultdict(list)
        for one in taken:
            by_buffers[one.before, one.after].append(one.session)
        for (own_before, own_after), sessions in by_buffers.items():
            yield (why, sessions, max(after, own_before), max(before, own_after))
    yield (NotOffered.BUSY, question.busy, after, before)
    yield (NotOffered.CLIENT_APPOINTMENT, question.client_appointments, NONE, NONE)
    # The room is free for the next session as soon as one is over: buffers are the provider's own time.
    yield (NotOffered.ROOM, question.room, NONE, NONE)


def closed_by(
    spans: Iterable[Span], *, room_before: timedelta, room_after: timedelta, length: timedelta
) -> list[Stretch]:
    """Return for each obstacle the last start before it and the first after it; every start between them is closed."""
    before, after = (room_before + length) // SECOND, room_after // SECOND
    return [(seconds_before(span.start) - before, seconds_after(span.end) + after) for span in spans]


def closed_day(session: Span, *, zone: ZoneInfo) -> Stretch:
    """Return the last start before the local day on which a session starts, and the first after it."""
    shown = wall(session.start, zone=zone).date()
    day = whole_days(shown, shown, zone=zone)
    return seconds_before(day.start) - 1, seconds_after(day.end)


def _clear_of(closed: Iterable[Stretch]) -> list[Stretch]:
    """Return the starts that nothing closes: from the end of one closed stretch to the beginning of the next."""
    clear, opened = [], -FOREVER
    for last_before, first_after in sorted(closed):
        if last_before >= opened:
            clear.append((opened, last_before))
        opened = max(opened, first_after)
    return [*clear, (opened, FOREVER)]


def _common(ones: list[Stretch], others: list[Stretch]) -> list[Stretch]:
    """Return what two sorted lists of stretches have in common, sorted."""
    shared = []
    one, other = iter(ones), iter(others)
    a, b = next(one, None), next(other, None)
    while a is not None and b is not None:
        first = max(a[0], b[0])
        # The one that ends first has met all it can: nothing later begins before it is over.
        if a[1] < b[1]:
            last, a = a[1], next(one, None)
        else:
            last, b = b[1], next(other, None)
        if first <= last:
            shared.append((first, last))
    return shared


def on_grid(question: Question, stretches: list[Stretch]) -> Iterator[range]:
    """Return the starts on the grid of the provider's clock, leaving out times the clock shows again."""
    if not stretches:
        return
    for run in clock_runs(stretches[0][0], stretches[-1][1] + 1, zone=question.zone):
        for first, last in _common([(run.start, run.end - 1)], stretches):
            yield from _multiples(first, last, question.step // SECOND, offset=run.offset)


def _multiples(first: int, last: int, step: int, *, offset: int) -> Iterator[range]:
    """Return the seconds from first to last that are a multiple of the step past their own local midnight."""
    while first <= last:
        since_midnight = (first + offset) % DAY
        next_midnight = first - since_midnight + DAY
        # Counted from each midnight anew: a step of 7 minutes does not divide a day.
        yield range(first + -since_midnight % step, min(last + 1, next_midnight), step)
        first = next_midnight


def _instants(starts: range) -> Iterable[datetime]:
    # Stepping from one to the next is several times faster than converting each.
    if not starts:
        return ()
    steps = repeat(SECOND * starts.step, len(starts) - 1)
    return accumulate(steps, datetime.__add__, initial=instant_of(starts.start))

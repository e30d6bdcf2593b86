"""Which starts are open, by the model: one start at a time, each rule by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from tests.verify.model.law import (
    BOOKING_NOTICE,
    DAY,
    HORIZON,
    HOURS_OF_WORK,
    PAST_THE_ASKED_TIME,
    PICK_NOTICE,
    PRACTICE_ZONE,
    STEP,
    SUGGESTION_NOTICE,
    on_the_clock,
)
from tests.verify.model.world import Asked, Held, Kind, Offer, Session, Suggested, World


@dataclass(frozen=True)
class Wanted:
    """A session that looks for a time: whose it is, how long, from when to when it may start."""

    provider: int
    client: int
    length: timedelta
    before: timedelta
    after: timedelta
    earliest: datetime
    latest: datetime
    asked: Session | None = None
    """The appointment that would move: it is in nobody's way, but its time is not offered."""
    may_overlap: bool = False
    """Whether its time is open all the same: nobody asked, the provider can come then."""
    place: int = 0
    """Where it is; of places but the first each holds one session at a time."""
    now: datetime | None = None
    """When it is asked for, if that is not the present."""
    about: Asked | Session | Offer | None = None
    """What its client may hold a time for: the request inside which it is looked for, the appointment that they move, the offer."""

    def fits(self, held: Held | Suggested, start: datetime) -> bool:
        """Return whether all that it needs at a start is kept free by a time that is held."""
        end, until = start + self.length, held.end + held.after
        return (
            held.start == start
            and end <= held.end
            and self.before <= held.before
            and end + self.after <= until
        )


def for_request(asked: Asked, now: datetime, *, notice: timedelta = PICK_NOTICE) -> Wanted:
    return replace(for_session(asked.session, now, notice=notice), about=asked)


def for_session(session: Session, now: datetime, *, notice: timedelta = PICK_NOTICE) -> Wanted:
    kind, latest = session.kind, max(now + HORIZON, session.start + PAST_THE_ASKED_TIME)
    return Wanted(
        session.provider,
        session.client,
        session.end - session.start,
        kind.before,
        kind.after,
        now + notice,
        latest,
        session,
        place=session.place,
        now=now,
    )


def at_the_clients_wish(session: Session, now: datetime) -> Wanted:
    return replace(for_session(session, now), may_overlap=True, about=session)


def for_offer(world: World, offer: Offer, now: datetime) -> Wanted:
    """Return what a new booking wants: the type as it is, whatever room the session before had around it."""
    session, kind = offer.session, world.type_of(offer.session)
    return Wanted(
        session.provider,
        session.client,
        kind.length,
        kind.before,
        kind.after,
        now + BOOKING_NOTICE,
        now + HORIZON,
        place=session.place,
        now=now,
        about=offer,
    )


def against(world: World, wanted: Wanted, start: datetime) -> set[str]:
    """Return every reason to refuse a start; none means that it is open."""
    end, found = start + wanted.length, set()
    if _is_kept(world, wanted, start):
        # For whoever holds it nothing is in the way but appointments of their own, and whoever is in a room that it doesn't hold.
        met = in_the_way(world, wanted, start, quiet_between_own=False)
        return met & {"client_elsewhere", "room_taken"}
    if not (wanted.earliest <= start <= wanted.latest and on_the_grid(start) and at_work(start, end)):
        found.add("slot_not_open")
    away = [
        (block.start, block.end) for block in world.blocks if stands(block.removed_at, block.provider, wanted)
    ]
    if wanted.asked is not None and not wanted.may_overlap:
        away.append((wanted.asked.start, wanted.asked.end))
    if any(start < until and since < end for since, until in away):
        found.add("slot_not_open")
    if _comes_that_day(world, wanted, start):
        found.add("slot_not_open")
    return found | in_the_way(world, wanted, start, quiet_between_own=True)


def _comes_that_day(world: World, wanted: Wanted, start: datetime) -> bool:
    day = start.astimezone(PRACTICE_ZONE).date()
    others = (other for other in world.standing() if other is not wanted.asked)
    return any(
        (other.provider, other.client) == (wanted.provider, wanted.client)
        and other.start.astimezone(PRACTICE_ZONE).date() == day
        for other in others
    )


def _is_kept(world: World, wanted: Wanted, start: datetime) -> bool:
    now = wanted.now or world.now
    about = wanted.about
    if about is None:
        return False
    if isinstance(about, Asked) and any(wanted.fits(one, start) for one in world.suggested_in(about.batch)):
        return _is_late_enough(wanted, start, now)
    held = world.held_for(about, now=now)
    if held is None or not wanted.fits(held, start) or _comes_that_day(world, wanted, start):
        return False
    if isinstance(about, Asked):
        return _is_late_enough(wanted, start, now)
    return "client_elsewhere" not in in_the_way(world, wanted, start, quiet_between_own=False)


def _is_late_enough(wanted: Wanted, start: datetime, now: datetime) -> bool:
    by_client = wanted.earliest > now
    return start >= now + (SUGGESTION_NOTICE if by_client else timedelta(0))


def stands(removed_at: datetime | None, provider: int, wanted: Wanted) -> bool:
    return removed_at is None and provider == wanted.provider


def in_the_way(
    world: World,
    wanted: Wanted,
    start: datetime,
    *,
    quiet_between_own: bool,
    besides: Sequence[Session] = (),
) -> set[str]:
    """Return whom a session would meet: the larger buffer of two neighbours counts.

    A client's own sessions, one after the other, need buffers only where slots are offered. Those `besides` move along.
    """
    end, found = start + wanted.length, set()
    for other in world.standing():
        if other is wanted.asked or other in besides:
            continue
        own = other.client == wanted.client
        if own and start < other.end and other.start < end:
            found.add("client_elsewhere")
        room_before = max(wanted.before, other.kind.after)
        room_after = max(wanted.after, other.kind.before)
        near = start < other.end + room_before and other.start - room_after < end
        if other.provider == wanted.provider and near and (quiet_between_own or not own):
            found.add("slot_taken")
        # A room is another provider's as soon as its session is over; clients only read that the time is taken.
        same_room = wanted.place in world.places[1:] and other.place == wanted.place
        with_another = not own and other.provider != wanted.provider
        if same_room and with_another and start < other.end and other.start < end:
            found.add("slot_taken" if quiet_between_own else "room_taken")
    return found | _held_by_others(world, wanted, start, quiet_between_own=quiet_between_own)


def _held_by_others(world: World, wanted: Wanted, start: datetime, *, quiet_between_own: bool) -> set[str]:
    end, now, found = start + wanted.length, wanted.now or world.now, set()
    for held in world.set_aside(now):
        if held.client == wanted.client:
            continue
        room_before, room_after = max(wanted.before, held.after), max(wanted.after, held.before)
        near = start < held.end + room_before and held.start - room_after < end
        if held.provider == wanted.provider and near:
            found.add("slot_taken")
        same_room = wanted.place in world.places[1:] and held.place == wanted.place
        with_another = held.provider != wanted.provider
        if same_room and with_another and start < held.end and held.start < end:
            found.add("slot_taken" if quiet_between_own else "room_taken")
    return found


def on_the_grid(start: datetime) -> bool:
    shown = start.astimezone(PRACTICE_ZONE)
    whole = (shown.second, shown.microsecond) == (0, 0)
    return whole and (60 * shown.hour + shown.minute) % STEP == 0 and not shown.fold


def at_work(start: datetime, end: datetime) -> bool:
    day = start.astimezone(PRACTICE_ZONE).date()
    if day.weekday() not in HOURS_OF_WORK:
        return False
    first, last = working(day)
    return first <= start and end <= last


@lru_cache(maxsize=1000)
def working(day: date) -> tuple[datetime, datetime]:
    first, last = HOURS_OF_WORK[day.weekday()]
    return (
        on_the_clock(day, time(first), PRACTICE_ZONE),
        on_the_clock(day, time(last), PRACTICE_ZONE),
    )


@lru_cache(maxsize=1000)
def starts_on(day: date) -> tuple[datetime, ...]:
    """Return the starts on the grid in a day's working hours."""
    if day.weekday() not in HOURS_OF_WORK:
        return ()
    start, last = working(day)
    found = []
    while start < last:
        if on_the_grid(start):
            found.append(start)
        start += timedelta(minutes=STEP)
    return tuple(found)


def starts_between(first: datetime, last: datetime) -> Iterator[datetime]:
    """Return the starts on the grid in working hours between two instants, both included."""
    day = first.astimezone(PRACTICE_ZONE).date()
    while datetime.combine(day, time(), tzinfo=UTC) <= last + DAY:
        yield from (start for start in starts_on(day) if first <= start <= last)
        day += DAY


def is_there_any(
    world: World, wanted: Wanted, *, first: datetime | None = None, last: datetime | None = None
) -> bool:
    """Return whether any start is open, in a part of the time if one is given."""
    since, until = max(wanted.earliest, first or wanted.earliest), min(wanted.latest, last or wanted.latest)
    return any(not against(world, wanted, start) for start in starts_between(since, until))


def staff_wants(
    world: World, provider: int, client: int, kind: Kind, moving: Session | None = None, *, place: int = 0
) -> Wanted:
    """Return what staff places wherever there is room, working hours or not."""
    forever = world.now + 1000 * DAY
    length = kind.length
    if moving is not None and kind is moving.kind:
        length = moving.end - moving.start
    where = moving.place if moving is not None else place
    return Wanted(provider, client, length, kind.before, kind.after, world.now, forever, moving, place=where)

"""What the law says of times that clients hold outside a request: for minutes, and never longer than the way on which they choose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.verify.model import open_times, own_law
from tests.verify.model.law import HOLD, MOST_HELD, MOST_RENEWALS
from tests.verify.model.practice_law import offer_is_over
from tests.verify.model.world import Asked, Held, Offer, Session, World


@dataclass(frozen=True)
class Way:
    """A page on which a client chooses by themselves: to move `about`, to change what they `chose` for it, or to book anew."""

    about: Session | Offer
    chose: Asked | None = None


def is_over(world: World, way: Way, *, now: datetime) -> set[str]:
    if isinstance(way.about, Offer):
        return offer_is_over(way.about, now=now)
    if way.chose is not None:
        return own_law.choice_is_over(world, way.chose, way.about.sequence, now=now)
    return own_law.may_not_change(world, way.about, way.about.sequence, now=now)


def may_not_hold(world: World, way: Way, start: datetime, *, now: datetime) -> set[str]:
    if found := is_over(world, way, now=now):
        return found
    if is_held_already(world, way, start, now=now):
        return set()
    about = way.about
    client = (about if isinstance(about, Session) else about.session).client
    others = [one for one in world.holds if one.client == client and one.about is not about]
    if sum(one.is_live(now) for one in others) >= MOST_HELD:
        return {"too_many_held"}
    if isinstance(about, Offer):
        return open_times.against(world, open_times.for_offer(world, about, now), start)
    if way.chose is not None:
        return own_law.may_not_choose_instead(world, way.chose, start, now=now)
    return own_law.may_not_move_to(world, about, open_times.at_the_clients_wish(about, now), start)


def is_held_already(world: World, way: Way, start: datetime, *, now: datetime) -> bool:
    held = world.held_for(way.about, now=now)
    return held is not None and held.start == start


def may_not_hold_longer(world: World, way: Way, *, now: datetime) -> set[str]:
    if found := is_over(world, way, now=now):
        return found
    held = world.held_for(way.about, now=now)
    if held is None:
        return {"hold_ended"}
    return {"held_as_long_as_can_be"} if held.renewals == MOST_RENEWALS else set()


def lasts_until(world: World, way: Way, *, now: datetime) -> datetime:
    """Return when a hold that begins now ends: no later than the way itself."""
    if isinstance(way.about, Offer):
        return min(now + HOLD, way.about.expires_at)
    chosen = own_law.choice_changes_until(way.chose) if way.chose is not None else None
    return min(now + HOLD, chosen or own_law.changes_until(world, way.about))


def shape(world: World, way: Way) -> tuple[timedelta, timedelta, timedelta]:
    """Return the length of the session that it is for, and the room before and after it: of a new one as its type has them."""
    if isinstance(way.about, Offer):
        kind = world.type_of(way.about.session)
        return kind.length, kind.before, kind.after
    session = way.about
    return session.end - session.start, session.kind.before, session.kind.after


def hold_longer(world: World, way: Way, held: Held, *, now: datetime) -> None:
    held.renewals += 1
    held.expires_at = lasts_until(world, way, now=now)

"""What the law says of times that clients hold while they read: two each, for minutes, and in nobody's way afterwards."""

from __future__ import annotations

from datetime import datetime

from tests.verify.model import open_times
from tests.verify.model.answers_law import may_not_answer
from tests.verify.model.law import HOLD, MOST_HELD, MOST_RENEWALS
from tests.verify.model.world import Asked, Held, World


def may_not_hold(world: World, asked: Asked, start: datetime, *, now: datetime) -> set[str]:
    if found := may_not_answer(asked, now=now):
        return found
    if is_held_already(world, asked, start, now=now) or is_suggested(world, asked, start, now=now):
        return set()
    if now >= asked.deadline:
        return {"holding_is_over"}
    others = [
        one
        for one in world.holds
        if one.client == asked.session.client and one.about is not asked and one.is_live(now)
    ]
    if len(others) >= MOST_HELD:
        return {"too_many_held"}
    return open_times.against(world, open_times.for_session(asked.session, now), start)


def is_held_already(world: World, asked: Asked, start: datetime, *, now: datetime) -> bool:
    held = world.held_for(asked, now=now)
    return held is not None and held.start == start


def is_suggested(world: World, asked: Asked, start: datetime, *, now: datetime) -> bool:
    """Return whether the provider holds it for them, and all of it: then it stays held as it is."""
    wanted = open_times.for_session(asked.session, now)
    return any(wanted.fits(one, start) and one.is_live(now) for one in world.suggested_in(asked.batch))


def may_not_hold_longer(world: World, asked: Asked, *, now: datetime) -> set[str]:
    if found := may_not_answer(asked, now=now):
        return found
    held = world.held_for(asked, now=now)
    if held is None:
        return {"hold_ended"}
    if now >= asked.deadline:
        return {"holding_is_over"}
    return {"held_as_long_as_can_be"} if held.renewals == MOST_RENEWALS else set()


def hold(world: World, held: Held) -> None:
    """One for each request, appointment and offer: it stands in place of the former one."""
    world.let_go(held.about)
    world.holds.append(held)


def hold_longer(held: Held, *, now: datetime) -> None:
    held.renewals += 1
    held.expires_at = now + HOLD

"""What the law says of appointments in their clients' own hands."""

from __future__ import annotations

from datetime import datetime

from tests.verify.model import open_times
from tests.verify.model.answers_law import cancel, has_its_time
from tests.verify.model.law import CHOICE_CHANGES, CUT_OFF, LEAD
from tests.verify.model.needed_law import is_missed
from tests.verify.model.notifications_law import notify
from tests.verify.model.open_times import Wanted
from tests.verify.model.world import Asked, Batch, By, Session, World


def may_not_change(world: World, session: Session, sequence: int, *, now: datetime) -> set[str]:
    """Return why a client may not change an appointment by themselves: the request's ways come first, then the cut-off."""
    if session.status != "scheduled":
        return {"not_scheduled"}
    if sequence != session.sequence:
        return {"changed_meanwhile"}
    if session.start <= now:
        return {"already_started"}
    if world.open_request(session) is not None:
        return {"asked_meanwhile"}
    return {"too_near_to_change"} if changes_until(world, session) <= now else set()


def changes_until(world: World, session: Session) -> datetime:
    return session.start - (LEAD if world.was_asked_about(session) else CUT_OFF)


def may_not_move_to(world: World, session: Session, wanted: Wanted, start: datetime) -> set[str]:
    if start == session.start:
        return {"slot_not_open"}
    return open_times.against(world, wanted, start)


def move(
    world: World, session: Session, start: datetime, *, by: By, now: datetime, batch: Batch | None = None
) -> None:
    world.let_go(session)
    session.start, session.end = start, start + (session.end - session.start)
    has_its_time(session, now=now)
    session.sequence += 1
    session.events.append("moved")
    is_missed(world, session, by=by)
    notify(world, "moved", [(session, None)], by=by, now=now, batch=batch)


def may_not_change_choice(
    world: World, asked: Asked, start: datetime, sequence: int, *, now: datetime
) -> set[str]:
    """Return why a client may not change once more what they chose in a request: for a day, until two hours before it."""
    found = choice_is_over(world, asked, sequence, now=now)
    return found or may_not_choose_instead(world, asked, start, now=now)


def choice_is_over(world: World, asked: Asked, sequence: int, *, now: datetime) -> set[str]:
    session = asked.session
    if session.status != "scheduled":
        return {"not_scheduled"}
    if sequence != session.sequence:
        return {"changed_meanwhile"}
    if session.start <= now:
        return {"already_started"}
    if world.open_request(session) is not None:
        return {"asked_meanwhile"}
    until = choice_changes_until(asked)
    return {"choice_stands"} if until is None or until <= now else set()


def choice_changes_until(asked: Asked) -> datetime | None:
    if not _stands_as_chosen(asked) or asked.settled is None:
        return None
    return min(asked.settled[0] + CHOICE_CHANGES, asked.session.start - LEAD)


def may_not_choose_instead(world: World, asked: Asked, start: datetime, *, now: datetime) -> set[str]:
    """Nobody goes back to the time that the provider could not make."""
    session = asked.session
    if start < asked.end and asked.start < start + (session.end - session.start):
        return {"slot_not_open"}
    return may_not_move_to(world, session, open_times.at_the_clients_wish(session, now), start)


def _stands_as_chosen(asked: Asked) -> bool:
    if asked.state not in ("moved", "kept"):
        return False
    at_first = asked.session.start == (asked.moved_to or asked.start)
    return at_first or asked.session.start in asked.chosen_since


def change_choice(world: World, asked: Asked, start: datetime, *, by: By, now: datetime) -> None:
    """The request has had its one ending; both are told of the new time."""
    move(world, asked.session, start, by=by, now=now, batch=asked.batch)
    asked.chosen_since.add(start)


def cancel_own(world: World, session: Session, *, by: By, now: datetime) -> None:
    """Whoever comes in time is not late, and may book anew."""
    cancel(world, session, "client", "cancelled", by=by, now=now, offer=True)
    is_missed(world, session, by=by)
    notify(world, "cancelled", [(session, None)], by=by, now=now)

"""What the law says of the day by which an appointment is needed: silence cancels nothing, and to miss it is a person's matter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from tests.verify.model.law import PRACTICE_ZONE
from tests.verify.model.notifications_law import notify
from tests.verify.model.world import Asked, By, Session, Task, World


def in_time(start: datetime, needed_by: date | None) -> bool:
    """The day itself counts, on the provider's clock."""
    return needed_by is None or start.astimezone(PRACTICE_ZONE).date() <= needed_by


def may_not_be_needed_by(
    world: World, session: Session, day: date | None, why: str | None, *, now: datetime
) -> set[str]:
    if session.status != "scheduled":
        return {"not_scheduled"}
    if session.start <= now:
        return {"already_started"}
    if day is None and why is not None:
        return {"needed_by_missing"}
    if day is not None and day < now.astimezone(PRACTICE_ZONE).date():
        return {"needed_by_past"}
    return {"nothing_changed"} if (day, why) == (session.needed_by, session.needed_for) else set()


def is_needed_by(
    world: World, session: Session, day: date | None, why: str | None, *, by: By, now: datetime
) -> None:
    """What silence does of an open request can only become milder; to take the day back takes nothing from the client."""
    session.needed_by, session.needed_for = day, why
    session.events.append("needed_by")
    if in_time(session.start, day):
        _need_nobody(world, session)
    asked = world.open_request(session)
    if day is not None and asked is not None and not asked.spared:
        asked.spared = True
        # A prompt that has not left says so itself; who waits for a person was told of that.
        if prompt_left(world, asked) and asked.waits_for is None and asked.deadline > now:
            notify(world, "spared", [(session, asked)], by=by, now=now, batch=asked.batch)


def _need_nobody(world: World, session: Session) -> None:
    world.tasks = {task for task in world.tasks if not _is_of(task, session)}


def _is_of(task: Task, session: Session) -> bool:
    return (task.kind, task.session) == ("needed_by", session.number)


def prompt_left(world: World, asked: Asked) -> bool:
    """Return whether somebody has begun to hand the client's prompt over."""
    return any(
        note.tries
        for note in world.notes
        if note.kind == "asked"
        and any(one is not None and one.batch is asked.batch for _row, one in note.listed)
    )


def is_missed(world: World, session: Session, *, by: By, request: int | None = None) -> None:
    """A client who cancels what is needed, or chooses a later time, leaves that to a person."""
    stands = stands_again(world, session)
    if by.kind == "client_by_link" and session.needed_by is not None and not stands:
        client, provider = session.client, session.provider
        world.tasks.add(Task("needed_by", provider, client, request, None, session.number))


def stands_again(world: World, session: Session) -> bool:
    """Whoever puts it on that day or before it, nobody has to look any more. Returns whether it stands so."""
    stands = session.status == "scheduled" and in_time(session.start, session.needed_by)
    if stands:
        _need_nobody(world, session)
    return stands


def offered_last(starts: Iterable[datetime], nearest: Iterable[datetime], needed_by: date | None) -> bool:
    """Return whether no later time stands among the nearest ones while one in time is open."""
    late = any(not in_time(start, needed_by) for start in nearest)
    return not (late and any(in_time(start, needed_by) for start in starts))

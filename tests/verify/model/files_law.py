"""What the law says of appointments that come in from files, and of taking them back."""

from __future__ import annotations

from datetime import datetime

from tests.verify.model import open_times
from tests.verify.model.answers_law import cancel, has_its_time
from tests.verify.model.law import DAY
from tests.verify.model.practice_law import may_not_be_booked
from tests.verify.model.world import By, Planned, Session, World


def may_not_come_in(world: World, file: Planned, *, now: datetime) -> set[str]:
    assert file.kind is not None
    assert file.start is not None
    if file.state != "staged":
        return {"import_not_open"}
    if file.start <= now:
        return {"no_rows_left"}
    wanted = open_times.staff_wants(world, file.provider, file.client, file.kind)
    met = open_times.in_the_way(world, wanted, file.start, quiet_between_own=False)
    return {"rows_not_ready"} if met or may_not_be_booked(world.record(file.client)) else set()


def comes_in(world: World, file: Planned, session: Session, *, now: datetime) -> None:
    """Nobody is told."""
    file.state, file.imported_at, file.session = "imported", now, session
    world.sessions.append(session)
    has_its_time(session, now=now)
    session.events.append("booked")


def may_not_take_back(world: World, file: Planned, *, now: datetime) -> set[str]:
    session = file.session
    if file.state != "imported" or file.imported_at is None or session is None:
        return {"import_not_open"}
    if now - file.imported_at > DAY:
        return {"too_late_to_undo_import"}
    told = any(session is listed for note in world.notes for listed, _asked in note.listed)
    untouched = session.status == "scheduled" and session.events == ["booked"] and not told
    return set() if untouched and session.start > now else {"worked_with_since"}


def taken_back(world: World, file: Planned, *, by: By, now: datetime) -> None:
    assert file.session is not None
    file.state = "undone"
    cancel(world, file.session, "import_undone", "import_undone", by=by, now=now, offer=False)

"""What the law says of putting back what was canceled, lapsed or declined: while it is ahead and its time free; both are told."""

from __future__ import annotations

from datetime import datetime

from tests.verify.model import open_times
from tests.verify.model.answers_law import has_its_time
from tests.verify.model.needed_law import stands_again
from tests.verify.model.notifications_law import notify
from tests.verify.model.practice_law import needs_no_call
from tests.verify.model.undo_law import series_ended_before
from tests.verify.model.world import By, Session, World


def may_not_reinstate(
    world: World, session: Session, sequence: int, *, confirmed: bool, now: datetime
) -> set[str]:
    if not world.record(session.client).in_care:
        return {"not_in_care"}
    if sequence != session.sequence:
        return {"changed_meanwhile"}
    by_import = session.cancelled is not None and session.cancelled[1] == "import_undone"
    if session.status != "cancelled" or by_import or session.start <= now:
        return {"not_to_put_back"}
    if world.waits_until(session) is not None:
        return {"not_gone_out_yet"}
    if series_ended_before(session):
        return {"series_ended_before"}
    instead = [offer.booked for offer in world.offers if offer.session is session and offer.booked]
    stands = any(row.status == "scheduled" and row.start > now for row in instead)
    if stands and not confirmed:
        return {"new_time_not_confirmed"}
    kind = session.kind
    wanted = open_times.Wanted(
        session.provider,
        session.client,
        session.end - session.start,
        kind.before,
        kind.after,
        session.start,
        session.start,
        session,
        place=session.place,
    )
    met = open_times.in_the_way(world, wanted, session.start, quiet_between_own=False)
    return {"time_taken_since"} if met else set()


def reinstate(world: World, session: Session, *, by: By, now: datetime) -> None:
    session.status, session.cancelled, session.fee = "scheduled", None, False
    session.sequence += 1
    session.events.append("reinstated")
    has_its_time(session, now=now)
    stands_again(world, session)
    for offer in world.offers:
        if offer.session is session and offer.booked is None:
            offer.expires_at = min(offer.expires_at, now)
            world.let_go(offer)
    needs_no_call(world, session)
    notify(world, "reinstated", [(session, None)], by=by, now=now)

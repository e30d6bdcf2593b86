"""What the law says of sessions that have begun: what became of them, said by somebody, and corrected for two weeks."""

from __future__ import annotations

from datetime import datetime

from tests.verify.model import open_times
from tests.verify.model.answers_law import cancel, settle
from tests.verify.model.law import DAY, REBOOK_LIVES
from tests.verify.model.notifications_law import notify
from tests.verify.model.practice_law import may_not_be_booked
from tests.verify.model.world import By, Offer, Session, World

BECOMES = {
    "took_place": "completed",
    "client_absent": "client_no_show",
    "provider_absent": "provider_no_show",
    "cancelled_late": "cancelled",
}
CORRECTABLE = 14 * DAY


def may_not_say(world: World, session: Session, outcome: str, seen: str, *, now: datetime) -> set[str]:
    first_said_at = session.first_said_at
    if session.status == "cancelled" and first_said_at is None:
        return {"over_for_good"}
    if now < session.start:
        return {"not_begun"}
    if session.status not in (seen, BECOMES[outcome]):
        return {"said_meanwhile"}
    if first_said_at is not None and now >= first_said_at + CORRECTABLE:
        return {"too_late_to_correct"}
    stands_again = session.status == "cancelled" and outcome != "cancelled_late"
    return {"time_given_away"} if stands_again and _given_away(world, session) else set()


def _given_away(world: World, session: Session) -> bool:
    """Return whether its time went to others once it was canceled; what is long over keeps nobody out any more."""
    kind = session.kind
    length = session.end - session.start
    wanted = open_times.Wanted(
        session.provider,
        session.client,
        length,
        kind.before,
        kind.after,
        session.start,
        session.start,
        session,
        place=session.place,
    )
    return not session.pruned and bool(
        open_times.in_the_way(world, wanted, session.start, quiet_between_own=False)
    )


def say(world: World, session: Session, outcome: str, *, by: By, now: datetime) -> None:
    if session.status == BECOMES[outcome]:
        return
    former, asked = session.status, world.open_request(session)
    if asked is not None:
        settle(world, asked, "void", by=by, now=now)
        session.events.append("void")
    if former == "provider_no_show":
        for offer in world.offers:
            if offer.session is session and offer.booked is None:
                offer.expires_at = min(offer.expires_at, now)
                world.let_go(offer)
    asked_about = world.was_asked_about(session)
    if outcome == "cancelled_late":
        cancel(world, session, "client_late", "cancelled", by=by, now=now, offer=False, fee=not asked_about)
        notify(world, "cancelled", [(session, None)], by=by, now=now)
    else:
        session.status, session.cancelled = BECOMES[outcome], None
        session.fee = outcome == "client_absent" and not asked_about
        session.events.append(session.status)
    if former == "cancelled":
        session.sequence += 1
        session.events.append("reinstated")
        notify(world, "not_cancelled", [(session, None)], by=by, now=now)
    session.said, session.first_said_at = (now, by), session.first_said_at or now
    world.tasks = {
        task
        for task in world.tasks
        if not (task.kind == "what_happened" and task.request in world.requests_about(session))
    }


def may_not_send_a_rebook_link(world: World, session: Session, *, now: datetime) -> set[str]:
    if session.status != "provider_no_show":
        return {"not_missed_by_us"}
    if found := may_not_be_booked(world.record(session.client)):
        return found
    offer = _offer(world, session)
    used_or_good = offer is not None and (offer.booked is not None or offer.expires_at > now)
    return {"link_sent_already"} if used_or_good else set()


def send_a_rebook_link(world: World, session: Session, *, by: By, now: datetime) -> None:
    """There is one offer for each session: one that has ended unused is good again."""
    offer = _offer(world, session)
    if offer is None:
        offer = Offer(None, session, now)
        world.offers.append(offer)
    offer.expires_at = now + REBOOK_LIVES
    session.events.append("rebook_link_sent")
    notify(world, "rebook_link", [(session, None)], by=by, now=now)


def _offer(world: World, session: Session) -> Offer | None:
    return next((offer for offer in world.offers if offer.session is session), None)

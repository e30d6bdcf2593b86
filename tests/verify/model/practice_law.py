"""What the law says of the practice's own verbs: book, change, cancel, block; and of the client's new booking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tests.verify.model import open_times
from tests.verify.model.answers_law import cancel, give_back_what_meets, has_its_time, settle
from tests.verify.model.law import CUT_OFF
from tests.verify.model.needed_law import stands_again
from tests.verify.model.notifications_law import notify
from tests.verify.model.undo_law import before, keep
from tests.verify.model.world import Block, By, Kind, Offer, Record, Session, World

WHY = {
    "clinically_necessary": "provider_clinical",
    "no_longer_needed": "no_longer_needed",
    "provider_unavailable": "provider_unavailable",
    "other": "provider_other",
}


def may_not_book(
    world: World, provider: int, client: int, kind: Kind, start: datetime, *, place: int, now: datetime
) -> set[str]:
    wanted = open_times.staff_wants(world, provider, client, kind, place=place)
    past = {"starts_in_the_past"} if start <= now else set()
    return (
        past
        | may_not_be_booked(world.record(client))
        | open_times.in_the_way(world, wanted, start, quiet_between_own=False)
    )


def may_not_be_booked(record: Record) -> set[str]:
    """Nothing is booked for a record that became part of another, nor for whoever has left care."""
    merged = {"record_merged"} if record.into else set()
    return merged | (set() if record.in_care else {"not_in_care"})


def book(world: World, session: Session, *, by: By, now: datetime) -> None:
    world.sessions.append(session)
    has_its_time(session, now=now)
    session.events.append("booked")
    needs_no_call(world, session)
    notify(world, "booked", [(session, None)], by=by, now=now)


def needs_no_call(world: World, session: Session) -> None:
    """Let nobody call a client any more whose first appointment lapsed, and who is booked again."""
    world.tasks = {
        task
        for task in world.tasks
        if not (
            task.kind == "intake_lapsed"
            and task.client == session.client
            and (session.kind.intake or task.provider == session.provider)
        )
    }


def may_not_rebook(world: World, offer: Offer, start: datetime, *, now: datetime) -> set[str]:
    return offer_is_over(offer, now=now) or open_times.against(
        world, open_times.for_offer(world, offer, now), start
    )


def offer_is_over(offer: Offer, *, now: datetime) -> set[str]:
    found = {"offer_used"} if offer.booked else set()
    return found | ({"offer_ended"} if offer.expires_at <= now else set())


def _may_not_touch(session: Session, *, now: datetime) -> set[str]:
    if session.status != "scheduled":
        return {"not_scheduled"}
    return {"already_started"} if session.start <= now else set()


def may_not_change(
    world: World, session: Session, start: datetime, kind: Kind, link: str, *, now: datetime
) -> set[str]:
    found = _may_not_touch(session, now=now)
    if found:
        return found
    if (start, kind, link) == (session.start, session.kind, session.link):
        return {"nothing_changed"}
    if (start, kind) == (session.start, session.kind):
        return set()
    wanted = open_times.staff_wants(world, session.provider, session.client, kind, moving=session)
    past = {"starts_in_the_past"} if start <= now else set()
    return past | open_times.in_the_way(world, wanted, start, quiet_between_own=False)


def change(
    world: World, session: Session, start: datetime, kind: Kind, link: str, *, by: By, now: datetime
) -> None:
    asked, waits_until = world.open_request(session), world.waits_until(session)
    retimed, retyped = start != session.start, kind is not session.kind
    kept = before(world, [session], [start], now=now) if retimed else None
    ended = asked if asked is not None and (retimed or retyped) else None
    if ended is not None:
        settle(world, ended, "superseded" if retyped else "moved", by=by, now=now)
        ended.moved_to = None if retyped else start
    length = kind.length if retyped else session.end - session.start
    if retimed or retyped:
        world.let_go(session)
    session.start, session.end, session.kind, session.link = start, start + length, kind, link
    if retimed:
        has_its_time(session, now=now)
    if retimed or retyped:
        stands_again(world, session)
    session.sequence += 1
    picked = ended is not None and not retyped
    if ended is not None and picked:
        give_back_what_meets(world, ended.batch, session)
    session.events.append("moved" if picked else "details_changed")
    told, batch = "moved" if retimed else "details_changed", ended.batch if ended else None
    # What was agreed about a move that still waits is told with it, never before.
    release_at = kept[0].until if kept else None if (retimed and asked is None) or picked else waits_until
    known = len(world.notes)
    notify(world, told, [(session, ended)], by=by, now=now, batch=batch, release_at=release_at)
    if kept:
        keep([session], kept, world.notes[known:])


def may_not_cancel(session: Session, *, now: datetime) -> set[str]:
    return _may_not_touch(session, now=now)


def why_cancelled(session: Session, reason: str, *, waived: bool, now: datetime) -> str:
    late = session.start - now < CUT_OFF and not waived
    return WHY.get(reason) or ("client_late" if late else "client")


def cancel_by_practice(
    world: World, session: Session, reason: str, *, rebook: bool, waived: bool, by: By, now: datetime
) -> None:
    asked = world.open_request(session)
    asked_about = world.was_asked_about(session)
    kept = before(world, [session], [session.start], now=now)
    why = why_cancelled(session, reason, waived=waived, now=now)
    if asked is not None:
        settle(world, asked, "superseded", by=by, now=now)
    fee = why == "client_late" and not asked_about
    cancel(world, session, why, "cancelled", by=by, now=now, offer=rebook, fee=fee)
    known = len(world.notes)
    release_at = kept[0].until if kept else None
    notify(world, "cancelled", [(session, asked)], by=by, now=now, release_at=release_at)
    if kept:
        keep([session], kept, world.notes[known:])


def made_block(world: World, number: int, ref: UUID, provider: int, start: datetime, end: datetime) -> None:
    world.blocks.append(Block(number, ref, provider, start, end))

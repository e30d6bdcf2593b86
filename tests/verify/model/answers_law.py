"""What the law says of the ask and of its answers: by which codes it may be refused, and what it changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.verify.model import open_times
from tests.verify.model.law import (
    DAY,
    FIRST_LOOK,
    HOUR,
    LAST_MINUTE,
    LEAD,
    REBOOK_LIVES,
    SHORTEST_WINDOW,
    WORD_LEAVES,
    deadline_of_an_ask,
    no_later_than_the_lead,
    released_at,
    waking_time,
)
from tests.verify.model.needed_law import is_missed
from tests.verify.model.notifications_law import QUARTER, notify, notify_of_message
from tests.verify.model.world import Asked, Batch, Block, By, Offer, Session, Task, World

LICENSED_IN = "US-NY"
"""Where the first provider may practice."""
JOIN_LINK = "https://meet.example/room"
"""Of every provider here."""


def may_not_ask(
    world: World,
    sessions: Sequence[Session],
    block: Block | None,
    *,
    by_video: bool,
    suggested: bool,
    last_minute_confirmed: bool,
    repeat_confirmed: bool,
    now: datetime,
) -> set[str]:
    first = min(sessions, key=lambda session: session.start)
    person = world.people[first.client]
    found = set() if person.email or person.texts else {"not_reachable"}
    asked_at = released_at(first.start, undo=world.undo, now=now)
    for session in sessions:
        found |= _may_not_ask_about(world, session, asked_at=asked_at, now=now)
    if first.start - now < LAST_MINUTE and not last_minute_confirmed:
        found.add("last_minute_not_confirmed")
    if world.asked_lately(first.provider, first.client, now) and not repeat_confirmed:
        found.add("repeat_not_confirmed")
    found = found or (_may_not_offer_video(world, sessions, block) if by_video else set())
    if block is not None and is_blocked(world, block):
        block = None
    if found or suggested:
        return found
    return set() if _times_around(world, sessions, block, now=now) else {"no_open_times"}


def _may_not_offer_video(world: World, sessions: Sequence[Session], block: Block | None) -> set[str]:
    in_rooms = [session for session in sessions if session.place != world.places[0]]
    if not in_rooms:
        return {"video_not_possible"}
    met = block and any(block.start < session.end and session.start < block.end for session in in_rooms)
    return {"blocked_and_by_video"} if met else set()


def _may_not_ask_about(world: World, session: Session, *, asked_at: datetime, now: datetime) -> set[str]:
    if session.status != "scheduled":
        return {"not_scheduled", "already_started", "too_late_to_ask"}
    if session.start <= now:
        return {"already_started"}
    found = set()
    deadline = deadline_of_an_ask(session.start, asked_at=asked_at)
    if waking_time(asked_at, deadline, world.people[session.client].zone) < SHORTEST_WINDOW:
        found.add("too_late_to_ask")
    if world.open_request(session) is not None:
        found.add("already_asked")
    return found


def is_blocked(world: World, wanted: Block) -> bool:
    """Return whether time off covers a stretch already, by one block or by several; it is not blocked a second time then."""
    shut = wanted.start
    for block in sorted(world.blocks, key=lambda block: block.start):
        stands = block.removed_at is None and block.provider == wanted.provider
        if stands and block.start <= shut < block.end:
            shut = block.end
    return shut >= wanted.end


def _times_around(world: World, sessions: Sequence[Session], block: Block | None, *, now: datetime) -> bool:
    """Return whether anything fits from 7 days before to 14 days after an asked time, beside the ask's own block."""
    world.blocks += [block] if block else []
    try:
        return any(
            open_times.is_there_any(
                world,
                open_times.for_session(session, now),
                first=session.start - 7 * DAY,
                last=session.start + 14 * DAY,
            )
            for session in sessions
        )
    finally:
        if block:
            world.blocks.remove(block)


def ask(world: World, batch: Batch, asked: Sequence[Asked], *, now: datetime) -> None:
    world.batches.append(batch)
    world.requests += asked
    batch.requests = list(asked)
    if batch.block is not None:
        world.blocks.append(batch.block)
    for one in asked:
        one.session.events.append("asked")
    listed = [(one.session, one) for one in asked]
    notify(world, "asked", listed, by=batch.by, now=now, batch=batch, release_at=asked[0].asked_at)


def is_spared(world: World, session: Session) -> bool:
    """Return whether the ask itself says that silence cancels nothing."""
    return world.people[session.client].never_cancelled_by_silence or session.needed_by is not None


def may_not_answer(asked: Asked, *, now: datetime) -> set[str]:
    if not asked.open:
        return {"already_settled"}
    return {"already_started"} if asked.start <= now else set()


def has_its_time(session: Session, *, now: datetime) -> None:
    """The client is told of a time: reminders of it are looked at once it is near."""
    session.told_at, session.next_look = now, session.start - FIRST_LOOK


def settle(world: World, asked: Asked, state: str, *, by: By, now: datetime) -> None:
    asked.state, asked.settled = state, (now, by.kind)
    world.let_go(asked)
    world.suggested = [one for one in world.suggested if one.until is not None]
    world.close_tasks(asked)


def pick(world: World, asked: Asked, start: datetime, *, by: By, now: datetime) -> None:
    session = asked.session
    settle(world, asked, "moved", by=by, now=now)
    world.let_go(session)
    asked.moved_to = start
    session.end = start + (session.end - session.start)
    session.start = start
    has_its_time(session, now=now)
    give_back_what_meets(world, asked.batch, session)
    session.sequence += 1
    session.events.append("moved")
    is_missed(world, session, by=by, request=asked.number)
    notify(world, "moved", [(session, asked)], by=by, now=now, batch=asked.batch)


def give_back_what_meets(world: World, batch: Batch, session: Session) -> None:
    """A time that is chosen for one appointment of a batch is suggested for none of the others."""
    world.suggested = [
        one
        for one in world.suggested
        if one.batch is not batch or one.end <= session.start or session.end <= one.start
    ]


def cancel(
    world: World,
    session: Session,
    why: str,
    event: str,
    *,
    by: By,
    now: datetime,
    offer: bool,
    fee: bool = False,
) -> None:
    who = {"client_by_link": "client"}.get(by.kind, by.kind)
    session.status, session.cancelled, session.fee = "cancelled", (who, why, now), fee
    world.let_go(session)
    session.sequence += 1
    session.events.append(event)
    if offer:
        # There is one for each appointment: of one that was put back and canceled again it is good anew.
        former = next((one for one in world.offers if one.session is session), None)
        renewed = former or Offer(None, session, now)
        renewed.expires_at, renewed.booked, renewed.booked_at = now + REBOOK_LIVES, None, None
        world.offers = [*(one for one in world.offers if one is not former), renewed]


def decline(world: World, asked: Asked, *, by: By, now: datetime) -> None:
    settle(world, asked, "declined", by=by, now=now)
    cancel(world, asked.session, "reschedule_declined", "declined", by=by, now=now, offer=True)
    is_missed(world, asked.session, by=by, request=asked.number)
    notify(world, "declined", [(asked.session, asked)], by=by, now=now, batch=asked.batch)


def may_not_keep(world: World, asked: Asked, *, now: datetime) -> set[str]:
    found = may_not_answer(asked, now=now)
    in_room = asked.session.place != world.places[0]
    return found or (set() if asked.by_video and in_room else {"video_offer_ended"})


def keep(world: World, asked: Asked, *, by: By, now: datetime) -> None:
    session, block = asked.session, block_freed_by_ending(asked)
    if block is not None and block.edited_at is None:
        block.removed_at = now
    settle(world, asked, "kept", by=by, now=now)
    session.place, session.link = world.places[0], JOIN_LINK
    session.sequence += 1
    session.events.append("kept")
    notify(world, "kept", [(session, asked)], by=by, now=now, batch=asked.batch)


def may_not_say_where(world: World, asked: Asked, *, now: datetime) -> set[str]:
    session = asked.session
    ahead = session.status == "scheduled" and session.start > now
    return set() if ahead and session.place == world.places[0] else {"where_not_asked"}


def say_where(world: World, asked: Asked, region: str) -> None:
    """Only the first provider has said where they may practice."""
    session = asked.session
    session.events.append("located")
    task = Task("check_license", session.provider, session.client, None, None, session.number)
    if session.provider == world.providers[0] and region != LICENSED_IN:
        world.tasks.add(task)
    else:
        world.tasks.discard(task)


def block_freed_by_ending(asked: Asked) -> Block | None:
    """The block of an ask goes with the last of those requests that it stands for, when all end with their time kept."""
    block = asked.batch.block
    if block is None or block.removed_at is not None:
        return None
    met = [one for one in asked.batch.requests if one.start < block.end and block.start < one.end]
    owners = met or asked.batch.requests
    others = [one for one in owners if one is not asked]
    if asked not in owners or any(one.state not in ("withdrawn", "kept") for one in others):
        return None
    return block


def may_not_withdraw(asked: Asked, edited_block: str, *, now: datetime) -> set[str]:
    found = may_not_answer(asked, now=now)
    # Whoever was not asked yet has nothing to be told.
    if not found and asked.asked_at > now:
        return {"not_sent_yet"}
    block = block_freed_by_ending(asked)
    if not found and block is not None and block.edited_at is not None and not edited_block:
        return {"block_was_edited"}
    return found


def withdraw(world: World, asked: Asked, edited_block: str, *, by: By, now: datetime) -> None:
    block = block_freed_by_ending(asked)
    if block is not None and (block.edited_at is None or edited_block == "remove"):
        block.removed_at = now
    settle(world, asked, "withdrawn", by=by, now=now)
    asked.session.events.append("withdrawn")
    notify(world, "withdrawn", [(asked.session, asked)], by=by, now=now, batch=asked.batch)


def may_not_extend(asked: Asked, length: timedelta, *, now: datetime) -> set[str]:
    if found := may_not_answer(asked, now=now):
        return found
    if asked.extended_at is not None:
        return {"already_extended"}
    return {"no_room_to_extend"} if max(asked.deadline, now) + length > asked.start - LEAD else set()


def extend(world: World, asked: Asked, length: timedelta, *, by: By, now: datetime) -> None:
    asked.deadline = max(asked.deadline, now) + length
    asked.extended_at = asked.reminded_until = now
    if asked.waits_for is not None:
        asked.waits_for = asked.waits_since = asked.told_of_waiting_at = None
        world.tasks.discard(
            Task("needs_provider", asked.session.provider, asked.session.client, asked.number)
        )
    asked.session.events.append("deadline_moved")
    # Never before the prompt itself.
    release_at = max(now, asked.asked_at)
    notify(
        world,
        "deadline_moved",
        [(asked.session, asked)],
        by=by,
        now=now,
        batch=asked.batch,
        release_at=release_at,
    )


def may_not_remind(asked: Asked, *, now: datetime) -> set[str]:
    if found := may_not_answer(asked, now=now):
        return found
    if asked.handed_over_at is None:
        return {"not_arrived_yet"}
    if asked.deadline <= now:
        return {"deadline_has_passed"}
    if asked.reminded_by_hand == 2:
        return {"reminded_twice"}
    last = asked.reminded_by_hand_at
    return {"reminded_just_now"} if last is not None and now < last + 12 * HOUR else set()


def remind(world: World, asked: Asked, *, by: By, now: datetime) -> None:
    asked.reminded_by_hand, asked.reminded_by_hand_at = asked.reminded_by_hand + 1, now
    asked.session.events.append("reminded")
    listed = [(asked.session, asked)]
    notify(world, "request_reminder", listed, by=by, now=now, batch=asked.batch, provider_too=False)


def word(world: World, provider: int, client: int, *, by: By, now: datetime) -> list[Asked]:
    """Any word from the client: a task for each open request, and once at least 24 h."""
    found = [
        asked
        for asked in world.waiting()
        if (asked.session.provider, asked.session.client) == (provider, client)
    ]
    for asked in found:
        world.tasks.add(Task("client_wrote", provider, client, asked.number))
    moved = [asked for asked in found if asked.help_at is None and _leave_time(asked, now=now)]
    for batch in world.batches:
        theirs = [(asked.session, asked) for asked in moved if asked.batch is batch]
        if theirs:
            notify(world, "deadline_moved", theirs, by=by, now=now, batch=batch)
    return found


def _leave_time(asked: Asked, *, now: datetime) -> bool:
    later = asked.deadline
    if now < asked.start - LEAD:
        later = no_later_than_the_lead(asked.deadline, now + WORD_LEAVES, start=asked.start)
    moved, asked.deadline, asked.help_at = later != asked.deadline, later, now
    asked.session.events += ["client_wrote", "deadline_moved"] if moved else ["client_wrote"]
    if moved:
        asked.reminded_until = now
    return moved


def none_work(world: World, batch: Batch, *, by: By, now: datetime) -> None:
    world.words[batch.client] += 1
    found = word(world, batch.provider, batch.client, by=by, now=now)
    for asked in found:
        asked.session.events.append("none_work")
    told = any(
        note.kind == "none_work"
        and note.made_at > now - QUARTER
        and any(asked in found for _session, asked in note.listed)
        for note in world.notes
    )
    if found and not told:
        notify(world, "none_work", [(asked.session, asked) for asked in found], by=by, now=now, batch=batch)
    else:
        notify_of_message(world, batch.provider, batch.client, by=by, now=now)


def write(world: World, provider: int, client: int, *, by: By, now: datetime) -> None:
    world.words[client] += 1
    if by.kind == "client_by_link":
        word(world, provider, client, by=by, now=now)
    notify_of_message(world, provider, client, by=by, now=now)

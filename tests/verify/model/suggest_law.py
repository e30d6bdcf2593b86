"""What the law says of times that a provider suggests: held for one client until the request ends, or its deadline and the grace."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from tests.verify.model import open_times
from tests.verify.model.answers_law import may_not_answer
from tests.verify.model.law import (
    HORIZON,
    MOST_SUGGESTED,
    PAST_THE_ASKED_TIME,
    PRACTICE_ZONE,
    SUGGESTION_NOTICE,
)
from tests.verify.model.notifications_law import notify
from tests.verify.model.world import Asked, Batch, By, Session, Suggested, World

SAID_AS = {"client_elsewhere": "suggestion_elsewhere", "slot_taken": "suggestion_taken"}


def may_not_be_suggested(
    world: World,
    sessions: Sequence[Session],
    starts: Sequence[datetime],
    *,
    batch: Batch | None = None,
    held: Collection[datetime] = (),
    now: datetime,
) -> set[str]:
    """Each time has to suit one of the sessions that are asked about together; what is `held` already stays as it is."""
    if len(starts) > MOST_SUGGESTED:
        return {"too_many_suggestions"}
    if len(set(starts)) < len(starts):
        return {"suggested_twice"}
    for start in sorted(set(starts) - set(held)):
        if any(start == session.start for session in sessions):
            return {"suggestion_is_asked_time"}
        reasons = [_against(world, session, start, batch, now=now) for session in sessions]
        if all(reasons):
            return set().union(*reasons)
    return set()


def fitting(
    world: World, sessions: Sequence[Session], start: datetime, *, batch: Batch, now: datetime
) -> list[Session]:
    return [row for row in sessions if not _against(world, row, start, batch, now=now)]


def _against(
    world: World, session: Session, start: datetime, batch: Batch | None, *, now: datetime
) -> set[str]:
    """Whatever the hours, the asked time, and the client's other sessions that day; the ask's own time off is no obstacle."""
    wanted = open_times.for_session(session, now, notice=SUGGESTION_NOTICE)
    end, shown = start + wanted.length, start.astimezone(PRACTICE_ZONE)
    found = {"suggestion_too_soon"} if start < wanted.earliest else set()
    if start > max(now + HORIZON, session.start + PAST_THE_ASKED_TIME):
        found.add("suggestion_too_far_ahead")
    if shown.fold or shown.second or shown.microsecond:
        found.add("suggestion_unreadable")
    away = (
        block
        for block in world.blocks
        if open_times.stands(block.removed_at, block.provider, wanted)
        and (batch is None or block.batch is not batch)
    )
    if any(start < block.end and block.start < end for block in away):
        found.add("suggestion_while_away")
    return found | {
        SAID_AS[code] for code in open_times.in_the_way(world, wanted, start, quiet_between_own=True)
    }


def ahead_in(asked: Asked, *, now: datetime) -> list[Asked]:
    """Return the open requests of a batch whose time is ahead: what is suggested is every one's."""
    return [one for one in asked.batch.requests if one.open and one.start > now]


def keeping_in(asked: Asked, *, now: datetime) -> list[Asked]:
    """Return those of them for which anything is kept any more: one whose time to choose is over is about to end."""
    return [one for one in ahead_in(asked, now=now) if one.kept_until > now]


def may_not_suggest(world: World, asked: Asked, starts: Sequence[datetime], *, now: datetime) -> set[str]:
    if found := may_not_answer(asked, now=now):
        return found
    held = {one.start for one in world.suggested_in(asked.batch)}
    if set(starts) == held:
        return {"nothing_new_suggested"}
    sessions = [one.session for one in keeping_in(asked, now=now)]
    if not sessions:
        return {"nothing_to_keep_for"}
    return may_not_be_suggested(world, sessions, starts, batch=asked.batch, held=held, now=now)


def suggest(
    world: World,
    asked: Asked,
    starts: Sequence[datetime],
    fresh: Sequence[Suggested],
    *,
    by: By,
    now: datetime,
) -> None:
    """What is left out is taken back. The client is told of new times, once while a word of earlier ones waits."""
    batch, requests = asked.batch, ahead_in(asked, now=now)
    world.suggested = [one for one in world.suggested if one.batch is not batch or one.start in starts]
    world.suggested += fresh
    _is_written_down(requests, "suggested" if fresh else "suggestion_taken_back")
    waits = any(
        note.kind == "suggested" and note.state == "waiting" and not note.attempts
        for note in world.notes
        if any(one is not None and one.batch is batch for _session, one in note.listed)
    )
    if fresh and not waits:
        listed = [(one.session, one) for one in requests]
        release_at = max(now, asked.asked_at)
        notify(world, "suggested", listed, by=by, now=now, batch=batch, release_at=release_at)


def take_back(world: World, asked: Asked, one: Suggested, *, now: datetime) -> None:
    world.suggested.remove(one)
    _is_written_down(ahead_in(asked, now=now), "suggestion_taken_back")


def _is_written_down(requests: Sequence[Asked], event: str) -> None:
    for one in requests:
        one.session.events.append(event)


def shown_as_suggested(world: World, asked: Asked, *, now: datetime) -> list[datetime]:
    """Return the suggested times that a client may choose for one request, soonest first."""
    wanted = open_times.for_request(asked, now)
    theirs = {one.start for one in world.suggested_in(asked.batch) if wanted.fits(one, one.start)}
    soon = now + SUGGESTION_NOTICE
    return sorted(at for at in theirs if at >= soon and not open_times.against(world, wanted, at))

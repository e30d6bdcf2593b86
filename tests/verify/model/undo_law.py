"""What the law says of the time to undo: what staff have asked, moved or canceled is taken back, and nobody was written to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from tests.verify.model import open_times
from tests.verify.model.answers_law import settle
from tests.verify.model.law import DAY, released_at
from tests.verify.model.needed_law import stands_again
from tests.verify.model.world import Asked, By, Kept, Note, Session, World

ANSWERED = {"moved", "kept", "declined"}


def before(
    world: World, rows: Sequence[Session], starts: Collection[datetime], *, now: datetime
) -> list[Kept] | None:
    """Return how appointments are before staff move them to `starts` or cancel them; None where that leaves at once."""
    until = released_at(min(*starts, *(row.start for row in rows)), undo=world.undo, now=now)
    # What may end a request is told at once.
    if until == now or any(world.open_request(row) is not None for row in rows):
        return None
    return [
        Kept(
            row.sequence + 1,
            until,
            row.start,
            row.end,
            row.kind,
            row.place,
            row.link,
            row.told_at,
            row.next_look,
        )
        for row in rows
    ]


def keep(rows: Sequence[Session], kept: Sequence[Kept], notes: Sequence[Note]) -> None:
    """Remember how appointments were until what waits leaves."""
    for row, one in zip(rows, kept, strict=True):
        row.kept, one.notes, one.together = one, list(notes), list(rows)


def may_not_undo_change(world: World, session: Session, sequence: int, *, now: datetime) -> set[str]:
    if session.sequence != sequence:
        return {"taken_back_already"} if sequence in session.undone else {"changed_meanwhile"}
    kept = session.kept
    if kept is None or kept.sequence != sequence:
        return {"undo_too_late", "ended_a_request"}
    if kept.until <= now:
        return {"undo_too_late"}
    if _something_else_happened(world, session, kept):
        return {"changed_meanwhile"}
    found: set[str] = set()
    if session.status == "cancelled":
        record = world.record(session.client)
        found |= set() if record.in_care else {"not_in_care"}
        found |= {"series_ended_before"} if kept.series is None and series_ended_before(session) else set()
        found |= {"client_was_quicker"} if _booked_anew(world, kept.together) else set()
    return found or ({"time_taken_since"} if _are_taken(world, kept.together) else set())


def _something_else_happened(world: World, session: Session, kept: Kept) -> bool:
    for row in kept.together:
        same = row.kept is not None and row.kept.together == kept.together
        if not same or row.kept is None or row.kept.sequence != row.sequence or world.open_request(row):
            return True
    began_another = kept.series is not None and session.series is not kept.series
    of_it = [row for row in world.sessions if row.series is session.series]
    return began_another and len(of_it) > len(kept.together)


def _booked_anew(world: World, rows: Sequence[Session]) -> bool:
    """Return whether a client has used the link that one of these cancellations brought."""
    return any(
        offer.session is row
        and row.cancelled is not None
        and offer.booked_at is not None
        and offer.booked_at >= row.cancelled[2]
        for offer in world.offers
        for row in rows
    )


def series_ended_before(session: Session) -> bool:
    """Return whether the series of an occurrence ends before it."""
    series, recurrence = session.series, session.recurrence
    if series is None or recurrence is None or series.ends_on is None:
        return False
    return recurrence.date() > series.ends_on


def _are_taken(world: World, rows: Sequence[Session]) -> bool:
    return any(_is_taken(world, row, row.kept, besides=rows) for row in rows if row.kept is not None)


def _is_taken(world: World, session: Session, kept: Kept, *, besides: Sequence[Session]) -> bool:
    wanted = open_times.Wanted(
        session.provider,
        session.client,
        kept.end - kept.start,
        kept.kind.before,
        kept.kind.after,
        kept.start,
        kept.start,
        session,
        place=kept.place,
    )
    met = open_times.in_the_way(world, wanted, kept.start, quiet_between_own=False, besides=besides)
    return bool(met)


def undo_change(world: World, session: Session, *, now: datetime) -> None:
    """Put back all that one act was about."""
    kept = session.kept
    assert kept is not None
    if kept.series is not None:
        if session.series is not kept.series:
            assert session.series is not None
            session.series.ends_on = session.series.first.date() - DAY
        kept.series.ends_on = kept.ends_on
        kept.series.sequence += 1
    for row in kept.together:
        _put_back(world, row, now=now)
    for note in kept.notes:
        note.state = "obsolete"


def _put_back(world: World, session: Session, *, now: datetime) -> None:
    kept = session.kept
    assert kept is not None
    if session.status == "cancelled":
        for offer in world.offers:
            if offer.session is session and offer.booked is None:
                offer.expires_at = min(offer.expires_at, now)
                world.let_go(offer)
    session.undone.add(session.sequence)
    world.let_go(session)
    session.start, session.end, session.kind = kept.start, kept.end, kept.kind
    session.place, session.link = kept.place, kept.link
    session.status, session.cancelled, session.fee = "scheduled", None, False
    stands_again(world, session)
    session.sequence += 1
    session.events.append("undone")
    # Of its own time the client has heard before, and reads no reminder of it a second time.
    session.told_at, session.next_look, session.kept = kept.told_at, kept.next_look, None
    if kept.series is not None:
        session.series, session.recurrence = kept.series, kept.recurrence


def may_not_undo_ask(world: World, asked: Asked, edited_block: str, *, now: datetime) -> set[str]:
    """All that was asked together is undone together."""
    batch = asked.batch
    states = {one.state for one in batch.requests}
    if states == {"undone"}:
        return {"taken_back_already"}
    if states & ANSWERED:
        return {"client_was_quicker"}
    if states != {"open"}:
        return {"already_settled"}
    if asked.asked_at <= now:
        return {"undo_too_late"}
    seen = any(one.help_at or one.handed_over_at for one in batch.requests)
    if batch.opened_at is not None or seen:
        return {"client_was_quicker"}
    if any(note.attempts or note.state not in ("waiting", "obsolete") for note in _letters(world, asked)):
        return {"undo_too_late"}
    block = batch.block
    stands = block is not None and block.removed_at is None
    edited = stands and block is not None and block.edited_at is not None
    return {"block_was_edited"} if edited and not edited_block else set()


def _letters(world: World, asked: Asked) -> list[Note]:
    return [note for note in _notes(world, asked) if note.channel != "in_app"]


def _notes(world: World, asked: Asked) -> list[Note]:
    return [
        note
        for note in world.notes
        if any(one is not None and one.batch is asked.batch for _session, one in note.listed)
    ]


def undo_ask(world: World, asked: Asked, edited_block: str, *, by: By, now: datetime) -> None:
    for note in _notes(world, asked):
        note.state = "obsolete"
    for one in asked.batch.requests:
        settle(world, one, "undone", by=by, now=now)
        one.session.events.append("undone")
    block = asked.batch.block
    if (
        block is not None
        and block.removed_at is None
        and (block.edited_at is None or edited_block == "remove")
    ):
        block.removed_at = now

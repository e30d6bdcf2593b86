"""What the law says of records of clients, of files of them, and of who is let in: what refuses them, and what they change."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tests.verify.model import open_times
from tests.verify.model.answers_law import cancel, settle
from tests.verify.model.law import DAY
from tests.verify.model.notifications_law import notify
from tests.verify.model.series_law import end_with_care
from tests.verify.model.world import By, File, Held, Invited, Merge, Note, Record, Session, World

INVITED_FOR = 7 * DAY


def may_not_touch(record: Record) -> set[str]:
    return {"record_merged"} if record.into else set()


def may_not_merge(world: World, kept: Record, gone: Record) -> set[str]:
    if kept is gone:
        return {"same_record"}
    if kept.into or gone.into:
        return {"record_merged"}
    mine, theirs = (_live_of(world, record) for record in (kept, gone))
    meet = any(one.start < other.end and other.start < one.end for one in mine for other in theirs)
    return {"merge_meets"} if meet else set()


def merge(world: World, ref: UUID, kept: Record, gone: Record, *, now: datetime) -> None:
    made = Merge(
        ref,
        kept,
        gone,
        now,
        (kept.discharged_at, kept.archived_at),
        [session for session in world.sessions if session.client == gone.number],
        [note for note in world.notes if _is_of(note, gone)],
        [task for task in world.tasks if task.client == gone.number],
        [series for series in world.series if series.client == gone.number],
    )
    _hand_over(world, made, kept)
    world.words[kept.number] += world.words[gone.number]
    for name in ("discharged_at", "archived_at"):
        ends = getattr(kept, name), getattr(gone, name)
        setattr(kept, name, None if None in ends else max(ends))
    for record in world.records:
        record.into = kept if record.into is gone else record.into
    gone.into = kept
    for record in (kept, gone):
        record.events.append("merged")
    made.after = standing(world, kept)
    world.merges.append(made)


def standing(world: World, record: Record) -> tuple[object, ...]:
    """Return everything whose change keeps two records together."""
    sessions = [
        (session.number, len(session.events)) for session in world.sessions if session.client == record.number
    ]
    return (len(record.events), tuple(sessions), world.words[record.number])


def may_not_undo(world: World, merge: Merge, *, now: datetime) -> set[str] | None:
    """Return why a merge can't be undone; None where the model does not know: only something else of the client was touched."""
    if merge.kept.into:
        return {"record_merged"}
    if merge.undone:
        return {"undone_already"}
    if now >= merge.at + DAY:
        return {"too_late_to_undo"}
    if standing(world, merge.kept) == merge.after:
        return set()
    events, sessions, _words = merge.after
    moved = {session.number for session in merge.sessions}
    theirs = dict(sessions)  # type: ignore[call-overload]  # pairs, as `standing` made them
    touched = any(
        session.number not in theirs
        or (session.number in moved and len(session.events) != theirs[session.number])
        for session in world.sessions
        if session.client == merge.kept.number
    )
    if touched or len(merge.kept.events) != events:
        return {"record_touched", "appointment_touched", "conversation_touched"}
    return None


def undo_merge(world: World, merge: Merge, *, now: datetime) -> None:
    batches = {asked.batch for asked in world.requests if asked.session in merge.sessions}
    since = [
        note
        for note in world.notes
        if note.to == ("client", merge.kept.number)
        and any(asked is not None and asked.batch in batches for _session, asked in note.listed)
    ]
    moved = [
        task
        for task in world.tasks
        if task.client == merge.kept.number
        and any(asked.number == task.request and asked.batch in batches for asked in world.requests)
    ]
    merge.notes += since
    merge.tasks = [*merge.tasks, *moved]
    _hand_over(world, merge, merge.gone)
    world.words[merge.kept.number] -= world.words[merge.gone.number]
    merge.kept.discharged_at, merge.kept.archived_at = merge.former
    merge.gone.into, merge.undone = None, True
    for record in (merge.kept, merge.gone):
        record.events.append("merge_undone")
    # A choice needs no hold: as one client's, times may have been held over each other.
    world.holds = [
        held
        for held in world.holds
        if held.client != merge.kept.number or not _is_in_the_way(world, held, now=now)
    ]


def _is_in_the_way(world: World, held: Held, *, now: datetime) -> bool:
    length = held.end - held.start
    around = length, held.before, held.after
    wanted = open_times.Wanted(held.provider, held.client, *around, held.start, held.start, now=now)
    return "slot_taken" in open_times.in_the_way(world, wanted, held.start, quiet_between_own=False)


def _hand_over(world: World, merge: Merge, to: Record) -> None:
    """Let what went over belong to one of the two."""
    other = merge.gone if to is merge.kept else merge.kept
    for session in merge.sessions:
        session.client = to.number
    for series in merge.series:
        series.client = to.number
    for batch in world.batches:
        if any(asked.session in merge.sessions for asked in batch.requests):
            batch.client = to.number
    for note in merge.notes:
        note.to = ("client", to.number) if note.to == ("client", other.number) else note.to
        note.concerns = (note.concerns[0], to.number)
    tasks = {task for task in merge.tasks if task in world.tasks}
    tasks |= {task._replace(client=other.number) for task in merge.tasks} & world.tasks
    world.tasks = (world.tasks - tasks) | {task._replace(client=to.number) for task in tasks}


def _is_of(note: Note, record: Record) -> bool:
    return note.to == ("client", record.number) or note.concerns[1] == record.number


def _live_of(world: World, record: Record) -> list[Session]:
    return [session for session in world.live() if session.client == record.number]


def ahead_of(world: World, record: Record, *, now: datetime) -> list[Session]:
    ahead = [session for session in _live_of(world, record) if session.start > now]
    return sorted(ahead, key=lambda session: (session.start, session.number))


def may_not_discharge(record: Record) -> set[str]:
    return may_not_touch(record) or ({"already_discharged"} if record.discharged_at else set())


def discharge(world: World, record: Record, *, silently: bool, by: By, now: datetime) -> None:
    of_provider: dict[int, list[Session]] = {}
    asked = {}
    for session in ahead_of(world, record, now=now):
        asked[session.number] = world.open_request(session)
        of_provider.setdefault(session.provider, []).append(session)
        if (open_one := asked[session.number]) is not None:
            settle(world, open_one, "superseded", by=by, now=now)
        cancel(world, session, "discharged", "cancelled", by=by, now=now, offer=False)
    for theirs in of_provider.values():
        known = len(world.notes)
        listed = [(session, asked[session.number]) for session in theirs]
        notify(world, "cancelled", listed, by=by, now=now)
        for note in world.notes[known:]:
            if silently and note.to[0] == "client":
                note.state = "obsolete"
    _end_what_could_book(world, record, now=now)
    record.discharged_at = now
    record.events.append("discharged")


def may_not_archive(world: World, record: Record, *, now: datetime) -> set[str]:
    return may_not_touch(record) or ({"appointments_ahead"} if ahead_of(world, record, now=now) else set())


def archive(world: World, record: Record, *, now: datetime) -> None:
    if record.archived_at is None:
        _end_what_could_book(world, record, now=now)
        record.archived_at = now
        record.events.append("archived")


def may_not_bring_back(record: Record) -> set[str]:
    return may_not_touch(record) or ({"already_in_care"} if record.in_care else set())


def bring_back(record: Record) -> None:
    record.discharged_at = record.archived_at = None
    record.events.append("brought_back")


def _end_what_could_book(world: World, record: Record, *, now: datetime) -> None:
    end_with_care(world, record.number, now=now)
    world.holds = [held for held in world.holds if held.client != record.number]
    world.suggested = [one for one in world.suggested if one.client != record.number]
    for offer in world.offers:
        if offer.session.client == record.number and offer.booked is None:
            offer.expires_at = min(offer.expires_at, now)


# Files


def may_not_import(world: World, file: File) -> set[str]:
    if file.state != "staged":
        return {"import_not_open"}
    here = {record.first_name for record in world.records if record.practice == file.practice}
    return {"rows_not_ready"} if here & set(file.names) else set()


def may_not_take_back(world: World, file: File, *, now: datetime) -> set[str]:
    if file.state != "imported" or file.imported_at is None:
        return {"import_not_open"}
    if now - file.imported_at > DAY:
        return {"too_late_to_undo_import"}
    booked = {session.client for session in world.sessions}
    touched = any(record.events or record.number in booked for record in file.records)
    return {"worked_with_since"} if touched else set()


def forget_files(world: World, *, now: datetime) -> None:
    """What was not brought in within a week is given up."""
    for file in world.files:
        if file.state == "staged" and file.made_at < now - 7 * DAY:
            file.state = "dropped"


# People


def may_not_accept(world: World, invited: Invited, *, with_password: bool, now: datetime) -> set[str]:
    if invited.state != "open":
        return {f"invitation_{invited.state}"}
    if now >= invited.made_at + INVITED_FOR:
        return {"invitation_ended"}
    return {"password_is_kept"} if with_password and invited.email in world.has_password else set()


def may_not_invite(world: World, email: str, practice: int) -> set[str]:
    return {"already_here"} if world.works.get((email, practice)) else set()

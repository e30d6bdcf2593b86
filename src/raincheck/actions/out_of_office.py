"""Blocking a provider's time, and taking a block back."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.actions.reschedule.suggest import take_back_inside
from raincheck.data.models import OutOfOffice, Provider, RescheduleBatch
from raincheck.domain.appointments.lifecycle import StartsInThePast
from raincheck.domain.conversations import plain_text
from raincheck.domain.out_of_office import NOTE_LIMIT, BlockGone, NoteForBlockTooLong
from raincheck.domain.people import SYSTEM, Actor
from raincheck.domain.spans import Span
from raincheck.domain.zones import local_time, zone_named


def make_block(
    provider: Provider,
    span: Span,
    *,
    now: datetime,
    batch: RescheduleBatch | None = None,
    note: str = "",
    all_day: bool = False,
) -> OutOfOffice:
    """Write a block. Appointments inside it stand as they are: a block keeps new ones out."""
    block = OutOfOffice(
        practice_id=provider.practice_id,
        provider=provider,
        all_day=all_day,
        note=note,
        batch=batch,
        made_at=now,
    )
    _set_time(block, span)
    block.save(force_insert=True)
    return block


def _set_time(block: OutOfOffice, span: Span) -> None:
    """Give the row its instants, and what its provider's clock shows at them. Nothing is saved."""
    first, last = (local_time(at, zone=zone_named(block.provider.zone)) for at in (span.start, span.end))
    block.starts_at, block.ends_at = span.start, span.end
    # Kept as agreed: when zone rules change, the wall times say which instants were meant.
    block.starts_wall, block.ends_wall, block.zone = first.wall, last.wall, first.zone


TIME_FIELDS = ("starts_at", "ends_at", "starts_wall", "ends_wall", "zone")


def block_time(
    provider_id: int,
    *,
    span: Span,
    now: datetime,
    note: str | None = None,
    all_day: bool = False,
    take_back: Collection[str] = (),
    by: Actor = SYSTEM,
) -> Answer:
    """Mark a stretch of a provider's time as out of office. It may have begun, but not be over.

    What is held for clients in it outlives it, but for those times whose refs are to be taken back.
    """
    note = note or ""
    _refuse_unless_sound(span, note, now=now)
    provider = lock(providers=[provider_id]).providers[provider_id]
    block = make_block(provider, span, now=now, note=plain_text(note), all_day=all_day)
    take_back_inside(provider.pk, span, take_back, by=by, now=now)
    look_soon([provider.pk])
    return {"block": str(block.ref)}


def remove_block(ref: UUID, *, practice_id: int, now: datetime) -> Answer:
    """Open a blocked stretch again. Raises BlockGone when somebody already did."""
    block = _live_block(ref, practice_id=practice_id)
    block.removed_at = now
    block.save(update_fields=["removed_at"])
    look_soon([block.provider_id])
    return {"block": str(block.ref)}


def change_block(
    ref: UUID,
    *,
    practice_id: int,
    span: Span,
    note: str | None,
    now: datetime,
    all_day: bool = False,
    take_back: Collection[str] = (),
    by: Actor = SYSTEM,
) -> Answer:
    """Give a block other hours or another note; from now on a withdrawal leaves it to the person who edited it.

    Without a note the one it has stays.
    """
    _refuse_unless_sound(span, note or "", now=now)
    block = _live_block(ref, practice_id=practice_id)
    _set_time(block, span)
    block.note = block.note if note is None else plain_text(note)
    block.edited_at, block.all_day = now, all_day
    block.save(update_fields=[*TIME_FIELDS, "note", "edited_at", "all_day"])
    take_back_inside(block.provider_id, span, take_back, by=by, now=now)
    look_soon([block.provider_id])
    return {"block": str(block.ref)}


def _refuse_unless_sound(span: Span, note: str, *, now: datetime) -> None:
    # One that has begun may still be written down: a provider who fell ill at noon blocks the whole day.
    if span.end <= now:
        raise StartsInThePast
    if len(note) > NOTE_LIMIT:
        raise NoteForBlockTooLong(limit=str(NOTE_LIMIT))


def _live_block(ref: UUID, *, practice_id: int) -> OutOfOffice:
    found = OutOfOffice.objects.filter(practice=practice_id, ref=ref).values_list("pk", "provider").first()
    if found is None:
        raise BlockGone
    # Found unlocked and read again under the lock: somebody may have taken it back in between.
    lock(providers=[found[1]])
    block = OutOfOffice.objects.select_related("provider__practice").get(pk=found[0])
    if block.removed_at is not None:
        raise BlockGone
    return block

"""An ask is undone within its time to undo: nobody was written to, and nothing of it is left but its history."""

from datetime import datetime
from uuid import UUID

from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import take_back_what_waits
from raincheck.actions.reschedule.ending import end_requests
from raincheck.data.models import Message, Notification, RescheduleBatch, RescheduleRequest
from raincheck.data.out_of_office import block_of
from raincheck.domain.appointments.undo import ClientWasQuicker, TakenBackAlready, UndoTooLate
from raincheck.domain.people import Actor
from raincheck.domain.reschedule.lifecycle import AlreadySettled, BlockWasEdited, Event, RequestGone, State


def undo_ask(request: UUID, *, by: Actor, now: datetime, edited_block: str = "") -> Answer:
    """Take an ask back, with all that was sent together with it, before anything of it leaves.

    Raises UndoTooLate, ClientWasQuicker, TakenBackAlready or AlreadySettled: then it stands. The block made with it goes,
    unless somebody edited it: then `edited_block` must say "keep" or "remove" (BlockWasEdited).
    """
    found = RescheduleRequest.objects.filter(ref=request).values_list("batch", "provider", "client").first()
    if found is None:
        raise RequestGone
    number, provider, client = found
    together = RescheduleRequest.objects.filter(batch=number).values_list("pk", "appointment")
    locked = lock(
        providers=[provider],
        clients=[client],
        appointments=[appointment for _pk, appointment in together],
        requests=[pk for pk, _appointment in together],
    )
    requests = sorted(locked.requests.values(), key=lambda row: row.asked_starts_at)
    name = locked.clients[client].known_as
    _refuse_what_ended(requests, name=name)
    if any(row.asked_at <= now for row in requests):
        raise UndoTooLate
    # Locked: whoever opens the page in this instant was there before, or finds that it was undone.
    batch = RescheduleBatch.objects.select_for_update(no_key=True).get(pk=number)
    seen = (at for row in requests for at in (row.client_wrote_at, row.handed_over_at))
    if batch.opened_at is not None or any(seen):
        raise ClientWasQuicker(name=name)
    told = Notification.objects.filter(batch=batch) | Notification.objects.filter(
        pk__in=Notification.objects.filter(appointments__request__in=requests).values("pk")
    )
    if not take_back_what_waits(told, Message.objects.filter(batch=batch), now=now):
        raise UndoTooLate
    for row in requests:
        row.appointment = locked.appointments[row.appointment_id]
    end_requests(Event.UNDO, requests, by=by, now=now)
    _take_block_back(requests[0], edited_block, now=now)
    return {"request": str(request), "state": State.UNDONE}


def _refuse_what_ended(requests: list[RescheduleRequest], *, name: str) -> None:
    states = {State(row.state) for row in requests}
    if states == {State.UNDONE}:
        raise TakenBackAlready
    if states & {State.MOVED, State.KEPT, State.DECLINED}:
        raise ClientWasQuicker(name=name)
    if states != {State.OPEN}:
        raise AlreadySettled


def _take_block_back(request: RescheduleRequest, edited_block: str, *, now: datetime) -> None:
    block = block_of(request)
    if block is None:
        return
    # Somebody made this block their own, so that only they can say what becomes of it.
    if block.edited_at is not None and edited_block not in ("keep", "remove"):
        raise BlockWasEdited
    if block.edited_at is None or edited_block == "remove":
        block.removed_at = now
        block.save(update_fields=["removed_at"])

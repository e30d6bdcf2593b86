"""The ways an open request ends by a person: pick, decline, withdraw; and the client's word that none of the times work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from raincheck.actions.conversations import post
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer, ReadAgain
from raincheck.actions.engine.side_effects import make_tasks, record
from raincheck.actions.reschedule.ending import end_requests
from raincheck.actions.reschedule.open_times import refuse_unless_open
from raincheck.data.compiled import Compiled
from raincheck.data.out_of_office import block_freed_by_withdrawing
from raincheck.data.reschedule import RescheduleBatch, RescheduleRequest
from raincheck.data.slots import reschedule_question
from raincheck.domain.appointments import AlreadyStarted, CancelNoteTooLong, History
from raincheck.domain.conversations import Card, plain_text
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.reminders import next_reminder
from raincheck.domain.reschedule import (
    NOTE_LIMIT,
    AlreadySettled,
    BlockWasEdited,
    Event,
    NoteTooLong,
    RequestGone,
    moved_for_word,
)
from raincheck.domain.spans import Span
from raincheck.domain.tasks import TaskKind
from raincheck.domain.zones import zone_named
from raincheck.notifications.notify import Dispatch, notify, notify_many, notify_of_message
from raincheck.notifications.subjects import NoticeSubject


def pick_new_time(request: UUID, *, start: datetime, by: Actor, now: datetime) -> Answer:
    """Move the appointment to `start` (UTC) and confirm it. Staff pick in the client's place, and the history says so.

    Raises SlotTaken, SlotNotOpen or ClientElsewhere (the request stays open, the appointment stands), AlreadyStarted,
    AlreadySettled or RequestGone.
    """
    asked = _locked(request, now=now)
    appointment = asked.appointment
    by = by.answering_for(asked.client_id)
    # All of section 6 again, for this start alone: a block or a busy event may have appeared since the page was made.
    notice = appointment.practice.rules.pick_notice if by.is_client else timedelta(0)
    within = Span(start, start + timedelta(seconds=1))
    refuse_unless_open(reschedule_question(appointment, now=now, notice=notice, within=within), start)
    end_requests(Event.PICK, [asked], by=by, now=now, to=start)
    return {"request": str(asked.ref), "state": asked.state}


def decline(request: UUID, *, by: Actor, now: datetime, reason: str = "") -> Answer:
    """Cancel instead, by the client: no fee, a rebook offer.

    Raises CancelNoteTooLong, AlreadyStarted, AlreadySettled or RequestGone.
    """
    reason = plain_text(reason)
    if len(reason) > NOTE_LIMIT:
        raise CancelNoteTooLong(field="reason", count=str(len(reason)), limit=str(NOTE_LIMIT))
    asked = _locked(request, now=now)
    end_requests(Event.DECLINE, [asked], by=by, now=now, words=reason)
    return {"request": str(asked.ref), "state": asked.state}


def withdraw(request: UUID, *, by: Actor, now: datetime, note: str = "", edited_block: str = "") -> Answer:
    """Let the original time stand and tell the client so.

    The block made with the ask goes, unless somebody edited it: then `edited_block` must say "keep" or "remove".
    Raises NoteTooLong, AlreadyStarted, BlockWasEdited, AlreadySettled or RequestGone.
    """
    if len(note) > NOTE_LIMIT:
        raise NoteTooLong(count=str(len(note)), limit=str(NOTE_LIMIT))
    asked = _locked(request, now=now)
    block = block_freed_by_withdrawing(asked)
    if block is not None and block.edited_at is not None and edited_block not in ("keep", "remove"):
        raise BlockWasEdited
    if block is not None and (block.edited_at is None or edited_block == "remove"):
        block.removed_at = now
        block.save(update_fields=["removed_at"])
    end_requests(Event.WITHDRAW, [asked], by=by, now=now, words=plain_text(note))
    return {"request": str(asked.ref), "state": asked.state}


def none_work(batch: RescheduleBatch, *, words: str, by: Actor, now: datetime) -> Answer:
    """The client writes that none of the times work: the provider is told, and once at least 24 h are left to find one.

    Raises MessageMissing or MessageTooLong.
    """
    thread, message = post(
        batch.provider_id, batch.client_id, words=words, by=by, now=now, card=Card.NONE_WORK, batch=batch
    )
    requests = client_wrote(batch.client_id, batch.provider_id, by=by, now=now)
    for request in requests:
        record(request.appointment, History.NONE_WORK, by=by, now=now, request=request)
    if requests:
        notify(
            NotificationType.NONE_WORK,
            *(NoticeSubject(row.appointment, row) for row in requests),
            by=by,
            now=now,
            batch=batch,
        )
    else:
        # The last one was settled while the client wrote: their words are a message like any other.
        notify_of_message(thread, by=by, now=now)
    return {"conversation": str(thread.ref), "message": str(message.ref)}


def client_wrote(client_id: int, provider_id: int, *, by: Actor, now: datetime) -> list[RescheduleRequest]:
    """Mark a client's open requests after any word from them: a task each, and once a later deadline. Returns them."""
    found = RescheduleRequest.objects.filter(
        client=client_id, provider=provider_id, state="open"
    ).values_list("pk", "appointment")
    ids = list(found)
    locked = lock(
        providers=[provider_id],
        clients=[client_id],
        appointments=[row[1] for row in ids],
        requests=[row[0] for row in ids],
    )
    marked = [request for request in locked.requests.values() if request.is_open]
    for request in marked:
        request.appointment = locked.appointments[request.appointment_id]
    make_tasks(TaskKind.CLIENT_WROTE, marked, now=now)
    first_words = [request for request in marked if request.client_wrote_at is None]
    moved = [request for request in first_words if _leave_time_to_help(request, by=by, now=now)]
    notify_many(_tellings(NotificationType.DEADLINE_MOVED, moved), by=by, now=now)
    return marked


def _leave_time_to_help(request: RescheduleRequest, *, by: Actor, now: datetime) -> bool:
    """Mark a request at the first word about it; returns whether its deadline moved."""
    appointment, policy = request.appointment, request.appointment.practice.rules
    deadline = moved_for_word(
        request.deadline_at, word_at=now, starts_at=request.asked_starts_at, policy=policy
    )
    moved = deadline != request.deadline_at
    request.client_wrote_at = now
    request.deadline_at = deadline
    request.save(update_fields=["client_wrote_at", "deadline_at"])
    record(appointment, History.CLIENT_WROTE, by=by, now=now, request=request)
    if moved:
        details: dict[str, str | int] = {"to": deadline.isoformat()}
        record(appointment, History.DEADLINE_MOVED, by=by, now=now, request=request, details=details)
    if moved and request.needs_provider is None:
        zone = zone_named(appointment.client.zone_in(appointment.practice))
        request.remind_at = next_reminder(
            now, deadline=deadline, prompted_at=request.prompted_at, zone=zone, policy=policy
        )
        request.save(update_fields=["remind_at"])
    return moved


def _tellings(moment: NotificationType, requests: Iterable[RescheduleRequest]) -> list[Dispatch]:
    """Return one message for each prompt, listing its appointments."""
    batches: dict[int, list[RescheduleRequest]] = defaultdict(list)
    for request in requests:
        batches[request.batch_id].append(request)
    return [
        Dispatch(moment, [NoticeSubject(row.appointment, row) for row in rows], batch=rows[0].batch)
        for rows in batches.values()
    ]


WHOSE = Compiled(
    lambda ref: RescheduleRequest.objects.filter(ref=ref).values_list(
        "pk", "appointment", "provider", "client"
    )
)
"""The rows that an answer to a request is about."""


def _locked(ref: UUID, *, now: datetime) -> RescheduleRequest:
    """Return an open request with its appointment, both locked. Raises RequestGone, AlreadySettled or AlreadyStarted."""
    found = WHOSE(ref=ref)
    if not found:
        raise RequestGone
    [(pk, appointment, provider, client)] = found
    locked = lock(providers=[provider], clients=[client], appointments=[appointment], requests=[pk])
    request, row = locked.requests[pk], locked.appointments[appointment]
    if not request.is_open:
        raise AlreadySettled
    if (row.provider_id, row.client_id) != (provider, client):
        raise ReadAgain
    # A session that may have begun is neither moved nor canceled, even before the sweep has marked its request void.
    if row.starts_at <= now:
        raise AlreadyStarted
    request.appointment = row
    return request

"""The ways an open request ends by a person: pick, keep, decline, withdraw; and the client's word that none of the times work."""

from datetime import datetime, timedelta
from uuid import UUID

from raincheck.actions.appointments.needed_by import look_at_need
from raincheck.actions.conversations import client_wrote, post
from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import record
from raincheck.actions.limits import count_words
from raincheck.actions.reschedule.ending import end_requests
from raincheck.actions.reschedule.open_times import refuse_unless_open
from raincheck.actions.reschedule.suggest import is_kept_for_them
from raincheck.data.clients.merges import record_now
from raincheck.data.compiled import Compiled
from raincheck.data.notifications import Notification
from raincheck.data.out_of_office import block_freed_by_ending
from raincheck.data.reschedule.by_video import may_be_kept, video_place
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.data.slots import reschedule_question
from raincheck.domain.appointments.lifecycle import AlreadyStarted, CancelNoteTooLong, History
from raincheck.domain.appointments.undo import NotSentYet
from raincheck.domain.conversations import Card, plain_text
from raincheck.domain.notifications import GATHERED_FOR, NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.reschedule.by_video import VideoOfferEnded
from raincheck.domain.reschedule.lifecycle import (
    NOTE_LIMIT,
    AlreadySettled,
    BlockWasEdited,
    Event,
    NoteTooLong,
    RequestGone,
)
from raincheck.domain.spans import Span
from raincheck.notifications.notify import notify, notify_of_message
from raincheck.notifications.subjects import NoticeSubject


def pick_new_time(request: UUID, *, start: datetime, by: Actor, now: datetime) -> Answer:
    """Move the appointment to `start` (UTC) and confirm it. Staff pick in the client's place, and the history says so.

    Raises SlotTaken, SlotNotOpen or ClientElsewhere: then the request stays open, and the appointment stands.
    """
    asked = lock_open_request(request, now=now)
    appointment = asked.appointment
    by = by.answering_for(asked.client_id)
    if not is_kept_for_them(asked, start, by=by, now=now):
        # All of section 6 again, for this start alone: a block or a busy event may have appeared since the page was made.
        # Staff who pick by phone may agree on any time that is free.
        notice = appointment.practice.rules.pick_notice if by.is_client else timedelta(0)
        within = Span(start, start + timedelta(seconds=1))
        refuse_unless_open(reschedule_question(appointment, now=now, notice=notice, within=within), start)
    end_requests(Event.PICK, [asked], by=by, now=now, to=start)
    look_at_need(appointment, by=by, now=now, request=asked)
    return {"request": str(asked.ref), "state": asked.state}


def keep_by_video(request: UUID, *, by: Actor, now: datetime) -> Answer:
    """Keep the time: the appointment goes to the practice's telehealth place with its provider's join link, as was offered.

    The block made with the ask goes, as when it is withdrawn. One that somebody edited stays: a client can't say what
    becomes of it, and the session stands in the calendar all the same. Raises VideoOfferEnded.
    """
    asked = lock_open_request(request, now=now)
    place = video_place(asked.practice_id)
    if place is None or not may_be_kept(asked, place):
        raise VideoOfferEnded
    block = block_freed_by_ending(asked)
    if block is not None and block.edited_at is None:
        block.removed_at = now
        block.save(update_fields=["removed_at"])
    end_requests(Event.KEEP, [asked], by=by.answering_for(asked.client_id), now=now, place=place)
    return {"request": str(asked.ref), "state": asked.state}


def decline(request: UUID, *, by: Actor, now: datetime, reason: str = "") -> Answer:
    """Cancel instead, by the client: no fee, a rebook offer."""
    reason = plain_text(reason)
    if len(reason) > NOTE_LIMIT:
        raise CancelNoteTooLong(field="reason", count=str(len(reason)), limit=str(NOTE_LIMIT))
    asked = lock_open_request(request, now=now)
    end_requests(Event.DECLINE, [asked], by=by, now=now, words=reason)
    look_at_need(asked.appointment, by=by, now=now, request=asked)
    return {"request": str(asked.ref), "state": asked.state}


def withdraw(request: UUID, *, by: Actor, now: datetime, note: str = "", edited_block: str = "") -> Answer:
    """Let the original time stand and tell the client so. Raises NotSentYet as long as it can be undone, which tells nobody.

    The block made with the ask goes, unless somebody edited it: then `edited_block` must say "keep" or "remove".
    """
    if len(note) > NOTE_LIMIT:
        raise NoteTooLong(count=str(len(note)), limit=str(NOTE_LIMIT))
    asked = lock_open_request(request, now=now)
    # Whoever was never asked would read that a time stands of which they had no doubt.
    if asked.asked_at > now:
        raise NotSentYet
    block = block_freed_by_ending(asked)
    # Somebody made this block their own, so that only they can say what becomes of it.
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
    client = record_now(batch.client_id)
    count_words(client, batch.provider_id, now=now)
    thread, message = post(
        batch.provider_id, client, words=words, by=by, now=now, card=Card.NONE_WORK, batch=batch
    )
    requests = client_wrote(client, batch.provider_id, by=by, now=now)
    for request in requests:
        record(request.appointment, History.NONE_WORK, by=by, now=now, request=request)
    told = Notification.objects.filter(
        appointments__request__in=requests, kind=NotificationType.NONE_WORK, made_at__gt=now - GATHERED_FOR
    )
    if requests and not told.exists():
        notify(
            NotificationType.NONE_WORK,
            *(NoticeSubject(row.appointment, row) for row in requests),
            by=by,
            now=now,
            batch=batch,
        )
    else:
        # The last one was settled while the client wrote, or this was just told: their words are a message like any other.
        notify_of_message(thread, by=by, now=now)
    return {"conversation": str(thread.ref), "message": str(message.ref)}


WHOSE = Compiled(
    lambda ref: RescheduleRequest.objects.filter(ref=ref).values_list(
        "pk", "appointment", "provider", "client"
    )
)
"""The rows that an answer to a request is about."""


def lock_open_request(ref: UUID, *, now: datetime) -> RescheduleRequest:
    """Return an open request with its appointment, both locked, while the appointment is still ahead."""
    found = WHOSE(ref=ref)
    if not found:
        raise RequestGone
    [(pk, appointment, provider, client)] = found
    locked = lock(providers=[provider], clients=[client], appointments=[appointment], requests=[pk])
    request, row = locked.requests[pk], locked.appointments[appointment]
    if not request.is_open:
        raise AlreadySettled
    if (row.provider_id, row.client_id) != (provider, client):
        raise ReadAgain  # the appointment went to another provider meanwhile
    # A session that may have begun is neither moved nor canceled, even before the sweep has marked its request void.
    if row.starts_at <= now:
        raise AlreadyStarted
    request.appointment = row
    return request

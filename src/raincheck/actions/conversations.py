"""Conversations: writing to each other, having read it, and what any word from a client does to their open requests."""

from datetime import datetime

from django.db.models import Q

from raincheck.actions.engine.locks import lock, refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import asked_together, make_tasks, record
from raincheck.actions.limits import count_words
from raincheck.actions.reschedule.delivered import note_seen
from raincheck.data.clients.merges import record_now
from raincheck.data.models import Conversation, Message, Recipient, RescheduleBatch, RescheduleRequest, Task
from raincheck.domain.appointments.lifecycle import History
from raincheck.domain.conversations import Card, message_text
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.reminders import next_reminder
from raincheck.domain.reschedule.deadlines import moved_for_word
from raincheck.domain.tasks import TaskKind
from raincheck.domain.zones import zone_named
from raincheck.notifications.notify import Dispatch, notify_many, notify_of_message
from raincheck.notifications.subjects import NoticeSubject


def post(
    provider_id: int,
    client_id: int,
    *,
    words: str,
    by: Actor,
    now: datetime,
    card: Card | None = None,
    batch: RescheduleBatch | None = None,
) -> tuple[Conversation, Message]:
    """Put a message into the thread of a provider and a client. A step, not a verb: it tells nobody.

    Raises MessageMissing or MessageTooLong.
    """
    text = message_text(words)
    provider = lock(providers=[provider_id], clients=[client_id]).providers[provider_id]
    thread, _made = Conversation.objects.get_or_create(
        practice_id=provider.practice_id,
        provider_id=provider_id,
        client_id=client_id,
        defaults={"latest_at": now},
    )
    message = Message(
        practice_id=provider.practice_id,
        conversation=thread,
        at=now,
        author_kind=by.kind,
        author=by.who,
        recipient_id=by.recipient or _own_recipient(client_id, by),
        body=text,
        card=card,
        batch=batch,
    )
    message.save(force_insert=True)
    thread.latest_at = now
    mine = "client_read_at" if by.is_client else "provider_read_at"
    setattr(thread, mine, now)  # whoever writes has read what stands above
    thread.save(update_fields=["latest_at", mine])
    return thread, message


def _own_recipient(client_id: int, by: Actor) -> int | None:
    """Return the client themselves among those who get their messages, when it is they who write."""
    if not by.is_client:
        return None
    own = Recipient.objects.filter(client=client_id, is_client=True)
    return own.values_list("pk", flat=True).first()


def write_message(provider_id: int, client_id: int, *, words: str, by: Actor, now: datetime) -> Answer:
    """Write to the other side of a conversation; a client's word also marks their open requests.

    Raises MessageMissing, MessageTooLong or TooManyMessages.
    """
    if by.is_client:
        client_id = record_now(client_id)
        count_words(client_id, provider_id, now=now)
    thread, message = post(provider_id, client_id, words=words, by=by, now=now)
    if by.is_client:
        client_wrote(client_id, provider_id, by=by, now=now)
        _ask_managers_where_the_provider_left(thread, now=now)
    else:
        Task.objects.filter(
            kind=TaskKind.CLIENT_WROTE,
            request__isnull=True,
            provider=provider_id,
            client=client_id,
            done_at__isnull=True,
        ).update(done_at=now)
    notify_of_message(thread, by=by, now=now)
    return {"conversation": str(thread.ref), "message": str(message.ref)}


def _ask_managers_where_the_provider_left(thread: Conversation, *, now: datetime) -> None:
    if thread.provider.left_at is None:
        return
    task = Task(
        practice_id=thread.practice_id,
        provider_id=thread.provider_id,
        client_id=thread.client_id,
        kind=TaskKind.CLIENT_WROTE,
        made_at=now,
        for_managers_at=now,
    )
    # Whoever writes twice is answered once: a conversation has one open task.
    Task.objects.bulk_create([task], ignore_conflicts=True)


def mark_read(
    conversation: Conversation, *, by: Actor, now: datetime, up_to: datetime | None = None
) -> Answer:
    """Remember how far one side has read: to `up_to`, the time of the last message they saw, else to now. It never goes back.

    A client who has seen the card of a request was asked, also where no message about it was taken over.
    """
    refuse_what_is_not_theirs(conversation)
    mine = "client_read_at" if by.is_client else "provider_read_at"
    read_at = min(up_to or now, now)
    earlier = Q(**{f"{mine}__isnull": True}) | Q(**{f"{mine}__lt": read_at})
    if by.is_client:
        cards = Message.objects.filter(conversation=conversation, card=Card.ASKED, at__lte=read_at)
        note_seen(set(cards.exclude(batch=None).values_list("batch", flat=True)), now=now)
    Conversation.objects.filter(earlier, pk=conversation.pk).update(**{mine: read_at})
    return {"conversation": str(conversation.ref)}


def client_wrote(client_id: int, provider_id: int, *, by: Actor, now: datetime) -> list[RescheduleRequest]:
    """Mark a client's open requests after any word from them: a task each, and once a later deadline. Returns them."""
    found = RescheduleRequest.objects.filter(client=client_id, provider=provider_id, state="open")
    ids = list(found.values_list("pk", "appointment"))
    locked = lock(
        providers=[provider_id],
        clients=[client_id],
        appointments=[row[1] for row in ids],
        requests=[row[0] for row in ids],
    )
    marked = [request for request in locked.requests.values() if request.is_open]
    make_tasks(TaskKind.CLIENT_WROTE, marked, now=now)
    moved = []
    for request in marked:
        appointment = request.appointment = locked.appointments[request.appointment_id]
        # Only once: who writes every day does not push the deadline to the start.
        if request.client_wrote_at is not None:
            continue
        former, policy = request.deadline_at, appointment.practice.rules
        request.client_wrote_at = now
        request.deadline_at = moved_for_word(
            former, word_at=now, starts_at=request.asked_starts_at, policy=policy
        )
        request.save(update_fields=["client_wrote_at", "deadline_at"])
        record(appointment, History.CLIENT_WROTE, by=by, now=now, request=request)
        if request.deadline_at == former:
            continue
        moved.append(request)
        details: dict[str, str | int] = {"to": request.deadline_at.isoformat()}
        record(appointment, History.DEADLINE_MOVED, by=by, now=now, request=request, details=details)
        # A request that waits for a person reminds nobody: the client may have been told otherwise by now.
        if request.needs_provider is None:
            zone = zone_named(appointment.client.zone_in(appointment.practice))
            request.remind_at = next_reminder(
                now, deadline=request.deadline_at, prompted_at=request.prompted_at, zone=zone, policy=policy
            )
            request.save(update_fields=["remind_at"])
    told = [
        Dispatch(
            NotificationType.DEADLINE_MOVED,
            [NoticeSubject(row.appointment, row) for row in together],
            batch=together[0].batch,
        )
        for together in asked_together(moved)
    ]
    notify_many(told, by=by, now=now)
    return marked

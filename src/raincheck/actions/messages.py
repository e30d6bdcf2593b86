"""The verbs of a conversation: write a message, mark it as read."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from raincheck.actions.conversations import post
from raincheck.actions.engine.locks import refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.answer import client_wrote
from raincheck.data.conversations import Conversation
from raincheck.domain.people import Actor
from raincheck.notifications.notify import notify_of_message


def write_message(provider_id: int, client_id: int, *, words: str, by: Actor, now: datetime) -> Answer:
    """Write to the other side of a conversation; a client's word also marks their open requests.

    Raises MessageMissing or MessageTooLong.
    """
    thread, message = post(provider_id, client_id, words=words, by=by, now=now)
    if by.is_client:
        client_wrote(client_id, provider_id, by=by, now=now)
    notify_of_message(thread, by=by, now=now)
    return {"conversation": str(thread.ref), "message": str(message.ref)}


def mark_read(
    conversation: Conversation, *, by: Actor, now: datetime, up_to: datetime | None = None
) -> Answer:
    """Remember how far one side has read: to `up_to`, the time of the last message they saw, else to now. It never goes back."""
    refuse_what_is_not_theirs(conversation)
    mine = "client_read_at" if by.is_client else "provider_read_at"
    read_at = min(up_to or now, now)
    earlier = Q(**{f"{mine}__isnull": True}) | Q(**{f"{mine}__lt": read_at})
    Conversation.objects.filter(earlier, pk=conversation.pk).update(**{mine: read_at})
    return {"conversation": str(conversation.ref)}

"""Writing to each other, and having read it."""

from __future__ import annotations

from datetime import datetime

from raincheck.actions.engine.locks import lock
from raincheck.data.models import Conversation, Message, RescheduleBatch
from raincheck.domain.conversations import Card, message_text
from raincheck.domain.people import Actor


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
        body=text,
        card=card,
        batch=batch,
    )
    message.save(force_insert=True)
    thread.latest_at = now
    mine = "client_read_at" if by.is_client else "provider_read_at"
    setattr(thread, mine, now)
    thread.save(update_fields=["latest_at", mine])
    return thread, message

"""Conversations to be read: a provider's threads, and the messages of one."""

from datetime import UTC, datetime

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from raincheck.data.conversations import Conversation, Message
from raincheck.data.reschedule.request import RescheduleBatch
from raincheck.domain.conversations import Card
from raincheck.domain.people import ActorKind

FROM_CLIENT = (ActorKind.CLIENT, ActorKind.CLIENT_BY_LINK)
WORDS_SHOWN = 3
OF_A_REHEARSAL_CLEARED_AWAY = Q(client__rehearsal=True, client__archived_at__isnull=False)


def conversations_of(provider_id: int, *, now: datetime) -> QuerySet[Conversation]:
    """Return a provider's conversations, unread ones first, each side the latest first.

    `unread` counts what the client did or wrote since the provider last looked; `last_body`, `last_card` and
    `last_author_kind` are the latest message's. A card whose act can still be undone is not there yet.
    """
    newest = Message.objects.filter(conversation=OuterRef("pk"), at__lte=now).order_by("-pk")
    unread = (
        Message.objects.filter(conversation=OuterRef("pk"), author_kind__in=FROM_CLIENT)
        # A time in any case, so that the index by time leads to what is unread alone.
        .filter(at__gt=Coalesce(OuterRef("provider_read_at"), Value(datetime.min.replace(tzinfo=UTC))))
        .order_by()
        .values("conversation")
        .annotate(count=Count("pk"))
        .values("count")
    )
    rows = Conversation.objects.filter(~OF_A_REHEARSAL_CLEARED_AWAY, provider=provider_id).annotate(
        unread=Coalesce(Subquery(unread, output_field=IntegerField()), 0),
        last_body=Subquery(newest.values("body")[:1]),
        last_card=Subquery(newest.values("card")[:1]),
        last_author_kind=Subquery(newest.values("author_kind")[:1]),
    )
    marked = rows.annotate(is_unread=Q(unread__gt=0))
    return marked.select_related("client").order_by("-is_unread", "-latest_at", "pk")


def words_since(batch: RescheduleBatch, *, recipient: int | None) -> list[Message]:
    """Return what one of those who get a client's messages has written since they were asked, latest last; three at most.

    Without a `recipient` it is the client themselves, signed in.
    """
    who = Q(recipient=recipient) if recipient else Q(recipient__is_client=True)
    own = Message.objects.filter(
        who,
        conversation__provider=batch.provider_id,
        conversation__client=batch.client_id,
        at__gte=batch.asked_at,
    )
    return list(reversed(own.exclude(body="").order_by("-pk")[:WORDS_SHOWN]))


def words_to_the_team(batch: RescheduleBatch) -> list[Message]:
    """Return what a client said would work instead of the open times, the latest first: the one part of their words
    that everybody who finds times may read, not the provider alone.
    """
    return list(Message.objects.filter(batch=batch, card=Card.NONE_WORK).exclude(body="").order_by("-pk"))


def messages_of(conversation: Conversation, *, now: datetime) -> QuerySet[Message]:
    """Return a thread's messages and cards, the newest first, with what the cards speak of.

    A card whose act can still be undone is not there yet.
    """
    rows = Message.objects.filter(conversation=conversation, at__lte=now)
    return rows.select_related("appointment__type", "batch").order_by("-pk")

"""The portal of a signed-in client: what they see of themselves, in every practice they are a client of."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from raincheck.data.compiled import Compiled
from raincheck.data.models import Client, Conversation, Membership, Message, RescheduleRequest
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.people import ActorKind, Role

FROM_PRACTICE = (ActorKind.PROVIDER, ActorKind.MANAGER, ActorKind.SCHEDULER)


def client_memberships(user: int) -> list[Membership]:
    """Return as whom a user is a client, and where."""
    return _client_memberships(user=user)


@Compiled
def _client_memberships(user: int) -> QuerySet[Membership]:
    rows = Membership.objects.filter(user=user, role=Role.CLIENT).select_related("practice", "client")
    return rows.order_by("practice__name", "pk")


def open_requests(clients: Sequence[Client], *, now: datetime) -> QuerySet[RescheduleRequest]:
    """Return what waits for an answer, soonest deadline first."""
    rows = RescheduleRequest.objects.filter(OPEN, client__in=clients, asked_starts_at__gt=now)
    about = ("batch", "provider", "appointment__type", "appointment__place")
    return rows.select_related(*about).order_by("deadline_at", "pk")


def conversations(clients: Sequence[Client]) -> QuerySet[Conversation]:
    """Return the threads, the latest first; `unread` counts what the practice wrote since the client last looked."""
    fresh = Q(at__gt=OuterRef("client_read_at")) | Q(conversation__client_read_at__isnull=True)
    unread = (
        Message.objects.filter(fresh, conversation=OuterRef("pk"), author_kind__in=FROM_PRACTICE)
        .filter(card__isnull=True)
        .order_by()
        .values("conversation")
        .annotate(count=Count("pk"))
        .values("count")
    )
    rows = Conversation.objects.filter(client__in=clients).annotate(
        unread=Coalesce(Subquery(unread, output_field=IntegerField()), 0)
    )
    return rows.select_related("provider").order_by("-latest_at", "pk")

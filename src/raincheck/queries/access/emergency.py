"""Emergency accesses to be read: what runs, who opened a conversation and why, and whom an opening is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from raincheck.data.models import (
    Client,
    Conversation,
    EmergencyAccess,
    EmergencyReason,
    Membership,
    Practice,
    Provider,
)
from raincheck.domain.people import Role

SHOWN = 20


@dataclass(frozen=True, slots=True)
class ClosedConversation:
    """A client's conversation that a manager does not read, and their access to it while one runs."""

    conversation: Conversation
    access: EmergencyAccess | None


def running_access(conversation: Conversation, *, manager: int, now: datetime) -> EmergencyAccess | None:
    """Return a manager's access to a conversation while it runs."""
    running = EmergencyAccess.objects.filter(conversation=conversation, manager=manager, ends_at__gt=now)
    return running.select_related("reason").first()


def closed_conversations(
    client: Client, *, but: Provider | None, manager: int, now: datetime
) -> list[ClosedConversation]:
    """Return a client's conversations but the reader's own, each with the access that the manager has to it now."""
    found = Conversation.objects.filter(client=client).select_related("provider", "client")
    found = found.exclude(provider=but) if but is not None else found
    running = EmergencyAccess.objects.filter(conversation__in=found, manager=manager, ends_at__gt=now)
    by_conversation = {access.conversation_id: access for access in running}
    return [
        ClosedConversation(row, by_conversation.get(row.pk)) for row in found.order_by("provider__name", "pk")
    ]


def accesses_to(conversation: Conversation) -> list[EmergencyAccess]:
    """Return who opened a conversation in an emergency, also under a record that became part of this client's, the newest first."""
    of_both = Q(conversation__client=conversation.client_id) | Q(
        conversation__client__merged_into=conversation.client_id
    )
    rows = EmergencyAccess.objects.filter(of_both, conversation__provider=conversation.provider_id)
    return list(rows.select_related("reason", "manager__user").order_by("-pk")[:SHOWN])


def other_managers(practice: Practice, *, but: int) -> list[str]:
    """Return the names of a practice's managers besides one, who are told when that one opens a conversation."""
    managers = Membership.objects.filter(practice=practice, role=Role.MANAGER, ended_at__isnull=True)
    names = managers.filter(user__is_active=True).exclude(pk=but)
    return list(names.order_by("user__name", "pk").values_list("user__name", flat=True))


def reasons_of(practice: Practice, numbers: Iterable[int]) -> dict[int, str]:
    """Return reasons by their number; empty where one was erased."""
    rows = EmergencyReason.objects.filter(practice=practice, pk__in=set(numbers))
    return {row.pk: row.body for row in rows}

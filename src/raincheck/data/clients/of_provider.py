"""The clients of a provider: whose usual provider they are, or with whom they have a conversation or an appointment."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from raincheck.data.appointments.appointment import REAL, Appointment
from raincheck.data.conversations import Conversation
from raincheck.data.people import Client

CLEARED_AWAY = Q(rehearsal=True, archived_at__isnull=False)
"""Clients of rehearsals that are over: only histories still name them."""


def clients_of(*, practice_id: int, provider_id: int | None) -> QuerySet[Client]:
    """Return a provider's clients, or the practice's when there is none.

    A provider's clients are those whose usual provider they are, or with whom they have a conversation or an appointment.
    """
    clients = Client.objects.filter(~CLEARED_AWAY, practice=practice_id, merged_into__isnull=True)
    if provider_id is None:
        return clients
    talks = Conversation.objects.filter(provider=provider_id, client=OuterRef("pk"))
    sees = Appointment.objects.filter(REAL, provider=provider_id, client=OuterRef("pk"))
    return clients.filter(Q(usual_provider=provider_id) | Exists(talks) | Exists(sees))

"""What there is to know about people: whose client somebody is, how to reach them, who a manager is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from raincheck.data.appointments import Appointment
from raincheck.data.conversations import Conversation
from raincheck.data.people import Client, Membership, Recipient
from raincheck.data.reschedule import OPEN, RescheduleRequest
from raincheck.domain.appointments import Status
from raincheck.domain.people import Role

SHOWN = 12
"""So many appointments ahead, appointments past and requests a client's page lists."""


def clients_of(*, practice_id: int, provider_id: int | None) -> QuerySet[Client]:
    """Return a provider's clients, or the practice's when there is none.

    A provider's clients are those they have a conversation or an appointment with.
    """
    clients = Client.objects.filter(practice=practice_id)
    if provider_id is None:
        return clients
    talks = Conversation.objects.filter(provider=provider_id, client=OuterRef("pk"))
    sees = Appointment.objects.filter(provider=provider_id, client=OuterRef("pk"))
    return clients.filter(Exists(talks) | Exists(sees))


def searched(
    clients: QuerySet[Client], words: str, *, appointments: QuerySet[Appointment], now: datetime
) -> QuerySet[Client]:
    """Return the clients whose name holds every word, by last name, with `next_at`, the next appointment among the given."""
    for word in words.split():
        clients = clients.filter(Q(first_name__icontains=word) | Q(last_name__icontains=word))
    ahead = appointments.filter(client=OuterRef("pk"), status=Status.SCHEDULED, starts_at__gt=now)
    own = Recipient.objects.filter(client=OuterRef("pk"), is_client=True)
    with_next = clients.annotate(
        next_at=Subquery(ahead.order_by("starts_at").values("starts_at")[:1]),
        email=Subquery(own.values("email")[:1]),
        texts=Exists(own.filter(sms_agreed_at__isnull=False).exclude(phone="")),
    )
    return with_next.order_by("last_name", "first_name", "pk")


def own_recipient(client: Client) -> Recipient | None:
    """Return the row that says how the client themselves is reached."""
    return Recipient.objects.filter(client=client, is_client=True).first()


def appointments_ahead(appointments: QuerySet[Appointment], *, now: datetime) -> QuerySet[Appointment]:
    """Return what is scheduled and not over, soonest first; `deadline_at` while asked."""
    asked = RescheduleRequest.objects.filter(OPEN, appointment=OuterRef("pk")).values("deadline_at")[:1]
    rows = appointments.filter(status=Status.SCHEDULED, ends_at__gt=now)
    return (
        rows.annotate(deadline_at=Subquery(asked))
        .select_related("type", "place", "provider")
        .order_by("starts_at", "pk")[:SHOWN]
    )


def appointments_past(appointments: QuerySet[Appointment], *, now: datetime) -> QuerySet[Appointment]:
    """Return what is over or was cancelled, the latest first."""
    rows = appointments.filter(Q(ends_at__lte=now) | ~Q(status=Status.SCHEDULED))
    return rows.select_related("type", "place", "provider").order_by("-starts_at", "-pk")[:SHOWN]


def names_of_managers(memberships: Iterable[int]) -> dict[int, str]:
    """Return by membership what the managers are called; in one query."""
    found = Membership.objects.filter(pk__in=set(memberships), role=Role.MANAGER).values_list(
        "pk", "user__name"
    )
    return dict(found)

"""The clients that somebody of the practice may see."""

from django.db.models import QuerySet

from raincheck.data.clients.of_provider import clients_of
from raincheck.data.models import Client, Provider
from raincheck.web.staff.shell.access import Staff


def clients_seen_by(staff: Staff) -> QuerySet[Client]:
    """Return a provider's own clients, for who acts for all those of the whole practice."""
    if staff.provider is None or staff.acts_for_all:
        return clients_of(practice_id=staff.practice.pk, provider_id=None)
    return clients_of_provider(staff.provider)


def clients_of_provider(provider: Provider) -> QuerySet[Client]:
    """Return a provider's own clients."""
    return clients_of(practice_id=provider.practice_id, provider_id=provider.pk)

"""Clients of a file who can be written to."""

from collections.abc import Collection

from raincheck.data.people import Recipient


def clients_with_address(clients: Collection[int]) -> set[int]:
    """Return which of these clients have an e-mail address of their own or of somebody who is told for them."""
    rows = Recipient.objects.filter(client__in=clients).exclude(email="")
    return set(rows.values_list("client", flat=True))

"""Whoever gets messages for clients: nobody is passed over because nothing about reaching them was ever written down."""

from __future__ import annotations

from collections.abc import Mapping

from raincheck.data.people import Recipient


def recipients_of(practices: Mapping[int, int]) -> dict[int, list[Recipient]]:
    """Return the recipients of each client; `practices` has the clients' practices by client.

    A client who has none gets the row that every client has, without an address: so what they can't be told is written
    all the same, and shown to a person as failed.
    """
    found = _found(practices)
    missing = [client for client, recipients in found.items() if not recipients]
    if missing:
        Recipient.objects.bulk_create(
            [Recipient(practice_id=practices[client], client_id=client) for client in missing],
            ignore_conflicts=True,
        )
        found |= _found(missing)
    return found


def _found(clients: Mapping[int, int] | list[int]) -> dict[int, list[Recipient]]:
    found: dict[int, list[Recipient]] = {client: [] for client in clients}
    for recipient in Recipient.objects.filter(client__in=list(clients)).order_by("pk"):
        found[recipient.client_id].append(recipient)
    return found

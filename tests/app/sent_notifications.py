"""What people were told, as short lines that tests can compare as a whole."""

from __future__ import annotations

from raincheck.data.notifications import Notification


def told(since: int = 0) -> list[str]:
    """Return "moment to client|provider|manager by channel: state" for every notification after the given number, in order."""
    rows = Notification.objects.filter(pk__gt=since).order_by("pk")
    return [f"{row.moment} to {_addressee(row)} by {row.channel}: {row.state}" for row in rows]


def _addressee(row: Notification) -> str:
    if row.recipient_id:
        return "client"
    return "provider" if row.provider_id else "manager"


def latest() -> int:
    """Return the number of the newest notification, to ask for what came after it."""
    row = Notification.objects.order_by("-pk").first()
    return row.pk if row else 0

"""What people were told, as short lines that tests can compare as a whole."""

from __future__ import annotations

from raincheck.data.notifications import Notification


def told(since: int = 0) -> list[str]:
    """Return "moment to client|provider by channel: state" for every notification after the given number, in order."""
    rows = Notification.objects.filter(pk__gt=since).order_by("pk")
    return [
        f"{row.moment} to {'client' if row.recipient_id else 'provider'} by {row.channel}: {row.state}"
        for row in rows
    ]


def latest() -> int:
    """Return the number of the newest notification, to ask for what came after it."""
    row = Notification.objects.order_by("-pk").first()
    return row.pk if row else 0

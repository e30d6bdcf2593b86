"""What people were told, as short lines that tests can compare as a whole."""

from __future__ import annotations

from datetime import datetime

from tests.app.cast import NOW

from raincheck.data.notifications import Notification
from raincheck.data.reschedule.standing import standing_appointments
from raincheck.notifications.wording import Message, first_ever, listed_rows, message


def told(since: int = 0) -> list[str]:
    """Return "kind to client|provider|manager by channel: state" for every notification after the given number, in order."""
    rows = Notification.objects.filter(pk__gt=since).order_by("pk")
    return [f"{row.kind} to {_addressee(row)} by {row.channel}: {row.state}" for row in rows]


def _addressee(row: Notification) -> str:
    if row.recipient_id:
        return "client"
    return "provider" if row.provider_id else "manager"


def said_in(row: Notification, *, now: datetime = NOW) -> Message:
    """Return what a notification would say if it were handed over at `now`."""
    row.address = row.recipient.email if row.recipient is not None else ""
    clients = [row.recipient.client_id] if row.recipient is not None else []
    standing = standing_appointments(clients, now=now)
    return message(row, listed_rows([row])[row.pk], standing=standing, first=first_ever([row]), now=now)


def latest() -> int:
    """Return the number of the newest notification, to ask for what came after it."""
    row = Notification.objects.order_by("-pk").first()
    return row.pk if row else 0

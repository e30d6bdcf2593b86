"""The demo's mailbox: every e-mail and text that would have left, as its reader would have got it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from raincheck.data.notifications import DeliveryAttempt, Notification
from raincheck.domain.notifications import Channel, Outcome
from raincheck.notifications.links import CODE, with_link

END_OF_CALENDAR = "END:VCALENDAR\r\n"
LINKS = "/r/"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it arrived. `attachments` counts the calendar files that came with it."""

    ref: UUID
    is_text: bool
    at: datetime
    sender: str
    name: str
    address: str
    subject: str
    words: str
    attachments: Sequence[int]


def sent() -> QuerySet[DeliveryAttempt]:
    """Return every hand-over that succeeded, the newest first."""
    taken = DeliveryAttempt.objects.filter(outcome=Outcome.ACCEPTED)
    people = ("practice", "provider", "user", "recipient__client")
    return taken.select_related(*(f"notification__{one}" for one in people)).order_by("-at", "-pk")


def letter(attempt: DeliveryAttempt) -> Letter:
    """Return what one hand-over brought, its link in place."""
    row = attempt.notification
    return Letter(
        ref=row.ref,
        is_text=row.channel == Channel.SMS,
        at=attempt.at,
        sender=row.practice.sender_name,
        name=_name(row),
        address=attempt.address,
        subject=attempt.subject,
        words=attempt.answer if CODE in attempt.text else with_link(attempt.text, _link(attempt.answer)),
        attachments=range(1, len(calendars(attempt)) + 1),
    )


def _name(row: Notification) -> str:
    if row.user is not None:
        return str(row.user.name)
    return str(row.provider.name if row.provider is not None else row.recipient.client.name)


def calendars(attempt: DeliveryAttempt) -> list[str]:
    """Return the calendar files of a message, one for each appointment."""
    # One object for each appointment, one after the other: RFC 5546 wants one UID in each.
    parts = attempt.calendar.split(END_OF_CALENDAR)
    return [part + END_OF_CALENDAR for part in parts if part.strip()]


def _link(answer: str) -> str:
    """Return where a message leads: what its attempt minted, at today's address of these pages; else the front page."""
    path = urlsplit(answer).path
    return f"{settings.BASE_URL}{path}" if path.startswith(LINKS) else f"{settings.BASE_URL}/"

"""The demo's mailbox: every e-mail and text that would have left, as its reader would have got it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from raincheck.data.notifications import DeliveryAttempt
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
    if row.user is not None:
        name = row.user.name
    else:
        name = row.provider.name if row.provider is not None else row.recipient.client.name
    # What the attempt minted, at today's address of these pages; without a link of its own it leads to the front page.
    path = urlsplit(attempt.answer).path
    link = f"{settings.BASE_URL}{path}" if path.startswith(LINKS) else f"{settings.BASE_URL}/"
    return Letter(
        ref=row.ref,
        is_text=row.channel == Channel.SMS,
        at=attempt.at,
        sender=row.practice.sender_name,
        name=name,
        address=attempt.address,
        subject=attempt.subject,
        words=attempt.answer if CODE in attempt.text else with_link(attempt.text, link),
        attachments=range(1, len(calendars(attempt)) + 1),
    )


def calendars(attempt: DeliveryAttempt) -> list[str]:
    """Return the calendar files of a message, one for each appointment."""
    # One object for each appointment, one after the other: RFC 5546 wants one UID in each.
    parts = attempt.calendar.split(END_OF_CALENDAR)
    return [part + END_OF_CALENDAR for part in parts if part.strip()]

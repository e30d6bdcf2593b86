"""What one delivery attempt hands over, read immediately before it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.html import escape

from raincheck.data.notifications import DeliveryAttempt, Notification
from raincheck.domain.notifications import Channel, DeliveryState
from raincheck.notifications.context import plain
from raincheck.notifications.links import with_link
from raincheck.notifications.obsolete import is_overtaken


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message, ready to go. `ref` stays the same over every repeat; `sender` is the practice's discreet name."""

    ref: UUID
    channel: Channel
    address: str
    sender: str
    reply_to: str
    subject: str
    text: str
    html: str
    calendar: str
    link: str
    made_at: datetime


def may_be_handed_over(attempt: int, *, now: datetime) -> bool:
    """Return whether an attempt still stands, as committed right now: nobody took it over, and its message has a point."""
    row = DeliveryAttempt.objects.select_related("notification").filter(pk=attempt).first()
    if row is None or row.outcome is not None or row.notification.state != DeliveryState.WAITING:
        return False
    return not is_overtaken(row.notification, now=now)


def parcel(attempt: int, *, link: str) -> Parcel:
    """Return what the attempt hands over; whether it may is asked last, by `may_be_handed_over`.

    `link` is the address minted for this attempt; without one, words that hold a link lead to the front page.
    """
    row = DeliveryAttempt.objects.select_related("notification__practice").get(pk=attempt)
    notification, practice = row.notification, row.notification.practice
    address = link or f"{settings.BASE_URL}/"
    return Parcel(
        ref=notification.ref,
        channel=Channel(notification.channel),
        address=row.address,
        sender=plain(practice.sender_name),
        reply_to=practice.reply_to,
        subject=notification.subject,
        text=with_link(notification.text, address),
        html=with_link(notification.html, escape(address)),
        calendar=notification.calendar,
        link=link,
        made_at=notification.made_at,
    )


def channel_of(notification: int) -> str | None:
    """Return by which channel a notification goes; None for one that is not there."""
    return Notification.objects.filter(pk=notification).values_list("channel", flat=True).first()

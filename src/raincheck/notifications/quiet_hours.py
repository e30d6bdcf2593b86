"""Keeps texts from waking people: what was late or put off waits for the morning too, unless it can't."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from raincheck.data.notifications import Notification
from raincheck.domain.notifications import (
    MAY_WAKE,
    URGENT_WITHIN,
    Channel,
    NotificationType,
    is_quiet,
    sms_due_at,
)
from raincheck.domain.zones import zone_named
from raincheck.notifications.subjects import NoticeSubject


def may_go_at(notification: Notification, *, now: datetime) -> datetime:
    """Return when a due message may go: now, or for a text at night the recipient's next morning."""
    recipient = notification.recipient
    if recipient is None or notification.channel != Channel.SMS:
        return now
    zone = zone_named(recipient.zone or recipient.client.zone_in(notification.practice))
    if not is_quiet(now, zone=zone):
        return now
    meant_for_the_night = (
        is_quiet(notification.made_at, zone=zone) and notification.due_at == notification.made_at
    )
    listed = notification.appointments.select_related("appointment", "request")
    matters = [NoticeSubject(row.appointment, row.request) for row in listed]
    urgent = meant_for_the_night or is_urgent(NotificationType(notification.moment), matters, now=now)
    return sms_due_at(now, zone=zone, urgent=urgent)


def is_urgent(moment: NotificationType, matters: Iterable[NoticeSubject], *, now: datetime) -> bool:
    """Return whether a text can't wait: a prompt, withdrawal or cancellation shortly before the deadline or the start."""
    return moment in MAY_WAKE and any(
        _end(moment, matter, now=now) - now < URGENT_WITHIN for matter in matters
    )


def _end(moment: NotificationType, matter: NoticeSubject, *, now: datetime) -> datetime:
    """Return by when the reader should know: the deadline while it is ahead, the start of what was cancelled."""
    request = matter.request
    if (
        moment in (NotificationType.ASKED, NotificationType.WITHDRAWN)
        and request is not None
        and request.deadline_at > now
    ):
        return request.deadline_at
    return matter.appointment.starts_at

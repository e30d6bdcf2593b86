"""Keeps texts from waking people: what was late or put off waits for the morning too, unless it can't."""

from __future__ import annotations

from datetime import datetime

from raincheck.data.notifications import Notification
from raincheck.domain.notifications import URGENT_WITHIN, Channel, Moment, is_quiet, sms_due_at
from raincheck.domain.zones import zone_named


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
    return sms_due_at(now, zone=zone, urgent=meant_for_the_night or _is_urgent(notification, now=now))


def _is_urgent(notification: Notification, *, now: datetime) -> bool:
    """A prompt always is; a withdrawal or cancellation shortly before the deadline or the start."""
    if notification.moment not in (Moment.WITHDRAWN, Moment.CANCELLED):
        return notification.moment == Moment.ASKED
    listed = notification.appointments.select_related("appointment", "request")
    ends = [row.request.deadline_at if row.request else row.appointment.starts_at for row in listed]
    return any(end - now < URGENT_WITHIN for end in ends)

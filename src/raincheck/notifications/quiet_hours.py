"""Quiet hours: texts wake nobody; what was late or put off waits for the morning too, unless it can't."""

from collections.abc import Iterable
from datetime import datetime

from raincheck.data.notifications import Notification
from raincheck.domain.notifications import URGENT_WITHIN, Channel, NotificationType, is_quiet, sms_due_at
from raincheck.domain.zones import zone_named
from raincheck.notifications.catalogue import CATALOGUE, Wakes
from raincheck.notifications.subjects import NoticeSubject


def may_go_at(
    notification: Notification, subjects: Iterable[NoticeSubject], *, zone: str, now: datetime
) -> datetime:
    """Return when a due text may go to somebody in `zone`: now, or at night their next morning. E-mails go any time."""
    night = zone_named(zone)
    if notification.channel != Channel.SMS or not is_quiet(now, zone=night):
        return now
    # Made at night and due at once: it was decided then that it may wake.
    meant_for_the_night = (
        is_quiet(notification.made_at, zone=night) and notification.due_at == notification.made_at
    )
    urgent = meant_for_the_night or is_urgent(NotificationType(notification.kind), subjects, now=now)
    return sms_due_at(now, zone=night, urgent=urgent)


def is_urgent(kind: NotificationType, subjects: Iterable[NoticeSubject], *, now: datetime) -> bool:
    """Return whether a text can't wait: a prompt, withdrawal or cancellation shortly before the deadline or the start."""
    wakes = CATALOGUE[kind].wakes
    for subject in subjects if wakes is not Wakes.NEVER else ():
        # The reader should know by the deadline while that is ahead, else by the start.
        know_by, request = subject.appointment.starts_at, subject.request
        if wakes is Wakes.BEFORE_THE_DEADLINE and request is not None and request.deadline_at > now:
            know_by = request.deadline_at
        if know_by - now < URGENT_WITHIN:
            return True
    return False

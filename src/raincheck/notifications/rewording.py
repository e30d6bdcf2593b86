"""Words a prompt or reminder again that goes out late: what it says must be true when it arrives."""

from __future__ import annotations

from datetime import datetime

from raincheck.data.appointments import Appointment
from raincheck.data.notifications import Notification
from raincheck.data.reschedule import RescheduleRequest
from raincheck.domain.notifications import ONLY_WHILE_OPEN, Channel, NotificationType
from raincheck.domain.policy import HAND_OVER_SLACK
from raincheck.domain.reschedule import moved_for_hand_over
from raincheck.notifications.render import words_for
from raincheck.notifications.subjects import Audience, NoticeSubject

ABOUT = (
    "appointment__practice",
    "appointment__provider",
    "appointment__client",
    "appointment__place",
    "request",
)


def reword(notification: Notification, *, now: datetime) -> None:
    """Bring a message up to date that is late, or part of which was settled since; nothing is saved.

    It lists the requests that are still open, each with the deadline that a hand-over at `now` gives it.
    """
    recipient = notification.recipient
    if recipient is None or notification.moment not in ONLY_WHILE_OPEN:
        return
    listed = list(notification.appointments.select_related(*ABOUT).order_by("pk"))
    late = now - notification.made_at > HAND_OVER_SLACK
    if not late and all(row.request is not None and row.request.is_open for row in listed):
        return
    matters = [
        NoticeSubject(row.appointment, _as_handed_over(row.request, row.appointment, now=now))
        for row in listed
        if row.request is not None and row.request.is_open
    ]
    if not matters:
        return  # settled this very moment: the look before the hand-over will see it
    words = words_for(
        NotificationType(notification.moment),
        matters,
        audience=Audience.CLIENT,
        channel=Channel(notification.channel),
        zone=recipient.zone or recipient.client.zone_in(notification.practice),
        now=now,
        has_link=notification.batch_id is not None,
    )
    notification.subject, notification.text, notification.html = words.subject, words.text, words.html


def _as_handed_over(
    request: RescheduleRequest, appointment: Appointment, *, now: datetime
) -> RescheduleRequest:
    if request.handed_over_at is None:
        request.deadline_at = moved_for_hand_over(
            request.deadline_at,
            asked_at=request.asked_at,
            handed_over_at=now,
            starts_at=request.asked_starts_at,
            policy=appointment.practice.rules,
        )
    return request

"""Which calendar entries go along with a client's e-mail: one for each appointment that came, changed or went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from raincheck.data.appointments import Appointment
from raincheck.domain.appointments import PlaceKind
from raincheck.domain.notifications import NotificationType
from raincheck.notifications.calendar_entries import Method, calendar_entry
from raincheck.notifications.subjects import NoticeSubject

METHODS: dict[NotificationType, Method] = {
    NotificationType.BOOKED: "REQUEST",
    NotificationType.DETAILS_CHANGED: "REQUEST",
    NotificationType.MOVED: "REQUEST",
    NotificationType.ZONE_CORRECTED: "REQUEST",
    NotificationType.DECLINED: "CANCEL",
    NotificationType.CANCELLED: "CANCEL",
    NotificationType.LAPSED: "CANCEL",
}


def invitations(
    moment: NotificationType, matters: Sequence[NoticeSubject], *, attendee: str, zone: str, now: datetime
) -> str:
    """Return the iCalendar objects of a message, one after the other; empty when the moment changes no calendar.

    Each appointment is an object of its own: RFC 5546 wants one UID in each. `zone` is where the client is. Without an
    address that can be written to there is nobody to invite, which delivery will say.
    """
    method = METHODS.get(moment)
    if method is None:
        return ""
    try:
        return "".join(
            _entry(matter.appointment, method, attendee=attendee, zone=zone, now=now) for matter in matters
        )
    except ValueError:
        return ""


def _entry(appointment: Appointment, method: Method, *, attendee: str, zone: str, now: datetime) -> str:
    practice, place = appointment.practice, appointment.place
    in_room = place.kind == PlaceKind.ROOM
    location = place.address if in_room else appointment.join_url
    return calendar_entry(
        uid=appointment.ical_uid,
        sequence=appointment.ical_sequence,
        method=method,
        start=appointment.starts_at,
        end=appointment.ends_at,
        zone=(in_room and place.zone) or zone,
        organizer_email=practice.reply_to or settings.EMAIL_FROM,
        organizer_name=practice.sender_name,
        attendee_email=attendee,
        location=None if appointment.client.neutral_wording else location or None,
        made_at=now,
    )

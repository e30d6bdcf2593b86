"""An appointment as a file that a calendar takes in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from raincheck.data.appointments import Appointment
from raincheck.domain.appointments import PlaceKind, Status
from raincheck.notifications.calendar_entries import calendar_entry
from raincheck.web.client import strangers
from raincheck.web.client.times import Clock
from raincheck.web.client.visits import Visit


def calendar_file(request: HttpRequest, visit: Visit, appointment: Appointment) -> HttpResponse:
    """Answer with an upcoming appointment under its lasting UID; there is no file of one that is over or canceled."""
    if appointment.status != Status.SCHEDULED or appointment.starts_at <= visit.now:
        return strangers.unknown(request)
    place, practice = appointment.place, visit.practice
    text = calendar_entry(
        uid=appointment.ical_uid,
        sequence=appointment.ical_sequence,
        method="PUBLISH",
        start=appointment.starts_at,
        end=appointment.ends_at,
        zone=Clock.at(place, own=visit.zone).shown,
        organizer_email=practice.reply_to or settings.EMAIL_FROM,
        organizer_name=practice.sender_name,
        attendee_email="",
        location=appointment.join_url if place.kind == PlaceKind.TELEHEALTH else place.address or place.name,
        made_at=visit.now,
    )
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response

"""Bumps of a client: how often the practice changed their appointments lately, whichever provider it was."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from raincheck.data.appointments.undo import undone_since
from raincheck.data.models import AppointmentHistory
from raincheck.domain.appointments.lifecycle import CancelledWhy, History
from raincheck.domain.reschedule.lifecycle import REPEAT_WINDOW

# A new time that was agreed on without an ask may have been the client's wish; during one it ends it as moved.
ENDED_AN_ASK = Q(event__in=[History.MOVED, History.DECLINED, History.LAPSED], request__isnull=False)
NOBODY_CAME = Q(event=History.PROVIDER_NO_SHOW, appointment__status=History.PROVIDER_NO_SHOW)
BY_THE_PRACTICE = [
    CancelledWhy.PROVIDER_CLINICAL,
    CancelledWhy.PROVIDER_UNAVAILABLE,
    CancelledWhy.PROVIDER_OTHER,
]
CANCELED = Q(event=History.CANCELLED, appointment__cancelled_why__in=BY_THE_PRACTICE)
PUT_BACK = Exists(
    AppointmentHistory.objects.filter(
        appointment=OuterRef("appointment"), event=History.REINSTATED, pk__gt=OuterRef("pk")
    )
)
ENDED_IT = Q(event__in=[History.DECLINED, History.LAPSED, History.CANCELLED])


def bumps(client_id: int, *, now: datetime) -> int:
    """Return how many of a client's appointments were moved, canceled or missed because of the practice in the last 90 days.

    What was put back or corrected since does not count.
    """
    lately = AppointmentHistory.objects.filter(appointment__client=client_id, at__gt=now - REPEAT_WINDOW)
    counted = lately.filter(ENDED_AN_ASK | NOBODY_CAME | CANCELED, ~undone_since())
    return counted.exclude(ENDED_IT & Q(PUT_BACK)).count()

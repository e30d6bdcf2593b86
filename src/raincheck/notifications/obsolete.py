"""Says whether a notification still has a point: a prompt or reminder has none once what it asks for is settled.

Nor has a code to sign in that does not work any more.
"""

from __future__ import annotations

from datetime import datetime

from raincheck.data.notifications import Notification
from raincheck.data.reschedule import OPEN, RescheduleRequest
from raincheck.domain.notifications import ONLY_UNTIL_THE_DEADLINE, ONLY_WHILE_OPEN, NotificationType


def is_overtaken(notification: Notification, *, now: datetime) -> bool:
    """Return whether the message came too late to be sent. Reads the requests' committed states, without locks.

    What says how much time there is has no point either once that has passed.
    """
    if notification.moment == NotificationType.SIGN_IN_CODE:
        return now >= notification.give_up_at
    if notification.moment not in ONLY_WHILE_OPEN:
        return False
    open_requests = RescheduleRequest.objects.filter(OPEN, pk__in=notification.appointments.values("request"))
    if notification.moment in ONLY_UNTIL_THE_DEADLINE:
        open_requests = open_requests.filter(deadline_at__gt=now)
    return not open_requests.exists()

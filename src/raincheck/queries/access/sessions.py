"""Sessions of a person: where they are signed in, and how long they may be away."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from raincheck.data.access.sessions import UserSession
from raincheck.data.people import Membership
from raincheck.domain.access.sessions import how_over
from raincheck.domain.access.sign_in import WayIn
from raincheck.domain.people import STAFF_ROLES
from raincheck.domain.policy import Policy


def sessions_of(user_id: int, *, now: datetime) -> list[UserSession]:
    """Return somebody's sessions that still open something, the one used last first. `now` is the real time."""
    kept = Session.objects.filter(pk=OuterRef("key"), expire_date__gt=now)
    idle = idle_time_of(user_id)
    rows = UserSession.objects.filter(Exists(kept), user_id=user_id, ended_at=None)
    return [
        row
        for row in rows.order_by("-last_seen_at", "pk")
        if how_over(WayIn(row.way), made_at=row.made_at, seen_at=row.last_seen_at, idle=idle, now=now) is None
    ]


def idle_time_of(user_id: int) -> timedelta:
    """Return how long somebody's sessions may lie without them: of several practices the shortest counts."""
    at_work = Membership.objects.filter(user=user_id, role__in=STAFF_ROLES, ended_at__isnull=True)
    practices = {row.practice for row in at_work.select_related("practice")}
    return min((practice.rules.idle for practice in practices), default=Policy().idle)

"""Sessions of a person: where they are signed in."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from raincheck.data.access.sessions import UserSession
from raincheck.domain.access.sessions import is_over
from raincheck.domain.access.sign_in import WayIn


def sessions_of(user_id: int, *, now: datetime) -> list[UserSession]:
    """Return somebody's sessions that still open something, the one used last first. `now` is the real time."""
    kept = Session.objects.filter(pk=OuterRef("key"), expire_date__gt=now)
    rows = UserSession.objects.filter(Exists(kept), user_id=user_id, ended_at=None)
    return [
        row
        for row in rows.order_by("-last_seen_at", "pk")
        if not is_over(WayIn(row.way), made_at=row.made_at, seen_at=row.last_seen_at, now=now)
    ]

"""Sessions: begun, seen, and ended by their person, by a new password, or by time."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from raincheck.actions.access.read_log import record_event
from raincheck.actions.engine.locks import refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.actions.timing.quarantine import Done
from raincheck.data.access.sessions import UserSession
from raincheck.data.people import Membership
from raincheck.domain.access.events import Event
from raincheck.domain.access.sessions import LISTED_FOR, SEEN_EVERY, SessionEnd
from raincheck.domain.access.sign_in import WayIn
from raincheck.domain.people import SYSTEM, Actor, NotInThisPractice


def begin_session(user_id: int, *, key: str, way: WayIn, device: str, network: str, now: datetime) -> Answer:
    """Write down a session that has just begun. `key` is the hash under which it is kept, `now` the real time."""
    row = UserSession(user_id=user_id, key=key, way=way, device=device, network=network)
    row.made_at = row.last_seen_at = now
    row.save(force_insert=True)
    return {"session": str(row.ref)}


def note_seen(key: str, *, now: datetime) -> Answer:
    """Write down that somebody is there, at most once a minute."""
    UserSession.objects.filter(key=key, ended_at=None, last_seen_at__lte=now - SEEN_EVERY).update(
        last_seen_at=now
    )
    return {}


def time_out_session(key: str, *, how: SessionEnd, at: datetime, now: datetime) -> Answer:
    """End a session whose time is over. `now` is the real time, `at` that of the read log."""
    _end(UserSession.objects.filter(key=key), how, by=SYSTEM, at=at, now=now)
    return {}


def end_session(membership_id: int, ref: UUID, *, by: Actor, now: datetime) -> Answer:
    """End one session of whose membership it is. Raises NotInThisPractice when it is somebody else's."""
    theirs = _sessions_of(membership_id).filter(ref=ref)
    if not theirs.exists():
        raise NotInThisPractice
    _end(theirs, SessionEnd.ONESELF, by=by, at=now, now=now)
    return {}


def end_other_sessions(membership_id: int, *, but: str, by: Actor, now: datetime) -> Answer:
    """End all sessions of whose membership it is, but the one under this key."""
    _end(_sessions_of(membership_id).exclude(key=but), SessionEnd.ONESELF, by=by, at=now, now=now)
    return {}


def end_sessions_of(
    user_id: int,
    how: SessionEnd,
    *,
    but: str = "",
    by: Actor = SYSTEM,
    at: datetime | None = None,
    now: datetime,
) -> Answer:
    """End whatever sessions somebody has, but the one under this key. `at` is the time of the read log, where it differs."""
    _end(UserSession.objects.filter(user_id=user_id).exclude(key=but), how, by=by, at=at or now, now=now)
    return {}


def forget_old_sessions(*, now: datetime, limit: int) -> Done:
    """Delete what is known of sessions that nobody has used for long."""
    old = UserSession.objects.select_for_update(skip_locked=True, no_key=True).filter(
        last_seen_at__lt=now - LISTED_FOR
    )
    ids = list(old.order_by("last_seen_at").values_list("pk", flat=True)[:limit])
    UserSession.objects.filter(pk__in=ids).delete()
    return Done({"session forgotten": len(ids)} if ids else {})


def _sessions_of(membership_id: int) -> QuerySet[UserSession]:
    membership = Membership.objects.get(pk=membership_id)
    refuse_what_is_not_theirs(membership)
    return UserSession.objects.filter(user_id=membership.user_id)


def _end(rows: QuerySet[UserSession], how: SessionEnd, *, by: Actor, at: datetime, now: datetime) -> None:
    """End sessions at once: what Django kept of them goes, so that the next page asks to sign in."""
    ended = dict(rows.filter(ended_at=None).order_by("pk").values_list("key", "user_id"))
    UserSession.objects.filter(key__in=ended, ended_at=None).update(ended_at=now)
    Session.objects.filter(pk__in=ended).delete()
    for user_id, count in Counter(ended.values()).items():
        # Each of their practices has its row in the read log.
        practices = Membership.objects.filter(user=user_id).order_by("practice").distinct()
        for practice in practices.values_list("practice", flat=True):
            # Who acts in one practice is nobody's business in another.
            actor = by if by.practice in (None, practice) else replace(SYSTEM, request_id=by.request_id)
            detail = {"user": user_id, "how": str(how), "sessions": count}
            record_event(Event.SESSION_ENDED, by=replace(actor, practice=practice), now=at, detail=detail)

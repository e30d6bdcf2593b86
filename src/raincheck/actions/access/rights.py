"""Changes of people's rights: who may make them, what ends with them, and the record of each."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from allauth.mfa.models import Authenticator

from raincheck.actions.access.read_log import record_event
from raincheck.actions.access.sessions import end_sessions_of
from raincheck.data.models import Membership, Practice, RightsHistory, User
from raincheck.domain.access.events import Event
from raincheck.domain.access.people import OwnAccessEnded, RightsEvent
from raincheck.domain.access.sessions import SessionEnd
from raincheck.domain.people import STAFF_ROLES, Actor, ActorKind, Role
from raincheck.notifications.factors import notify_of_reset


def refuse_former_manager(practice: Practice, *, by: Actor) -> None:
    """Raise OwnAccessEnded when a manager acts whose own right has ended meanwhile. The practice is locked."""
    own = Membership.objects.filter(
        pk=by.who or 0, practice=practice, role=Role.MANAGER, ended_at__isnull=True
    )
    if by.kind is ActorKind.MANAGER and not own.exists():
        raise OwnAccessEnded


def take_second_factor_away(practice: Practice, user: User, *, by: Actor, now: datetime) -> None:
    """Take what somebody proves besides their password, and sign them out. A step, not a verb.

    It stands in the record of every practice where they work, and is told there: it opened all of them.
    """
    # Whoever takes their second step, or sets one up, in this instant is first or finds none.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    Authenticator.objects.filter(user=user).delete()
    end_sessions_of(user.pk, SessionEnd.SECOND_FACTOR, by=by, now=now)
    works = Membership.objects.filter(user=user, role__in=STAFF_ROLES, ended_at__isnull=True)
    there = Practice.objects.filter(pk__in=works.values("practice")).exclude(pk=practice.pk)
    practices = [practice, *there.order_by("pk")]
    for one in practices:
        record_rights(one, user, RightsEvent.SECOND_FACTOR_RESET, by=by, now=now)
    notify_of_reset(practices, user, by=by, now=now)


def record_rights(
    practice: Practice,
    user: User,
    event: RightsEvent,
    *,
    by: Actor,
    now: datetime,
    given: Iterable[Role] = (),
    ended: Iterable[Role] = (),
    words: Iterable[str] = (),
) -> None:
    """Write down what somebody may do from now on or no more, and which of the words about them are new."""
    details = {
        "given": sorted(str(role) for role in given),
        "ended": sorted(str(role) for role in ended),
        "words": list(words),
    }
    RightsHistory(
        practice=practice,
        user=user,
        event=event,
        at=now,
        actor_kind=by.kind,
        actor=by.who,
        trace_id=by.request_id,
        details={name: values for name, values in details.items() if values},
    ).save(force_insert=True)
    # What was changed stands in its own history; that it was, in the log that is sealed.
    said = {"event": str(event), "user": user.pk}
    record_event(Event.RIGHTS_CHANGED, by=replace(by, practice=practice.pk), now=now, detail=said)

"""Changes of people's rights: who may make them, and the record of each."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from raincheck.actions.access.read_log import record_event
from raincheck.data.models import Membership, Practice, RightsHistory, User
from raincheck.domain.access.events import Event
from raincheck.domain.access.people import OwnAccessEnded, RightsEvent
from raincheck.domain.people import Actor, ActorKind, Role


def refuse_former_manager(practice: Practice, *, by: Actor) -> None:
    """Raise OwnAccessEnded when a manager acts whose own right has ended meanwhile. The practice is locked."""
    own = Membership.objects.filter(
        pk=by.who or 0, practice=practice, role=Role.MANAGER, ended_at__isnull=True
    )
    if by.kind is ActorKind.MANAGER and not own.exists():
        raise OwnAccessEnded


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

"""The record of each change of somebody's rights, written with the change."""

from collections.abc import Iterable
from datetime import datetime

from raincheck.data.models import Practice, RightsHistory, User
from raincheck.domain.access.people import RightsEvent
from raincheck.domain.people import Actor, Role


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

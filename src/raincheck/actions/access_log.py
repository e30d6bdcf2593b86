"""The read log: who opened what of a client's, and when."""

from datetime import datetime
from enum import StrEnum

from raincheck.actions.engine.locks import refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import Client, ReadLog
from raincheck.domain.people import Actor


class Opened(StrEnum):
    """What of a client's was opened."""

    RECORD = "record"
    CONVERSATION = "conversation"
    REQUEST = "request"


def log_access(client: Client, *, what: Opened, by: Actor, now: datetime) -> Answer:
    """Write one row of the read log."""
    refuse_what_is_not_theirs(client)
    ReadLog(
        practice_id=client.practice_id,
        client=client,
        at=now,
        actor_kind=by.kind,
        actor=by.who,
        what=what,
        trace_id=by.request_id,
    ).save(force_insert=True)
    return {"client": str(client.ref)}

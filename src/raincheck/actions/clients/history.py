"""The step that every change of a client's record shares: a row of its history."""

from collections.abc import Mapping
from datetime import date, datetime

from raincheck.data.models import Client, ClientHistory
from raincheck.domain.clients.record import CODES, ClientEvent
from raincheck.domain.people import Actor

Value = str | bool | int | date | None
Change = dict[str, list[int | str]]
"""By field what it was and what it is; under `words` the fields of which only that is told."""


def change_between(former: Mapping[str, Value], said: Mapping[str, Value]) -> Change:
    """Return what differs between two states of a record, as its history may keep it."""
    differ = [name for name in said if former[name] != said[name]]
    change: Change = {name: [_code(former[name]), _code(said[name])] for name in differ if name in CODES}
    words: list[int | str] = [name for name in differ if name not in CODES]
    return change | {"words": words} if words else change


def record_change(client: Client, event: ClientEvent, change: Change, *, by: Actor, now: datetime) -> None:
    """Write one row of the client's history."""
    ClientHistory(
        practice_id=client.practice_id,
        client=client,
        event=event,
        at=now,
        actor_kind=by.kind,
        actor=by.who,
        trace_id=by.request_id,
        details=change,
    ).save(force_insert=True)


def _code(value: Value) -> int | str:
    assert not isinstance(value, date), "a date of birth is no code"
    return "" if value is None else value

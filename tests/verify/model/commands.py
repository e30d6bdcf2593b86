"""Carries out real verbs as pages do: under a key, once or twice, in time or too late; and counts what came of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction
from tests.verify.model.world import By

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.refusals import Refusal

ONCE, TWICE, LATE, OTHERWISE = "once", "twice", "late", "otherwise"
WAYS = [ONCE, ONCE, ONCE, TWICE, LATE, OTHERWISE]
"""How a form is sent: once; twice; first too late, then in time; and then with other contents under the same key."""

COUNTS: Counter[str] = Counter()
"""What the machine has seen in this process: steps, verbs, refusals, endings, deliveries."""

Verb = Callable[..., Answer]
"""A verb that still wants `by` and `now`."""

Rule = TypeVar("Rule", bound=Callable[..., None])
RULES: dict[str, tuple[int, Callable[[Any], object]]] = {}
"""How often each rule is chosen, beside the others, and when it can be."""


def often(weight: int, *, when: Callable[[Any], object] = lambda _machine: True) -> Callable[[Rule], Rule]:
    """Make a method a rule of the machine. It gets three numbers to choose among things by, and the way a form is sent."""

    def made(rule: Rule) -> Rule:
        RULES[rule.__name__] = weight, when
        return rule

    return made


def actor(by: By, practice: int) -> Actor:
    return Actor(ActorKind(by.kind), by.who, practice=None if by.kind == "system" else practice)


def send(
    verb: Verb, *, by: Actor, now: datetime, key: UUID, way: str, refusals: set[str], name: str
) -> Answer | None:
    """Send a form; return the answer, or None when it was refused. Asserts that it was refused for one of the reasons given.

    However often it is sent, it acts once; and too late it does not act at all.
    """
    try_it = partial(_outcome, verb, by=by, now=now, key=key)
    if way == LATE:
        answer = try_it(still_fresh=lambda: False)
        lawful = refusals or {"took_too_long"}
        assert isinstance(answer, str), f"{name} was done too late"
        assert answer in lawful, f"{name} too late: {answer}, not one of {lawful}"
    answer = try_it()
    if isinstance(answer, str):
        assert answer in refusals, f"{name} was refused: {answer}, not one of {refusals}"
        COUNTS[f"refused: {answer}"] += 1
        return None
    assert not refusals, f"{name} was not refused, though {refusals}"
    COUNTS[f"done: {name}"] += 1
    if way == TWICE:
        assert try_it() == answer, f"{name} sent twice"
    if way == OTHERWISE:
        assert try_it(body={"other": "contents"}) == "key_used_for_another", f"{name} under a used key"
    COUNTS[f"sent: {way}"] += 1
    return answer


def _outcome(
    verb: Verb,
    *,
    by: Actor,
    now: datetime,
    key: UUID,
    still_fresh: Callable[[], bool] = lambda: True,
    body: dict[str, str] | None = None,
) -> Answer | str:
    try:
        return run_command(
            partial(verb, by=by, now=now), key=key, body=body or {}, by=by, now=now, still_fresh=still_fresh
        )
    except Refusal as refusal:
        return refusal.code


def would_be(verb: Callable[[], Answer]) -> str | None:
    """Return the code a verb would be refused by, None when it would be accepted; nothing is kept."""
    with transaction.atomic():
        try:
            verb()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except Refusal as refusal:
            return refusal.code
        finally:
            transaction.set_rollback(True)
    return None

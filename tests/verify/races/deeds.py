"""One verb as somebody is at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tests.verify.races.statement_steps import Hook

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.domain.people import Actor

Verb = Callable[[], Answer]


@dataclass(frozen=True, slots=True)
class Deed:
    """A verb, who is at it, and when by the business clock."""

    verb: Verb
    by: Actor
    now: datetime

    def run(self, before_commit: Hook, *, key: UUID | None = None) -> Answer:
        return run_command(self.verb, key=key, body={}, by=self.by, now=self.now, still_fresh=before_commit)

"""What a verb is told besides its own arguments: who acts, and when, as far as it asks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime
from functools import partial

from raincheck.actions.engine.runner import Answer
from raincheck.domain.people import Actor


def told(
    verb: Callable[..., Answer], *given: object, by: Actor, now: datetime, **said: object
) -> partial[Answer]:
    """Return a verb with everything it needs; not every verb asks who acts."""
    asked = inspect.signature(verb).parameters
    besides = {name: value for name, value in {"by": by, "now": now}.items() if name in asked}
    return partial(verb, *given, **said, **besides)

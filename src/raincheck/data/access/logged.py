"""Rows of the read log as their seals cover them, for those who seal and for those who look whether a seal still holds."""

import json
from collections.abc import Sequence
from typing import Any

from raincheck.domain.access.log_chain import LoggedRow

# The JSON as text: the database gives back what it keeps, and nothing is put into another form on the way.
COLUMNS = (
    "logged.id, logged.practice_id, logged.at, logged.actor_kind, logged.actor, logged.acting_for, logged.what, "
    "logged.clients, logged.network, logged.trace_id, logged.detail::text"
)


def logged_row(values: Sequence[Any]) -> LoggedRow:
    """Return the row that these values of COLUMNS are."""
    return LoggedRow(*(*values[:-1], json.loads(values[-1])))

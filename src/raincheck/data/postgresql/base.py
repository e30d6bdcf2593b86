"""The database wrapper that Django loads by the name of this package."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql import base, operations
from psycopg import Connection

MOST_PARAMETERS = 65_535
"""Of one statement whose values the server binds."""


class DatabaseOperations(operations.DatabaseOperations):
    """Writes many rows in as many statements as their values need."""

    def bulk_batch_size(self, fields: Sequence[Any], objs: Sequence[Any]) -> int:
        # bulk_update counts a key for each row, and writes one beside each value.
        return max(1, min(len(objs), MOST_PARAMETERS // (2 * max(1, len(fields)))))


class DatabaseWrapper(base.DatabaseWrapper):
    """Sets what the settings of its database list under AFTER_CONNECTING on each new line, pooled or not."""

    ops_class = DatabaseOperations

    def _configure_connection(self, connection: Connection[Any]) -> bool:
        # Django calls it for its own two settings, and commits when it returns True.
        changed = super()._configure_connection(connection)  # type: ignore[misc]
        wanted: dict[str, str] = self.settings_dict.get("AFTER_CONNECTING", {})
        if wanted:
            calls = ", ".join(["set_config(%s, %s, false)"] * len(wanted))
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT {calls}",  # placeholders only
                    [word for setting in wanted.items() for word in setting],
                )
        return bool(changed or wanted)

"""The database wrapper that Django loads by the name of this package."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection


class DatabaseWrapper(base.DatabaseWrapper):
    """Sets what the settings of its database list under AFTER_CONNECTING on each new line, pooled or not."""

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

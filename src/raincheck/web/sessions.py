"""Sessions as Django keeps them in the database, found by one plain query: every page asks for its own."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection

from raincheck import clock

FIND = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's store; only the reading is ours."""

    def load(self) -> dict[str, Any]:
        """Return what the session holds; nothing, and a new key at the next writing, when there is none or it ended."""
        with connection.cursor() as cursor:
            cursor.execute(FIND, [self.session_key, clock.real_now()])
            found = cursor.fetchone()
        if found is None:
            self._session_key = None
            return {}
        return self.decode(found[0])

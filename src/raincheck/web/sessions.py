"""Sessions as Django keeps them in the database, found by one plain query: every page asks for its own."""

from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection

from raincheck import clock

FIND = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's store; only the reading is ours."""

    def load(self) -> dict[str, Any]:
        """Return what the session holds; nothing, and a new key at the next writing, when there is none or it ended."""
        found = self._found(self.session_key or "")
        if found is None:
            self._session_key = None
            return {}
        return self.decode(found)

    def _found(self, key: str) -> str | None:
        """Return what is kept under a key. A cookie may hold anything, also what no database can be asked for."""
        # Keys are letters and digits; PostgreSQL refuses a NUL in any text.
        if not key.isalnum():
            return None
        with connection.cursor() as cursor:
            # Django dates sessions by real time: the demo's clock signs nobody out.
            cursor.execute(FIND, [key, clock.real_now()])
            row = cursor.fetchone()
        return row[0] if row else None

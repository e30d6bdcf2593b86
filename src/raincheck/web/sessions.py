"""Sessions as Django keeps them in the database, found by one plain query: every page asks for its own.

Whoever reads the table can take none over: a key is kept as its hash, and what a session holds is sealed.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import connection

from raincheck import clock
from raincheck.data.encryption import DecryptionFailed, seal, unseal
from raincheck.domain.policy import RANGES, Policy

# With when it began and was last used, and how long its person may be away (of several practices the shortest counts),
# which the practice's pages ask for each time.
FIND = """
SELECT kept.session_data, life.made_at, life.last_seen_at, (
    SELECT min(coalesce((practice.policy->>'idle')::int, %s))
    FROM raincheck_membership member JOIN raincheck_practice practice ON practice.id = member.practice_id
    WHERE member.user_id = life.user_id AND member.role <> 'client' AND member.ended_at IS NULL
) FROM django_session kept
LEFT JOIN raincheck_usersession life ON life.key = kept.session_key AND life.ended_at IS NULL
WHERE kept.session_key = %s AND kept.expire_date > %s
"""
END = "DELETE FROM django_session WHERE session_key = %s"
PURPOSE = b"raincheck: sessions"
LENGTH = 40
"""Characters of a key in Django's table: 160 bits of the hash."""


def kept_key(key: str) -> str:
    """Return the form in which a key is kept. It needs no salt: keys are random, and longer than anybody can try."""
    return hashlib.sha256(key.encode()).hexdigest()[:LENGTH]


class Life(NamedTuple):
    """When a session began, when it was last used, and after how long without its person it ends."""

    made_at: datetime
    seen_at: datetime
    idle: timedelta


class SessionStore(db.SessionStore):
    """Django's store, with keys that are hashed and contents that are sealed.

    `life` is that of a session that is on its person's list.
    """

    life: Life | None = None

    def load(self) -> dict[str, Any]:
        """Return what the session holds; nothing, and a new key at the next writing, when there is none or it ended."""
        found = self._found(self.session_key or "")
        if found is None:
            self._session_key = None
            return {}
        return self.decode(found)

    def exists(self, session_key: str) -> bool:
        return self.model.objects.filter(pk=kept_key(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = kept_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            with connection.cursor() as cursor:
                cursor.execute(END, [kept_key(key)])

    def encode(self, session_dict: dict[str, Any]) -> str:
        return seal(self.serializer().dumps(session_dict), purpose=PURPOSE).decode("ascii")

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        sealed = session_data.encode() if isinstance(session_data, str) else session_data
        try:
            found: dict[str, Any] = self.serializer().loads(unseal(sealed, purpose=PURPOSE))
        except DecryptionFailed:
            return {}
        return found

    def _found(self, key: str) -> str | None:
        """Return what is kept under a key. A cookie may hold anything."""
        with connection.cursor() as cursor:
            # Django dates sessions by real time: the demo's clock signs nobody out.
            usual = Policy().idle // timedelta(seconds=1)
            cursor.execute(FIND, [usual, kept_key(key), clock.real_now()])
            row = cursor.fetchone()
        if row is None:
            return None
        if row[1]:
            idle = timedelta(seconds=usual if row[3] is None else row[3])
            self.life = Life(row[1], row[2], RANGES["idle"].nearest(idle))
        else:
            self.life = None
        return str(row[0])

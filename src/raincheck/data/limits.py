"""Rate limits: how often one visitor tried one way in, counted by all processes together."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from django.db import connection, models

from raincheck.domain.limits import Limit, Tries, forgotten_at

# Locks the rows in the order of their keys, and makes those that are missing.
TAKE = """
INSERT INTO raincheck_ratelimit AS kept (key, level, last_at, forget_at)
SELECT key, 0, %(now)s, %(now)s FROM unnest(%(keys)s::bytea[]) AS key ORDER BY key
ON CONFLICT (key) DO UPDATE SET key = kept.key
RETURNING key, level, last_at
"""


class RateLimit(models.Model):
    """The tries of one visitor at one way in. The key is a keyed hash: nobody reads addresses here. No practice's row."""

    key = models.BinaryField(primary_key=True)
    level = models.FloatField()
    last_at = models.DateTimeField()
    forget_at = models.DateTimeField(help_text="from then on none of the tries counts any more")

    objects: ClassVar[models.Manager["RateLimit"]] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["forget_at"], name="rate_limits_that_may_go")]

    def __str__(self) -> str:
        return f"{self.level} {self.last_at}"


def take(keys: list[bytes], *, now: datetime) -> dict[bytes, Tries]:
    """Return the tries behind each key, locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"keys": keys, "now": now})
        return {bytes(key): Tries(level, last_at) for key, level, last_at in cursor.fetchall()}


def keep(tries: Mapping[bytes, Tries], limits: Mapping[bytes, Limit]) -> None:
    """Write down the tries behind each key."""
    for key, one in tries.items():
        RateLimit.objects.filter(pk=key).update(
            level=one.level, last_at=one.last_at, forget_at=forgotten_at(one, limits[key])
        )

"""Idempotency keys: the memory that makes the same form or call, sent twice, act once."""

from django.db import models


class IdempotencyKey(models.Model):
    """One verb that was carried out under a key, by one actor, with its answer; kept 7 days.

    `actor` is the kind and number of who acted, so that no one can learn another's answer by guessing a key.
    """

    actor = models.TextField()
    key = models.UUIDField()
    # Tells the same form sent again from another one under its key, which is refused.
    body_hash = models.BinaryField()
    # NULL only inside the transaction that acts: the row is taken first, so that a second sending waits for it.
    answer = models.JSONField(null=True)
    acted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="a_key_acts_once")]
        indexes = [models.Index(fields=["acted_at"], name="acts_by_time")]

    def __str__(self) -> str:
        return str(self.key)

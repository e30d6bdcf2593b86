"""The read log: each answer that showed a client's name or record, with who got it; it takes rows and gives none away."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class ReadLog(models.Model):
    """One answer that showed clients. Numbers and codes only, so that it stays whole when a client is erased."""

    practice = models.ForeignKey(
        "raincheck.Practice", models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    at = models.DateTimeField()
    actor_kind = models.TextField()
    # Numbers and no keys: `actor_kind` says which table the first is of, and what is erased leaves them standing.
    actor = models.BigIntegerField(null=True, blank=True)
    acting_for = models.BigIntegerField(null=True, blank=True, help_text="the client in whose place")
    what = models.TextField(help_text="the name of the page's address")
    clients = ArrayField(models.BigIntegerField(), default=list)
    network = models.TextField(blank=True)
    trace_id = models.TextField(blank=True)
    detail = models.JSONField(default=dict, blank=True, help_text="codes, numbers and times")

    class Meta:
        indexes = [
            # Its pending entries are read with it: readings are written far more often than they are looked for.
            GinIndex(fields=["clients"], name="readings_of_clients"),
            models.Index(fields=["practice", "at", "id"], name="readings_of_a_practice"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.at}"

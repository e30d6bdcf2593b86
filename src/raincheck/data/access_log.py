"""The read log: each opening of a client's record or conversation, with who opened it."""

from django.db import models

from raincheck.data.people import Client
from raincheck.data.tenancy import InPractice, PracticeRow


class ReadLog(PracticeRow):
    """One opening of a client's record or conversation."""

    client = InPractice(Client, db_index=False)
    at = models.DateTimeField()
    actor_kind = models.TextField()
    # A number and no key: `actor_kind` says which table it is of.
    actor = models.BigIntegerField(null=True)
    what = models.TextField()
    trace_id = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["client", "at"], name="readings_of_a_client")]

    def __str__(self) -> str:
        return f"{self.what} {self.at}"

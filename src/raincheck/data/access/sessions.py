"""Sessions as their person knows them: on which device, since when, and when it was last used."""

import uuid

from django.db import models

from raincheck.data.people import User
from raincheck.data.tenancy import one_of
from raincheck.domain.access.sign_in import WayIn


class UserSession(models.Model):
    """One session of one person. What it holds lies in Django's table, under the same hash of its key. No practice's row."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # A plain key, as a membership's: a user is no practice's row.
    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=40, unique=True)
    way = models.TextField()
    device = models.TextField(blank=True, default="")
    network = models.TextField(blank=True, default="")
    made_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [one_of("way", WayIn, name="a_session_began_in_a_known_way")]
        indexes = [
            models.Index(fields=["user", "ended_at"], name="sessions_of_a_person"),
            models.Index(fields=["last_seen_at"], name="sessions_by_last_sign"),
        ]

    def __str__(self) -> str:
        return str(self.ref)

"""Backups that were made: when, and how large, so that one that is missing is noticed."""

from django.db import models


class Backup(models.Model):
    """A backup that was written to its end. No practice's row: it holds everybody."""

    made_at = models.DateTimeField()
    size = models.BigIntegerField(help_text="bytes")

    class Meta:
        indexes = [models.Index(fields=["-made_at"], name="backups_by_time")]

    def __str__(self) -> str:
        return f"backup of {self.made_at:%Y-%m-%d %H:%M}"

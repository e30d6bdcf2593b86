"""Pages that answered a form, kept for the moment until the browser comes to see them by an address of their own."""

import uuid

from django.db import models


class KeptPage(models.Model):
    """One answer to one form, sealed; it opens for the browser and the person that sent the form, and for nobody else.

    `owner` is a digest of both; of words that were not sent, of the person alone. `form_key` is the form's idempotency key: once the form went through, its refusals go.
    """

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.CharField(max_length=64)
    form_key = models.UUIDField(null=True)
    sealed = models.BinaryField()
    # Whoever is neither signed in nor came by a link could send any number: theirs are few, and go soon.
    by_stranger = models.BooleanField(db_default=False)
    kept_until = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "kept_until"], name="kept_pages_of_a_browser"),
            models.Index(fields=["kept_until"], name="kept_pages_by_time"),
            models.Index(
                fields=["kept_until"], condition=models.Q(by_stranger=True), name="kept_pages_of_strangers"
            ),
        ]

    def __str__(self) -> str:
        return str(self.ref)

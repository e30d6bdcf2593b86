"""Stretches of a provider's time that nobody can book."""

from __future__ import annotations

from django.db import models

from raincheck.data.people import Provider
from raincheck.data.reschedule import OPEN, RescheduleBatch, RescheduleRequest
from raincheck.data.tenancy import InPractice, NamedRow, inside_its_practice


class OutOfOffice(NamedRow):
    """A block. `batch` is set when it was made together with an ask; `edited_at` once somebody changed it afterwards."""

    provider = InPractice(Provider)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    all_day = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    batch = InPractice(RescheduleBatch, null=True, blank=True)
    made_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            inside_its_practice("a_block_belongs_to_one_practice"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="a_block_ends_after_it_starts"
            ),
        ]
        indexes = [
            models.Index(
                fields=["provider", "starts_at"],
                include=["ends_at", "removed_at"],
                name="blocks_of_a_provider",
            )
        ]

    def __str__(self) -> str:
        return str(self.ref)


def block_freed_by_withdrawing(request: RescheduleRequest) -> OutOfOffice | None:
    """Return the block made with a request's ask, unless another open request of its batch still needs it."""
    block = OutOfOffice.objects.filter(batch=request.batch_id, removed_at__isnull=True).first()
    if block is None:
        return None
    others = RescheduleRequest.objects.filter(OPEN, batch=request.batch_id).exclude(pk=request.pk)
    needed = others.filter(asked_starts_at__lt=block.ends_at, asked_ends_at__gt=block.starts_at)
    return None if needed.exists() else block

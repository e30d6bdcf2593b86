"""Out of office: stretches of a provider's time that nobody can book."""

from django.db import models

from raincheck.data.access.sealed_words import SealedText, SealsWords
from raincheck.data.people import Provider
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.data.tenancy import InPractice, inside_its_practice
from raincheck.data.wall_times import WallTimeField
from raincheck.domain.reschedule.lifecycle import State
from raincheck.domain.spans import Span, without

STANDS = (State.WITHDRAWN, State.KEPT)
"""Endings after which the session takes place at its time, so that the time off made with the ask makes no sense."""


class OutOfOffice(SealsWords):
    """A block. `batch` is set when it was made together with an ask; `edited_at` once somebody changed it afterwards.

    `starts_wall` and `ends_wall` are what the clock of `zone` shows at its ends, so that a day off stays that day when
    zone rules change.
    """

    provider = InPractice(Provider, db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    starts_wall = WallTimeField()
    ends_wall = WallTimeField()
    zone = models.TextField()
    all_day = models.BooleanField(default=False)
    note = SealedText(blank=True)
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
                # All that the query for taken time reads, so that the index alone answers it (`data/slots.py`).
                include=["id", "ends_at", "removed_at"],
                name="blocks_of_a_provider",
            )
        ]

    def __str__(self) -> str:
        return str(self.ref)

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


def blocks_meeting(provider_id: int, span: Span) -> models.QuerySet[OutOfOffice]:
    """Return a provider's time off that meets a stretch, soonest first."""
    rows = OutOfOffice.objects.filter(provider=provider_id, removed_at__isnull=True)
    return rows.filter(starts_at__lt=span.end, ends_at__gt=span.start).order_by("starts_at", "pk")


def not_blocked_yet(provider_id: int, span: Span) -> list[Span]:
    """Return what of a stretch can still be blocked; nothing where time off, of one or of several blocks, covers it."""
    return without([span], [block.span for block in blocks_meeting(provider_id, span)])


def block_of(request: RescheduleRequest) -> OutOfOffice | None:
    """Return the block that was made with a request's ask, while it stands."""
    return OutOfOffice.objects.filter(batch=request.batch_id, removed_at__isnull=True).first()


def block_freed_by_ending(request: RescheduleRequest) -> OutOfOffice | None:
    """Return the block made with a request's ask when it goes with the request: withdrawn, or kept by video.

    The block belongs to those requests of the prompt whose asked time it meets; to all of them when it meets none. The
    last of these to end so frees it, unless one of them is open or had another ending: that leaves the block.
    """
    block = block_of(request)
    if block is None:
        return None
    together = list(RescheduleRequest.objects.filter(batch=request.batch_id))
    owners = [other for other in together if other.asked_span.overlaps(block.span)] or together
    others = [other for other in owners if other.pk != request.pk]
    # Ending a request whose time the block does not meet comes here too, and leaves the block alone.
    is_owner = len(others) < len(owners)
    return block if is_owner and all(other.state in STANDS for other in others) else None

"""Outages that were noted: when no web process gave a sign of life, and whether all clients have their time back."""

from collections.abc import Sequence
from datetime import datetime

from django.db import models
from django.db.models import QuerySet

from raincheck.data.reschedule.request import OPEN, RescheduleRequest
from raincheck.domain.spans import Span


class Outage(models.Model):
    """A stretch of real time in which no page could be opened. `credited_at` is empty while requests still wait for their time."""

    # Real time, so that moving the demo's clock makes no hole; `ahead` leads to the time that requests live by.
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    ahead = models.DurationField(help_text="how far business time was ahead of real time, in the demo")
    credited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["began_at"], name="an_outage_is_noted_once"),
            models.CheckConstraint(
                condition=models.Q(ended_at__gt=models.F("began_at")), name="an_outage_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"

    @property
    def span(self) -> Span:
        return Span(self.began_at, self.ended_at)

    @property
    def in_business_time(self) -> Span:
        return Span(self.began_at + self.ahead, self.ended_at + self.ahead)


def uncredited() -> list[Outage]:
    """Return the outages whose time somebody still has to get back, soonest first."""
    return list(Outage.objects.filter(credited_at__isnull=True).order_by("began_at"))


def requests_without_their_time(*, now: datetime | None = None) -> QuerySet[RescheduleRequest]:
    """Return the open requests that still have to get back what an outage took, whatever the time is."""
    # The sweep hands its time to whatever finds due rows; what an outage took is owed at any time.
    del now
    return RescheduleRequest.objects.filter(OPEN & _missing(uncredited()))


def has_its_time() -> models.Q:
    """Return what tells open requests that have back what outages took."""
    pending = uncredited()
    return ~_missing(pending) if pending else models.Q()


def _missing(pending: Sequence[Outage]) -> models.Q:
    """Return what tells requests that were asked before one of the outages ended and do not have its time back."""
    # Nothing: without an outage that waits nobody lacks any time.
    missing = models.Q(pk__in=[])
    for outage in pending:
        # A request keeps the latest outage that it has back: that one stands for all that were noted before it.
        not_yet = models.Q(outage_reckoned__isnull=True) | models.Q(outage_reckoned__lt=outage.pk)
        missing |= not_yet & models.Q(asked_at__lt=outage.in_business_time.end)
    return missing

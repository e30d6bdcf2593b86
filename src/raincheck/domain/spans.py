"""Spans are stretches of time: UTC inside, half-open, never empty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch [start, end) of real time, both instants aware and kept in UTC.

    UTC matters beyond taste: Python subtracts two datetimes of one zone by the wall clock, so a length
    taken in a zone would be an hour off across a clock change.

    Raises ValueError when an instant has no zone or the end is not after the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a span needs instants with a zone")
        # Frozen all the same: this is the one moment at which a span may change itself.
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.end <= self.start:
            raise ValueError("a span ends after it starts")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def widened(self, *, before: timedelta, after: timedelta) -> Span:
        return Span(self.start - before, self.end + after)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the union as sorted spans that neither touch nor overlap."""
    found: list[Span] = []
    end: datetime | None = None
    for span in sorted(spans):
        # Spans that only touch are one: half-open, they leave no instant between them.
        if end is None or span.start > end:
            found.append(span)
            end = span.end
        elif span.end > end:
            found[-1] = Span(found[-1].start, span.end)
            end = span.end
    return found


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """Return what is left of `spans` once every span of `taken` is cut out, sorted and merged."""
    # Merged first, so that no two cuts meet and one walk over them is enough.
    left: list[Span] = []
    cuts = merged(taken)
    for span in merged(spans):
        start = span.start
        for cut in cuts:
            if cut.end <= start:
                continue
            if cut.start >= span.end:
                break
            if cut.start > start:
                left.append(Span(start, cut.start))
            start = max(start, cut.end)
        if start < span.end:
            left.append(Span(start, span.end))
    return left

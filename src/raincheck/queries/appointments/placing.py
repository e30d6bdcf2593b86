"""Placing of a session by staff: what speaks against a time that they may book all the same, and who has it already."""

from datetime import datetime, timedelta

from raincheck.data.models import Appointment, Provider
from raincheck.data.slots import NOBODY, Row, Session, taken_time
from raincheck.domain.appointments import Status
from raincheck.domain.availability.hours import availability_from, working_spans
from raincheck.domain.slot_explanations.reasons import NotOffered
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named

DAY = timedelta(days=1)


def concerns(provider: Provider, session: Session, *, start: datetime, now: datetime) -> list[NotOffered]:
    """Return why clients would not be offered this start although staff may book it: hours, time off, busy time."""
    span = Span(start, start + session.length)
    taken = taken_time(provider.pk, client_id=NOBODY, within=span, now=now)
    found = []
    if not _works(provider, span, place=session.place):
        elsewhere = _works(provider, span, place=None)
        found.append(NotOffered.OTHER_PLACE if elsewhere else NotOffered.OUTSIDE_HOURS)
    if _meets(taken, "out_of_office", span):
        found.append(NotOffered.OUT_OF_OFFICE)
    # Buffers stay free of busy time, but may lie in time off: that says when nobody is there.
    if _meets(taken, "busy", span.widened(before=session.buffer_before, after=session.buffer_after)):
        found.append(NotOffered.BUSY)
    return found


def _meets(taken: list[Row], kind: str, span: Span) -> bool:
    return any(row.kind == kind and row.span.overlaps(span) for row in taken)


def _works(provider: Provider, span: Span, *, place: str | None) -> bool:
    hours = availability_from(provider.availability)
    wide = span.widened(before=DAY, after=DAY)
    spans = working_spans(hours, within=wide, zone=zone_named(provider.zone), place=place)
    return any(working.contains(span) for working in spans)


def in_the_way(
    provider: Provider, session: Session, *, start: datetime, besides: int | None = None
) -> Appointment | None:
    """Return an appointment of the provider that a session at `start` would meet, buffers included."""
    span = Span(start, start + session.length)
    near = Appointment.objects.filter(
        provider=provider, starts_at__gt=span.start - DAY, starts_at__lt=span.end + DAY
    ).exclude(status=Status.CANCELLED)
    for other in near.exclude(pk=besides or NOBODY).select_related("client").order_by("starts_at"):
        # Of two neighbours the larger buffer counts, not the sum.
        before = max(session.buffer_before, other.buffer_after)
        after = max(session.buffer_after, other.buffer_before)
        if span.widened(before=before, after=after).overlaps(other.span):
            return other
    return None

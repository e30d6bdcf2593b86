"""Times that are held for a client, by whom they were chosen: those of a batch, and which of them a session that is asked about could have."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import models

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Hold
from raincheck.data.compiled import Compiled
from raincheck.data.slots import Row
from raincheck.domain.spans import Span


@Compiled
def suggested_in(batch: int) -> models.QuerySet[Hold]:
    """The times that are held for the client of a batch, soonest first; they are every request's of it, whichever carries them."""
    return Hold.objects.filter(suggested=True, request__batch=batch).order_by("starts_at", "pk")


@Compiled
def held_in(batch: int, now: datetime) -> models.QuerySet[Hold]:
    """The same with what the client themselves holds: a time that is held outlives time off that is made later."""
    live = models.Q(suggested=True) | models.Q(expires_at__gt=now)
    return Hold.objects.filter(live, request__batch=batch).order_by("starts_at", "pk")


def suits(held: Hold, appointment: Appointment) -> bool:
    """Return whether a session with its buffers fits into what is kept free for a held time."""
    length = held.ends_at - held.starts_at
    return (
        appointment.length <= length
        and appointment.buffer_before <= held.buffer_before
        and appointment.length + appointment.buffer_after <= length + held.buffer_after
    )


def to_choose(
    held: Sequence[Hold], appointment: Appointment, taken: Sequence[Row], *, now: datetime, notice: timedelta
) -> list[datetime]:
    """Return the starts that an appointment's client may still choose of what is held for them, soonest first.

    A time that they need for something else is none: what they have elsewhere, or chose for another appointment. Nor is one
    at which the appointment's room has gone to somebody else: what is held for several of a batch keeps one room at most.
    """
    closed = [
        row.span
        for row in taken
        if (
            row.client_id == appointment.client_id
            and row.kind in ("appointment", "elsewhere")
            and row.id != appointment.pk
        )
        or (row.kind == "room" and row.id == appointment.place_id and row.client_id != appointment.client_id)
    ]
    starts = (one.starts_at for one in held if suits(one, appointment) and one.starts_at >= now + notice)
    return [
        start
        for start in dict.fromkeys(starts)
        if not any(Span(start, start + appointment.length).overlaps(span) for span in closed)
    ]


def kept_in(batches: Collection[int]) -> dict[int, list[Hold]]:
    """Return by batch what is suggested to its client, soonest first, where anything is; of several batches in one query."""
    found: dict[int, list[Hold]] = defaultdict(list)
    rows = Hold.objects.filter(suggested=True, request__batch__in=batches)
    for one in rows.order_by("starts_at", "pk").annotate(batch=models.F("request__batch")):
        found[one.batch].append(one)
    return found

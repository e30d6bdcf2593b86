"""Times that are held for a client, by whom they were chosen: those of a batch, and which of them a session that is asked about could have."""

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
    """Return whether a session fits into a held time."""
    return appointment.length <= held.ends_at - held.starts_at


def to_choose(
    held: Sequence[Hold], appointment: Appointment, taken: Sequence[Row], *, now: datetime, notice: timedelta
) -> list[datetime]:
    """Return the starts that an appointment's client may still choose of what is held for them, soonest first.

    A time that they need for something else is none: what they have elsewhere, or chose for another appointment.
    """
    own = [
        row.span
        for row in taken
        if row.client_id == appointment.client_id
        and row.kind in ("appointment", "elsewhere")
        and row.id != appointment.pk
    ]
    starts = (one.starts_at for one in held if suits(one, appointment) and one.starts_at >= now + notice)
    return [
        start
        for start in dict.fromkeys(starts)
        if not any(Span(start, start + appointment.length).overlaps(span) for span in own)
    ]


def last_kept(batches: Collection[int]) -> dict[int, datetime]:
    """Return by batch the last time that is held for its client, where there is one; of several batches in one query."""
    rows = Hold.objects.filter(suggested=True, request__batch__in=batches)
    return dict(rows.values_list("request__batch").annotate(models.Max("starts_at")))

"""The appointment as it was before staff moved or canceled it: kept with its row, and shown to calendars until that leaves."""

import json
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db import connection, models
from django.db.models import Q, QuerySet

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.appointments.series import Series
from raincheck.domain.appointments.lifecycle import History, Status

AGREED = ("starts_at", "ends_at", "starts_wall", "zone", "type_id", "place_id", "join_url")
LENGTHS = ("utc_offset", "buffer_before", "buffer_after")
TIMES = ("starts_at", "ends_at", "starts_wall")

Before = dict[str, Any]
"""As JSON has it."""


def as_before(row: Appointment, series: Series | None = None) -> Before:
    """Return how an appointment stands, as its row keeps it over a change; with its `series` where that changes, too."""
    agreed = {name: getattr(row, name) for name in AGREED}
    times = {name: agreed[name].isoformat() for name in TIMES}
    lengths = {name: getattr(row, name).total_seconds() for name in LENGTHS}
    remind_at = row.remind_at.isoformat() if row.remind_at else None
    before: Before = agreed | times | lengths | {"sequence": row.ical_sequence, "remind_at": remind_at}
    if series is not None:
        assert row.recurrence_id is not None, "an occurrence knows its first start"
        before |= {
            "series": series.pk,
            "series_ends_on": series.ends_on.isoformat() if series.ends_on else None,
            # As the change leaves it: counted on since, it was changed once more.
            "series_sequence": series.ical_sequence + 1,
            "recurrence_id": row.recurrence_id.isoformat(),
        }
    return before


# All in one statement: a series has a hundred of them.
KEEP = """
UPDATE raincheck_appointment AS row SET before = said.before::jsonb, release_at = %s
FROM unnest(%s::bigint[], %s::text[]) AS said (id, before) WHERE row.id = said.id
"""


def keep_until(kept: Iterable[tuple[Appointment, Before]], *, release_at: datetime) -> None:
    """Keep how appointments were until what was done with them leaves."""
    pairs = list(kept)
    for row, before in pairs:
        row.before, row.release_at = before, release_at
    with connection.cursor() as cursor:
        ids = [row.pk for row, _before in pairs]
        cursor.execute(KEEP, [release_at, ids, [json.dumps(before) for _row, before in pairs]])


def changed_together(row: Appointment) -> QuerySet[Appointment]:
    """Return the appointments that what was done last with one was about: it, and others of its series at once."""
    if row.before is None or "series" not in row.before:
        return Appointment.objects.filter(pk=row.pk)
    return Appointment.objects.filter(
        series=row.series_id,
        release_at=row.release_at,
        before__series=row.before["series"],
        before__series_sequence=row.before["series_sequence"],
    )


def waiting_elsewhere(series: Iterable[int], *, client_id: int, now: datetime) -> QuerySet[Appointment]:
    """Return a client's appointments that are told as of some series, while what took them out of those waits."""
    of_them = Q(before__series__in=list(series), release_at__gt=now, client=client_id)
    return Appointment.objects.filter(of_them).exclude(series__in=list(series)).select_related("place")


def undo_until(row: Appointment) -> datetime | None:
    """Return until when what was done last with an appointment waits; None when nothing of it is kept.

    Whatever changes it since, by whomever, has another sequence: then there is nothing to take back any more.
    """
    if row.before is None or row.before["sequence"] + 1 != row.ical_sequence:
        return None
    return row.release_at


def put_before(row: Appointment) -> None:
    """Give the row what it had before, as a scheduled appointment. Nothing is saved, and its sequence stays."""
    assert row.before is not None, "it was kept"
    for name in AGREED:
        value = row.before[name]
        setattr(row, name, datetime.fromisoformat(value) if name in TIMES else value)
    for name in LENGTHS:
        setattr(row, name, timedelta(seconds=row.before[name]))
    if "series" in row.before:
        row.series_id = row.before["series"]
        row.recurrence_id = datetime.fromisoformat(row.before["recurrence_id"])
    row.status, row.fee_allowed, row.cancel_note = Status.SCHEDULED, False, ""
    row.cancelled_by = row.cancelled_why = row.cancelled_at = None


def remind_as_before(row: Appointment, before: Before | None) -> None:
    """Let reminders of an appointment that is put back go on from where they were, so that none is sent twice.

    The database begins them anew with every change of its time or status: so this comes after it.
    """
    # What was changed by a version without this has no such mark.
    if before is not None and "remind_at" in before:
        at = before["remind_at"]
        row.remind_at = datetime.fromisoformat(str(at)) if at else None
        row.save(update_fields=["remind_at"])


PUT_BEFORE = (
    *(name.removesuffix("_id") for name in AGREED),
    *LENGTHS,
    "series",
    "recurrence_id",
    "status",
    "fee_allowed",
    "cancel_note",
    "cancelled_by",
    "cancelled_why",
    "cancelled_at",
)
"""The fields that `put_before` sets."""


def as_calendars_have_it(row: Appointment, *, now: datetime) -> Appointment:
    """Return an appointment as it was told: while what was done with it can be undone, as it was before."""
    until = undo_until(row)
    if until is None or until <= now:
        return row
    told = copy(row)
    put_before(told)
    assert row.before is not None, "it was kept"
    told.ical_sequence = row.before["sequence"]
    return told


def series_as_calendars_have_it(series: Series, rows: Sequence[Appointment], *, now: datetime) -> Series:
    """Return a series as it was told, by its occurrences as they were."""
    waiting = [row.before for row in rows if row.before and row.release_at and row.release_at > now]
    changes = [before for before in waiting if before.get("series") == series.pk]
    if not changes:
        return series
    told, first = copy(series), min(changes, key=itemgetter("series_sequence"))
    put_series_before(told, first["series_ends_on"])
    told.ical_sequence = first["series_sequence"] - 1
    return told


def put_series_before(series: Series, ends_on: str | None) -> None:
    """Let a series go on as it did before it was ended. Nothing is saved, and its sequence stays."""
    series.ends_on = date.fromisoformat(ends_on) if ends_on else None


def undone_since() -> models.Exists:
    """Return the condition of a row of history under which what it tells was undone."""
    following = AppointmentHistory.objects.filter(
        appointment=models.OuterRef("appointment"),
        event=History.UNDONE,
        request__isnull=True,
        sequence=models.OuterRef("sequence") + 1,
    )
    return models.Exists(following)

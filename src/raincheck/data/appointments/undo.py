"""The appointment as it was before staff moved or canceled it: kept with its row, and shown to calendars until that leaves."""

from copy import copy
from datetime import datetime, timedelta

from django.db import models

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.domain.appointments.lifecycle import History, Status

AGREED = ("starts_at", "ends_at", "starts_wall", "zone", "type_id", "place_id", "join_url")
LENGTHS = ("utc_offset", "buffer_before", "buffer_after")
TIMES = ("starts_at", "ends_at", "starts_wall")

Before = dict[str, str | int | float]


def as_before(row: Appointment) -> Before:
    """Return how an appointment stands, as its row keeps it over a change."""
    agreed = {name: getattr(row, name) for name in AGREED}
    times = {name: agreed[name].isoformat() for name in TIMES}
    lengths = {name: getattr(row, name).total_seconds() for name in LENGTHS}
    return agreed | times | lengths | {"sequence": row.ical_sequence}


def keep_until(row: Appointment, before: Before, *, release_at: datetime) -> None:
    """Keep how an appointment was until what was done with it leaves."""
    row.before, row.release_at = before, release_at
    row.save(update_fields=["before", "release_at"])


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
    row.status, row.fee_allowed, row.cancel_note = Status.SCHEDULED, False, ""
    row.cancelled_by = row.cancelled_why = row.cancelled_at = None


PUT_BEFORE = (
    *(name.removesuffix("_id") for name in AGREED),
    *LENGTHS,
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


def undone_since() -> models.Exists:
    """Return the condition of a row of history under which what it tells was undone."""
    following = AppointmentHistory.objects.filter(
        appointment=models.OuterRef("appointment"),
        event=History.UNDONE,
        request__isnull=True,
        sequence=models.OuterRef("sequence") + 1,
    )
    return models.Exists(following)

"""Messages of what was just done, with a button that undoes it for as long as nothing has left."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from raincheck.data.appointments.undo import undo_until
from raincheck.data.models import Appointment, RescheduleRequest
from raincheck.web.requests import arrival_of
from raincheck.web.tags import UNDO, Undoable


def undoable_ask(asked: RescheduleRequest, *, now: datetime) -> Undoable | None:
    """Return the way to undo an ask; None once it has left, or was answered."""
    waits = asked.is_open and asked.asked_at > now and asked.batch.opened_at is None
    return Undoable(reverse("request-undo", args=[asked.ref]), asked.asked_at - now) if waits else None


def undoable_change(row: Appointment, *, now: datetime) -> Undoable | None:
    """Return the way to undo what was done last with an appointment; None once it has left."""
    until = undo_until(row)
    if until is None or until <= now:
        return None
    return Undoable(reverse("appointment-undo", args=[row.ref, row.ical_sequence]), until - now)


def say_until_undone(request: HttpRequest, said: str, undo: Undoable | None) -> None:
    """Say what was done; while it waits, with the time left and the button to undo it."""
    until = arrival_of(request).at + undo.left if undo else None
    messages.success(
        request, said, extra_tags=f"{UNDO} {undo.url} {until.isoformat()}" if undo and until else ""
    )

"""Messages of what was just done, with a button that undoes it for as long as nothing has left."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from raincheck.data.models import RescheduleRequest
from raincheck.web.requests import arrival_of
from raincheck.web.tags import UNDO, Undoable


def undoable_ask(asked: RescheduleRequest, *, now: datetime) -> Undoable | None:
    """Return the way to undo an ask; None once it has left, or was answered."""
    waits = asked.is_open and asked.asked_at > now and asked.batch.opened_at is None
    return Undoable(reverse("request-undo", args=[asked.ref]), asked.asked_at - now) if waits else None


def say_until_undone(request: HttpRequest, said: str, *, url: str, until: datetime) -> None:
    """Say what was done; while it waits, with the time left and a button that POSTs to `url`."""
    waits = until > arrival_of(request).at
    messages.success(request, said, extra_tags=f"{UNDO} {url} {until.isoformat()}" if waits else "")

"""The read log's side of a page: each opening of a client's record, conversation or request is written down."""

from __future__ import annotations

from django.http import HttpRequest

from raincheck.actions.access_log import Opened, log_access
from raincheck.actions.engine.runner import run_command
from raincheck.data.people import Client
from raincheck.web.requests import arrival_of
from raincheck.web.staff.shell.access import Staff


def note_reading(request: HttpRequest, staff: Staff, client: Client, *, what: Opened) -> None:
    """Write down who opened what. This is the one thing besides the session that a GET may write."""
    now, by = arrival_of(request).at, staff.actor
    run_command(lambda: log_access(client, what=what, by=by, now=now), key=None, body={}, by=by, now=now)

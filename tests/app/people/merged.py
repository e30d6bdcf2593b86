"""Two records of one person, with everything that can belong to a client, and the database as a whole to compare."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection
from tests.app.cast import NOW, Cast, client_in, new_york
from tests.app.client_browser import mint

from raincheck.actions.clients.merging import merge_clients
from raincheck.actions.clients.record import change_client
from raincheck.actions.clients.unmerging import undo_merge
from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.calendars.feeds import CalendarFeed
from raincheck.data.clients.history import changes_of_client
from raincheck.data.people import Client, Recipient
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.clients.merging import Part
from raincheck.domain.clients.record import ClientDetails
from raincheck.domain.people import Actor, ActorKind, Contact

HOUR = timedelta(hours=1)
BY_SASHA = Actor(ActorKind.MANAGER, 1)
LATER = NOW + HOUR
WEDNESDAY = new_york(25, 14)


def twice(cast: Cast) -> Client:
    """Return a second record of Riley: with an open request, one that moved, a declined one, words, an address for calendars."""
    other = client_in(cast.practice, "Rilee", "Brooks")
    Client.objects.filter(pk=other.pk).update(
        phone="+13105550199", date_of_birth=date(1990, 5, 1), client_since=date(2024, 1, 8), goes_by="Ri"
    )
    Recipient.objects.filter(client=other).update(phone="+13105550199", sms_agreed_at=NOW)
    other.refresh_from_db()
    cast.booked()
    moved = cast.asked(cast.booked(new_york(30, 9), client=other))
    by_other = Actor(ActorKind.CLIENT_BY_LINK, other.pk)
    _done(cast, "pick", moved, by_other)
    _done(
        cast,
        "decline",
        cast.asked(cast.booked(new_york(30, 13), client=other), repeat_confirmed=True),
        by_other,
    )
    cast.asked(cast.booked(WEDNESDAY, client=other), repeat_confirmed=True)
    cast.booked(new_york(26, 14), client=other, provider=cast.fischer)
    for client in (cast.riley, other):
        by = Actor(ActorKind.CLIENT, client.pk)
        verb = partial(write_message, cast.okafor.pk, client.pk, words="Hello?", by=by, now=NOW)
        run_command(verb, key=None, body={}, by=by, now=NOW)
        CalendarFeed.objects.create(
            practice=cast.practice, client=client, hash=f"{client.pk:032}".encode(), made_at=NOW
        )
    return other


def _done(cast: Cast, what: str, request: RescheduleRequest, by: Actor) -> None:
    from raincheck.actions.reschedule.answer import decline, pick_new_time

    verb = (
        partial(pick_new_time, request.ref, start=new_york(30, 11), by=by, now=NOW)
        if what == "pick"
        else partial(decline, request.ref, by=by, now=NOW)
    )
    run_command(verb, key=None, body={}, by=by, now=NOW)


def open_link(client: Client) -> tuple[RescheduleRequest, str]:
    """Return a client's open request and the token of a link to it."""
    request = RescheduleRequest.objects.get(client=client, state="open")
    return request, mint(request.batch)[1]


def merge(kept: Client, gone: Client, *taken: Part, now: datetime = LATER, by: Actor = BY_SASHA) -> Answer:
    seen = changes_of_client(kept.pk), changes_of_client(gone.pk)
    verb = partial(merge_clients, kept.pk, gone.pk, taken=taken, seen=seen, by=by, now=now)
    return run_command(verb, key=None, body={}, by=by, now=now)


def undo(answer: Answer, *, now: datetime = LATER + HOUR, by: Actor = BY_SASHA) -> Answer:
    from uuid import UUID

    verb = partial(undo_merge, UUID(answer["merge"]), by=by, now=now)
    return run_command(verb, key=None, body={}, by=by, now=now)


# What tells of the merge itself, and rows that are made anew with the same contents under another number.
BESIDES = ("raincheck_clientmerge", "raincheck_clienthistory")
NUMBERED_ANEW = ("raincheck_membership", "raincheck_claim")


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table of ours but what tells of the merge itself."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if not table.startswith("raincheck_") or table in BESIDES:
                continue
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t")
            rows = [json.loads(row) if isinstance(row, str) else row for (row,) in cursor.fetchall()]
            for row in rows if table in NUMBERED_ANEW else ():
                del row["id"]
            found[table] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
    return found


def edit(client: Client, *, by: Actor = BY_SASHA, now: datetime = LATER, **said: Any) -> partial[Answer]:
    """Return the verb of somebody who changes what is written down of a client, as the form would send it."""
    own = client.recipients.get(is_client=True)
    kept = {
        "first_name": client.first_name,
        "last_name": client.last_name,
        "contact": Contact(said.pop("email", own.email), own.phone, texts=own.gets_sms),
    }
    return partial(
        change_client,
        client.pk,
        details=ClientDetails(**(kept | said)),
        seen=changes_of_client(client.pk),
        by=by,
        now=now,
    )

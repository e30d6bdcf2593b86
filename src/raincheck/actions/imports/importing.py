"""Importing the rows of a staged file: all of them in one transaction or none."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import F
from procrastinate.contrib.django import app

from raincheck.actions.engine.locks import refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.actions.imports.bookings import add_appointments
from raincheck.actions.imports.staging import locked_import, read_again, staged
from raincheck.data.imports.known import clients_here
from raincheck.data.models import (
    Client,
    Import,
    ImportRow,
    Membership,
    Provider,
    Recipient,
    User,
)
from raincheck.data.postgresql.plans import plan_anew
from raincheck.domain.imports.clients import ClientRow, client_from, keys_of
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.faults import BY_CODE
from raincheck.domain.imports.importing import (
    ImportNotOpen,
    ImportState,
    NoRowsLeft,
    RowsNotReady,
)
from raincheck.domain.people import Actor, Role
from raincheck.domain.zones import wall, zone_named

IMPORT = "import_rows"
"""The task's name; the worker knows the task, this room only its name."""
BATCH = 1000
# So many rows are looked at between two words about how far it is.
PART = 2000
# One import of a practice at a time, so that the second of two files with the same people finds those of the first.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('imports of a practice'), %s::int)"
LINK_CLIENTS = """
UPDATE raincheck_importrow AS row SET client_id = said.client
FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS client) AS said WHERE row.id = said.id
"""


def start_import(ref: UUID, *, practice_id: int, tell_clients: bool = False) -> Answer:
    """Have a worker bring a file's rows in; clients get a confirmation of their appointments where somebody ticked it.

    Raises RowsNotReady while any row has a problem and is not left out.
    """
    kept = staged(ref, practice_id=practice_id)
    _must_be_ready(kept)
    kept.state, kept.fault, kept.done = ImportState.IMPORTING, "", 0
    kept.clients_told = tell_clients and kept.kind == Kind.APPOINTMENTS
    kept.save(update_fields=["state", "fault", "done", "clients_told"])
    app.configure_task(IMPORT, allow_unknown=True).defer(file=kept.pk)
    return {"import": str(kept.ref)}


def import_rows(
    ref: UUID, *, practice_id: int, tell_clients: bool = False, by: Actor, now: datetime
) -> Answer:
    """Bring all rows of a file in that are not left out, or none; `rows` counts a series by its times. Clients are written to
    only where somebody ticked it.

    They are compared once more with who is here now; RowsNotReady when somebody came meanwhile, and the rows then say so.
    """
    kept = locked_import(ref, practice_id=practice_id)
    if kept.state not in (ImportState.STAGED, ImportState.IMPORTING):
        raise ImportNotOpen
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME, [practice_id])
    read_again(kept, now=now)
    _must_be_ready(kept)
    rows = list(ImportRow.objects.filter(file=kept, left_out=False, read__isnull=False).order_by("number"))
    if kept.kind == Kind.CLIENTS:
        _add_clients(kept, rows, now=now)
        many = len(rows)
    else:
        kept.clients_told = kept.clients_told or tell_clients
        many = add_appointments(kept, rows, by=by, now=now)
    kept.state, kept.imported_at, kept.done = ImportState.IMPORTED, now, many
    kept.save(update_fields=["state", "imported_at", "done", "clients_told"])
    return {"import": str(kept.ref), "rows": str(many)}


def check_part(ref: UUID, *, practice_id: int) -> Answer:
    """Look whether the next rows of a file name anybody who is here by now, before anything is locked; say if there are more.

    Raises RowsNotReady at the first that does.
    """
    kept = Import.objects.get(ref=ref, practice=practice_id)
    refuse_what_is_not_theirs(kept)
    coming_in = ImportRow.objects.filter(file=kept, left_out=False, read__isnull=False).order_by("number")
    rows = list(coming_in[kept.done : kept.done + PART])
    here = clients_here(practice_id) if kept.kind == Kind.CLIENTS else {}
    if here and any(
        key in here for row in rows if not row.apart for key in keys_of(client_from(row.read or {}))
    ):
        raise RowsNotReady(count="1")
    Import.objects.filter(pk=kept.pk).update(done=kept.done + len(rows))
    return {"import": str(kept.ref), "more": "yes" if len(rows) == PART else ""}


def fail_import(ref: UUID, *, practice_id: int, code: str, now: datetime) -> Answer:
    """Give a file back to whoever staged it, since its rows could not come in; each row says anew what is wrong with it."""
    kept = locked_import(ref, practice_id=practice_id)
    if kept.state == ImportState.IMPORTING:
        kept.state = ImportState.STAGED
        kept.save(update_fields=["state"])
        read_again(kept, now=now)
        kept.fault = code
        kept.save(update_fields=["fault"])
    return {"import": str(kept.ref)}


def _must_be_ready(kept: Import) -> None:
    if kept.fault in BY_CODE:
        raise BY_CODE[kept.fault]
    rows = ImportRow.objects.filter(file=kept, left_out=False)
    if not_ready := rows.filter(problem__isnull=False).count():
        raise RowsNotReady(count=str(not_ready))
    if not rows.filter(read__isnull=False).exists():
        raise NoRowsLeft


def _add_clients(kept: Import, rows: Sequence[ImportRow], *, now: datetime) -> None:
    """Write the clients of a file with how they are reached. They are clients since today; nobody agreed to texts yet."""
    # Of two of one name it is the one who works here, who comes last.
    by_name = Provider.objects.filter(practice=kept.practice_id).order_by(F("left_at").asc(nulls_last=True))
    providers = dict(by_name.values_list("name", "pk"))
    today = wall(now, zone=zone_named(kept.practice.zone)).date()
    said = [client_from(row.read or {}) for row in rows]
    clients = Client.objects.bulk_create(
        [_client(one, kept.practice_id, providers=providers, today=today) for one in said], batch_size=BATCH
    )
    plan_anew()
    Recipient.objects.bulk_create(
        [
            Recipient(practice_id=kept.practice_id, client=client, email=one.email, phone=one.phone or "")
            for client, one in zip(clients, said, strict=True)
        ],
        batch_size=BATCH,
    )
    _let_sign_in([(client, one.email) for client, one in zip(clients, said, strict=True) if one.email])
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            part = slice(start, start + BATCH)
            cursor.execute(
                LINK_CLIENTS, [[row.pk for row in rows[part]], [client.pk for client in clients[part]]]
            )


def _client(said: ClientRow, practice_id: int, *, providers: dict[str, int], today: date) -> Client:
    return Client(
        ref=uuid.uuid4(),
        practice_id=practice_id,
        first_name=said.first_name,
        last_name=said.last_name,
        goes_by=said.goes_by,
        pronouns=said.pronouns,
        phone=said.phone or "",
        date_of_birth=said.date_of_birth,
        zone=said.zone,
        usual_region=said.usual_region,
        usual_provider_id=providers.get(said.usual_provider),
        client_since=today,
    )


def _let_sign_in(reached: Sequence[tuple[Client, str]]) -> None:
    """Let clients sign in by their address; of several in the practice who share one, whoever has it already, else the first."""
    first: dict[str, Client] = {}
    for client, email in reached:
        first.setdefault(email, client)
    for start in range(0, len(first), BATCH):
        part = dict(list(first.items())[start : start + BATCH])
        users = [
            User(email=email, name=client.known_as, password="!" + uuid.uuid4().hex)
            for email, client in part.items()
        ]
        User.objects.bulk_create(users, ignore_conflicts=True)
        known = User.objects.filter(email__in=part).values_list("pk", "email")
        Membership.objects.bulk_create(
            [
                Membership(
                    practice_id=part[email].practice_id, user_id=pk, role=Role.CLIENT, client=part[email]
                )
                for pk, email in known
            ],
            ignore_conflicts=True,
        )

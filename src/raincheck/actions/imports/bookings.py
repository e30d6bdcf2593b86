"""Appointments of a file come in as they were agreed, set by set."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from raincheck.actions.appointments.claims import claim_all
from raincheck.actions.appointments.moving import set_time
from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.side_effects import close_tasks_of_lapsed_intakes, record_all
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.imports.reached import clients_with_address
from raincheck.data.models import Appointment, Import, ImportRow, Place, Provider, Task
from raincheck.data.postgresql.plans import plan_anew
from raincheck.domain.appointments import History, PlaceKind
from raincheck.domain.imports.importing import TimesTaken
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.tasks import TaskKind
from raincheck.notifications.notify import Dispatch, notify_many
from raincheck.notifications.subjects import NoticeSubject

BATCH = 1000
LINK = """
UPDATE raincheck_importrow AS row SET appointment_id = said.appointment
FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS appointment) AS said WHERE row.id = said.id
"""
# By hand: thousands of whole rows would take a quarter of the time for which picks wait.
LOCK_CLIENTS = """
SELECT merged_into_id IS NULL AND discharged_at IS NULL AND archived_at IS NULL FROM raincheck_client
WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""


def add_appointments(kept: Import, rows: Sequence[ImportRow], *, by: Actor, now: datetime) -> None:
    """Write the appointments of rows that are ready, with their claims; clients are told where the file says so.

    They have no buffers: they stand as they were agreed elsewhere. Raises TimesTaken when anybody was quicker, and then
    none of them may be committed.
    """
    said: list[dict[str, Any]] = [row.read or {} for row in rows]
    providers = Provider.objects.in_bulk({one["provider_id"] for one in said})
    # Once for the clients who came before them, and once for the appointments.
    plan_anew()
    ids = [appointment.pk for appointment in _written(kept, said, providers, now=now)]
    plan_anew()
    record_all(ids, History.BOOKED, by=by, now=now)
    with connection.cursor() as cursor:
        cursor.execute(LINK, [[row.pk for row in rows], ids])
    if kept.clients_told:
        tell_clients(ids, by=by, now=now)
    # Only now: whoever picks a time waits while these are locked, and all above needs no lock.
    locked = lock(providers=providers)
    if any(_reads_otherwise(before, locked.providers[pk]) for pk, before in providers.items()):
        raise ReadAgain
    _lock_clients({one["client_id"] for one in said})
    if not claim_all(ids, now=now):
        raise TimesTaken
    # Nearly nobody is to be called, and only theirs are asked about.
    called = Task.objects.filter(practice=kept.practice_id, kind=TaskKind.INTAKE_LAPSED, done_at__isnull=True)
    clients = set(called.values_list("client", flat=True))
    theirs = [pk for pk, one in zip(ids, said, strict=True) if one["client_id"] in clients]
    close_tasks_of_lapsed_intakes(theirs, now=now)
    look_soon(providers)


def _written(
    kept: Import, said: Sequence[dict[str, Any]], providers: Mapping[int, Provider], *, now: datetime
) -> list[Appointment]:
    """Write the appointments. They claim no time yet, and must before this is committed."""
    video = set(
        Place.objects.filter(practice=kept.practice_id, kind=PlaceKind.TELEHEALTH).values_list(
            "pk", flat=True
        )
    )
    made = []
    for one in said:
        ref = uuid.uuid4()
        start, end = (datetime.fromisoformat(one[name]) for name in ("starts_at", "ends_at"))
        provider = providers[one["provider_id"]]
        appointment = Appointment(
            ref=ref,
            practice_id=kept.practice_id,
            provider=provider,
            client_id=one["client_id"],
            type_id=one["type_id"],
            place_id=one["place_id"],
            buffer_before=end - end,
            buffer_after=end - end,
            join_url=provider.join_url if one["place_id"] in video else "",
            ical_uid=f"{ref}@raincheck",
            booked_at=now,
        )
        set_time(appointment, start=start, length=end - start)
        made.append(appointment)
    return Appointment.objects.bulk_create(made, batch_size=BATCH)


def _lock_clients(ids: Collection[int]) -> None:
    """Lock clients of the practice, as `lock` does, and raise ReadAgain unless all are here and in care as they were read."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_CLIENTS, [list(ids)])
        found = [is_here for (is_here,) in cursor.fetchall()]
    if len(found) != len(ids) or not all(found):
        raise ReadAgain


def _reads_otherwise(before: Provider, now: Provider) -> bool:
    return now.left_at is not None or (before.zone, before.join_url) != (now.zone, now.join_url)


def tell_clients(ids: Sequence[int], *, by: Actor, now: datetime) -> None:
    """Write one confirmation to each client who has an address, of all their appointments with one provider."""
    whole = Appointment.objects.select_related("practice", "provider", "client", "type", "place")
    together: dict[tuple[int, int], list[NoticeSubject]] = defaultdict(list)
    for appointment in whole.filter(pk__in=ids).order_by("starts_at", "pk"):
        together[appointment.client_id, appointment.provider_id].append(NoticeSubject(appointment))
    reached = clients_with_address({client for client, _provider in together})
    dispatches = [
        Dispatch(NotificationType.BOOKED, subjects, email_only=True, provider_too=False)
        for (client, _provider), subjects in together.items()
        if client in reached
    ]
    notify_many(dispatches, by=by, now=now, queued=False)

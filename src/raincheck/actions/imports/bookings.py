"""Appointments of a file come in as they were agreed, set by set."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection
from django.db.models import Max

from raincheck.actions.appointments.claims import claim_all
from raincheck.actions.appointments.moving import set_time
from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.side_effects import close_tasks_of_lapsed_intakes, record_all
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.imports.reached import clients_with_address
from raincheck.data.models import Appointment, Import, ImportRow, Place, Provider, Series, Task
from raincheck.data.postgresql.plans import plan_anew
from raincheck.domain.appointments.lifecycle import History, PlaceKind
from raincheck.domain.imports.calendar_files import recurrence_id_of
from raincheck.domain.imports.importing import TimesTaken
from raincheck.domain.imports.repeating import Repeats, repeats_from
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.spans import Span
from raincheck.domain.tasks import TaskKind
from raincheck.domain.zones import zone_named
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


def add_appointments(kept: Import, rows: Sequence[ImportRow], *, by: Actor, now: datetime) -> int:
    """Write the appointments of rows that are ready, with their claims, and return how many; a series is whole.

    Clients are told where the file says so.

    They have no buffers: they stand as they were agreed elsewhere. Raises TimesTaken when anybody was quicker, and then
    none of them may be committed.
    """
    said: list[dict[str, Any]] = [row.read or {} for row in rows]
    providers = Provider.objects.in_bulk({one["provider_id"] for one in said})
    # Once for the clients who came before them, and once for the appointments.
    plan_anew()
    booked = _written(kept, said, providers, now=now)
    ids = [appointment.pk for appointments in booked for appointment in appointments]
    plan_anew()
    record_all(ids, History.BOOKED, by=by, now=now)
    with connection.cursor() as cursor:
        cursor.execute(LINK, [[row.pk for row in rows], [appointments[0].pk for appointments in booked]])
    _write_later_times(kept, rows, booked)
    if kept.clients_told:
        tell_clients(ids, by=by, now=now)
    # Only now: whoever picks a time waits while these are locked, and all above needs no lock.
    locked = lock(providers=providers)
    if any(_reads_otherwise(before, locked.providers[pk]) for pk, before in providers.items()):
        raise ReadAgain
    _lock_clients({one["client_id"] for one in said})
    lock(places={one["place_id"] for one in said})
    if not claim_all(ids, now=now):
        raise TimesTaken
    # Nearly nobody is to be called, and only theirs are asked about.
    called = Task.objects.filter(practice=kept.practice_id, kind=TaskKind.INTAKE_LAPSED, done_at__isnull=True)
    clients = set(called.values_list("client", flat=True))
    of_each = zip(booked, said, strict=True)
    theirs = [row.pk for rows_of_it, one in of_each if one["client_id"] in clients for row in rows_of_it]
    close_tasks_of_lapsed_intakes(theirs, now=now)
    look_soon(providers)
    return len(ids)


def _written(
    kept: Import, said: Sequence[dict[str, Any]], providers: Mapping[int, Provider], *, now: datetime
) -> list[list[Appointment]]:
    """Write the appointments of each row, those of a series by their recurrence id. They claim no time yet, and must
    before this is committed.
    """
    video = set(
        Place.objects.filter(practice=kept.practice_id, kind=PlaceKind.TELEHEALTH).values_list(
            "pk", flat=True
        )
    )
    made: list[list[Appointment]] = []
    for one in said:
        provider = providers[one["provider_id"]]
        join_url = provider.join_url if one["place_id"] in video else ""
        repeats = repeats_from(one.get("repeats"))
        whole = _series(kept, one, repeats, provider, join_url) if repeats else None
        times = (
            [(time.span, time.recurrence_id) for time in repeats.times]
            if repeats
            else [(Span(*(datetime.fromisoformat(one[name]) for name in ("starts_at", "ends_at"))), None)]
        )
        made.append(
            [_appointment(kept, one, provider, join_url, *time, series=whole, now=now) for time in times]
        )
    Series.objects.bulk_create(row[0].series for row in made if row[0].series is not None)
    Appointment.objects.bulk_create((one for row in made for one in row), batch_size=BATCH)
    return made


def _series(
    kept: Import, said: Mapping[str, Any], repeats: Repeats, provider: Provider, join_url: str
) -> Series:
    """Return the series of a row as it would be written: like those that are booked here, and gone on with as they are."""
    pattern = repeats.pattern
    return Series(
        practice_id=kept.practice_id,
        provider=provider,
        client_id=said["client_id"],
        type_id=said["type_id"],
        place_id=said["place_id"],
        every_weeks=pattern.every_weeks,
        begins_on=pattern.first.date(),
        wall_time=pattern.first.time(),
        zone=pattern.zone.key,
        length=repeats.length,
        join_url=join_url,
        ends_on=pattern.ends_on,
        made_until=repeats.made_until,
    )


def _appointment(
    kept: Import,
    said: Mapping[str, Any],
    provider: Provider,
    join_url: str,
    span: Span,
    recurrence_id: datetime | None,
    *,
    series: Series | None,
    now: datetime,
) -> Appointment:
    ref = uuid.uuid4()
    appointment = Appointment(
        ref=ref,
        practice_id=kept.practice_id,
        provider=provider,
        client_id=said["client_id"],
        type_id=said["type_id"],
        place_id=said["place_id"],
        series=series,
        recurrence_id=recurrence_id,
        buffer_before=timedelta(0),
        buffer_after=timedelta(0),
        join_url=join_url,
        ical_uid=f"{ref}@raincheck",
        booked_at=now,
    )
    set_time(appointment, start=span.start, length=span.length)
    return appointment


def _write_later_times(
    kept: Import, rows: Sequence[ImportRow], booked: Sequence[Sequence[Appointment]]
) -> None:
    """Write a row for each later time of a series, so that each time is known again, and goes when the import is undone."""
    last = ImportRow.objects.filter(file=kept).aggregate(last=Max("number"))["last"]
    numbers = count(last + 1)
    later = []
    for row, appointments in zip(rows, booked, strict=True):
        for one in appointments[1:]:
            assert one.series is not None
            assert one.recurrence_id is not None
            zone = zone_named(one.series.zone)
            known = recurrence_id_of(one.recurrence_id, zone=zone) if row.uid else ""
            later.append(
                ImportRow(
                    practice_id=kept.practice_id,
                    file=kept,
                    number=next(numbers),
                    part_of=row.number,
                    cells={},
                    event=row.event,
                    uid=row.uid,
                    recurrence_id=known,
                    starts_at=one.starts_at,
                    ends_at=one.ends_at,
                    appointment=one,
                )
            )
    ImportRow.objects.bulk_create(later, batch_size=BATCH)


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
        subject = NoticeSubject(appointment, whole_series=appointment.series_id is not None)
        together[appointment.client_id, appointment.provider_id].append(subject)
    reached = clients_with_address({client for client, _provider in together})
    dispatches = [
        Dispatch(NotificationType.BOOKED, subjects, email_only=True, provider_too=False)
        for (client, _provider), subjects in together.items()
        if client in reached
    ]
    notify_many(dispatches, by=by, now=now, queued=False)

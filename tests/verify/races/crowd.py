"""Many clients of one provider, each asked about an appointment, written in a few statements."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.db import transaction
from tests.app.cast import MINUTES, NOW, Cast, new_york

from raincheck.actions.appointments.claims import claim
from raincheck.actions.appointments.moving import set_time
from raincheck.actions.engine.side_effects import history_row
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.notifications import Notification
from raincheck.data.people import Client, Provider, Recipient
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.domain.appointments.lifecycle import History
from raincheck.domain.people import Actor, ActorKind

HOUR = timedelta(hours=1)
FIRST = new_york(19, 0)
"""The first of the appointments that are asked about; one follows the other every hour, night and day."""


@transaction.atomic
def asked_crowd(cast: Cast, provider: Provider, count: int) -> list[RescheduleRequest]:
    """Return one open request for each of `count` new clients of a provider, as asking each of them would leave it."""
    by = Actor(ActorKind.PROVIDER, provider.pk)
    clients = Client.objects.bulk_create(
        Client(
            practice=cast.practice,
            first_name=f"Client{n}",
            last_name=provider.short_name,
            client_since=date(2025, 3, 1),
        )
        for n in range(count)
    )
    recipients = Recipient.objects.bulk_create(
        Recipient(practice=cast.practice, client=client, email=f"client{client.pk}@clients.example")
        for client in clients
    )
    rows = Appointment.objects.bulk_create(
        _appointment(cast, provider, client, number) for number, client in enumerate(clients)
    )
    for row in rows:
        claim(row, now=NOW)
    batches = RescheduleBatch.objects.bulk_create(
        RescheduleBatch(
            practice=cast.practice,
            provider=provider,
            client=client,
            asked_at=NOW,
            asked_by_kind=by.kind,
            asked_by=by.who,
            reason="travel",
        )
        for client in clients
    )
    requests = RescheduleRequest.objects.bulk_create(
        _request(batch, row) for batch, row in zip(batches, rows, strict=True)
    )
    AppointmentHistory.objects.bulk_create(history_row(row, History.BOOKED, by=by, now=NOW) for row in rows)
    AppointmentHistory.objects.bulk_create(
        history_row(request.appointment, History.ASKED, by=by, now=NOW, request=request)
        for request in requests
    )
    Notification.objects.bulk_create(
        _prompt(batch, recipient) for batch, recipient in zip(batches, recipients, strict=True)
    )
    return requests


def _appointment(cast: Cast, provider: Provider, client: Client, number: int) -> Appointment:
    ref = uuid.uuid4()
    row = Appointment(
        ref=ref,
        practice=cast.practice,
        provider=provider,
        client=client,
        type=cast.follow_up,
        place=cast.telehealth,
        buffer_before=0 * MINUTES,
        buffer_after=10 * MINUTES,
        ical_uid=f"{ref}@raincheck",
        booked_at=NOW,
    )
    set_time(row, start=FIRST + number * HOUR, length=50 * MINUTES)
    return row


def _request(batch: RescheduleBatch, row: Appointment) -> RescheduleRequest:
    deadline = min(NOW + 48 * HOUR, row.starts_at - 2 * HOUR)
    return RescheduleRequest(
        practice_id=batch.practice_id,
        batch=batch,
        appointment=row,
        provider_id=row.provider_id,
        client_id=row.client_id,
        asked_at=NOW,
        asked_starts_at=row.starts_at,
        asked_ends_at=row.ends_at,
        first_deadline_at=deadline,
        deadline_at=deadline,
    )


def _prompt(batch: RescheduleBatch, recipient: Recipient) -> Notification:
    return Notification(
        practice_id=batch.practice_id,
        recipient=recipient,
        channel="email",
        kind="asked",
        batch=batch,
        made_at=NOW,
        due_at=NOW,
        give_up_at=NOW + 24 * HOUR,
    )

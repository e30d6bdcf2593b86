"""Writes the demo's regular appointments, many at a time, and says afterwards which of them took place."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange, NumericRange

from raincheck.actions.appointments.moving import set_time
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import history_row
from raincheck.data.appointments import Appointment, AppointmentHistory, Claim, Series
from raincheck.data.conversations import Conversation, Message
from raincheck.data.reschedule import RescheduleRequest
from raincheck.demo.week import Regular
from raincheck.domain.appointments import History, PlaceKind, Status, fee_allowed
from raincheck.domain.conversations import Card
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.zones import wall, zone_named

BOOKED_BEFORE = timedelta(days=30)
"""Regular appointments were agreed on so long before the first of them."""


def write_regulars(plan: Sequence[Regular]) -> Answer:
    """Write every regular appointment with its series, claims, history and conversation, as if booked long ago."""
    series = Series.objects.bulk_create(map(_series, plan))
    threads = Conversation.objects.bulk_create(map(_thread, plan))
    booked = [list(_of_series(*pair)) for pair in zip(plan, series, strict=True)]
    appointments = Appointment.objects.bulk_create(chain.from_iterable(booked))
    Claim.objects.bulk_create(chain.from_iterable(map(_claims, appointments)))
    AppointmentHistory.objects.bulk_create(
        history_row(row, History.BOOKED, by=_provider(row), now=row.booked_at) for row in appointments
    )
    firsts = (rows[0] for rows in booked)
    Message.objects.bulk_create(_first_card(*pair) for pair in zip(firsts, threads, strict=True))
    return {}


def _series(regular: Regular) -> Series:
    return Series(
        practice=regular.provider.practice,
        provider=regular.provider,
        client=regular.client,
        every_weeks=regular.every,
        begins_on=wall(regular.starts[0], zone=zone_named(regular.provider.zone)).date(),
    )


def _thread(regular: Regular) -> Conversation:
    booked_at = regular.starts[0] - BOOKED_BEFORE
    return Conversation(
        practice=regular.provider.practice,
        provider=regular.provider,
        client=regular.client,
        latest_at=booked_at,
        provider_read_at=booked_at,
    )


def _of_series(regular: Regular, series: Series) -> Iterator[Appointment]:
    booked_at = regular.starts[0] - BOOKED_BEFORE
    for start in regular.starts:
        yield _appointment(regular, series, start, booked_at=booked_at)


def _appointment(regular: Regular, series: Series, start: datetime, *, booked_at: datetime) -> Appointment:
    ref = uuid.uuid4()
    row = Appointment(
        ref=ref,
        practice=regular.provider.practice,
        provider=regular.provider,
        client=regular.client,
        type=regular.type,
        place=regular.place,
        series=series,
        buffer_before=regular.type.buffer_before,
        buffer_after=regular.type.buffer_after,
        join_url=regular.provider.join_url if regular.place.kind == PlaceKind.TELEHEALTH else "",
        ical_uid=f"{ref}@raincheck",
        booked_at=booked_at,
    )
    set_time(row, start=start, length=regular.type.length)
    return row


def _first_card(row: Appointment, thread: Conversation) -> Message:
    """Return the card with which the conversation of a provider and a client begins."""
    return Message(
        practice_id=row.practice_id,
        conversation=thread,
        at=row.booked_at,
        author_kind=ActorKind.PROVIDER,
        author=row.provider_id,
        card=Card.BOOKED,
        appointment=row,
        starts_at=row.starts_at,
    )


def _claims(row: Appointment) -> Iterator[Claim]:
    whole = DateTimeTZRange(row.starts_at - row.buffer_before, row.ends_at + row.buffer_after)
    parts = [
        ("session", DateTimeTZRange(row.starts_at, row.ends_at), NumericRange()),
        ("buffered", whole, NumericRange(row.client_id, row.client_id + 1)),
    ]
    for part, span, lane in parts:
        yield Claim(
            practice_id=row.practice_id,
            provider_id=row.provider_id,
            client_id=row.client_id,
            appointment=row,
            part=part,
            span=span,
            lane=lane,
        )


def write_attendance(chance: random.Random, *, now: datetime) -> Answer:
    """Say of every appointment that is over whether it took place; now and then a client did not come."""
    over = list(
        Appointment.objects.filter(status=Status.SCHEDULED, ends_at__lte=now).order_by("ends_at", "pk")
    )
    asked_about = set(RescheduleRequest.objects.values_list("appointment", flat=True))
    absent = set(chance.sample([row.pk for row in over if row.pk not in asked_about], len(over) // 40))
    missed = [row for row in over if row.pk in absent]
    _close([row for row in over if row.pk not in absent], Status.COMPLETED, History.COMPLETED)
    _close(missed, Status.CLIENT_NO_SHOW, History.CLIENT_NO_SHOW)
    return {}


def _close(rows: Sequence[Appointment], status: Status, event: History) -> None:
    allowed = fee_allowed(status=status, why=None, time_was_asked_about=False)
    Appointment.objects.filter(pk__in=[row.pk for row in rows]).update(status=status, fee_allowed=allowed)
    AppointmentHistory.objects.bulk_create(
        history_row(row, event, by=_provider(row), now=row.ends_at) for row in rows
    )


def _provider(row: Appointment) -> Actor:
    return Actor(ActorKind.PROVIDER, row.provider_id)

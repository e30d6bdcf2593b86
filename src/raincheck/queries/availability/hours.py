"""What there is to know about a provider's hours: the open times they lead to, and the appointments outside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from raincheck.data.appointments import Appointment, AppointmentType
from raincheck.data.availability import AvailabilityHistory
from raincheck.data.people import Provider
from raincheck.data.schedule import as_booked, scheduled_ahead
from raincheck.data.slots import NOBODY, Session, slot_question, taken_time
from raincheck.domain.appointments import TypeKind
from raincheck.domain.availability.schedule import Schedule, no_longer_inside, outside
from raincheck.domain.slots import last_start, open_slots
from raincheck.domain.spans import Span

LOOK_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class OpenTimes:
    """The starts (UTC) of the coming two weeks that fit a session of `type`, at any place; soonest first."""

    type: AppointmentType
    starts: list[datetime]


def next_open_times(provider: Provider, *, now: datetime) -> OpenTimes | None:
    """Return what a new booking of the practice's follow-up (else its first type) could choose from; None without a type."""
    types = AppointmentType.objects.filter(practice=provider.practice_id, offered=True).order_by("pk")
    kind = min(types, key=lambda row: row.kind != TypeKind.FOLLOW_UP, default=None)
    if kind is None:
        return None
    policy = provider.practice.rules
    within = Span(now, now + LOOK_AHEAD)
    question = slot_question(
        provider,
        taken_time(provider.pk, client_id=NOBODY, within=within, now=now),
        session=Session.of_type(kind, place=""),
        client_id=NOBODY,
        within=within,
        earliest_at=now + policy.booking_notice,
        latest_at=last_start(now=now, policy=policy),
    )
    return OpenTimes(kind, open_slots(replace(question, place=None)))


@dataclass(frozen=True, slots=True)
class OutsideHours:
    """Appointments ahead that lie outside a schedule, soonest first; `no_longer` are those that fitted the former one."""

    every: list[Appointment]
    no_longer: list[Appointment]


def outside_hours(provider: Provider, schedule: Schedule, *, former: Schedule, now: datetime) -> OutsideHours:
    """Return a provider's scheduled appointments that have not begun and lie outside `schedule`; in one query."""
    rows = list(scheduled_ahead(provider.pk, now=now))
    for row in rows:
        row.provider, row.practice = provider, provider.practice
    booked = as_booked(rows)
    every = outside(booked, schedule)
    no_longer = no_longer_inside(booked, former=former, schedule=schedule)
    return OutsideHours(
        [row for row in rows if row.pk in every], [row for row in rows if row.pk in no_longer]
    )


def lengths_offered(practice_id: int) -> list[timedelta]:
    """Return the lengths of the sessions a practice offers."""
    return list(
        AppointmentType.objects.filter(practice=practice_id, offered=True).values_list("length", flat=True)
    )


def last_save(provider: Provider) -> AvailabilityHistory | None:
    """Return the last save of a provider's hours; None while nobody has saved any."""
    return AvailabilityHistory.objects.filter(provider=provider).order_by("-pk").first()

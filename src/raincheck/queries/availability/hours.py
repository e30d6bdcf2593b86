"""Hours of a provider: the open times they lead to, and the appointments outside them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from raincheck.data.compiled import Compiled
from raincheck.data.models import Appointment, AppointmentType, AvailabilityHistory, Provider
from raincheck.data.schedule import scheduled_ahead
from raincheck.data.slots import NOBODY, Session, slot_question, taken_time
from raincheck.domain.appointments.lifecycle import TypeKind
from raincheck.domain.availability.schedule import Booked, Schedule, no_longer_inside, outside
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
    kind = min(
        _types(practice=provider.practice_id), key=lambda row: row.kind != TypeKind.FOLLOW_UP, default=None
    )
    if kind is None:
        return None
    policy = provider.practice.rules
    within = Span(now, now + LOOK_AHEAD)
    question = slot_question(
        provider,
        taken_time(provider.pk, client_id=NOBODY, rooms=(), within=within, now=now),
        session=Session.of_type(kind, at=None),
        client_id=NOBODY,
        within=within,
        earliest_at=now + policy.booking_notice,
        latest_at=last_start(now=now, policy=policy),
    )
    return OpenTimes(kind, open_slots(question))


@Compiled
def _types(practice: int) -> QuerySet[AppointmentType]:
    return AppointmentType.objects.filter(practice=practice, offered=True).order_by("pk")


@dataclass(frozen=True, slots=True)
class OutsideHours:
    """Appointments ahead that lie outside a schedule, soonest first; `no_longer` are those that fitted the former one."""

    every: list[Appointment]
    no_longer: list[Appointment]


def outside_hours(provider: Provider, schedule: Schedule, *, former: Schedule, now: datetime) -> OutsideHours:
    """Return a provider's scheduled appointments that have not begun and lie outside `schedule`; in two queries at most."""
    # Nearly all lie inside, so only those that don't are read whole.
    booked = [
        Booked(pk, Span(starts_at, ends_at), str(place))
        for pk, starts_at, ends_at, place in _ahead(provider=provider.pk, now=now)
    ]
    every = outside(booked, schedule)
    if not every:
        return OutsideHours([], [])
    rows = list(scheduled_ahead(provider.pk, now=now).filter(pk__in=every))
    for row in rows:
        # At hand for the page, which would ask for each of them again.
        row.provider, row.practice = provider, provider.practice
    no_longer = no_longer_inside(booked, former=former, schedule=schedule)
    return OutsideHours(rows, [row for row in rows if row.pk in no_longer])


@Compiled
def _ahead(provider: int, now: datetime) -> QuerySet[Appointment, tuple[int, datetime, datetime, UUID]]:
    return scheduled_ahead(provider, now=now).values_list("pk", "starts_at", "ends_at", "place__ref")


def lengths_offered(practice_id: int) -> list[timedelta]:
    """Return the lengths of the sessions a practice offers."""
    return [kind.length for kind in _types(practice=practice_id)]


def last_save(provider: Provider) -> AvailabilityHistory | None:
    """Return the last save of a provider's hours; None while nobody has saved any."""
    # A list of one: a compiled question has rows, and no `first()`.
    return next(iter(_last_saves(provider=provider.pk)), None)


@Compiled
def _last_saves(provider: int) -> QuerySet[AvailabilityHistory]:
    return AvailabilityHistory.objects.filter(provider=provider).order_by("-pk")[:1]

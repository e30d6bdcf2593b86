"""Lists of appointments: those ahead and those past, one with its story, and what can be booked at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from raincheck.data.appointments.appointment import REAL
from raincheck.data.compiled import Compiled, numbered
from raincheck.data.models import (
    Appointment,
    AppointmentHistory,
    AppointmentType,
    Client,
    Place,
    Practice,
    Provider,
    RescheduleRequest,
)
from raincheck.data.notifications import knowing_failures
from raincheck.data.reschedule.request import OPEN
from raincheck.data.slots import LONGEST_SESSION
from raincheck.domain.appointments.lifecycle import History, Status


@dataclass(frozen=True, slots=True)
class Listed:
    """An appointment with its open request, if there is one."""

    appointment: Appointment
    request: RescheduleRequest | None


def ahead(provider: Provider, *, now: datetime) -> QuerySet[Appointment]:
    """Return a provider's appointments that are not over, cancelled ones too, soonest first."""
    # The second bound is for the index by start, which would begin with the first appointment ever.
    rows = _with_people(provider).filter(ends_at__gt=now, starts_at__gt=now - LONGEST_SESSION)
    return rows.order_by("starts_at", "pk")


def past(provider: Provider, *, now: datetime) -> QuerySet[Appointment]:
    """Return a provider's appointments that are over, the latest first."""
    return _with_people(provider).filter(ends_at__lte=now).order_by("-starts_at", "-pk")


def _with_people(provider: Provider) -> QuerySet[Appointment]:
    return Appointment.objects.filter(REAL, provider=provider).select_related("client", "type", "place")


def appointments_ahead(appointments: QuerySet[Appointment], *, now: datetime) -> QuerySet[Appointment]:
    """Return what is scheduled and not over, soonest first; `deadline_at` while asked."""
    asked = RescheduleRequest.objects.filter(OPEN, appointment=OuterRef("pk")).values("deadline_at")[:1]
    rows = appointments.filter(status=Status.SCHEDULED, ends_at__gt=now)
    # For the index by start, which would begin with the first appointment ever.
    rows = rows.filter(starts_at__gt=now - LONGEST_SESSION).annotate(deadline_at=Subquery(asked))
    return rows.select_related("type", "place", "provider").order_by("starts_at", "pk")


def next_appointments(
    appointments: QuerySet[Appointment], clients: Iterable[Client], *, now: datetime
) -> dict[int, Appointment]:
    """Return by client the appointment of each that begins next; in one query."""
    ahead = appointments.filter(
        client__in=[client.pk for client in clients], status=Status.SCHEDULED, starts_at__gt=now
    )
    soonest = ahead.order_by("client", "starts_at", "pk").distinct("client").select_related("provider")
    return {row.client_id: row for row in soonest}


def appointments_past(appointments: QuerySet[Appointment], *, now: datetime) -> QuerySet[Appointment]:
    """Return what is over or was cancelled, the latest first."""
    rows = appointments.filter(REAL, Q(ends_at__lte=now) | ~Q(status=Status.SCHEDULED))
    return rows.select_related("type", "place", "provider").order_by("-starts_at", "-pk")


def with_open_requests(appointments: list[Appointment]) -> list[Listed]:
    """Return the appointments, in order, with their open requests; in one query."""
    found = _open_requests(**numbered("appointment", [row.pk for row in appointments]))
    by_appointment = {request.appointment_id: request for request in found}
    return [Listed(row, by_appointment.get(row.pk)) for row in appointments]


@Compiled
def _open_requests(**appointments: int) -> QuerySet[RescheduleRequest]:
    about = RescheduleRequest.objects.filter(OPEN, appointment__in=appointments.values())
    return knowing_failures(about)


def in_detail(appointments: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Return appointments with everything their pages speak of at hand."""
    return appointments.select_related("practice", "provider__practice", "client", "type", "place", "series")


def open_request(appointment: Appointment) -> RescheduleRequest | None:
    """Return the open request about an appointment with its reason and notes."""
    return next(iter(_open_request(appointment=appointment.pk)), None)


@Compiled
def _open_request(appointment: int) -> QuerySet[RescheduleRequest]:
    rows = RescheduleRequest.objects.filter(OPEN, appointment=appointment).select_related("batch")
    return knowing_failures(rows)


def history_of(appointment: Appointment) -> list[AppointmentHistory]:
    """Return what happened to an appointment, the newest first."""
    rows = list(AppointmentHistory.objects.filter(appointment=appointment).order_by("-pk"))
    none_work = {row.at for row in rows if row.event == History.NONE_WORK}
    # The same word also marked the request; saying it once is enough.
    return [row for row in rows if not (row.event == History.CLIENT_WROTE and row.at in none_work)]


def types_of(practice: Practice, *, kept: AppointmentType | None = None) -> QuerySet[AppointmentType]:
    """Return what a practice offers, follow-ups before intakes, then by name; and `kept`, which may be offered no more."""
    rows = AppointmentType.objects.filter(
        Q(offered=True) | Q(pk=kept.pk if kept else None), practice=practice
    )
    # By the codes: `follow_up` happens to stand before `intake`.
    return rows.order_by("kind", "name")


def places_of(practice: Practice) -> QuerySet[Place]:
    """Return every place of a practice, those it offers no more too: telehealth first, then the rooms by name."""
    # Backwards by the codes: `telehealth` before `room`.
    return Place.objects.filter(practice=practice).order_by("-kind", "name")


def places_offered(practice: Practice, *, kept: Place | None = None) -> QuerySet[Place]:
    """Return where a practice meets its clients; and `kept`, which may be offered no more."""
    return places_of(practice).filter(Q(offered=True) | Q(pk=kept.pk if kept else None))


# What new zone rules did to an appointment ahead: it stays at its time on the clock, or could not.
BY_ZONE_RULES = (History.ZONE_CLASH, History.ZONE_CORRECTED)


def brought_by_new_rules(
    appointments: QuerySet[Appointment], *, now: datetime
) -> QuerySet[AppointmentHistory]:
    """Return the history rows of appointments ahead that nobody has changed since, clashes first, then by time."""
    ahead = appointments.filter(status=Status.SCHEDULED, starts_at__gt=now)
    rows = AppointmentHistory.objects.filter(event__in=BY_ZONE_RULES, appointment__in=ahead)
    # Whatever changes an appointment raises its sequence, so an older row is about a time that it has no more.
    rows = rows.filter(sequence=F("appointment__ical_sequence"))
    about = ("appointment__client", "appointment__provider", "appointment__type", "appointment__practice")
    return rows.select_related(*about).order_by("event", "appointment__starts_at", "pk")

"""A client's own appointment: how it stands, and the times to which they may move it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from raincheck.data.appointments.appointment import REAL
from raincheck.data.appointments.outcomes import was_asked_about
from raincheck.data.compiled import Compiled
from raincheck.data.models import Appointment, RebookOffer, Recipient, RescheduleRequest
from raincheck.data.reschedule.own_holds import held_to_move
from raincheck.data.reschedule.request import OPEN
from raincheck.data.slots import reschedule_question
from raincheck.domain.appointments.lifecycle import Status, TypeKind
from raincheck.domain.appointments.self_service import self_service_ends_at
from raincheck.domain.clients.never_works import times_of_week
from raincheck.domain.ranking import nearest_good_times, usual_time
from raincheck.domain.slots import open_slots
from raincheck.domain.zones import zone_named
from raincheck.queries.reschedule.choose import kept_starts


@dataclass(frozen=True, slots=True)
class OwnAppointment:
    """How an appointment stands for its client.

    `asked` is the open request about it, `offer` what came of its cancellation, `changes_until` until when they may move or
    cancel it by themselves, None where they may not.
    """

    appointment: Appointment
    asked: RescheduleRequest | None
    offer: RebookOffer | None
    changes_until: datetime | None


def appointment_named(ref: UUID) -> Appointment | None:
    """Return the appointment of a ref with the people it concerns; None for none, or for one that never was one."""
    return next(iter(_appointments(ref=ref)), None)


@Compiled
def _appointments(ref: UUID) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(REAL, ref=ref)
    return rows.select_related("practice", "provider", "client", "type", "place")


def how_it_stands(appointment: Appointment, *, now: datetime) -> OwnAppointment:
    """Return how an appointment stands for its client at `now`."""
    if appointment.status == Status.CANCELLED:
        offer = RebookOffer.objects.filter(appointment=appointment).first()
        return OwnAppointment(appointment, None, offer, None)
    asked = RescheduleRequest.objects.filter(OPEN, appointment=appointment).select_related("batch").first()
    until = self_service_ends_at(
        appointment.starts_at,
        policy=appointment.practice.rules,
        asked_about=was_asked_about(appointment),
    )
    may = appointment.status == Status.SCHEDULED and asked is None and until > now
    return OwnAppointment(appointment, asked, None, until if may else None)


def move_starts(appointment: Appointment, *, now: datetime) -> list[datetime]:
    """Return the starts to which a client may move their appointment, soonest first."""
    question = reschedule_question(
        appointment, now=now, notice=appointment.practice.rules.pick_notice, at_the_clients_wish=True
    )
    starts = {*open_slots(question), *held_to_move(appointment, question, now=now)}
    return sorted(starts - {appointment.starts_at})


def good_times_to_move(
    appointment: Appointment, starts: Sequence[datetime], *, zone: str, now: datetime
) -> list[datetime]:
    """Return the best of the starts, near the time it has; `zone` is where whoever reads them has their clock."""
    of_provider = zone_named(appointment.provider.zone)
    kept = kept_starts(provider=appointment.provider_id, client=appointment.client_id, now=now)
    return nearest_good_times(
        starts,
        asked_at=appointment.starts_at,
        usual=None if appointment.type.kind == TypeKind.INTAKE else usual_time(kept, zone=of_provider),
        zone=of_provider,
        client_zone=zone_named(zone),
        never_works=times_of_week(appointment.client.never_works),
        needed_by=appointment.needed_by,
    )


def own_recipient_of(appointment: Appointment) -> Recipient | None:
    """Return as whom the client themselves gets messages; None where nothing is written down."""
    return Recipient.objects.filter(client=appointment.client_id, is_client=True).first()

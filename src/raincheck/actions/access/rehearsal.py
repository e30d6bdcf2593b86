"""A rehearsal is begun and cleared away: a client whom a manager plays, an appointment, and a real request about it."""

from datetime import datetime

from raincheck.actions.appointments.booking import (
    Booking,
    Cancellation,
    cancel_and_tell,
    make_appointment,
)
from raincheck.actions.clients.history import record_change
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import record, show_card
from raincheck.actions.reschedule.ask import Ask, make_requests
from raincheck.data.models import (
    Appointment,
    AppointmentType,
    Client,
    Place,
    Practice,
    Provider,
    Recipient,
    RescheduleRequest,
)
from raincheck.data.reschedule.request import OPEN
from raincheck.data.slots import Session, rooms_of, slot_question, taken_time
from raincheck.domain.access.rehearsal import LOOKS_AHEAD, NothingToBook, RehearsalUnderWay, soonest
from raincheck.domain.appointments.lifecycle import CancelReason, History, Status
from raincheck.domain.clients.record import ClientEvent
from raincheck.domain.conversations import Card
from raincheck.domain.people import Actor, NotInThisPractice
from raincheck.domain.practice import SenderNotSet
from raincheck.domain.reschedule.lifecycle import NoOpenTimes, Reason
from raincheck.domain.slots import open_slots
from raincheck.domain.spans import Span
from raincheck.domain.zones import wall, zone_named


def start_rehearsal(
    practice_id: int, *, provider_id: int, name: str, mark: str, email: str, by: Actor, now: datetime
) -> Answer:
    """Ask somebody of the practice as if they were a client: `name` is theirs, `mark` stands behind it, mail goes to `email`.

    The appointment takes the provider's first open time that leaves the whole time to answer. One rehearsal at a time.
    """
    practice = lock(practices=[practice_id]).practices[practice_id]
    if not practice.can_ask:
        raise SenderNotSet
    if Client.objects.filter(practice=practice, rehearsal=True, archived_at__isnull=True).exists():
        raise RehearsalUnderWay
    if not Provider.objects.filter(practice=practice, pk=provider_id).exists():
        raise NotInThisPractice
    provider = lock(providers=[provider_id]).providers[provider_id]
    client = Client(
        practice=practice,
        first_name=name,
        last_name=mark,
        client_since=wall(now, zone=zone_named(practice.zone)).date(),
        rehearsal=True,
    )
    client.save(force_insert=True)
    # No account comes with it: the link in the mail is all that a client needs.
    Recipient(practice=practice, client=client, email=email).save(force_insert=True)
    record_change(client, ClientEvent.ADDED, {}, by=by, now=now)
    appointment = make_appointment(_first_open(provider, client, practice, now=now), now=now)
    record(appointment, History.BOOKED, by=by, now=now)
    show_card(appointment, Card.BOOKED, by=by, now=now)
    [request] = make_requests(Ask([appointment.ref], Reason.OTHER), practice_id=practice.pk, by=by, now=now)
    return {"client": str(client.ref), "request": str(request.ref)}


def clear_rehearsal(practice_id: int, *, by: Actor, now: datetime) -> Answer:
    """Clear a rehearsal away: what is ahead of it is canceled, and its client leaves the lists. The history stays."""
    practice = lock(practices=[practice_id]).practices[practice_id]
    clients = list(Client.objects.filter(practice=practice, rehearsal=True, archived_at__isnull=True))
    ahead = list(
        Appointment.objects.filter(client__in=clients, status=Status.SCHEDULED, starts_at__gt=now).order_by(
            "pk"
        )
    )
    # All at once and in order; each cancellation takes its own again, which are ours by then.
    lock(
        providers=[row.provider_id for row in ahead],
        clients=[client.pk for client in clients],
        appointments=[row.pk for row in ahead],
        requests=RescheduleRequest.objects.filter(OPEN, appointment__in=ahead).values_list("pk", flat=True),
    )
    for row in ahead:
        cancel_and_tell(row.ref, cancellation=Cancellation(CancelReason.NO_LONGER_NEEDED), by=by, now=now)
    for client in clients:
        client.archived_at = now
        client.save(update_fields=["archived_at"])
        record_change(client, ClientEvent.CHANGED, {}, by=by, now=now)
    return {"practice": str(practice.ref)}


def _first_open(provider: Provider, client: Client, practice: Practice, *, now: datetime) -> Booking:
    offered = {"practice": practice, "offered": True}
    kind = AppointmentType.objects.filter(**offered).order_by("length", "pk").first()
    place = Place.objects.filter(**offered).order_by("-kind", "pk").first()
    if kind is None or place is None:
        raise NothingToBook
    begins_at = now + soonest(practice.rules)
    within = Span(begins_at, begins_at + LOOKS_AHEAD)
    session = Session.of_type(kind, at=place)
    question = slot_question(
        provider,
        taken_time(provider.pk, client_id=client.pk, rooms=rooms_of([session]), within=within, now=now),
        session=session,
        client_id=client.pk,
        within=within,
        earliest_at=within.start,
        latest_at=within.end,
    )
    starts = open_slots(question)
    if not starts:
        raise NoOpenTimes
    return Booking(provider.pk, client.pk, kind.pk, place.pk, starts[0])

"""A client leaves care, by discharge or into the archive, and comes back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from raincheck.actions.appointments.claims import free_holds
from raincheck.actions.appointments.moving import cancel, cancel_details, end_offers
from raincheck.actions.clients.history import record_change
from raincheck.actions.conversations import post
from raincheck.actions.engine.locks import Locked, ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import Shown, history_row, show_cards
from raincheck.actions.reschedule.ending import end_requests
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.models import (
    Appointment,
    AppointmentHistory,
    Client,
    Conversation,
    Hold,
    RebookOffer,
    RescheduleRequest,
    Series,
)
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.appointments.lifecycle import CancelledWhy, History, Status
from raincheck.domain.clients.leaving import (
    AlreadyDischarged,
    AlreadyInCare,
    AppointmentsAhead,
    NobodyToWriteFor,
    OthersSeeThem,
    Told,
    ToldMissing,
)
from raincheck.domain.clients.record import ClientEvent
from raincheck.domain.conversations import Card, message_text
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.reschedule.lifecycle import Event
from raincheck.domain.zones import wall, zone_named
from raincheck.notifications.notify import Dispatch, notify_many, notify_of_message
from raincheck.notifications.subjects import NoticeSubject


@dataclass(frozen=True, slots=True)
class Discharge:
    """What the form says: what the client is told, and their words where somebody writes their own."""

    told: Told | None
    words: str = ""


def discharge(client_id: int, *, said: Discharge, by: Actor, now: datetime) -> Answer:
    """End somebody's care: their appointments ahead are canceled, open requests end with them, series and offers too.

    The client is told what a person chose or wrote, and nothing else. Raises OthersSeeThem when a provider would cancel
    another one's appointments.
    """
    client = Client.objects.get(pk=client_id)
    if said.told is None:
        raise ToldMissing(name=client.known_as)
    words = message_text(said.words) if said.told is Told.OWN_WORDS else ""
    if by.kind is ActorKind.PROVIDER and _ahead(client_id, now=now).exclude(provider=by.who).exists():
        raise OthersSeeThem(name=client.known_as)
    writes_for = _writes_for(client, by=by, now=now) if words else None
    locked = _locked(client_id, now=now, besides=writes_for)
    client = locked.clients[client_id]
    if client.discharged_at is not None:
        raise AlreadyDischarged(name=client.known_as)
    rows = sorted(locked.appointments.values(), key=lambda row: (row.starts_at, row.pk))
    requests = [request for request in locked.requests.values() if request.is_open]
    for request in requests:
        request.appointment = locked.appointments[request.appointment_id]
    # Before the cancellation: no open request may be about a canceled appointment, even for a moment.
    end_requests(Event.SUPERSEDE, requests, by=by, now=now)
    _cancel(rows, requests, silently=said.told is Told.NOTHING, by=by, now=now)
    _end_what_could_book(client, now=now)
    if writes_for is not None:
        thread, _message = post(writes_for, client_id, words=words, by=by, now=now)
        notify_of_message(thread, by=by, now=now)
    client.discharged_at = now
    client.save(update_fields=["discharged_at"])
    record_change(client, ClientEvent.DISCHARGED, {"canceled": [len(rows)]}, by=by, now=now)
    return {"client": str(client.ref), "canceled": str(len(rows))}


def archive(client_id: int, *, by: Actor, now: datetime) -> Answer:
    """Put a record away: it stands in no list, and nothing is booked for it. Raises AppointmentsAhead."""
    locked = _locked(client_id, now=now)
    client = locked.clients[client_id]
    if locked.appointments:
        raise AppointmentsAhead(name=client.known_as)
    if client.archived_at is None:
        _end_what_could_book(client, now=now)
        client.archived_at = now
        client.save(update_fields=["archived_at"])
        record_change(client, ClientEvent.ARCHIVED, {}, by=by, now=now)
    return {"client": str(client.ref)}


def bring_back(client_id: int, *, by: Actor, now: datetime) -> Answer:
    """Let a client who was discharged or archived be in care again. What was canceled stays so."""
    client = lock(clients=[client_id]).clients[client_id]
    if client.discharged_at is None and client.archived_at is None:
        raise AlreadyInCare(name=client.known_as)
    client.discharged_at = client.archived_at = None
    client.save(update_fields=["discharged_at", "archived_at"])
    record_change(client, ClientEvent.BROUGHT_BACK, {}, by=by, now=now)
    return {"client": str(client.ref)}


def _ahead(client_id: int, *, now: datetime) -> QuerySet[Appointment]:
    return Appointment.objects.filter(client=client_id, status=Status.SCHEDULED, starts_at__gt=now)


def _writes_for(client: Client, *, by: Actor, now: datetime) -> int:
    """Return in whose conversation somebody's own words go: their own, else that of whom the client sees next or usually."""
    if by.kind is ActorKind.PROVIDER and by.who is not None:
        return by.who
    first = _ahead(client.pk, now=now).order_by("starts_at").first()
    latest = Conversation.objects.filter(client=client).order_by("-latest_at").first()
    usual = client.usual_provider_id
    provider = first.provider_id if first else usual or (latest.provider_id if latest else None)
    if provider is None:
        raise NobodyToWriteFor(name=client.known_as)
    return int(provider)


def _locked(client_id: int, *, now: datetime, besides: int | None = None) -> Locked:
    """Lock a client with all their appointments ahead and what is open about these, and one provider `besides`."""
    ahead = _ahead(client_id, now=now)
    asked = RescheduleRequest.objects.filter(OPEN, appointment__in=ahead)
    found = set(ahead.values_list("pk", "provider"))
    locked = lock(
        providers={provider for _pk, provider in found} | ({besides} if besides else set()),
        clients=[client_id],
        appointments=[pk for pk, _provider in found],
        requests=asked.values_list("pk", flat=True),
    )
    # Booked, canceled or asked about between the look-up and the lock: under the client's lock nothing more comes.
    if set(ahead.values_list("pk", "provider")) != found:
        raise ReadAgain
    if set(asked.values_list("pk", flat=True)) != set(locked.requests):
        raise ReadAgain
    return locked


def _cancel(
    rows: Sequence[Appointment],
    requests: Sequence[RescheduleRequest],
    *,
    silently: bool,
    by: Actor,
    now: datetime,
) -> None:
    """Cancel appointments with all that P9 wants: history, cards, and one message for each provider."""
    if not rows:
        return
    cancel(rows, why=CancelledWhy.DISCHARGED, by=by, now=now, asked_about=True)
    about = {request.appointment_id: request for request in requests}
    AppointmentHistory.objects.bulk_create(
        history_row(
            row,
            History.CANCELLED,
            by=by,
            now=now,
            request=about.get(row.pk),
            details=cancel_details(row),
        )
        for row in rows
    )
    show_cards(Card.CANCELLED, [Shown(row, about.get(row.pk)) for row in rows], by=by, now=now)
    of_provider: dict[int, list[Appointment]] = defaultdict(list)
    for row in rows:
        of_provider[row.provider_id].append(row)
    notify_many(
        [
            Dispatch(
                NotificationType.CANCELLED,
                [
                    NoticeSubject(row, about.get(row.pk), whole_series=row.series_id is not None)
                    for row in theirs
                ],
                unsent_to_client=silently,
            )
            for theirs in of_provider.values()
        ],
        by=by,
        now=now,
    )
    look_soon(of_provider)


def _end_what_could_book(client: Client, *, now: datetime) -> None:
    """End series, and every way to a new appointment that was offered before."""
    today = wall(now, zone=zone_named(client.practice.zone)).date()
    endless = Series.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today), client=client)
    # A calendar takes the end of a series for newer only by a higher number.
    endless.update(ends_on=today, ical_sequence=F("ical_sequence") + 1)
    end_offers(RebookOffer.objects.filter(client=client), now=now)
    free_holds(list(Hold.objects.filter(client=client).values_list("pk", flat=True)))

"""The ask: a provider sends one prompt about one or several appointments of a client."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from raincheck.actions.appointments.moving import must_be_scheduled
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer, ReadAgain
from raincheck.actions.engine.side_effects import Shown, history_row, show_cards
from raincheck.actions.out_of_office import make_block
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.models import (
    Appointment,
    AppointmentHistory,
    Recipient,
    RescheduleBatch,
    RescheduleRequest,
)
from raincheck.data.slots import around_asked, reschedule_question
from raincheck.domain.appointments import AlreadyStarted, ChangedMeanwhile, History, NotScheduled
from raincheck.domain.conversations import Card, plain_text
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.policy import Policy
from raincheck.domain.reminders import first_reminder
from raincheck.domain.reschedule import (
    NOTE_LIMIT,
    REPEAT_WINDOW,
    AlreadyAsked,
    LastMinuteNotConfirmed,
    NoAppointmentChosen,
    NoOpenTimes,
    NoteTooLong,
    NotReachable,
    Reason,
    ReasonMissing,
    RepeatNotConfirmed,
    TooLateToAsk,
    deadline_for,
    is_last_minute,
    repeats_to_confirm,
)
from raincheck.domain.slots import open_slots
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named
from raincheck.notifications.formats import duration
from raincheck.notifications.notify import notify
from raincheck.notifications.subjects import NoticeSubject


@dataclass(frozen=True, slots=True)
class Ask:
    """What the form says. `block` is a stretch to mark out of office, None when the box is not ticked.

    `sequences` are those the appointments had when the form was made; an ask about a former state is refused.
    """

    appointments: Sequence[UUID]
    reason: Reason | None
    note: str = ""
    private_note: str = ""
    block: Span | None = None
    last_minute_confirmed: bool = False
    repeat_confirmed: bool = False
    sequences: Mapping[UUID, int] = field(default_factory=dict)


def ask_to_reschedule(ask: Ask, *, practice_id: int, by: Actor, now: datetime) -> Answer:
    """Ask a client to choose new times. Returns the batch's ref.

    Raises NoAppointmentChosen, ReasonMissing, NoteTooLong, NotReachable, AlreadyAsked, TooLateToAsk, AlreadyStarted,
    NotScheduled, ChangedMeanwhile, LastMinuteNotConfirmed, RepeatNotConfirmed or NoOpenTimes; then nothing was sent or blocked.
    """
    if not ask.appointments:
        raise NoAppointmentChosen
    if ask.reason is None:
        raise ReasonMissing
    if len(ask.note) > NOTE_LIMIT:
        raise NoteTooLong(count=str(len(ask.note)), limit=str(NOTE_LIMIT))
    appointments = _locked(ask, practice_id=practice_id)
    if any(row.ical_sequence != ask.sequences.get(row.ref, row.ical_sequence) for row in appointments):
        raise ChangedMeanwhile
    first = appointments[0]
    policy = first.practice.rules
    if not any(recipient.reachable for recipient in Recipient.objects.filter(client=first.client_id)):
        raise NotReachable(name=first.client.first_name)
    deadlines = {row.pk: _deadline(row, now=now, policy=policy) for row in appointments}
    _refuse_unless_confirmed(ask, appointments, now=now, policy=policy)
    batch = RescheduleBatch(
        practice_id=first.practice_id,
        provider_id=first.provider_id,
        client_id=first.client_id,
        asked_at=now,
        asked_by_kind=by.kind,
        asked_by=by.who,
        reason=ask.reason,
        note=plain_text(ask.note),
        private_note=plain_text(ask.private_note),
    )
    batch.save(force_insert=True)
    # Before open times are counted: the block may take the last of them.
    if ask.block is not None:
        make_block(first.provider, ask.block, batch=batch, now=now)
    # Nobody is asked to choose among nothing; one appointment of several with times is enough to begin with.
    if not any(_has_open_times(row, now=now) for row in appointments):
        raise NoOpenTimes
    requests = RescheduleRequest.objects.bulk_create(
        _request(batch, row, deadlines[row.pk], policy=policy, now=now) for row in appointments
    )
    together = list(zip(appointments, requests, strict=True))
    AppointmentHistory.objects.bulk_create(
        history_row(row, History.ASKED, by=by, now=now, request=request) for row, request in together
    )
    show_cards(Card.ASKED, [Shown(row, request) for row, request in together], by=by, now=now)
    subjects = [NoticeSubject(row, request) for row, request in together]
    notify(NotificationType.ASKED, *subjects, by=by, now=now, batch=batch)
    look_soon([first.provider_id])
    return {"batch": str(batch.ref), "request": str(requests[0].ref)}


def _locked(ask: Ask, *, practice_id: int) -> list[Appointment]:
    """Return the appointments, locked, soonest first; all of one provider and one client."""
    found = list(
        Appointment.objects.filter(practice=practice_id, ref__in=ask.appointments).values_list(
            "pk", "provider", "client"
        )
    )
    if len(found) != len(set(ask.appointments)) or len({row[1:] for row in found}) != 1:
        raise NoAppointmentChosen
    _pk, provider, client = found[0]
    locked = lock(providers=[provider], clients=[client], appointments=[row[0] for row in found])
    appointments = sorted(locked.appointments.values(), key=lambda row: row.starts_at)
    if any((row.provider_id, row.client_id) != (provider, client) for row in appointments):
        raise ReadAgain  # reassigned between the look-up and the lock
    return appointments


def _deadline(appointment: Appointment, *, now: datetime, policy: Policy) -> datetime:
    if appointment.starts_at <= now:
        raise AlreadyStarted
    try:
        must_be_scheduled(appointment)
        deadline = deadline_for(appointment.span, asked_at=now, policy=policy)
    except (NotScheduled, TooLateToAsk) as refusal:
        # The rule knows neither the client's name nor how a length is said.
        refusal.values |= {
            "name": appointment.client.first_name,
            "shortest": duration(policy.shortest_window),
        }
        raise
    if appointment.requests.filter(state="open").exists():
        raise AlreadyAsked(name=appointment.client.first_name)
    return deadline


def _refuse_unless_confirmed(
    ask: Ask, appointments: Sequence[Appointment], *, now: datetime, policy: Policy
) -> None:
    first = appointments[0]
    if is_last_minute(first.span, asked_at=now, policy=policy) and not ask.last_minute_confirmed:
        raise LastMinuteNotConfirmed(mark=duration(policy.last_minute))
    # Batches, not requests: three appointments asked about together are one prompt.
    earlier = RescheduleBatch.objects.filter(
        provider=first.provider_id, client=first.client_id, asked_at__gt=now - REPEAT_WINDOW
    ).count()
    if repeats_to_confirm(earlier) and not ask.repeat_confirmed:
        raise RepeatNotConfirmed(name=first.client.first_name)


def _has_open_times(appointment: Appointment, *, now: datetime) -> bool:
    """Return whether anything fits around the asked time, as "Before you send" counts it, beside the ask's own block."""
    notice = appointment.practice.rules.pick_notice
    within = around_asked(appointment, now=now)
    return bool(open_slots(reschedule_question(appointment, now=now, notice=notice, within=within)))


def _request(
    batch: RescheduleBatch, appointment: Appointment, deadline: datetime, *, policy: Policy, now: datetime
) -> RescheduleRequest:
    zone = zone_named(appointment.client.zone_in(appointment.practice))
    return RescheduleRequest(
        practice_id=batch.practice_id,
        batch=batch,
        appointment=appointment,
        provider_id=appointment.provider_id,
        client_id=appointment.client_id,
        asked_at=now,
        asked_starts_at=appointment.starts_at,
        asked_ends_at=appointment.ends_at,
        first_deadline_at=deadline,
        deadline_at=deadline,
        last_minute=is_last_minute(appointment.span, asked_at=now, policy=policy),
        remind_at=first_reminder(deadline, prompted_at=now, zone=zone, policy=policy),
    )

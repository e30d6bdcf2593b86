"""The ask: a provider sends one prompt about one or several appointments of a client."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from raincheck.actions.appointments.moving import must_be_scheduled
from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import Shown, history_row, show_cards
from raincheck.actions.out_of_office import make_block
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.actions.reschedule.suggest import hold_times
from raincheck.data.models import (
    Appointment,
    AppointmentHistory,
    Recipient,
    RescheduleBatch,
    RescheduleRequest,
)
from raincheck.data.out_of_office import not_blocked_yet
from raincheck.data.reschedule.by_video import video_place, why_no_video
from raincheck.data.reschedule.request import sent, spared_at_the_ask
from raincheck.data.slots import around_asked, reschedule_question
from raincheck.domain.appointments.lifecycle import AlreadyStarted, ChangedMeanwhile, History, NotScheduled
from raincheck.domain.appointments.undo import released_at
from raincheck.domain.conversations import Card, plain_text
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.policy import Policy
from raincheck.domain.practice import SenderNotSet
from raincheck.domain.reminders import first_reminder
from raincheck.domain.reschedule.by_video import BlockedAndByVideo, VideoNotPossible
from raincheck.domain.reschedule.deadlines import deadline_for, is_last_minute
from raincheck.domain.reschedule.lifecycle import (
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
    repeats_to_confirm,
)
from raincheck.domain.slots import open_slots
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named
from raincheck.notifications.formats import by_day, duration
from raincheck.notifications.notify import notify
from raincheck.notifications.subjects import NoticeSubject


@dataclass(frozen=True, slots=True)
class Ask:
    """What the form says. `by_video` offers to keep the time by video; `block` is a stretch to mark out of office unless it is already, None when the box is not ticked.

    `sequences` are those the appointments had when the form was made; an ask about a former state is refused.
    `suggestions` are starts to hold for the client.
    """

    appointments: Sequence[UUID]
    reason: Reason | None
    note: str = ""
    private_note: str = ""
    block: Span | None = None
    by_video: bool = False
    last_minute_confirmed: bool = False
    repeat_confirmed: bool = False
    sequences: Mapping[UUID, int] = field(default_factory=dict)
    suggestions: Sequence[datetime] = ()


def ask_to_reschedule(ask: Ask, *, practice_id: int, by: Actor, now: datetime) -> Answer:
    """Ask a client to choose new times. Returns the refs of the batch and of its first request.

    What is unwise has to be confirmed in the ask. A refusal has sent and blocked nothing.
    """
    requests = make_requests(ask, practice_id=practice_id, by=by, now=now)
    return {"batch": str(requests[0].batch.ref), "request": str(requests[0].ref)}


def make_requests(ask: Ask, *, practice_id: int, by: Actor, now: datetime) -> list[RescheduleRequest]:
    """Write the requests of an ask, soonest first, with all that they bring. A step, not a verb."""
    if not ask.appointments:
        raise NoAppointmentChosen
    if ask.reason is None:
        raise ReasonMissing
    if len(ask.note) > NOTE_LIMIT:
        raise NoteTooLong(count=str(len(ask.note)), limit=str(NOTE_LIMIT))
    appointments = _locked(ask, practice_id=practice_id)
    first = appointments[0]
    if not first.practice.can_ask:
        raise SenderNotSet
    policy = first.practice.rules
    # From then on the client may know of it: all that counts from an ask counts from there.
    asked_at = released_at(first.starts_at, policy=policy, now=now) if by.is_staff else now
    deadlines = _deadlines(ask, appointments, asked_at=asked_at, now=now, policy=policy)
    by_video = _offered_by_video(ask, appointments)
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
    # Time that is blocked already is not blocked again: once the day is opened, no piece of it may stay shut.
    if ask.block is not None and not_blocked_yet(first.provider_id, ask.block):
        make_block(first.provider, ask.block, batch=batch, now=now)
    # Nobody is asked to choose among nothing; one appointment of several with times, or one suggestion, is enough to begin with.
    # Around the asked time, as "Before you send" counts them.
    questions = (
        reschedule_question(row, now=now, notice=policy.pick_notice, within=around_asked(row, now=now))
        for row in appointments
    )
    if not ask.suggestions and not any(open_slots(question) for question in questions):
        raise NoOpenTimes
    requests = RescheduleRequest.objects.bulk_create(
        _request(
            batch,
            row,
            deadlines[row.pk],
            video_offered=row.pk in by_video,
            asked_at=asked_at,
            policy=policy,
            now=now,
        )
        for row in appointments
    )
    together = list(zip(appointments, requests, strict=True))
    hold_times(ask.suggestions, requests, now=now)
    AppointmentHistory.objects.bulk_create(
        history_row(row, History.ASKED, by=by, now=now, request=request) for row, request in together
    )
    shown = [Shown(row, request) for row, request in together]
    show_cards(Card.ASKED, shown, by=by, now=now, release_at=asked_at)
    subjects = [NoticeSubject(row, request) for row, request in together]
    notify(NotificationType.ASKED, *subjects, by=by, now=now, batch=batch, release_at=asked_at)
    look_soon([first.provider_id])
    return requests


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
    if any(row.ical_sequence != ask.sequences.get(row.ref, row.ical_sequence) for row in appointments):
        raise ChangedMeanwhile
    return appointments


def _deadlines(
    ask: Ask, appointments: Sequence[Appointment], *, asked_at: datetime, now: datetime, policy: Policy
) -> dict[int, datetime]:
    """Return by appointment when silence cancels it, once nothing speaks against the ask."""
    first, name = appointments[0], appointments[0].client.known_as
    if not any(recipient.reachable for recipient in Recipient.objects.filter(client=first.client_id)):
        raise NotReachable(name=name)
    deadlines, zone = {}, first.client.zone_in(first.practice)
    for row in appointments:
        if row.starts_at <= now:
            raise AlreadyStarted
        try:
            must_be_scheduled(row)
            deadlines[row.pk] = deadline_for(
                row.span, asked_at=asked_at, zone=zone_named(zone), policy=policy
            )
        except (NotScheduled, TooLateToAsk) as refusal:
            # The rule knows neither the client's name nor how a length or a time of day is said.
            refusal.values |= {"name": name, "shortest": duration(policy.shortest_window), **by_day(zone)}
            raise
        if row.requests.filter(state="open").exists():
            raise AlreadyAsked(name=name)
    # Unwise, not wrong: it goes out once whoever asks has confirmed it.
    if is_last_minute(first.span, asked_at=now, policy=policy) and not ask.last_minute_confirmed:
        raise LastMinuteNotConfirmed(mark=duration(policy.last_minute))
    # Batches, not requests: three appointments asked about together are one prompt.
    lately = sent().filter(asked_at__gt=now - REPEAT_WINDOW)
    earlier = lately.filter(provider=first.provider_id, client=first.client_id).count()
    if repeats_to_confirm(earlier) and not ask.repeat_confirmed:
        raise RepeatNotConfirmed(name=name)
    return deadlines


def _offered_by_video(ask: Ask, appointments: Sequence[Appointment]) -> set[int]:
    """Return those appointments whose time may be kept by video: all that can be, when the ask says so."""
    if not ask.by_video:
        return set()
    place = video_place(appointments[0].practice_id)
    offered = [row for row in appointments if why_no_video(row, place) is None]
    if not offered:
        raise VideoNotPossible
    # Of one time both can't be true: the session takes place there, and nobody is there.
    if ask.block is not None and any(row.span.overlaps(ask.block) for row in offered):
        raise BlockedAndByVideo
    return {row.pk for row in offered}


def _request(
    batch: RescheduleBatch,
    appointment: Appointment,
    deadline: datetime,
    *,
    video_offered: bool,
    asked_at: datetime,
    policy: Policy,
    now: datetime,
) -> RescheduleRequest:
    zone = zone_named(appointment.client.zone_in(appointment.practice))
    return RescheduleRequest(
        practice_id=batch.practice_id,
        batch=batch,
        appointment=appointment,
        provider_id=appointment.provider_id,
        client_id=appointment.client_id,
        asked_at=asked_at,
        asked_starts_at=appointment.starts_at,
        asked_ends_at=appointment.ends_at,
        first_deadline_at=deadline,
        deadline_at=deadline,
        spared=spared_at_the_ask(appointment),
        video_offered=video_offered,
        last_minute=is_last_minute(appointment.span, asked_at=now, policy=policy),
        remind_at=first_reminder(deadline, prompted_at=asked_at, zone=zone, policy=policy),
    )

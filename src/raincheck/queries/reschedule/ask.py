"""The ask form: the appointments that can be asked about, and what the client would find."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from raincheck.data.models import Appointment, Client, Provider, Recipient, RescheduleRequest
from raincheck.data.notifications import knowing_failures
from raincheck.data.reschedule.by_video import video_place, why_no_video
from raincheck.data.reschedule.request import COUNTED, OPEN, sent
from raincheck.data.slots import Row, Session, around_asked, reschedule_question, rooms_of, taken_time
from raincheck.domain.appointments.lifecycle import PlaceKind, Status, TypeKind
from raincheck.domain.appointments.undo import released_at
from raincheck.domain.policy import Policy
from raincheck.domain.ranking import Fit, UsualTime, count_fitting, usual_time
from raincheck.domain.reschedule.by_video import NoVideo
from raincheck.domain.reschedule.deadlines import deadline_for
from raincheck.domain.reschedule.lifecycle import REPEAT_WINDOW, State, TooLateToAsk
from raincheck.domain.slots import open_slots
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named
from raincheck.queries.reschedule.choose import kept_starts

# Working hours that nobody has touched for so long are doubted: the product's number, beside the ask form.
UNTOUCHED_FOR = timedelta(days=60)
# Fewer settled requests than this say nothing about a practice.
ENOUGH_TO_TELL = 30


@dataclass(frozen=True, slots=True)
class Candidate:
    """An appointment of the client. `deadline_at` is None when it is too late to ask, `request` is open already."""

    appointment: Appointment
    deadline_at: datetime | None
    request: RescheduleRequest | None

    @property
    def can_be_asked(self) -> bool:
        return self.deadline_at is not None and self.request is None


@dataclass(frozen=True, slots=True)
class Reach:
    """By which channels a client gets the prompt."""

    email: bool
    text: bool

    def __bool__(self) -> bool:
        return self.email or self.text


@dataclass(frozen=True, slots=True)
class Fitting:
    """How many open times there are around an appointment's time."""

    appointment: Appointment
    fit: Fit


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the client would find, and how often they were asked lately."""

    fitting: list[Fitting]
    usual: UsualTime | None
    earlier_asks: int

    @property
    def has_open_times(self) -> bool:
        return any(one.fit.starts for one in self.fitting)


def deadline_or_none(appointment: Appointment, *, now: datetime, policy: Policy) -> datetime | None:
    """Return when an ask that staff made now would end in silence; None when it is too late or there is nothing to ask about."""
    if appointment.status != Status.SCHEDULED or appointment.starts_at <= now:
        return None
    try:
        zone = zone_named(appointment.client.zone_in(appointment.practice))
        asked_at = released_at(appointment.starts_at, policy=policy, now=now)
        return deadline_for(appointment.span, asked_at=asked_at, zone=zone, policy=policy)
    except TooLateToAsk:
        return None


def candidates(appointment: Appointment, *, now: datetime) -> list[Candidate]:
    """Return the client's upcoming appointments with this provider, soonest first, and this one in any case."""
    policy = appointment.practice.rules
    rows = Appointment.objects.filter(
        provider=appointment.provider_id,
        client=appointment.client_id,
        status=Status.SCHEDULED,
        starts_at__gt=now,
    )
    # This one comes from the caller and is listed in any case, also when it is over or cancelled by now.
    found = [row for row in rows.select_related("type", "place") if row.pk != appointment.pk]
    ordered = sorted([appointment, *found], key=lambda row: row.starts_at)
    asked = {
        request.appointment_id: request
        for request in knowing_failures(
            RescheduleRequest.objects.filter(OPEN, appointment__in=[row.pk for row in ordered])
        )
    }
    for row in found:
        row.practice, row.provider, row.client = (
            appointment.practice,
            appointment.provider,
            appointment.client,
        )
    return [
        Candidate(row, deadline_or_none(row, now=now, policy=policy), asked.get(row.pk)) for row in ordered
    ]


def why_none_by_video(found: Sequence[Candidate]) -> NoVideo | None:
    """Return why the time of none of the appointments can be kept by video; None where one can be."""
    asked = [one.appointment for one in found if one.can_be_asked]
    if all(row.place.kind == PlaceKind.TELEHEALTH for row in asked):
        return NoVideo.BY_VIDEO_ALREADY
    place = video_place(asked[0].practice_id)
    reasons = [why_no_video(row, place) for row in asked]
    if None in reasons:
        return None
    return next(reason for reason in reasons if reason is not NoVideo.BY_VIDEO_ALREADY)


def reach_of(client: Client) -> Reach:
    """Return how a prompt gets to whoever receives the client's messages."""
    recipients = list(Recipient.objects.filter(client=client))
    return Reach(any(row.email for row in recipients), any(row.gets_sms for row in recipients))


def outlook(appointments: Sequence[Appointment], *, now: datetime, block: Span | None = None) -> Outlook:
    """Return what the client would find for each of the appointments, in three queries however many they are.

    `block` is the time that the ask itself would mark out of office: nobody could choose it.
    """
    first = appointments[0]
    provider, zone = first.provider, zone_named(first.provider.zone)
    kept = kept_starts(provider=provider.pk, client=first.client_id, now=now)
    # Whoever comes for the first time has no usual day.
    is_intake = all(row.type.kind == TypeKind.INTAKE for row in appointments)
    usual = None if is_intake else usual_time(kept, zone=zone)
    around = [around_asked(row, now=now) for row in appointments]
    # One stretch around all of them, so that taken time is read once.
    wide = Span(min(span.start for span in around), max(span.end for span in around))
    rooms = rooms_of(Session.of(row) for row in appointments)
    taken = taken_time(provider.pk, client_id=first.client_id, rooms=rooms, within=wide, now=now)
    if block is not None:
        # The block is not made yet, so no query can find it.
        taken.append(Row("out_of_office", 0, 0, block.start, block.end, timedelta(), timedelta()))
    notice = first.practice.rules.pick_notice
    fitting = []
    for row, span in zip(appointments, around, strict=True):
        starts = open_slots(reschedule_question(row, now=now, notice=notice, within=span, taken=taken))
        fitting.append(Fitting(row, count_fitting(starts, asked_at=row.starts_at, usual=usual, zone=zone)))
    return Outlook(fitting, usual, earlier_asks(first, now=now))


def earlier_asks(appointment: Appointment, *, now: datetime) -> int:
    """Return how often this provider has asked this client within the last 90 days."""
    lately = sent().filter(asked_at__gt=now - REPEAT_WINDOW)
    return lately.filter(provider=appointment.provider_id, client=appointment.client_id).count()


def hours_are_doubtful(provider: Provider, *, now: datetime) -> bool:
    return provider.availability_changed_at < now - UNTOUCHED_FOR


@dataclass(frozen=True, slots=True)
class FollowThrough:
    """How many of a practice's settled requests ended with a new time."""

    settled: int
    moved: int

    @property
    def percent(self) -> int:
        return round(100 * self.moved / self.settled)


# Endings that were the client's to choose; the others say nothing about clients.
ANSWERED = (State.MOVED, State.KEPT, State.DECLINED, State.LAPSED)


def follow_through(practice_id: int) -> FollowThrough | None:
    """Return how often asking led to a new time in this practice; None while there is too little to tell."""
    answered = RescheduleRequest.objects.filter(COUNTED, practice=practice_id, state__in=ANSWERED)
    found = answered.aggregate(settled=Count("pk"), moved=Count("pk", filter=Q(state=State.MOVED)))
    return FollowThrough(**found) if found["settled"] >= ENOUGH_TO_TELL else None

"""Suggested times: a provider holds them for one client inside a batch, as long as one of its requests is open."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from raincheck.actions.appointments.claims import claim, free_holds
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import history_row
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.models import (
    Appointment,
    AppointmentHistory,
    Hold,
    Notification,
    OutOfOffice,
    RescheduleRequest,
)
from raincheck.data.reschedule.request import OPEN
from raincheck.data.reschedule.suggestions import held_in, suggested_in, suits, to_choose
from raincheck.data.slots import Session, reschedule_question, rooms_of, suggestion_question, taken_time
from raincheck.domain.access.people import ProviderLeft
from raincheck.domain.appointments.lifecycle import AlreadyStarted, ClientElsewhere, History, SlotTaken
from raincheck.domain.notifications import DeliveryState, NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.policy import LAPSE_GRACE
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.lifecycle import AlreadySettled, RequestGone
from raincheck.domain.reschedule.suggestions import (
    NothingNewSuggested,
    NothingToKeepFor,
    Suggestion,
    SuggestionGone,
    SuggestionTaken,
    Wanted,
    suggestions,
)
from raincheck.domain.slots import comes_that_day
from raincheck.domain.spans import Span
from raincheck.notifications.formats import duration, long_day_and_time
from raincheck.notifications.notify import notify
from raincheck.notifications.subjects import NoticeSubject


def suggest_times(request: UUID, *, starts: Sequence[datetime], by: Actor, now: datetime) -> Answer:
    """Suggest these times (UTC), and no others, for the open requests of a batch; the client is told of new ones.

    Raises what speaks against a new time, NothingNewSuggested, or NothingToKeepFor: then all stays as it was.
    """
    requests = _lock_open_requests(request, now=now)
    asked, provider = requests[0], requests[0].appointment.provider
    if provider.left_at is not None:
        raise ProviderLeft(name=provider.short_name)
    former = suggested_in(batch=asked.batch_id)
    before = {one.starts_at for one in former}
    if set(starts) == before:
        raise NothingNewSuggested
    keeping = [row for row in requests if row.ends_by_itself_at + LAPSE_GRACE > now]
    with in_words(asked, now=now):
        if not keeping:
            raise NothingToKeepFor
    free_holds([one.pk for one in former if one.starts_at not in starts])
    # One whose deadline is over ends within the minute: there is nothing to keep for it.
    fresh = hold_times(starts, keeping, now=now, held=before)
    _record(History.SUGGESTED if fresh else History.SUGGESTION_TAKEN_BACK, requests, by=by, now=now)
    # Which times they are stands on the page alone: a word of earlier ones that has not left yet tells of these, too.
    unsent = Notification.objects.filter(
        batch=asked.batch_id, kind=NotificationType.SUGGESTED, state=DeliveryState.WAITING, attempts=0
    )
    if fresh and not unsent.exists():
        subjects = [NoticeSubject(row.appointment, row) for row in requests]
        # Never before the prompt itself, which leaves once the time to undo the ask is over.
        release_at = max(now, asked.asked_at)
        notify(
            NotificationType.SUGGESTED, *subjects, by=by, now=now, batch=asked.batch, release_at=release_at
        )
    look_soon([asked.provider_id])
    return {"request": str(asked.ref), "suggested": str(len(starts))}


def take_suggestion_back(request: UUID, *, hold: UUID, by: Actor, now: datetime) -> Answer:
    """Let one suggested time of an open request's batch go: it can be booked again. Raises SuggestionGone."""
    requests = _lock_open_requests(request, now=now)
    held = next((one for one in suggested_in(batch=requests[0].batch_id) if one.ref == hold), None)
    if held is None:
        raise SuggestionGone
    free_holds([held.pk])
    _record(History.SUGGESTION_TAKEN_BACK, requests, by=by, now=now)
    look_soon([held.provider_id])
    return {"request": str(requests[0].ref)}


def take_back_inside(
    provider_id: int, span: Span, refs: Collection[str], *, by: Actor, now: datetime
) -> None:
    """Let times that are held for clients in a stretch of a locked provider's time go, of those that are named.

    A step, not a verb. What a client holds after the deadline keeps their request open, and is not taken from them.
    """
    if not refs:
        return
    inside = Hold.objects.filter(provider=provider_id, starts_at__lt=span.end, ends_at__gt=span.start)
    inside = inside.exclude(suggested=False, request__deadline_at__lte=now)
    named = [row for row in inside.select_related("request__appointment") if str(row.ref) in refs]
    _record(
        History.SUGGESTION_TAKEN_BACK,
        list({row.request_id: row.request for row in named if row.suggested and row.request}.values()),
        by=by,
        now=now,
    )
    free_holds([row.pk for row in named])


def _lock_open_requests(ref: UUID, *, now: datetime) -> list[RescheduleRequest]:
    """Return an open request and the other open ones of its batch, locked, each with its appointment; it comes first."""
    asked = RescheduleRequest.objects.filter(ref=ref).first()
    if asked is None:
        raise RequestGone
    found = RescheduleRequest.objects.filter(OPEN, batch=asked.batch_id, asked_starts_at__gt=now)
    rows = list(found.values_list("pk", "appointment"))
    locked = lock(
        providers=[asked.provider_id],
        clients=[asked.client_id],
        appointments=[asked.appointment_id, *(row[1] for row in rows)],
        requests=[asked.pk, *(row[0] for row in rows)],
    )
    if not locked.requests[asked.pk].is_open:
        raise AlreadySettled
    if locked.appointments[asked.appointment_id].starts_at <= now:
        raise AlreadyStarted
    requests = [row for row in locked.requests.values() if row.is_open]
    for row in requests:
        row.appointment = locked.appointments[row.appointment_id]
    return sorted(requests, key=lambda row: (row.pk != asked.pk, row.asked_starts_at))


def _record(event: History, requests: Sequence[RescheduleRequest], *, by: Actor, now: datetime) -> None:
    AppointmentHistory.objects.bulk_create(
        history_row(row.appointment, event, by=by, now=now, request=row) for row in requests
    )


def hold_times(
    starts: Sequence[datetime],
    requests: Sequence[RescheduleRequest],
    *,
    now: datetime,
    held: Collection[datetime] = (),
) -> list[Hold]:
    """Hold starts (UTC) for the client of open requests of one batch, locked with their appointments and provider.

    A step, not a verb; what is `held` already stays as it is.

    Each is carried by the request that may stay open the longest of those it suits; from then on the database sees to it
    that they follow the deadlines (`suggested_times_follow_their_requests`).
    """
    if not starts:
        return []
    with in_words(requests[0], now=now):
        wanted = _wanted(starts, requests, now=now)
        return [_hold(one, requests, now=now) for one in suggestions(starts, wanted, held=held)]


def _wanted(
    starts: Sequence[datetime], requests: Sequence[RescheduleRequest], *, now: datetime
) -> list[Wanted]:
    first = requests[0]
    # As wide as what was asked for, so that a time beyond the horizon is told as that.
    within = Span(min(starts), max(starts) + timedelta(seconds=1))
    rooms = rooms_of(Session.of(row.appointment) for row in requests)
    taken = taken_time(first.provider_id, client_id=first.client_id, rooms=rooms, within=within, now=now)
    # The time off that came with the ask says when the provider can't come; whoever suggests a part of it knows better.
    own = OutOfOffice.objects.filter(batch=first.batch_id, removed_at__isnull=True)
    blocks = set(own.values_list("pk", flat=True))
    taken = [row for row in taken if not (row.kind == "out_of_office" and row.id in blocks)]
    return [
        Wanted(
            request.asked_span,
            suggestion_question(request.appointment, now=now, within=within, taken=taken),
        )
        for request in requests
    ]


def _hold(suggestion: Suggestion, requests: Sequence[RescheduleRequest], *, now: datetime) -> Hold:
    session = suggestion.session
    suited = [row for row in requests if row.asked_span.length <= session.length]
    carrier = max(suited, key=lambda row: (row.ends_by_itself_at, row.pk))
    hold = Hold(
        practice_id=carrier.practice_id,
        provider_id=carrier.provider_id,
        client_id=carrier.client_id,
        request=carrier,
        starts_at=session.start,
        ends_at=session.end,
        buffer_before=suggestion.before,
        buffer_after=suggestion.after,
        began_at=now,
        expires_at=carrier.ends_by_itself_at + LAPSE_GRACE,
        suggested=True,
    )
    hold.save(force_insert=True)
    try:
        claim(hold, now=now)
    except (SlotTaken, ClientElsewhere) as lost:
        raise SuggestionTaken(when=session.start.isoformat()) from lost
    return hold


def is_kept_for_them(request: RescheduleRequest, start: datetime, *, by: Actor, now: datetime) -> bool:
    """Return whether a start is held for the client of a locked open request: then hours, time off and the asked time don't count.

    Raises ClientElsewhere where they have another appointment then.
    """
    appointment = request.appointment
    held = (one for one in held_in(batch=request.batch_id, now=now) if one.starts_at == start)
    found = [one for one in held if one.suggested or one.request_id == request.pk]
    fitting = [one for one in found if suits(one, appointment)]
    if not fitting:
        return False
    # With less than the notice it is a time like any other, which the client may no longer choose by themselves.
    if by.is_client and start < now + appointment.practice.rules.suggestion_notice:
        return False
    within = Span(start, start + timedelta(seconds=1))
    # The room, like the provider, is claimed by the held time itself.
    taken = taken_time(request.provider_id, client_id=request.client_id, rooms=(), within=within, now=now)
    if not to_choose(fitting, appointment, taken, now=now, notice=timedelta(0)):
        raise ClientElsewhere
    # What they chose themselves is no more than an open time: on a day on which they come by now it is none.
    question = reschedule_question(appointment, now=now, notice=timedelta(0), within=within, taken=taken)
    return any(one.suggested for one in fitting) or not comes_that_day(question, start)


def free_suggestions_meeting(appointments: Iterable[Appointment], *, batches: Iterable[int]) -> None:
    """Give back what is held inside some batches where their client now has a session: nobody comes twice at one time."""
    meets = reduce(or_, (Q(starts_at__lt=row.ends_at, ends_at__gt=row.starts_at) for row in appointments))
    held = Hold.objects.filter(meets, suggested=True, request__batch__in=set(batches))
    free_holds(list(held.values_list("pk", flat=True)))


@contextmanager
def in_words(request: RescheduleRequest, *, now: datetime) -> Iterator[None]:
    """Give a refusal's sentence what the rule doesn't know: the client's name, and how lengths and instants are said."""
    try:
        yield
    except Refusal as refusal:
        for name in ("when", "last"):
            if name in refusal.values:
                instant = datetime.fromisoformat(refusal.values[name])
                refusal.values[name] = long_day_and_time(instant, request.appointment.provider.zone, now=now)
        refusal.values |= {
            "name": request.appointment.client.known_as,
            "notice": duration(request.appointment.practice.rules.suggestion_notice),
        }
        raise

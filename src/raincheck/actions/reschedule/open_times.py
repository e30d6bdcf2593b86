"""Open times while somebody acts and waits: a picked start is looked at again, and a provider is told when none is left."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q, QuerySet
from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from raincheck.actions.engine.locks import EVERY_REQUEST, lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import make_tasks
from raincheck.data.models import Appointment, Provider, RescheduleRequest, Task
from raincheck.data.reschedule.suggestions import kept_in, to_choose
from raincheck.data.slots import (
    LONGEST_SESSION,
    MARGIN,
    NOBODY,
    Session,
    reschedule_question,
    rooms_of,
    slot_question,
    taken_time,
)
from raincheck.domain.appointments.lifecycle import ClientElsewhere, SlotNotOpen, SlotTaken, Status
from raincheck.domain.policy import OneADay
from raincheck.domain.reschedule.lifecycle import State
from raincheck.domain.slot_explanations.explain import explain
from raincheck.domain.slot_explanations.reasons import JUST_TAKEN
from raincheck.domain.slots import Question, last_start, open_slots
from raincheck.domain.spans import Span
from raincheck.domain.tasks import TaskKind
from raincheck.domain.zones import wall, zone_named


def refuse_unless_open(question: Question, start: datetime) -> None:
    """Look at a start as it is now. Raises SlotTaken, ClientElsewhere, or SlotNotOpen when it was never to be had."""
    why = explain(question, start)
    if why is None:
        return
    session = Span(start, start + question.length)
    if any(session.overlaps(other) for other in question.client_appointments):
        raise ClientElsewhere
    raise SlotTaken if why.reason in JUST_TAKEN else SlotNotOpen


LOOK = "look_at_open_times"
"""The task's name; the worker knows the task, this room only its name."""
FORGET_JOBS = """
DELETE FROM procrastinate_jobs WHERE id IN (
    SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %s AND args->>'provider' = %s
    FOR UPDATE SKIP LOCKED)
"""

# What one provider takes or frees in a room is others' too. Soon and not now: a busy day would have everybody looked at without
# end. By number, as requests are locked everywhere.
LOOK_IN_ROOMS = """
UPDATE raincheck_reschedulerequest SET look_again_at = %(soon)s WHERE id IN (
    SELECT request.id FROM raincheck_reschedulerequest AS request
        JOIN raincheck_appointment AS row ON row.id = request.appointment_id
        JOIN raincheck_place AS room ON room.id = row.place_id AND room.one_at_a_time
    WHERE request.practice_id = %(practice)s AND request.provider_id <> %(provider)s AND request.settled_at IS NULL
        AND request.needs_provider IS NULL AND request.look_again_at > %(soon)s
    ORDER BY request.id FOR NO KEY UPDATE OF request)
"""

# Requests that make up one transaction's looks: each reads a provider's weeks, and picks wait for their provider.
LOOKS = 50
# While there are no open times: a hold may have ended, or the horizon reached another day.
LOOK_WITHOUT_TIMES = timedelta(minutes=5)
# While there are some: the client may have booked the last time's hour with somebody else, which no job here hears of.
LOOK_ANYWAY = timedelta(hours=1)


def look_soon(providers: Iterable[int]) -> None:
    """Have a worker look at the open times of everybody who waits for these providers, as soon as this is committed.

    A job in the same transaction: whoever picks a time does not wait until those of all others have been looked at.
    """
    jobs: list[dict[str, JSONValue]] = [{"provider": number} for number in sorted(set(providers))]
    if jobs:
        app.configure_task(LOOK, allow_unknown=True).batch_defer(*jobs)


def look_at_open_times(provider_id: int, *, now: datetime) -> Answer:
    """Look at the open times of everybody who waits for a provider: the verb of the job, once for all that wait now."""
    provider = lock(providers=[provider_id]).providers[provider_id]
    with connection.cursor() as cursor:
        # What asked for these jobs is committed, so that this look sees it.
        cursor.execute(FORGET_JOBS, [LOOK, str(provider_id)])
        soon = now + LOOK_WITHOUT_TIMES
        cursor.execute(
            LOOK_IN_ROOMS, {"practice": provider.practice_id, "provider": provider_id, "soon": soon}
        )
    watch_open_times(provider, now=now)
    return {"provider": str(provider.ref)}


def watch_open_times(provider: Provider, *, now: datetime) -> None:
    """Make a task for each open request of a provider that no open time is left for; end it when there are some again.

    Says when the sweep looks again: when the clock takes the last open time, since no verb does that.
    """
    # Without an ending: so the index over a provider's endings finds the open ones.
    waiting = RescheduleRequest.objects.filter(
        provider=provider, settled_at__isnull=True, needs_provider__isnull=True
    )
    looked = list(waiting.select_related("appointment__place", "appointment__practice"))
    if not looked:
        return
    without: list[RescheduleRequest] = []
    supplied: list[int] = []
    for request, last in _last_starts(provider, looked, now=now):
        request.looked_at, request.look_again_at = now, now + LOOK_WITHOUT_TIMES
        if last is None:
            without.append(request)
        else:
            supplied.append(request.pk)
            # The notice makes a time unpickable long before it comes.
            gone_at = last - request.appointment.practice.rules.pick_notice + timedelta(seconds=1)
            request.look_again_at = min(gone_at, now + LOOK_ANYWAY)
    RescheduleRequest.objects.bulk_update(looked, ["looked_at", "look_again_at"])
    make_tasks(TaskKind.NO_OPEN_TIMES, without, now=now)
    over = Task.objects.filter(request__in=supplied, kind=TaskKind.NO_OPEN_TIMES, done_at__isnull=True)
    over.update(done_at=now)


def _last_starts(
    provider: Provider, requests: Sequence[RescheduleRequest], *, now: datetime
) -> Iterator[tuple[RescheduleRequest, datetime | None]]:
    """Return with each request, its appointment at hand, an open time with none far behind it; None when there is none.

    Taken time is read once. Sessions of one shape share their open times, as if none of them moved and nobody's holds
    were their own; what of those suits a client is open for them. Only whom that leaves nothing is asked about alone.
    """
    horizons = {
        row.pk: last_start(now=now, policy=row.appointment.practice.rules, asked_at=row.appointment.starts_at)
        for row in requests
    }
    within = Span(now, max(horizons.values()) + timedelta(seconds=1))
    rooms = rooms_of(Session.of(row.appointment) for row in requests)
    taken = taken_time(provider.pk, client_id=NOBODY, rooms=rooms, within=within, now=now)
    elsewhere = _appointments_of({row.client_id for row in requests}, within=within)
    kept = kept_in({row.batch_id for row in requests})
    shared: dict[Session, list[datetime]] = {}
    for request in requests:
        appointment = request.appointment
        appointment.provider = provider
        notice, session = appointment.practice.rules.pick_notice, Session.of(appointment)
        if session not in shared:
            question = slot_question(
                provider,
                taken,
                session=session,
                client_id=NOBODY,
                within=within,
                earliest_at=now + notice,
                latest_at=within.end,
            )
            shared[session] = open_slots(question)[::-1]  # the last one first: it says when none is left
        # A client's own sessions, the one asked about among them, close what they overlap and nothing around it; the others
        # also their days, as far as the practice wants it.
        own = [appointment.span, *(row.span for row in elsewhere[request.client_id])]
        rule, zone = appointment.practice.rules.one_a_day, zone_named(provider.zone)
        days = {
            wall(row.starts_at, zone=zone).date()
            for row in elsewhere[request.client_id]
            if row.pk != appointment.pk
            and (
                rule is OneADay.WITH_ANYONE
                or (rule is OneADay.WITH_PROVIDER and row.provider_id == provider.pk)
            )
        }
        latest_at = horizons[request.pk]
        suits = (
            start
            for start in shared[session]
            if start <= latest_at
            and not any(Span(start, start + session.length).overlaps(one) for one in own)
            and wall(start, zone=zone).date() not in days
        )
        last = next(suits, None)
        if last is None:
            alone = open_slots(reschedule_question(appointment, now=now, notice=notice))
            last = alone[-1] if alone else None
        if last is None:
            # What is kept for a client is a time they can choose, too, and down to a shorter notice than others.
            theirs = to_choose(
                kept.get(request.batch_id, ()),
                appointment,
                taken,
                now=now,
                notice=appointment.practice.rules.suggestion_notice,
            )
            others = [row.span for row in elsewhere[request.client_id] if row.pk != appointment.pk]
            left = [
                start
                for start in theirs
                if not any(Span(start, start + session.length).overlaps(one) for one in others)
            ]
            last = _as_with_longer_notice(left[-1], request) if left else None
        yield request, last


def _as_with_longer_notice(kept: datetime, request: RescheduleRequest) -> datetime:
    """Return the start that goes as soon as a kept one does, by the notice of picks."""
    rules = request.appointment.practice.rules
    shorter_by: timedelta = rules.pick_notice - rules.suggestion_notice
    return kept + shorter_by


def _appointments_of(clients: Collection[int], *, within: Span) -> dict[int, list[Appointment]]:
    """Return by client their appointments in a stretch and on the days at its ends."""
    rows = Appointment.objects.filter(
        client__in=clients,
        starts_at__range=(within.start - MARGIN - LONGEST_SESSION, within.end + MARGIN),
        ends_at__gt=within.start - MARGIN,
    ).exclude(status=Status.CANCELLED)
    found: dict[int, list[Appointment]] = defaultdict(list)
    for row in rows.only("client", "provider", "starts_at", "ends_at"):
        found[row.client_id].append(row)
    return found


def requests_to_look_at(*, now: datetime) -> QuerySet[RescheduleRequest]:
    """Return open requests whose next look is due, and those whose practice has changed its rules since; without locking."""
    waiting = RescheduleRequest.objects.filter(state=State.OPEN, needs_provider__isnull=True)
    # Each question has an index of its own; as one condition they would read every open request at every sweep.
    never, due, rules_changed = (
        waiting.filter(when).values("pk")
        for when in (
            Q(look_again_at__isnull=True),
            Q(look_again_at__lte=now),
            Q(practice__look_again_at__lte=now, looked_at__lt=F("practice__look_again_at")),
        )
    )
    return waiting.filter(pk__in=never.union(due, rules_changed, all=True))


def look_again(*, now: datetime, limit: int, among: Q = EVERY_REQUEST) -> Counter[str]:
    """Look at the open times of requests that a look is due for.

    A few providers at a time, of those nobody works on right now: each look reads a provider's weeks ahead.
    """
    due = requests_to_look_at(now=now).filter(among)
    free = due.select_related("provider").select_for_update(skip_locked=True, no_key=True, of=("provider",))
    found = free.only("provider", "provider__id").order_by("provider", "pk")[: min(limit, LOOKS)]
    providers = lock(providers={request.provider_id for request in found}).providers
    for provider in providers.values():
        watch_open_times(provider, now=now)
    return Counter({"provider looked at": len(providers)} if providers else {})

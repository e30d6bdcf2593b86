"""Outages: noted once between two signs of life, and then given back to everybody whose time to answer was running."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import connection
from django.db.models import Q

from raincheck.actions.engine.locks import EVERY_REQUEST, lock
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.engine.side_effects import asked_together, history_row
from raincheck.data.models import (
    AppointmentHistory,
    Heartbeat,
    Outage,
    Provider,
    RescheduleRequest,
)
from raincheck.data.timing.heartbeats import latest_sign_of_life, served
from raincheck.data.timing.outages import requests_without_their_time, uncredited
from raincheck.domain.appointments.lifecycle import History
from raincheck.domain.health import HEARTBEATS_KEPT
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import SYSTEM
from raincheck.domain.reminders import next_reminder
from raincheck.domain.spans import Span
from raincheck.domain.timing.outages import NOTHING, Credit, TimeToAnswer, credit, outages
from raincheck.domain.zones import zone_named
from raincheck.notifications.notify import Dispatch, notify_many
from raincheck.notifications.subjects import NoticeSubject

# The advisory lock under which outages are noted ("outg"): two workers would note the same silence twice.
ONE_AT_A_TIME = 0x6F757467

# Providers of one transaction, each with all their open requests, so that each is told once.
PROVIDERS_AT_ONCE = 10

CREDITED_FIELDS = ["deadline_at", "remind_at", "outage_reckoned", "time_given_back", "time_lost"]


def note_outages(*, now: datetime, real_now: datetime) -> None:
    """Write down the outages that are over, each once, and forget signs of life that nobody needs any more."""
    if _found(real_now=real_now):
        verb = partial(note_found, ahead=now - real_now, real_now=real_now)
        run_command(verb, key=None, body={}, by=SYSTEM, now=now)
    # Old stretches go, but never the latest: a silence that follows it could no longer be seen.
    latest = latest_sign_of_life(real_now=real_now)
    if latest is not None:
        Heartbeat.objects.filter(beat_at__lt=min(latest, real_now - HEARTBEATS_KEPT)).delete()


def _found(*, real_now: datetime) -> list[Span]:
    noted = [outage.span for outage in Outage.objects.all()]
    return outages(served(), noted=noted, now=real_now)


def note_found(*, ahead: timedelta, real_now: datetime) -> Answer:
    """Write down the outages that are over and not written down yet; whoever else wants to waits until then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    Outage.objects.bulk_create(
        Outage(began_at=span.start, ended_at=span.end, ahead=ahead) for span in _found(real_now=real_now)
    )
    return {}


@dataclass(slots=True)
class Reckoned:
    """A request, locked with its appointment, and what each outage brought it."""

    request: RescheduleRequest
    credits: list[Credit]
    history: list[AppointmentHistory]


def credit_outages(*, now: datetime, limit: int, among: Q = EVERY_REQUEST) -> Counter[str]:
    """Give the open requests of a few providers the time back that outages took from them; returns how many.

    `limit` bounds the providers too: each comes with all their requests, so that they are told once. Any number of workers
    may do so at once: a request remembers the latest outage it has back, and whoever somebody works on right now is left
    for the next time.
    """
    pending = uncredited()
    if not pending:
        return Counter()
    waiting = requests_without_their_time()
    rows = Provider.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    rows = rows.filter(pk__in=waiting.filter(among).values("provider")).only("pk").order_by("pk")
    providers = [provider.pk for provider in rows[: min(limit, PROVIDERS_AT_ONCE)]]
    ids = list(waiting.filter(provider__in=providers).values_list("pk", "client", "appointment"))
    locked = lock(
        clients=[row[1] for row in ids],
        appointments=[row[2] for row in ids],
        requests=[row[0] for row in ids],
    )
    reckoned = []
    for request in locked.requests.values():
        request.appointment = locked.appointments[request.appointment_id]
        # Some were answered between the look-up and the lock.
        if request.is_open:
            reckoned.append(_credit(request, pending, now=now))
    RescheduleRequest.objects.bulk_update([one.request for one in reckoned], CREDITED_FIELDS)
    AppointmentHistory.objects.bulk_create(row for one in reckoned for row in one.history)
    notify_many(_told(reckoned), by=SYSTEM, now=now)
    # Others may hold some of it: whoever is last to find nothing waiting says that the outage is over with.
    if not waiting.exists():
        Outage.objects.filter(pk__in=[outage.pk for outage in pending]).update(credited_at=now)
    return Counter({"request reckoned after an outage": len(reckoned)} if reckoned else {})


def _credit(request: RescheduleRequest, pending: Sequence[Outage], *, now: datetime) -> Reckoned:
    """Give a request the time back that each outage took, in their order, and remember that it has it. Nothing is saved."""
    one, appointment = Reckoned(request, [], []), request.appointment
    policy = appointment.practice.rules
    for outage in pending:
        if request.outage_reckoned is not None and request.outage_reckoned >= outage.pk:
            continue
        span = outage.in_business_time
        brings = credit(
            TimeToAnswer(
                request.asked_at, request.handed_over_at, request.deadline_at, request.asked_starts_at
            ),
            span,
            policy=policy,
        )
        if brings.given or brings.lost:
            request.deadline_at = brings.deadline
            request.time_given_back = _sum(request.time_given_back, brings.given)
            request.time_lost = _sum(request.time_lost, brings.lost)
            details: dict[str, str | int] = {
                "began": span.start.isoformat(),
                "seconds": round(span.length.total_seconds()),
                "lost": round(brings.lost.total_seconds()),
            }
            if brings.given:
                details["to"] = brings.deadline.isoformat()
            one.credits.append(brings)
            one.history.append(
                history_row(appointment, History.OUTAGE, by=SYSTEM, now=now, request=request, details=details)
            )
    # Also when it brought nothing: no outage is reckoned twice.
    request.outage_reckoned = max(outage.pk for outage in pending)
    if any(brings.given for brings in one.credits) and request.needs_provider is None:
        request.remind_at = next_reminder(
            now,
            deadline=request.deadline_at,
            prompted_at=request.prompted_at,
            zone=zone_named(appointment.client.zone_in(appointment.practice)),
            policy=policy,
        )
    return one


def _sum(before: timedelta | None, more: timedelta) -> timedelta | None:
    return (before or NOTHING) + more if more else before


def _told(reckoned: Iterable[Reckoned]) -> list[Dispatch]:
    """One message to each client and prompt, and one to each provider that lists them all, when it took long enough."""
    worth_it = [one.request for one in reckoned if any(brings.is_worth_a_message for brings in one.credits)]
    worth_it.sort(key=lambda request: request.deadline_at)
    providers: dict[int, list[NoticeSubject]] = defaultdict(list)
    for request in worth_it:
        providers[request.provider_id].append(NoticeSubject(request.appointment, request))
    to_clients = [
        Dispatch(
            NotificationType.OUTAGE,
            [NoticeSubject(request.appointment, request) for request in together],
            batch=together[0].batch,
            provider_too=False,
        )
        for together in asked_together(worth_it)
    ]
    to_providers = (
        Dispatch(NotificationType.OUTAGE, subjects, client_too=False) for subjects in providers.values()
    )
    return [*to_clients, *to_providers]
